"""A Deployment's pod as a job for a container runtime: user and limits as its manifest says."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from figgosync_kubelet.cluster import Cluster
from figgosync_kubelet.podspec import read_deployment
from figgosync_kubelet.sandbox import Identity, Image, Sandbox
from figgosync_kubelet.variables import expand
from support.image.container import DEFAULT_CAPABILITIES, Hardening, Job, Mount


@contextmanager
def pod(cluster: Cluster, deployment: str, image_environment: Mapping[str, str]) -> Iterator[Job]:
    """Yield the job of the Deployment's one container, its volumes filled while this is open."""
    body = cluster.deployment(deployment)
    spec = read_deployment(body)
    identity = Identity.new(deployment, cluster.namespace, spec)
    sandbox = Sandbox(cluster, identity, Image(image_environment, folders=()))
    try:
        yield Job(
            command=[expand(word, sandbox.environment) for word in spec.command],
            environment=sandbox.environment,
            hardening=hardening(body),
            mounts=[
                Mount(Path(each.source), each.target, each.read_only) for each in sandbox.placed()
            ],
        )
    finally:
        sandbox.remove()


def hardening(deployment: Mapping[str, Any]) -> Hardening:
    """Return what the security contexts say; the container's own wins over the pod's."""
    spec = deployment["spec"]["template"]["spec"]
    [container] = spec["containers"]
    said = {**spec.get("securityContext", {}), **container.get("securityContext", {})}
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


def with_variables(job: Job, **variables: str) -> Job:
    """Return the job with some variables of its environment replaced."""
    return replace(job, environment={**job.environment, **variables})
