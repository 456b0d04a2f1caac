"""What all measurements share: how much to do, a folder, and one control plane."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self, TypeVar

from benchmarks.site import Site, open_site
from figgosync_controlplane.binaries import find_binaries
from figgosync_controlplane.helm import Helm, find_helm
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.progress import Progress
from figgosync_demo.installation import Release, Values
from figgosync_demo.manifests import NAMESPACE
from figgosync_sim.organisation import Company

SizesT = TypeVar("SizesT")


class Lab:
    """Used in a `with` block. `quick` is for trying whether all works, never for figures."""

    def __init__(self, folder: Path, *, quick: bool) -> None:
        self.folder = folder
        self.quick = quick
        self._folders = 0
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def sizes(self, full: SizesT, quick: SizesT) -> SizesT:
        """Return how much to do."""
        return quick if self.quick else full

    def say(self, sentence: str) -> None:
        """Tell on standard error what is being done: a run takes minutes."""
        sys.stderr.write(f"benchmarks: {sentence}\n")
        sys.stderr.flush()

    @contextmanager
    def site(self, company: Company, more: Values = MappingProxyType({})) -> Iterator[Site]:
        """Put up a new site, with an operator of its own; `more` are values of the chart."""
        with open_site(self._release, self._audit_log, self.new_folder(), company, more) as site:
            yield site

    def new_folder(self) -> Path:
        """Make a folder that nobody else uses."""
        self._folders += 1
        folder = self.folder / str(self._folders)
        folder.mkdir()
        return folder

    @property
    def _audit_log(self) -> Path:
        return self.folder / "audit.log"

    @cached_property
    def _release(self) -> Release:
        """The chart on a control plane, which is started for the first who needs it."""
        self.say("starting etcd, kube-apiserver and kube-controller-manager")
        progress = Progress(sys.stderr)
        binaries, helm = find_binaries(os.environ, progress), find_helm(os.environ, progress)
        plane = self._stack.enter_context(ControlPlane.start(binaries, audit_log=self._audit_log))
        plane.kubectl("create", "namespace", NAMESPACE)
        return Release(plane, Helm(helm, plane.admin_kubeconfig))
