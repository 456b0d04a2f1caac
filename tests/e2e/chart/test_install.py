"""An install, and what the API server says to it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from figgosync_controlplane.helm import HelmError
from figgosync_controlplane.kubectl import KubectlError
from support.chart import CHART, CRDS, VALUES_FILES, Manifest, pod_spec, render
from support.releases import Releases

TENANTS, RUNS = CRDS
RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"


def test_an_install_brings_the_definitions_and_the_rights(
    bare: Releases, namespace: str, other_namespace: str
) -> None:
    bare.install("acme", namespace, tenantNamespaces=[other_namespace])
    for crd in CRDS:
        assert bare.annotations(crd)["helm.sh/resource-policy"] == "keep"
    operator = f"{namespace}:acme-figgo-calendar-sync"
    bare.expect_allowed(operator, "watch", TENANTS)
    bare.expect_allowed(operator, "patch", f"{TENANTS}/status", other_namespace)
    bare.expect_allowed(operator, "watch", RUNS)
    bare.expect_allowed(operator, "patch", f"{RUNS}/status", other_namespace)
    bare.expect_allowed(operator, "delete", RUNS, other_namespace)
    bare.expect_allowed(operator, "get", "secrets", other_namespace)
    bare.expect_refused(operator, "list", "secrets", other_namespace)
    bare.expect_refused(operator, "get", "secrets", namespace)
    bare.expect_refused(operator, "delete", TENANTS, other_namespace)
    bare.expect_refused(operator, "create", RUNS, other_namespace)


def test_after_kubectl_apply_an_install_leaves_the_definition_alone(
    applied: Releases, namespace: str
) -> None:
    before = applied.definition()
    applied.install("acme", namespace)
    assert applied.definition() == before
    kinds = {each["kind"] for each in applied.manifests("acme", namespace)}
    assert "Deployment" in kinds
    assert "CustomResourceDefinition" not in kinds


def test_in_watched_namespaces_the_operator_may_do_all_and_elsewhere_nothing(
    bare: Releases, namespace: str, other_namespace: str
) -> None:
    bare.install("acme", namespace, watchNamespaces=[other_namespace])
    operator = f"{namespace}:acme-figgo-calendar-sync"
    bare.expect_allowed(operator, "watch", TENANTS, other_namespace)
    bare.expect_allowed(operator, "get", "secrets", other_namespace)
    bare.expect_refused(operator, "list", "secrets", other_namespace)
    bare.expect_refused(operator, "watch", TENANTS)
    bare.expect_refused(operator, "get", TENANTS, namespace)


def test_who_has_rights_in_some_namespaces_alone_can_install_there(
    applied: Releases, namespace: str, other_namespace: str
) -> None:
    plane = applied.plane
    plane.kubectl("create", "serviceaccount", "installer", f"--namespace={namespace}")
    for each in (namespace, other_namespace):
        plane.kubectl(
            "create",
            "rolebinding",
            "installer",
            "--clusterrole=cluster-admin",
            f"--serviceaccount={namespace}:installer",
            f"--namespace={each}",
        )
    kubeconfig = plane.kubeconfig_for_token(plane.create_token(namespace, "installer"))
    values = {"watchNamespaces": [other_namespace], "crds": {"install": False}}

    def install(**more: object) -> None:
        text = json.dumps({**values, **more})
        command = ("install", "acme", str(CHART), f"--namespace={namespace}", "--values=-")
        applied.helm.run(*command, stdin=text, kubeconfig=kubeconfig)

    with pytest.raises(HelmError, match=r"cannot get resource \"clusterroles\""):
        install()
    install(checkOtherReleases=False)
    applied.expect_allowed(
        f"{namespace}:acme-figgo-calendar-sync", "watch", TENANTS, other_namespace
    )


def bare_pod(rendered: list[Manifest]) -> dict[str, Any]:
    """Return the operator's pod as its ReplicaSet would create it."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "operator"},
        "spec": pod_spec(rendered),
    }


def try_out(releases: Releases, manifest: Mapping[str, Any], namespace: str) -> None:
    """Have the API server judge an object that is not there; nothing stays."""
    options = ("--dry-run=server", "--validate=strict", f"--namespace={namespace}")
    releases.plane.kubectl("create", "--filename=-", *options, stdin=json.dumps(manifest))


@pytest.mark.parametrize("file", VALUES_FILES, ids=lambda path: path.stem)
def test_each_values_file_can_be_installed(
    applied: Releases, namespace: str, other_namespace: str, file: Path
) -> None:
    """The namespaces of the file are replaced by those of the test."""
    values = yaml.safe_load(file.read_text())
    for mode in ("watchNamespaces", "tenantNamespaces"):
        if mode in values:
            values[mode] = [namespace, other_namespace][: len(values[mode])]
    applied.plane.kubectl("label", "namespace", namespace, RESTRICTED)
    assert "STATUS: deployed" in applied.install("acme", namespace, **values)
    rendered = applied.manifests("acme", namespace)
    accepted = applied.plane.kubectl(
        "apply",
        "--server-side",
        "--force-conflicts",
        "--dry-run=server",
        "--validate=strict",
        "--filename=-",
        stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": rendered}),
    )
    assert len(accepted.splitlines()) == len(rendered)
    try_out(applied, bare_pod(rendered), namespace)


REFUSED = {
    "privileged": {"securityContext": {"privileged": True, "allowPrivilegeEscalation": True}},
    "unrestricted capabilities": {"securityContext": {"capabilities": {"drop": []}}},
    "allowPrivilegeEscalation != false": {"securityContext": {"allowPrivilegeEscalation": True}},
    "runAsNonRoot != true": {"podSecurityContext": {"runAsNonRoot": False}},
    "runAsUser=0": {"podSecurityContext": {"runAsUser": 0}},
    "seccompProfile": {"podSecurityContext": {"seccompProfile": {"type": "Unconfined"}}},
    "hostPath": {"extraVolumes": [{"name": "host", "hostPath": {"path": "/"}}]},
}


def test_the_judge_of_the_pod_refuses_what_is_not_restricted(
    applied: Releases, namespace: str
) -> None:
    """So that its consent to each values file means something."""
    applied.plane.kubectl("label", "namespace", namespace, RESTRICTED)
    try_out(applied, bare_pod(render(applied.helm)), namespace)
    for complaint, values in REFUSED.items():
        with pytest.raises(KubectlError, match="violates PodSecurity") as refusal:
            try_out(applied, bare_pod(render(applied.helm, values)), namespace)
        assert complaint in refusal.value.stderr


def test_a_manifest_with_a_typo_is_refused_by_the_same_check(
    applied: Releases, namespace: str
) -> None:
    """So that the consent to each values file means something."""
    pod = bare_pod(render(applied.helm))
    pod["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(KubectlError, match="readynessProbe"):
        try_out(applied, pod, namespace)
