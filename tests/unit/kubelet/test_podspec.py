"""What is read of a Deployment, and that nothing in it is ignored by mistake."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from figgosync_kubelet.errors import NotUnderstoodError
from figgosync_kubelet.podspec import Mount, read_deployment
from figgosync_kubelet.volumes import API_ACCESS_PATH

Body = dict[str, Any]
Change = Callable[[Body, Body], None]

CONTAINER: Body = {
    "name": "operator",
    "image": "figgo-calendar-sync:1",
    "command": ["figgosync"],
    "args": ["--fast"],
    "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
    "readinessProbe": {
        "httpGet": {"path": "/readyz", "port": "http", "scheme": "HTTP"},
        "timeoutSeconds": 5,
        "periodSeconds": 10,
    },
    "securityContext": {"readOnlyRootFilesystem": True},
    "volumeMounts": [{"name": "tmp", "mountPath": "/work"}],
}
POD: Body = {
    "containers": [CONTAINER],
    "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "16Mi"}}],
    "serviceAccountName": "sync",
    "restartPolicy": "Always",
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
}


def _deployment(change: Change | None = None) -> Body:
    pod = copy.deepcopy(POD)
    if change is not None:
        change(pod, pod["containers"][0])
    template = {"metadata": {"labels": {"app": "sync"}}, "spec": pod}
    return {"spec": {"replicas": 1, "selector": {}, "template": template}}


def test_a_pod_is_read_with_what_kubernetes_fills_in() -> None:
    spec = read_deployment(_deployment())
    assert spec.command == ("figgosync", "--fast")
    assert spec.service_account == "sync"
    assert spec.labels == {"app": "sync"}
    assert spec.mounts == (Mount("tmp", "/work", "", read_only=False),)
    assert (spec.automount, spec.service_links, spec.grace_seconds) == (None, True, 30)
    assert spec.folder == "/"
    assert spec.probes["readiness"].port == 8080
    assert spec.probes["readiness"].timeout == 5


def test_every_pod_reaches_the_api_server_unless_it_mounts_something_of_its_own_there() -> None:
    _, mounts = read_deployment(_deployment()).with_api_access()
    assert [mount.path for mount in mounts] == ["/work", API_ACCESS_PATH]

    def mount_there(_: Body, container: Body) -> None:
        container["volumeMounts"] = [{"name": "tmp", "mountPath": API_ACCESS_PATH}]

    _, mounts = read_deployment(_deployment(mount_there)).with_api_access()
    assert [mount.volume for mount in mounts] == ["tmp"]


def _pod(**fields: object) -> Change:
    return lambda pod, _: pod.update(fields)


def _container(**fields: object) -> Change:
    return lambda _, container: container.update(fields)


def _volume(**fields: object) -> Change:
    return lambda pod, _: pod["volumes"].append({"name": "more", **fields})


_HTTP = {"path": "/", "port": 1}
_REFUSED: dict[str, tuple[Change, str]] = {
    "a second container": (lambda pod, c: pod["containers"].append(c), "not 2"),
    "an init container": (_pod(initContainers=[CONTAINER]), "initContainers"),
    "the host's network": (_pod(hostNetwork=True), "hostNetwork"),
    "names of hosts": (_pod(hostAliases=[{"ip": "10.0.0.1"}]), "hostAliases"),
    "another runtime": (_pod(runtimeClassName="gvisor"), "runtimeClassName"),
    "a field of next year": (_pod(quantum=1), "quantum"),
    "the image's own command": (_container(command=[]), "entry point"),
    "a hook": (_container(lifecycle={"preStop": {}}), "lifecycle"),
    "a block device": (_container(volumeDevices=[{"name": "x"}]), "volumeDevices"),
    "a restart rule": (_container(restartPolicy="Never"), "restartPolicy"),
    "a terminal": (_container(tty=True), "tty"),
    "a probe by command": (_container(livenessProbe={"exec": {"command": ["x"]}}), "other kinds"),
    "a probe by https": (
        _container(livenessProbe={"httpGet": {**_HTTP, "scheme": "HTTPS"}}),
        "only HTTP",
    ),
    "a probe elsewhere": (
        _container(livenessProbe={"httpGet": {**_HTTP, "host": "x"}}),
        "httpGet.host",
    ),
    "a probe with headers": (
        _container(livenessProbe={"httpGet": {**_HTTP, "httpHeaders": []}}),
        "httpHeaders",
    ),
    "a probe of no port": (
        _container(livenessProbe={"httpGet": {"path": "/", "port": "web"}}),
        "no port named web",
    ),
    "a port of the host": (
        _container(ports=[{"containerPort": 1, "hostPort": 1}]),
        "hostPort",
    ),
    "a folder of the host": (_volume(hostPath={"path": "/"}), "hostPath"),
    "a claim": (_volume(persistentVolumeClaim={"claimName": "x"}), "persistentVolumeClaim"),
    "a source of next year": (
        _volume(projected={"sources": [{"clusterTrustBundle": {"path": "x"}}]}),
        "clusterTrustBundle",
    ),
    "a resource as a file": (
        _volume(downwardAPI={"items": [{"path": "x", "resourceFieldRef": {}}]}),
        "only fields of the pod",
    ),
    "a path by variables": (
        _container(volumeMounts=[{"name": "tmp", "mountPath": "/x", "subPathExpr": "$(A)"}]),
        "subPathExpr",
    ),
    "a shared mount": (
        _container(
            volumeMounts=[{"name": "tmp", "mountPath": "/x", "mountPropagation": "Bidirectional"}]
        ),
        "private",
    ),
    "a lost volume": (
        _container(volumeMounts=[{"name": "gone", "mountPath": "/x"}]),
        "no volume gone",
    ),
}


@pytest.mark.parametrize("case", _REFUSED)
def test_what_is_not_known_is_refused_by_its_name(case: str) -> None:
    change, named = _REFUSED[case]
    with pytest.raises(NotUnderstoodError, match=named):
        read_deployment(_deployment(change))


def test_a_deployment_of_several_pods_or_none_is_refused() -> None:
    for replicas in (0, 2):
        body = _deployment()
        body["spec"]["replicas"] = replicas
        with pytest.raises(NotUnderstoodError, match=f"not {replicas}"):
            read_deployment(body)
