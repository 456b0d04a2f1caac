"""Installs the chart on a control plane as an administrator would, and runs what it installed."""

import json
import os
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from figgosync_controlplane.helm import Helm
from figgosync_controlplane.plane import ControlPlane
from figgosync_kubelet.pod import Pod
from figgosync_kubelet.sandbox import Image

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "figgo-calendar-sync"
SYSTEM_NAMESPACE = "figgo-calendar-sync"
RELEASE = "figgo-calendar-sync"

Values = Mapping[str, Any]
"""Values of the chart."""


@dataclass(frozen=True, slots=True)
class Release:
    """One installation of the chart on a control plane; nothing is installed until `install`."""

    plane: ControlPlane
    helm: Helm
    namespace: str = SYSTEM_NAMESPACE
    name: str = RELEASE

    @property
    def deployment(self) -> str:
        """The name of its Deployment, and of its ServiceAccount, as the chart makes it."""
        chart = CHART.name
        return self.name if chart in self.name else f"{self.name}-{chart}"

    @property
    def user(self) -> str:
        """What the API server calls the operator."""
        return f"system:serviceaccount:{self.namespace}:{self.deployment}"

    def install(self, values: Values) -> str:
        """Install the chart, or upgrade it, with these values alone; return what helm prints.

        Raises HelmError.
        """
        # Nothing waits: no pod ever runs in a control plane without nodes.
        return self.helm.run(
            "upgrade",
            self.name,
            str(CHART),
            "--install",
            f"--namespace={self.namespace}",
            "--create-namespace",
            "--history-max=2",
            "--values=-",
            stdin=json.dumps(values),
        )

    def uninstall(self) -> None:
        """Take the release away; definitions and tenants stay."""
        self.helm.run("uninstall", self.name, f"--namespace={self.namespace}")


class OperatorProcess(Pod):
    """The operator of a release, run exactly as its Deployment says.

    In place of the image stand this Python's programs and this repository's code.
    """

    def __init__(self, release: Release, log: Path) -> None:
        programs = Path(sysconfig.get_path("scripts"))
        source = ROOT / "operator"
        path = os.pathsep.join((str(programs), os.environ.get("PATH", os.defpath)))
        image = Image(
            {"PATH": path, "PYTHONPATH": str(source)},
            (Path(sys.base_prefix), Path(sys.prefix), source),
        )
        super().__init__(release.plane, release.namespace, release.deployment, log, image)

    def lines(self) -> list[dict[str, object]]:
        """Return what it has logged since it was last started, one object a line."""
        return [_parsed(line) for line in self.output().splitlines() if line.strip()]


def _parsed(line: str) -> dict[str, object]:
    try:
        value = json.loads(line)
    except ValueError:
        return {"level": "UNPARSED", "message": line}
    return value if isinstance(value, dict) else {"level": "UNPARSED", "message": line}
