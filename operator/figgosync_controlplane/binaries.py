"""Where the three binaries are: in the folder that the user names, else among what we built."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from figgosync_controlplane.build import built
from figgosync_controlplane.errors import BinariesMissingError, NotBuiltError
from figgosync_controlplane.progress import Progress
from figgosync_controlplane.recipe import servers

ASSETS_VARIABLE = "KUBEBUILDER_ASSETS"
_NAMES = ("etcd", "kube-apiserver", "kube-controller-manager")


@dataclass(frozen=True, slots=True)
class Binaries:
    """The three servers, each an executable file."""

    etcd: Path
    kube_apiserver: Path
    kube_controller_manager: Path

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """Return the three of this folder, whether they are there or not."""
        return cls(*(folder / name for name in _NAMES))

    def missing(self) -> list[str]:
        """Return the names of those that are not there or may not be executed."""
        paths = (self.etcd, self.kube_apiserver, self.kube_controller_manager)
        return [path.name for path in paths if not (path.is_file() and os.access(path, os.X_OK))]


def find_binaries(environment: Mapping[str, str], progress: Progress) -> Binaries:
    """Return the binaries of KUBEBUILDER_ASSETS if that is set, else ours, built if need be.

    Raises BinariesMissingError, which says how to get them.
    """
    assets = environment.get(ASSETS_VARIABLE)
    if assets:
        return _complete(Path(assets), f"{ASSETS_VARIABLE} is {assets}")
    try:
        folder = built(servers(), environment, progress)
    except NotBuiltError as error:
        raise BinariesMissingError(str(error)) from error
    return _complete(folder, f"{folder} was built once (remove it to have it built again)")


def _complete(folder: Path, origin: str) -> Binaries:
    binaries = Binaries.in_folder(folder)
    if missing := binaries.missing():
        absent = " and no ".join(missing)
        raise BinariesMissingError(f"{origin}, but no executable {absent} is there.")
    return binaries
