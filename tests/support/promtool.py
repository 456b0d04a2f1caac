"""The alerts of the chart, handed to the real promtool."""

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


class Promtool:
    """promtool in a folder of its own, in which the files lie that it is told of."""

    def __init__(self, executable: Path, folder: Path) -> None:
        self._executable = executable
        self._folder = folder

    def write(self, name: str, alerts: Mapping[str, Rule]) -> None:
        """Write a file of rules."""
        groups = [{"name": "figgosync", "rules": [dict(rule) for rule in alerts.values()]}]
        (self._folder / name).write_text(yaml.safe_dump({"groups": groups}))

    def check(self, name: str) -> str:
        """Return what promtool complains of, empty for nothing."""
        return self._complaint("check", "rules", name)

    def test(self, alert: str) -> str:
        """Return what promtool complains of when it plays the cases of an alert."""
        text = (CASES / f"{alert}.yaml").read_text()
        (self._folder / "cases.yaml").write_text(text)
        return self._complaint("test", "rules", "cases.yaml")

    def _complaint(self, *arguments: str) -> str:
        command: Sequence[str] = (str(self._executable), *arguments)
        done = subprocess.run(
            command, cwd=self._folder, capture_output=True, text=True, timeout=120, check=False
        )
        said = done.stdout + done.stderr
        assert (done.returncode == 0) == ("SUCCESS" in said and "FAILED" not in said), said
        return "" if done.returncode == 0 else said
