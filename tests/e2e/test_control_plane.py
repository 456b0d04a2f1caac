"""The control plane itself: what every other test of this folder relies on."""

import json
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from figgosync_controlplane.binaries import Binaries
from figgosync_controlplane.kubectl import KubectlError
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.versions import ETCD, KUBERNETES
from support.eventually import eventually


def test_the_server_is_the_kubernetes_version_that_the_project_promises(
    control_plane: ControlPlane,
) -> None:
    versions = json.loads(control_plane.kubectl("version", "--output=json"))
    assert versions["serverVersion"]["gitVersion"] == f"v{KUBERNETES}"


def test_the_binaries_are_of_the_versions_that_the_project_promises(binaries: Binaries) -> None:
    def says(binary: Path) -> str:
        return subprocess.check_output([binary, "--version"], text=True)

    assert f"etcd Version: {ETCD}\n" in says(binaries.etcd)
    assert says(binaries.kube_apiserver) == f"Kubernetes v{KUBERNETES}\n"
    assert says(binaries.kube_controller_manager) == f"Kubernetes v{KUBERNETES}\n"


def test_every_part_of_the_api_server_says_that_it_is_ready(control_plane: ControlPlane) -> None:
    report = control_plane.kubectl("get", "--raw", "/readyz?verbose")
    assert "[+]etcd ok" in report
    assert "readyz check passed" in report
    assert "[-]" not in report


def test_a_namespace_that_is_deleted_goes_away(control_plane: ControlPlane, namespace: str) -> None:
    control_plane.kubectl("create", "configmap", "something", "--namespace", namespace)
    control_plane.kubectl("delete", "namespace", namespace, "--wait=false")

    def gone() -> bool:
        listed = control_plane.kubectl("get", "namespaces", "--output=name")
        return f"namespace/{namespace}" not in listed.split()

    assert eventually(gone, within=timedelta(seconds=30))


def test_what_an_owner_leaves_behind_is_collected(
    control_plane: ControlPlane, namespace: str
) -> None:
    def create(name: str, owners: list[dict[str, str]]) -> str:
        metadata = {"name": name, "namespace": namespace, "ownerReferences": owners}
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
        created = control_plane.kubectl(
            "create", "--filename=-", "--output=json", stdin=json.dumps(manifest)
        )
        uid: str = json.loads(created)["metadata"]["uid"]
        return uid

    uid = create("owner", [])
    create("owned", [{"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid}])
    control_plane.kubectl("delete", "configmap", "owner", "--namespace", namespace)

    def collected() -> bool:
        listed = control_plane.kubectl("get", "cm", "--output=name", "--namespace", namespace)
        return "configmap/owned" not in listed.split()

    assert eventually(collected, within=timedelta(seconds=30))


def test_a_service_account_may_do_what_its_role_says_and_nothing_else(
    control_plane: ControlPlane, namespace: str
) -> None:
    def admin(*arguments: str) -> str:
        return control_plane.kubectl(*arguments, "--namespace", namespace)

    admin("create", "serviceaccount", "reader")
    admin("create", "role", "reader", "--verb=get,list", "--resource=configmaps")
    admin(
        "create", "rolebinding", "reader", "--role=reader", f"--serviceaccount={namespace}:reader"
    )
    token = control_plane.create_token(namespace, "reader")
    kubeconfig = control_plane.kubeconfig_for_token(token)

    def may(verb: str, resource: str) -> bool:
        question = ("auth", "can-i", verb, resource, "--namespace", namespace)
        try:
            return control_plane.kubectl(*question, kubeconfig=kubeconfig).strip() == "yes"
        except KubectlError as error:
            if error.stdout.strip() == "no":
                return False
            raise

    assert eventually(lambda: may("list", "configmaps"), within=timedelta(seconds=10))
    assert not may("list", "secrets")
    assert not may("delete", "configmaps")
    with pytest.raises(KubectlError, match="Forbidden"):
        control_plane.kubectl("get", "secrets", "-n", namespace, kubeconfig=kubeconfig)


def test_a_token_that_the_server_never_gave_is_refused(control_plane: ControlPlane) -> None:
    kubeconfig = control_plane.kubeconfig_for_token("made-up")
    with pytest.raises(KubectlError, match=r"Unauthorized|logged in"):
        control_plane.kubectl("get", "namespaces", kubeconfig=kubeconfig)


def test_kubeconfigs_are_for_their_owner_alone(control_plane: ControlPlane) -> None:
    other = control_plane.kubeconfig_for_token("made-up")
    for path in (control_plane.admin_kubeconfig, other):
        assert path.stat().st_mode & 0o077 == 0
