"""Where the three binaries are: in the folder that the user names, and nowhere else so far."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from figgosync_controlplane.errors import BinariesMissingError

ASSETS_VARIABLE = "KUBEBUILDER_ASSETS"
NAMES = ("etcd", "kube-apiserver", "kube-controller-manager")


@dataclass(frozen=True, slots=True)
class Binaries:
    """The three servers, each an executable file."""

    etcd: Path
    kube_apiserver: Path
    kube_controller_manager: Path

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """Return the three of this folder, whether they are there or not."""
        return cls(*(folder / name for name in NAMES))

    def missing(self) -> list[str]:
        """Return the names of those that are not there or may not be executed."""
        paths = (self.etcd, self.kube_apiserver, self.kube_controller_manager)
        return [path.name for path in paths if not (path.is_file() and os.access(path, os.X_OK))]


def find_binaries(environment: Mapping[str, str]) -> Binaries:
    """Return the binaries of KUBEBUILDER_ASSETS.

    Raises BinariesMissingError, which says how to get them.
    """
    assets = environment.get(ASSETS_VARIABLE)
    if not assets:
        raise BinariesMissingError(f"{ASSETS_VARIABLE} is not set.")
    binaries = Binaries.in_folder(Path(assets))
    if missing := binaries.missing():
        raise BinariesMissingError(
            f"{ASSETS_VARIABLE} is {assets}, but no executable {' and no '.join(missing)} is there."
        )
    return binaries
