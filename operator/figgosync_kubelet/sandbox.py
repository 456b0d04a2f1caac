"""All that one start of a pod needs: its environment, its volumes as folders, its command line."""

import os
import secrets
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from figgosync_controlplane.ports import LOOPBACK
from figgosync_controlplane.processes import leashed
from figgosync_kubelet.cluster import Cluster, Objects, contents
from figgosync_kubelet.errors import NotUnderstoodError, PodError
from figgosync_kubelet.files import files_of, show
from figgosync_kubelet.namespaces import Placed, Plan, entering
from figgosync_kubelet.podspec import Mount, PodSpec
from figgosync_kubelet.variables import (
    FromObject,
    KeyOf,
    Variable,
    environment,
    expand,
    service_links,
)
from figgosync_kubelet.volumes import EmptyVolume, FilesVolume, Items, Token, Volume


@dataclass(frozen=True, slots=True)
class Image:
    """What stands in for the image: its environment, and folders in which its programs lie."""

    environment: Mapping[str, str]
    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """What the pod is called, and what else it may ask of itself."""

    name: str
    uid: str
    namespace: str
    spec: PodSpec

    @classmethod
    def new(cls, deployment: str, namespace: str, spec: PodSpec) -> Self:
        """Return the identity of a new pod of this Deployment."""
        name = f"{deployment}-{secrets.token_hex(4)}-{secrets.token_hex(3)[:5]}"
        return cls(name, str(uuid.uuid4()), namespace, spec)

    @property
    def hostname(self) -> str:
        """The pod's name, cut as a kubelet cuts it."""
        return self.name[:63].rstrip("-.")

    def field(self, path: str) -> str:
        """Return a field of the pod; raises NotUnderstoodError for one that has no meaning here."""
        for prefix, values in (
            ("metadata.labels", self.spec.labels),
            ("metadata.annotations", self.spec.annotations),
        ):
            if path.startswith(f"{prefix}['") and path.endswith("']"):
                return values.get(path[len(prefix) + 2 : -2], "")
        fields = {
            "metadata.name": self.name,
            "metadata.namespace": self.namespace,
            "metadata.uid": self.uid,
            "spec.serviceAccountName": self.spec.service_account,
            "status.podIP": LOOPBACK,
            "status.podIPs": LOOPBACK,
            "status.hostIP": LOOPBACK,
            "status.hostIPs": LOOPBACK,
        }
        if path not in fields:
            raise NotUnderstoodError(f"a pod of this machine has no field {path}")
        return fields[path]


class Sandbox:
    """The surroundings of one process, in a folder of the machine; ended by `remove`.

    Raises PodError where an object does not exist that the pod needs.
    """

    def __init__(self, cluster: Cluster, identity: Identity, image: Image) -> None:
        self._cluster = cluster
        self._identity = identity
        self._spec = identity.spec
        self._image = image
        objects = cluster.objects([*_needed(self._spec)])
        volumes, self._mounts = self._with_api_access(objects)
        self.environment = self._environment(objects)
        self._folder = Path(tempfile.mkdtemp(prefix="figgosync-pod-"))
        self._volumes = {name: (self._folder / name, each) for name, each in volumes.items()}
        self._scratch = self._folder / "..root"
        try:
            for folder, _ in self._volumes.values():
                folder.mkdir()
                folder.chmod(0o777)  # as a kubelet makes it; what is read-only is mounted so
            self._scratch.mkdir()
            self._show(objects)
        except BaseException:
            self.remove()
            raise

    def command(self) -> list[str]:
        """Return the command line that becomes the container's process."""
        return self.entering([expand(word, self.environment) for word in self._spec.command])

    def entering(self, words: Sequence[str]) -> list[str]:
        """Return the command line that becomes another command beside it, as `kubectl exec` does.

        Raises PodError where there is no such program.
        """
        program = shutil.which(words[0], path=self.environment["PATH"])
        if program is None:
            raise PodError(f"there is no executable {words[0]} in the container's PATH")
        plan = Plan(
            self.placed(),
            [str(folder) for folder in self._image.folders],
            str(self._scratch),
            self._spec.folder,
            self._identity.hostname,
        )
        return entering(plan, leashed([program, *words[1:]]))

    def placed(self) -> list[Placed]:
        """Return what is mounted where, each folder before those within it."""
        mounts = sorted(self._mounts, key=lambda mount: Path(mount.path).parts)
        return [self._placed(mount) for mount in mounts]

    def refresh(self) -> None:
        """Show new tokens, and what has become of ConfigMaps and Secrets, as a kubelet would."""
        self._show(self._cluster.objects([*_needed(self._spec)]))

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _with_api_access(self, objects: Objects) -> tuple[Mapping[str, Volume], tuple[Mount, ...]]:
        spec = self._spec
        account = objects.get(("ServiceAccount", spec.service_account))
        if account is None:
            raise PodError(f"ServiceAccount {spec.service_account} does not exist")
        automount = spec.automount
        if automount is None:
            automount = account.get("automountServiceAccountToken", True)
        return spec.with_api_access() if automount else (spec.volumes, spec.mounts)

    def _environment(self, objects: Objects) -> dict[str, str]:
        services = [self._cluster.api_server()]
        if self._spec.service_links:
            services += self._cluster.services()
        said = environment(
            self._spec.variables,
            lambda kind, name: contents(objects, kind, name),
            self._identity.field,
            service_links(services),
        )
        return {**self._image.environment, "HOSTNAME": self._identity.hostname, **said}

    def _show(self, objects: Objects) -> None:
        for folder, volume in self._volumes.values():
            if isinstance(volume, FilesVolume):
                files = files_of(
                    volume,
                    lambda kind, name: contents(objects, kind, name),
                    self._identity.field,
                    self._token,
                )
                show(folder, files)

    def _token(self, token: Token) -> str:
        return self._cluster.token(self._spec.service_account, token)

    def _placed(self, mount: Mount) -> Placed:
        folder, volume = self._volumes[mount.volume]
        source = folder / mount.sub_path
        empty = isinstance(volume, EmptyVolume)
        if empty:
            source.mkdir(parents=True, exist_ok=True)
        if not source.exists():
            raise PodError(f"the volume {mount.volume} has no {mount.sub_path}")
        # Of a file that is replaced later the pod keeps the old one, as in Kubernetes.
        place = os.path.realpath(source)
        return Placed(place, mount.path, read_only=mount.read_only or not empty)


def _needed(spec: PodSpec) -> Iterator[tuple[str, str]]:
    """Yield kind and name of each object that the pod names."""
    yield "ServiceAccount", spec.service_account
    for variable in spec.variables:
        match variable:
            case FromObject(kind, name) | Variable(_, KeyOf(kind, name)):
                yield kind, name
            case _:
                pass
    volumes, _ = spec.with_api_access()
    for volume in volumes.values():
        if isinstance(volume, FilesVolume):
            for source in volume.sources:
                if isinstance(source, Items):
                    yield source.kind, source.name
