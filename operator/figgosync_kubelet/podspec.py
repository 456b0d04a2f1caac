"""The pod that a Deployment describes, as values; what cannot be served is an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from figgosync_kubelet.errors import NotUnderstoodError
from figgosync_kubelet.fields import Fields
from figgosync_kubelet.probes import Probe, read_probe
from figgosync_kubelet.variables import FromObject, Variable, read_from, read_variable
from figgosync_kubelet.volumes import (
    API_ACCESS,
    API_ACCESS_PATH,
    Volume,
    read_volume,
)

_GRACE_SECONDS = 30

# Known, and not applied to a process of this machine:
_OF_THE_POD = (
    "affinity",  # there is one machine
    "nodeSelector",
    "tolerations",
    "topologySpreadConstraints",
    "schedulerName",
    "priority",
    "priorityClassName",
    "preemptionPolicy",
    "dnsPolicy",  # the machine's own resolver is used
    "imagePullSecrets",  # no image is pulled: see Image
    "restartPolicy",  # who runs a pod shall see that it died
    "securityContext",  # user, groups and seccomp are proven where the image is run
    "serviceAccount",  # the old name of serviceAccountName, filled in by the API server
)
_OF_THE_CONTAINER = (
    "image",
    "imagePullPolicy",
    "resources",  # nothing limits processes here
    "securityContext",
    "terminationMessagePath",
    "terminationMessagePolicy",
)
_OF_THE_DEPLOYMENT = (
    "minReadySeconds",
    "paused",
    "progressDeadlineSeconds",
    "revisionHistoryLimit",
    "selector",
    "strategy",
)


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a volume stands in the pod; `sub_path` chooses one file or folder of it."""

    volume: str
    path: str
    sub_path: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class PodSpec:
    """One pod with one container. `automount` is None where the ServiceAccount has the say."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    service_account: str
    automount: bool | None
    service_links: bool
    grace_seconds: int
    command: tuple[str, ...]
    folder: str
    variables: tuple[FromObject | Variable, ...]
    ports: Mapping[str, int]
    volumes: Mapping[str, Volume]
    mounts: tuple[Mount, ...]
    probes: Mapping[str, Probe]

    def with_api_access(self) -> tuple[Mapping[str, Volume], tuple[Mount, ...]]:
        """Return volumes and mounts with those by which every pod reaches the API server.

        A container that mounts something of its own there keeps it, as in Kubernetes.
        """
        if any(mount.path == API_ACCESS_PATH for mount in self.mounts):
            return self.volumes, self.mounts
        name = "kube-api-access"
        mount = Mount(name, API_ACCESS_PATH, "", read_only=True)
        return {**self.volumes, name: API_ACCESS}, (*self.mounts, mount)


def read_deployment(body: Mapping[str, Any]) -> PodSpec:
    """Return the pod of a Deployment as the API server gives it; raises NotUnderstoodError."""
    with Fields(body["spec"], "spec") as spec:
        spec.not_applied(_OF_THE_DEPLOYMENT)
        replicas = spec.whole("replicas", 1)
        if replicas != 1:
            raise spec.misfit("replicas", f"one pod is run here, and not {replicas}")
        template = spec.inner("template")
        assert template is not None  # noqa: S101 - the API server demands it
        with template:
            labels, annotations = _metadata(template)
            pod = template.inner("spec")
            assert pod is not None  # noqa: S101 - the API server demands it
            with pod:
                return _pod(pod, labels, annotations)


def _metadata(template: Fields) -> tuple[dict[str, str], dict[str, str]]:
    metadata = template.inner("metadata")
    if metadata is None:
        return {}, {}
    with metadata:
        metadata.not_applied(("creationTimestamp",))
        return metadata.named("labels"), metadata.named("annotations")


def _pod(pod: Fields, labels: Mapping[str, str], annotations: Mapping[str, str]) -> PodSpec:
    pod.not_applied(_OF_THE_POD)
    containers = pod.each("containers")
    if len(containers) != 1:
        raise pod.misfit("containers", f"one container is run here, and not {len(containers)}")
    automount = pod.value("automountServiceAccountToken")
    volumes = dict(read_volume(each) for each in pod.each("volumes"))
    with containers[0] as container:
        container.not_applied(_OF_THE_CONTAINER)
        container.required("name")
        ports = dict(_port(each) for each in container.each("ports"))
        mounts = tuple(_mount(each) for each in container.each("volumeMounts"))
        if lost := sorted({mount.volume for mount in mounts} - volumes.keys()):
            raise NotUnderstoodError(f"there is no volume {lost[0]} to mount")
        return PodSpec(
            labels=labels,
            annotations=annotations,
            service_account=pod.text("serviceAccountName", "default"),
            automount=None if automount is None else bool(automount),
            service_links=pod.flag("enableServiceLinks", default=True),
            grace_seconds=pod.whole("terminationGracePeriodSeconds", _GRACE_SECONDS),
            command=_command(container),
            folder=container.text("workingDir", "/"),
            variables=(
                *(read_from(each) for each in container.each("envFrom")),
                *(read_variable(each) for each in container.each("env")),
            ),
            ports=ports,
            volumes=volumes,
            mounts=mounts,
            probes={
                name: read_probe(probe, ports)
                for name in ("startup", "liveness", "readiness")
                if (probe := container.inner(f"{name}Probe")) is not None
            },
        )


def _command(container: Fields) -> tuple[str, ...]:
    command = container.texts("command")
    if not command:
        raise container.misfit("command", "an image's own entry point is not known here")
    return (*command, *container.texts("args"))


def _port(fields: Fields) -> tuple[str, int]:
    with fields:
        fields.not_applied(("protocol",))
        number = fields.whole("containerPort", 0)
        return fields.text("name", str(number)), number


def _mount(fields: Fields) -> Mount:
    with fields:
        if fields.text("mountPropagation", "None") != "None":
            raise fields.misfit("mountPropagation", "mounts are private here")
        if fields.text("recursiveReadOnly", "Disabled") != "Disabled":
            raise fields.misfit("recursiveReadOnly", "it is not known here")
        return Mount(
            fields.required("name"),
            fields.required("mountPath"),
            fields.text("subPath"),
            read_only=fields.flag("readOnly", default=False),
        )
