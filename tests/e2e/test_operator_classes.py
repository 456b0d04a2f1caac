"""Two operators of two classes on one API server never both touch a tenant."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from figgosync_controlplane.ports import spare_port
from figgosync_demo.installation import OperatorProcess, Release
from figgosync_demo.manifests import chart_values, exchange_secret, figgo_secret, tenant
from support.eventually import eventually
from support.world import AWA, SOON, World

EAST = "  operatorClass: east\n"


@pytest.fixture
def pair(world: World, tmp_path: Path) -> Iterator[tuple[World, OperatorProcess]]:
    """A world, whose operator is of the class default, and the operator of another release."""
    release = Release(world.plane, world.release.helm, "figgosync-east", "east")
    values = chart_values(world.stage, port=spare_port(), namespaces=[world.namespace])
    release.install({**values, "operatorClass": "east"})
    try:
        with OperatorProcess(release, tmp_path / "east.log") as east:
            yield world, east
    finally:
        release.uninstall()


def apply(world: World, name: str, entities: str, more: str = "") -> None:
    """Apply the Secrets, and a tenant of these legal entities."""
    manifest = tenant(world.stage, namespace=world.namespace, name=name, more=more)
    assert "legalEntities: [1, 4]" in manifest
    documents = (
        figgo_secret(namespace=world.namespace),
        exchange_secret(namespace=world.namespace),
        manifest.replace("legalEntities: [1, 4]", f"legalEntities: {entities}"),
    )
    world.kubectl("apply", "--filename=-", stdin="---".join(documents))


def events_about(world: World, name: str) -> list[dict[str, Any]]:
    found = json.loads(world.kubectl("get", "events.events.k8s.io", "--output=json"))
    return [each for each in found["items"] if each["regarding"]["name"] == name]


def metrics_of(operator: OperatorProcess) -> str:
    return operator.get("/metrics")[1]


def test_each_tenant_is_served_by_the_operator_of_its_class_alone(
    pair: tuple[World, OperatorProcess],
) -> None:
    world, east = pair
    apply(world, "paris", "[1]")
    apply(world, "reunion", "[4]", EAST + "  deletionPolicy: Delete\n")
    for name in ("paris", "reunion"):
        world.kubectl("wait", f"cst/{name}", "--for=condition=Ready", "--timeout=30s")
    ours, theirs = metrics_of(world.operator), metrics_of(east)
    assert 'tenant="paris"' in ours
    assert 'tenant="paris"' not in theirs
    assert 'tenant="reunion"' in theirs
    assert 'tenant="reunion"' not in ours
    for page in (ours, theirs):
        assert 'figgosync_tenant_objects{operator_class="default"} 1.0' in page
        assert 'figgosync_tenant_objects{operator_class="east"} 1.0' in page
        assert "figgosync_tenants 1.0" in page
    assert [line.get("tenant") for line in east.lines() if "paris" in str(line)] == []
    assert [line.get("tenant") for line in world.operator.lines() if "reunion" in str(line)] == []


def test_while_its_operator_is_away_nobody_touches_a_tenant(
    pair: tuple[World, OperatorProcess],
) -> None:
    world, east = pair
    east.stop()
    apply(world, "reunion", "[4]", EAST + "  deletionPolicy: Delete\n")
    apply(world, "paris", "[1]")
    world.kubectl("wait", "cst/paris", "--for=condition=Ready", "--timeout=30s")
    untouched = world.tenant("reunion")
    assert untouched["status"] == {"observedGeneration": -1}
    assert "finalizers" not in untouched["metadata"]
    assert events_about(world, "reunion") == []
    east.start()
    east.wait_ready()
    world.kubectl("wait", "cst/reunion", "--for=condition=Ready", "--timeout=30s")
    assert world.tenant("reunion")["metadata"]["finalizers"] == ["figgosync.io/remove-events"]
    east.stop()
    world.kubectl("delete", "cst/reunion", "--wait=false")
    world.operator.stop()
    world.operator.start()
    world.operator.wait_ready()
    world.book(AWA, 0, 0)
    world.shows(AWA, (0, 0, "Tentative"))
    assert world.tenant("reunion")["metadata"]["finalizers"] == ["figgosync.io/remove-events"]
    east.start()
    world.kubectl("wait", "cst/reunion", "--for=delete", "--timeout=30s")


def test_the_older_tenant_serves_whatever_the_classes_are(
    pair: tuple[World, OperatorProcess],
) -> None:
    world, _ = pair
    apply(world, "older", "[1]", EAST)
    world.kubectl("wait", "cst/older", "--for=condition=Ready", "--timeout=30s")
    apply(world, "younger", "[1, 4]")
    world.kubectl("wait", "cst/younger", "--for=condition=Ready=False", "--timeout=30s")
    conditions = {each["type"]: each for each in world.tenant("younger")["status"]["conditions"]}
    assert conditions["Ready"]["reason"] == "LegalEntityClaimed"
    assert f"{world.namespace}/older" in conditions["Ready"]["message"]
    world.kubectl("delete", "cst/older")
    world.kubectl("wait", "cst/younger", "--for=condition=Ready", "--timeout=30s")
    eventually(
        lambda: 'figgosync_tenant_objects{operator_class="east"}' not in metrics_of(world.operator),
        within=SOON,
    )
