"""A release from the chart before to its end, with a tenant that must live through it all."""

import json
import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest

from figgosync_controlplane.kubectl import KubectlError
from support.chart import APP_VERSION, CRD, CRD_VERSION, CRDS, PREVIOUS_CHART, ROOT, container
from support.initialisations import an_initialisation
from support.namespaces import wait_for_definitions
from support.releases import Releases

BEFORE = "1"
"""The version of the definition in the chart before."""

RUNS = CRDS[1]


@pytest.fixture
def tenant_of(bare: Releases, namespace: str, tenant: str) -> Callable[[], dict[str, Any]]:
    """Create the tenant; return how to look at it."""

    def look() -> dict[str, Any]:
        answer = bare.plane.kubectl("get", "cst", "acme", f"--namespace={namespace}", "-o", "json")
        found: dict[str, Any] = json.loads(answer)
        return found

    bare.install("acme", namespace, chart=PREVIOUS_CHART)
    assert bare.annotations()[CRD_VERSION] == BEFORE
    wait_for_definitions(bare.plane, ROOT / "crds" / f"{CRD}.yaml")
    assert bare.definition(RUNS) is None, "that chart knew of no initialisations"
    bare.plane.kubectl("create", "--filename=-", f"--namespace={namespace}", stdin=tenant)
    return look


def image(releases: Releases, namespace: str) -> str:
    """Return the image that the cluster would run."""
    rendered = [
        json.loads(
            releases.plane.kubectl(
                "get",
                "deployment",
                "acme-figgo-calendar-sync",
                f"--namespace={namespace}",
                "--output=json",
            )
        )
    ]
    found: str = container(rendered)["image"]
    return found


def test_an_upgrade_brings_the_new_fields_and_keeps_tenants_and_rights(
    bare: Releases, namespace: str, tenant_of: Callable[[], dict[str, Any]]
) -> None:
    notes = bare.helm.run("get", "notes", "acme", f"--namespace={namespace}")
    command = re.search(r"kubectl -n hr (create rolebinding .*)", notes)
    assert command is not None
    bare.plane.kubectl(*shlex.split(command[1]), f"--namespace={namespace}")
    uid = tenant_of()["metadata"]["uid"]
    with pytest.raises(KubectlError, match="operatorClass"):
        bare.plane.kubectl("explain", "cst.spec.operatorClass")

    bare.upgrade("acme", namespace)

    assert bare.annotations()[CRD_VERSION] != BEFORE
    assert tenant_of()["metadata"]["uid"] == uid
    assert tenant_of()["spec"]["operatorClass"] == "default"
    assert image(bare, namespace) == f"figgo-calendar-sync:{APP_VERSION}"
    wait_for_definitions(bare.plane, ROOT / "crds")
    operator = f"{namespace}:acme-figgo-calendar-sync"
    bare.expect_allowed(operator, "watch", "calendarsynctenants.figgosync.io")
    bare.expect_allowed(operator, "watch", RUNS)
    bare.expect_allowed(operator, "get", "secrets", namespace)


def test_the_values_of_before_are_kept_by_an_upgrade(bare: Releases, namespace: str) -> None:
    hosts = {"exchange": ["mail.acme.example"]}
    bare.install("acme", namespace, chart=PREVIOUS_CHART, hosts=hosts, httpPort=9090)
    bare.upgrade("acme", namespace, "--reset-then-reuse-values")
    rendered = bare.manifests("acme", namespace)
    variables = {each["name"]: each.get("value") for each in container(rendered)["env"]}
    assert variables["FIGGOSYNC_EXCHANGE_HOSTS"] == "mail.acme.example"
    assert variables["FIGGOSYNC_HTTP_PORT"] == "9090"
    assert variables["FIGGOSYNC_OPERATOR_CLASS"] == "default"


def test_a_rollback_brings_back_operator_and_definition_and_keeps_all_objects(
    bare: Releases, namespace: str, tenant_of: Callable[[], dict[str, Any]]
) -> None:
    """As the README says: fields that the older definition does not know are not served."""

    def run() -> str:
        return bare.plane.kubectl(
            "get", "syncinit", "backfill", f"--namespace={namespace}", "-o=jsonpath={.metadata.uid}"
        )

    uid = tenant_of()["metadata"]["uid"]
    bare.upgrade("acme", namespace)
    wait_for_definitions(bare.plane, ROOT / "crds")
    manifest = json.dumps(an_initialisation())
    bare.plane.kubectl("create", "--filename=-", f"--namespace={namespace}", stdin=manifest)
    created = run()
    bare.helm.run("rollback", "acme", "1", f"--namespace={namespace}")
    assert image(bare, namespace) == "figgo-calendar-sync:0.1.0"
    assert bare.annotations()[CRD_VERSION] == BEFORE
    assert tenant_of()["metadata"]["uid"] == uid
    assert "operatorClass" not in tenant_of()["spec"]
    assert run() == created, "a definition that the chart before lacks stays"
    bare.upgrade("acme", namespace)
    assert run() == created
    assert bare.annotations()[CRD_VERSION] != BEFORE
    assert tenant_of()["spec"]["operatorClass"] == "default"


def test_an_uninstall_leaves_definition_and_tenants_and_takes_the_rights(
    bare: Releases, namespace: str, tenant_of: Callable[[], dict[str, Any]]
) -> None:
    bare.upgrade("acme", namespace, tenantNamespaces=[namespace])
    uid = tenant_of()["metadata"]["uid"]
    said = bare.uninstall("acme", namespace)
    assert "kept due to the resource policy" in said
    assert tenant_of()["metadata"]["uid"] == uid
    assert bare.definition() is not None
    assert bare.definition(RUNS) is not None
    ours = "--selector=app.kubernetes.io/name=figgo-calendar-sync"
    kinds = "deployments,services,serviceaccounts,roles,rolebindings,poddisruptionbudgets"
    kinds += ",networkpolicies,configmaps,clusterroles,clusterrolebindings"
    assert bare.plane.kubectl("get", kinds, "--all-namespaces", ours, "--output=name") == ""
    bare.install("again", namespace)
    assert tenant_of()["metadata"]["uid"] == uid
