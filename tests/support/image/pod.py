"""What a Deployment on the control plane lets its container be, as a kubelet reads it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from figgosync_controlplane.plane import ControlPlane
from support.image.container import DEFAULT_CAPABILITIES, Hardening, Job, Mount

_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


class Pod:
    """The pod that the Deployment `name` asks for; `folder` takes the contents of its volumes."""

    def __init__(self, plane: ControlPlane, namespace: str, name: str, folder: Path) -> None:
        self._plane = plane
        self._namespace = namespace
        self._folder = folder
        self._spec = self._object("deployment", name)["spec"]["template"]["spec"]
        [self._container] = self._spec["containers"]

    def job(self, image_environment: Mapping[str, str]) -> Job:
        """Return its container as a job, where the API server is reached as inside a cluster."""
        mounts = (*self._mounts(), self._service_account())
        return Job(
            command=[*self._container["command"], *self._container.get("args", [])],
            environment={**image_environment, **self._api_server(), **self._variables()},
            hardening=self.hardening(),
            mounts=mounts,
        )

    def hardening(self) -> Hardening:
        """Return what its security contexts say; the container's own wins over the pod's."""
        said = {
            **self._spec.get("securityContext", {}),
            **self._container.get("securityContext", {}),
        }
        changed = said.get("capabilities", {})
        dropped = [f"CAP_{name}" for name in changed.get("drop", [])]
        kept = [name for name in DEFAULT_CAPABILITIES if name not in dropped]
        added = [f"CAP_{name}" for name in changed.get("add", [])]
        group = said.get("fsGroup")
        return Hardening(
            uid=said["runAsUser"],
            gid=said["runAsGroup"],
            groups=() if group is None else (group,),
            capabilities=(*([] if "CAP_ALL" in dropped else kept), *added),
            no_new_privileges=not said.get("allowPrivilegeEscalation", True),
            read_only_root=bool(said.get("readOnlyRootFilesystem")),
        )

    def volume(self, name: str) -> Path:
        """Return the folder that holds a volume's contents."""
        return self._folder / name

    def _variables(self) -> dict[str, str]:
        assert not self._container.get("envFrom"), "no test has asked for envFrom yet"
        return {each["name"]: each.get("value", "") for each in self._container["env"]}

    def _api_server(self) -> dict[str, str]:
        host, _, port = self._plane.url.removeprefix("https://").rpartition(":")
        return {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}

    def _mounts(self) -> Iterator[Mount]:
        volumes = {each["name"]: each for each in self._spec.get("volumes", [])}
        for mount in self._container.get("volumeMounts", []):
            kind = self._fill(volumes[mount["name"]])
            read_only = mount.get("readOnly", False) or kind != "emptyDir"
            yield Mount(self.volume(mount["name"]), mount["mountPath"], read_only)

    def _fill(self, volume: dict[str, Any]) -> str:
        """Make the volume's folder; return the kind of volume."""
        [kind] = volume.keys() - {"name"}
        folder = self.volume(volume["name"])
        folder.mkdir()
        match kind:
            case "emptyDir":
                folder.chmod(0o777)  # as a kubelet makes it
            case "configMap":
                data = self._object("configmap", volume["configMap"]["name"])["data"]
                for key, text in data.items():
                    (folder / key).write_text(text)
            case _:
                raise AssertionError(f"no test has asked for a volume of the kind {kind} yet")
        return kind

    def _service_account(self) -> Mount:
        """Return the folder with the ServiceAccount's token, as each pod gets one."""
        folder = self._folder / "service-account"
        folder.mkdir()
        account = self._spec["serviceAccountName"]
        token = self._plane.create_token(self._namespace, account)
        (folder / "token").write_text(token)
        (folder / "ca.crt").write_bytes(self._plane.ca_file.read_bytes())
        (folder / "namespace").write_text(self._namespace)
        return Mount(folder, _ACCOUNT, read_only=True)

    def _object(self, kind: str, name: str) -> dict[str, Any]:
        answer = self._plane.kubectl(
            "get", kind, name, f"--namespace={self._namespace}", "--output=json"
        )
        body: dict[str, Any] = json.loads(answer)
        return body


def with_variables(job: Job, **variables: str) -> Job:
    """Return the job with some variables of its environment replaced."""
    return replace(job, environment={**job.environment, **variables})
