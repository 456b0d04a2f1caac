"""What an installation that is not whole looks like: never a silent loop."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.ports import spare_port
from figgosync_demo.installation import OperatorProcess, Release
from figgosync_demo.manifests import TENANT, chart_values
from figgosync_kubelet.errors import PodDiedError
from figgosync_sim.stage import Stage
from support.definitions import CRD, changed_definition
from support.eventually import eventually
from support.namespaces import apply_definitions
from support.world import AWA, SOON, World

CRDS = Path(__file__).parents[2] / "crds"
A_MINUTE = timedelta(minutes=1)
"""What lacks is looked for every half minute."""


def messages(operator: OperatorProcess) -> str:
    return "\n".join(str(line.get("message")) for line in operator.lines())


def end_of(operator: OperatorProcess) -> str:
    """Return how it ended by itself, nothing while it runs."""
    try:
        operator.check()
    except PodDiedError as death:
        return str(death)
    return ""


@contextmanager
def unbound(plane: ControlPlane) -> Iterator[None]:
    """Take all rights of the whole cluster away for a while."""
    binding = plane.kubectl("get", "clusterrolebinding/figgosync-default", "--output=json")
    body = json.loads(binding)
    for name in ("resourceVersion", "uid", "creationTimestamp", "managedFields"):
        body["metadata"].pop(name, None)
    plane.kubectl("delete", "clusterrolebinding/figgosync-default")
    try:
        yield
    finally:
        plane.kubectl("create", "--filename=-", stdin=json.dumps(body))


def test_an_operator_without_rights_says_which_and_starts_when_they_come(world: World) -> None:
    world.operator.stop()
    with unbound(world.plane):
        world.operator.start()
        eventually(lambda: "lacks rights" in world.operator.get("/readyz")[1], within=SOON)
        status, said = world.operator.get("/readyz")
        assert status == 503
        assert "list calendarsynctenants.figgosync.io in all namespaces" in said
        assert "`helm upgrade`" in said
        assert world.operator.get("/healthz")[0] == 200, "a restart would not help"
        assert messages(world.operator).count("lacks rights") == 1
        assert "figgosync_ready 0.0" in world.operator.get("/metrics")[1], "an alert will say so"
    world.operator.wait_ready(within=60)
    assert "figgosync_ready 1.0" in world.operator.get("/metrics")[1]
    world.ready_tenant()


def test_rights_that_are_taken_away_are_named_and_missed_no_longer_than_they_lack(
    world: World,
) -> None:
    world.ready_tenant()
    with unbound(world.plane):
        # The watch that is open goes on, so that the operator hears of it and tries to say so.
        suspend = '--patch={"spec": {"suspend": true}}'
        world.kubectl("patch", f"cst/{TENANT}", "--type=merge", suspend)
        eventually(lambda: world.operator.get("/readyz")[0] == 503, within=A_MINUTE)
        assert "patch calendarsynctenants/status" in world.operator.get("/readyz")[1]
        assert "not ready: The operator lacks rights" in messages(world.operator)
        assert world.operator.get("/healthz")[0] == 200
    eventually(lambda: world.condition("Ready").get("reason") == "Suspended", within=A_MINUTE)
    eventually(lambda: world.operator.get("/readyz")[0] == 200, within=A_MINUTE)
    world.operator.check()


def test_definitions_that_vanish_end_the_process_with_the_remedy(
    world: World, tmp_path: Path
) -> None:
    world.operator.stop()
    # kopf logs a traceback of it, which the world takes for a fault of our own.
    log = tmp_path / "of-one-that-dies.log"
    with OperatorProcess(world.release, log) as operator:
        world.ready_tenant()
        world.kubectl("delete", CRD)
        try:
            eventually(lambda: "exit code 1" in end_of(operator), within=SOON)
        finally:
            apply_definitions(world.plane, CRDS)
        said = messages(operator)
        assert "the watch of the tenants ended by itself" in said
        assert "is not installed. Run `helm upgrade`" in said
    world.operator.start()
    world.operator.wait_ready()
    world.ready_tenant()


def test_an_operator_older_than_the_definitions_warns_and_serves_no_field_it_does_not_know(
    world: World,
) -> None:
    world.operator.stop()

    def of_a_later_release(body: dict[str, Any], spec: dict[str, Any]) -> None:
        body["metadata"]["annotations"]["figgosync.io/crd-version"] = "99"
        spec["events"]["properties"]["sensitiveTypes"] = {
            "type": "array",
            "items": {"type": "integer"},
        }

    def wish(types: list[int] | None) -> None:
        patch = json.dumps({"spec": {"events": {"sensitiveTypes": types}}})
        world.kubectl("patch", f"cst/{TENANT}", "--type=merge", f"--patch={patch}")

    with changed_definition(world.plane, of_a_later_release):
        world.operator.start()
        world.operator.wait_ready()
        (warning,) = [line for line in world.operator.lines() if line["level"] == "WARNING"]
        assert "is of version 99" in str(warning["message"])
        assert "upgrade the operator" in str(warning["message"])
        world.ready_tenant()
        wish([8])
        eventually(lambda: world.condition("Ready").get("reason") == "InvalidSpec", within=SOON)
        said = world.condition("Ready")["message"]
        assert "does not know spec.events.sensitiveTypes: upgrade the operator" in said
        world.book(AWA, 0, 0)
        time.sleep(0.05)
        assert world.outlook(AWA) == []
        wish(None)
        world.shows(AWA, (0, 0, "Tentative"))


@pytest.fixture
def limited(installation: Release, namespace: str, tmp_path: Path) -> Iterator[World]:
    """A world whose operator has Roles in one namespace and nothing else."""
    release = Release(installation.plane, installation.helm, "figgosync-limited", "limited")
    with Stage(tmp_path, requests_per_minute=None) as stage:
        values = chart_values(stage, port=spare_port(), namespaces=[])
        release.install({**values, "watchNamespaces": [namespace], "operatorClass": "limited"})
        try:
            with OperatorProcess(release, tmp_path / "operator.log") as operator:
                yield World(release, stage, operator, namespace)
        finally:
            release.uninstall()


def test_roles_in_one_namespace_are_enough(limited: World) -> None:
    limited.ready_tenant(more="  operatorClass: limited\n  deletionPolicy: Delete\n")
    limited.book(AWA, 0, 0)
    limited.nudge()
    limited.shows(AWA, (0, 0, "Tentative"))
    limited.kubectl("delete", f"cst/{TENANT}", "--timeout=30s")
    assert limited.outlook(AWA) == []
    lines = limited.operator.lines()
    assert [line for line in lines if line["level"] in {"WARNING", "ERROR"}] == []
    assert "could not be checked" in messages(limited.operator)
