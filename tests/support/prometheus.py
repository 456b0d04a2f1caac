"""A real Prometheus with the chart's alerts, which dies with the test."""

import json
import os
import re
import urllib.parse
import urllib.request
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import yaml

from figgosync_controlplane.processes import Launcher, Process
from support.eventually import eventually

_PACE = "1s"
_GRACE = timedelta(seconds=10)
_START = timedelta(seconds=30)


class Prometheus:
    """Evaluates every second, and scrapes the one target that it is told of as often.

    `folder` takes its data and settings; `spec` is the PrometheusRule's. Used in a `with`
    block.
    """

    def __init__(self, executable: Path, folder: Path, spec: Mapping[str, Any]) -> None:
        folder.mkdir()
        self._executable = executable
        self._folder = folder
        self._address = ""
        self._launcher = Launcher(folder, folder, {"PATH": os.environ.get("PATH", os.defpath)})
        self._process: Process | None = None
        (folder / "rules.yaml").write_text(yaml.safe_dump(spec))
        (folder / "targets.json").write_text("[]")
        settings = {
            "global": {"scrape_interval": _PACE, "evaluation_interval": _PACE},
            "rule_files": ["rules.yaml"],
            "scrape_configs": [
                {
                    "job_name": "pods",
                    "file_sd_configs": [{"files": ["targets.json"], "refresh_interval": _PACE}],
                }
            ],
        }
        (folder / "prometheus.yml").write_text(yaml.safe_dump(settings))

    def __enter__(self) -> Self:
        """Start it and wait until it answers."""
        command = (
            self._executable,
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=data",
            "--web.listen-address=127.0.0.1:0",
        )
        self._process = self._launcher.start("prometheus", command)
        self._address = eventually(self._listening, within=_START)
        eventually(self._is_ready, within=_START, not_yet=(OSError,))
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        assert self._process is not None
        self._process.stop(_GRACE)
        self._launcher.close()

    def scrape(self, port: int, labels: Mapping[str, str]) -> None:
        """Scrape this port of the loopback interface from now on, and nothing else."""
        targets = [{"targets": [f"127.0.0.1:{port}"], "labels": dict(labels)}]
        partial = self._folder / "targets.partial"
        partial.write_text(json.dumps(targets))
        partial.rename(self._folder / "targets.json")

    def firing(self) -> dict[str, dict[str, Any]]:
        """Return the alerts that fire, by name; each has labels, annotations and activeAt."""
        alerts = [each for each in self._get("alerts")["alerts"] if each["state"] == "firing"]
        named = {each["labels"]["alertname"]: each for each in alerts}
        assert len(named) == len(alerts), alerts
        return named

    def samples(self, expression: str) -> list[dict[str, Any]]:
        """Return what an instant query finds."""
        result: list[dict[str, Any]] = self._get("query", query=expression)["result"]
        return result

    def _get(self, path: str, **parameters: str) -> dict[str, Any]:
        url = f"http://{self._address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            data: dict[str, Any] = json.load(answer)["data"]
        return data

    def _listening(self) -> str | None:
        assert self._process is not None
        if self._process.exit_code is not None:
            raise RuntimeError(f"Prometheus ended by itself:\n{self._process.log_tail()}")
        said = re.search(r'"Listening on".* address=(\S+)', self._process.log.read_text())
        return said and said[1]

    def _is_ready(self) -> bool:
        with urllib.request.urlopen(f"http://{self._address}/-/ready", timeout=5) as answer:
            return bool(answer.status == 200)
