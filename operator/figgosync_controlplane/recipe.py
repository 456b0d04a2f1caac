"""What is built and how, as values, and the key under which the result is kept.

Found by trying (Go 1.26.8): etcd and Kubernetes need a Go module each, as their dependencies do
not fit together; go.mod and go.sum lie under modules/ and pin every byte that is compiled.
"""

import hashlib
import platform
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Self

from figgosync_controlplane.errors import BinariesMissingError
from figgosync_controlplane.versions import ETCD, GO, KUBERNETES

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
class Platform:
    """The operating system and processor, in Go's words."""

    os: str
    arch: str

    @classmethod
    def of_this_machine(cls) -> Self:
        """Return what Go would say of the machine; raises BinariesMissingError if it is exotic."""
        architectures = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
        machine = platform.machine().lower()
        if machine not in architectures:
            raise BinariesMissingError(f"The binaries are not built for the processor {machine}.")
        return cls(platform.system().lower(), architectures[machine])


def targets() -> tuple[Target, ...]:
    """Return all that is built, the quickest first: a broken set-up then shows within a minute."""
    strip = "-s -w"
    minor = KUBERNETES.split(".")[1]
    # Without these the server calls itself v0.0.0-master+$Format:%H$, which Helm cannot compare.
    stamps = {
        "gitVersion": f"v{KUBERNETES}",
        "gitMajor": "1",
        "gitMinor": minor,
        "gitTreeState": "clean",
    }
    stamped = " ".join(
        (strip, *(f"-X k8s.io/component-base/version.{k}={v}" for k, v in stamps.items()))
    )
    kubernetes = "k8s.io/kubernetes/cmd"
    return (
        Target("etcd", "etcd", "go.etcd.io/etcd/server/v3", strip),
        Target("kube-apiserver", "kubernetes", f"{kubernetes}/kube-apiserver", stamped),
        Target(
            "kube-controller-manager",
            "kubernetes",
            f"{kubernetes}/kube-controller-manager",
            stamped,
        ),
    )


def cache_key(machine: Platform, modules: Path = MODULES) -> str:
    """Return the folder name for what this recipe makes: readable in front, exact at the end."""
    digest = hashlib.sha256()
    for target in targets():
        digest.update(repr(astuple(target)).encode())
    digest.update(repr(BUILD_FLAGS).encode())
    for file in sorted(path for path in modules.rglob("*") if path.is_file()):
        digest.update(f"\0{file.relative_to(modules)}\0".encode())
        digest.update(file.read_bytes())
    readable = f"kubernetes-{KUBERNETES}_etcd-{ETCD}_go{GO}_{machine.os}-{machine.arch}"
    return f"{readable}_{digest.hexdigest()[:12]}"
