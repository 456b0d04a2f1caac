"""The real helm: found or built, and run against a control plane away from the user's settings."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from figgosync_controlplane.build import built
from figgosync_controlplane.commandline import CommandError, finish
from figgosync_controlplane.errors import HelmMissingError, NotBuiltError
from figgosync_controlplane.progress import Progress
from figgosync_controlplane.recipe import helm

HELM_VARIABLE = "HELM"


def find_helm(environ: Mapping[str, str], progress: Progress) -> Path:
    """Return the executable that HELM names if that is set, else ours, built if need be.

    Raises HelmMissingError, which says how to get it.
    """
    chosen = environ.get(HELM_VARIABLE)
    if chosen:
        return _executable(Path(chosen), f"{HELM_VARIABLE} is {chosen}")
    try:
        folder = built(helm(), environ, progress)
    except NotBuiltError as error:
        raise HelmMissingError(str(error)) from error
    return _executable(
        folder / "helm", f"{folder} was built once (remove it to have it built again)"
    )


def _executable(path: Path, origin: str) -> Path:
    if not (path.is_file() and os.access(path, os.X_OK)):
        raise HelmMissingError(f"{origin}, but no executable helm is there.")
    return path


class HelmError(CommandError):
    """Helm refused."""


class Helm:
    """A helm of one control plane, run as the user of `kubeconfig`.

    Its caches, repositories and plugins lie beside that file, in the folder of the plane, and end
    with it; nothing of the user's home is read.
    """

    def __init__(self, executable: Path, kubeconfig: Path) -> None:
        self._executable = executable
        self._kubeconfig = kubeconfig
        self._home = kubeconfig.parent / "helm"

    def run(
        self,
        *arguments: str,
        stdin: str | None = None,
        kubeconfig: Path | None = None,
        limit: timedelta = timedelta(minutes=1),
    ) -> str:
        """Return what helm prints; `kubeconfig` is for another user than the usual one.

        Values are best given as `--values=-` and `stdin`. Raises HelmError when it refuses,
        ControlPlaneError after `limit`.
        """
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._home),
            "KUBECONFIG": str(kubeconfig or self._kubeconfig),
            # Helm's own variables come before the XDG ones and before HOME.
            "HELM_CACHE_HOME": str(self._home / "cache"),
            "HELM_CONFIG_HOME": str(self._home / "config"),
            "HELM_DATA_HOME": str(self._home / "data"),
        }
        done = finish(self._executable, arguments, environment, stdin, limit)
        if done.returncode != 0:
            raise HelmError(("helm", *arguments), done)
        return done.stdout
