"""The alerts of the chart, handed to the real promtool."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from figgosync_controlplane.helm import Helm
from support.chart import CHART, ROOT, Manifest, render, the_only

KIND_EXISTS = "--api-versions=monitoring.coreos.com/v1/PrometheusRule"
CASES = ROOT / "tests" / "data" / "alerts"
"""One file of promtool's own form for each alert. `rules.yaml` and `second.yaml`, which they name,
are the rules of two releases, both called op, in the namespaces sys and two. No case depends on
whether a sample at the very edge of a range belongs to it: in Prometheus 2 it does, not in 3."""

Rule = Mapping[str, Any]
RuleFiles = Mapping[str, Mapping[str, Rule]]
"""The rules by name of each of the files that the cases name."""

_ONE_CORE = {"GOMAXPROCS": "1", "GOGC": "400"}
"""It plays one case after the other: more cores, and less memory, only make it do more."""

SOURCE: list[dict[str, str]] = yaml.safe_load((CHART / "files" / "alerts.yaml").read_text())
ALERTS = [each["alert"] for each in SOURCE]


def rule_object(
    helm: Helm, values: Mapping[str, Any] | None = None, *, namespace: str = "sys"
) -> Manifest:
    """Return the PrometheusRule of a release op in `namespace`, as helm renders it."""
    operator = {"fullnameOverride": "op", **(values or {})}
    rendered = render(helm, operator, KIND_EXISTS, f"--namespace={namespace}", release="op")
    return the_only(rendered, "PrometheusRule")


def rules(
    helm: Helm, values: Mapping[str, Any] | None = None, *, namespace: str = "sys"
) -> dict[str, Rule]:
    """Return its alerting rules by name."""
    (group,) = rule_object(helm, values, namespace=namespace)["spec"]["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def cases_of(alert: str) -> str:
    """Return the cases of an alert, in one file."""
    return (CASES / f"{alert}.yaml").read_text()


def each_case_of(alert: str) -> list[str]:
    """Return the cases of an alert, each in a file of its own."""
    # As text: to Python's YAML the samples 0x10 are the number sixteen.
    head, *cases = re.split(r"^(?=  - name: )", cases_of(alert), flags=re.MULTILINE)
    assert cases, f"{alert} has no cases"
    return [head + case for case in cases]


class Promtool:
    """promtool in a folder of its own, in which the files lie that it is told of."""

    def __init__(self, executable: Path, folder: Path) -> None:
        self._executable = executable
        self._folder = folder
        self._plays = 0

    def check(self, alerts: Mapping[str, Rule]) -> str:
        """Return what promtool complains of in a file of these rules, empty for nothing."""
        self._write(self._folder / "rules.yaml", alerts)
        said, succeeded = self._run("check", "rules", "rules.yaml")
        assert succeeded == ("SUCCESS" in said and "FAILED" not in said), said
        return "" if succeeded else said

    def play(self, cases: str, versions: Mapping[str, RuleFiles]) -> dict[str, str]:
        """Return what promtool complains of when it plays the cases, empty for nothing.

        It plays them with each of the versions of the rule files. One process does it for all, as
        the start of one takes as long as most cases.
        """
        self._plays += 1
        places = [f"{self._plays}/{number}/cases.yaml" for number in range(len(versions))]
        for place, files in zip(places, versions.values(), strict=True):
            path = self._folder / place
            path.parent.mkdir(parents=True)
            path.write_text(cases)
            for name, alerts in files.items():
                self._write(path.parent / name, alerts)
        said, succeeded = self._run("test", "rules", *places)
        _, *parts = re.split(r"^Unit Testing: +(\S+)$", said, flags=re.MULTILINE)
        assert parts[::2] == places, said
        verdicts = [part.strip() for part in parts[1::2]]
        assert succeeded == all(verdict == "SUCCESS" for verdict in verdicts), said
        assert all((v == "SUCCESS") != v.startswith("FAILED:") for v in verdicts), said
        return {
            name: "" if verdict == "SUCCESS" else verdict
            for name, verdict in zip(versions, verdicts, strict=True)
        }

    def _write(self, path: Path, alerts: Mapping[str, Rule]) -> None:
        groups = [{"name": "figgosync", "rules": [dict(rule) for rule in alerts.values()]}]
        path.write_text(yaml.safe_dump({"groups": groups}))

    def _run(self, *arguments: str) -> tuple[str, bool]:
        command: Sequence[str] = (str(self._executable), *arguments)
        # A verdict goes to one stream or the other, and belongs to the file that was named before.
        done = subprocess.run(
            command,
            cwd=self._folder,
            env={**os.environ, **_ONE_CORE},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        return done.stdout, done.returncode == 0
