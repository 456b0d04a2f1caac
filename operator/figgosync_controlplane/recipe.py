"""What is built and how, as values, and the key under which the result is kept.

Found by trying (Go 1.26.8): etcd, Kubernetes and Helm need a Go module each, as their dependencies
do not fit together; go.mod and go.sum lie under modules/ and pin every byte that is compiled.
"""

import hashlib
import platform
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Self

from figgosync_controlplane.errors import NotBuiltError
from figgosync_controlplane.versions import ETCD, GO, HELM, KUBERNETES

MODULES = Path(__file__).with_name("modules")

# GOFLAGS of the user may say otherwise; what stands on the command line wins.
BUILD_FLAGS = ("-mod=readonly", "-trimpath", "-buildvcs=false")


@dataclass(frozen=True, slots=True)
class Target:
    """One binary: its file name, the folder of its Go module, its main package, linker flags."""

    name: str
    module: str
    package: str
    ldflags: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is built together and kept in one folder: the quickest target first.

    A broken set-up then shows within a minute. `versions` is the readable part of the folder's
    name, `takes` what is said about the time.
    """

    versions: str
    targets: tuple[Target, ...]
    takes: str


@dataclass(frozen=True, slots=True)
class Platform:
    """The operating system and processor, in Go's words."""

    os: str
    arch: str

    @classmethod
    def of_this_machine(cls) -> Self:
        """Return what Go would say of the machine; raises NotBuiltError if it is exotic."""
        architectures = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
        machine = platform.machine().lower()
        if machine not in architectures:
            raise NotBuiltError(f"The binaries are not built for the processor {machine}.")
        return cls(platform.system().lower(), architectures[machine])


_STRIP = "-s -w"


def servers() -> Recipe:
    """Return how etcd, kube-apiserver and kube-controller-manager are built."""
    # Without these the server calls itself v0.0.0-master+$Format:%H$, which Helm cannot compare.
    stamps = {
        "gitVersion": f"v{KUBERNETES}",
        "gitMajor": "1",
        "gitMinor": KUBERNETES.split(".")[1],
        "gitTreeState": "clean",
    }
    stamped = " ".join(
        (_STRIP, *(f"-X k8s.io/component-base/version.{k}={v}" for k, v in stamps.items()))
    )
    kubernetes = "k8s.io/kubernetes/cmd"
    return Recipe(
        f"kubernetes-{KUBERNETES}_etcd-{ETCD}",
        (
            Target("etcd", "etcd", "go.etcd.io/etcd/server/v3", _STRIP),
            Target("kube-apiserver", "kubernetes", f"{kubernetes}/kube-apiserver", stamped),
            Target(
                "kube-controller-manager",
                "kubernetes",
                f"{kubernetes}/kube-controller-manager",
                stamped,
            ),
        ),
        "about 11 minutes on two cores",
    )


def helm() -> Recipe:
    """Return how helm is built."""
    # Without it helm knows no more than its minor version.
    stamped = f"{_STRIP} -X helm.sh/helm/v4/internal/version.version=v{HELM}"
    return Recipe(
        f"helm-{HELM}",
        (Target("helm", "helm", "helm.sh/helm/v4/cmd/helm", stamped),),
        "about 3 minutes on two cores",
    )


def cache_key(recipe: Recipe, machine: Platform, modules: Path = MODULES) -> str:
    """Return the folder name for what a recipe makes: readable in front, exact at the end.

    Only the recipe's own modules count: a newer Helm must not have Kubernetes built again.
    """
    digest = hashlib.sha256()
    for target in recipe.targets:
        digest.update(repr(astuple(target)).encode())
    digest.update(repr(BUILD_FLAGS).encode())
    folders = {modules / target.module for target in recipe.targets}
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    for file in sorted(files):
        digest.update(f"\0{file.relative_to(modules)}\0".encode())
        digest.update(file.read_bytes())
    readable = f"{recipe.versions}_go{GO}_{machine.os}-{machine.arch}"
    return f"{readable}_{digest.hexdigest()[:12]}"
