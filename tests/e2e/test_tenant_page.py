"""docs/calendarsynctenant.md on a real API server: what it shows and asks for works."""

import json
from typing import Any

import pytest

from figgosync_controlplane.kubectl import KubectlError
from figgosync_controlplane.plane import ControlPlane
from figgosync_sim.stage import PASSWORD
from support.resource_page import TENANT_PAGE
from support.shell import run_as_documented
from support.world import AWA, BRUNO, CHLOE, World

REQUEST = (0, 0, "Tentative")


def _accepted(plane: ControlPlane, body: dict[str, Any]) -> dict[str, Any]:
    """Return the object as the API server would store it; nothing is stored."""
    elsewhere = {**body, "metadata": {**body["metadata"], "namespace": "default"}}
    dry = ("create", "--filename=-", "--dry-run=server", "--output=json", "--validate=strict")
    stored: dict[str, Any] = json.loads(plane.kubectl(*dry, stdin=json.dumps(elsewhere)))
    return stored


def test_every_manifest_is_accepted_as_it_stands(control_plane: ControlPlane) -> None:
    bodies = [*TENANT_PAGE.manifests("Secret"), *TENANT_PAGE.manifests("CalendarSyncTenant")]
    assert len(bodies) == 4
    for body in bodies:
        assert _accepted(control_plane, body)["metadata"]["name"] == body["metadata"]["name"]


def test_every_part_of_a_spec_is_accepted_in_the_example(control_plane: ControlPlane) -> None:
    for part in TENANT_PAGE.fragments("spec"):
        stored = _accepted(control_plane, TENANT_PAGE.completed(part))["spec"]
        for name, value in part.items():
            assert _within(value, stored[name])


def _within(part: object, whole: object) -> bool:
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and _within(value, whole[key]) for key, value in part.items())
    return part == whole


def test_the_commands_of_the_page_take_a_company_from_its_canary_to_its_end(world: World) -> None:
    """They are typed in the order of the page; in between, its promises are looked at."""
    world.apply_tenant()
    commands = [each for each in TENANT_PAGE.commands() if each != "kubectl apply -f acme.yaml"]
    typed = iter(commands)

    def type_next(expected: str) -> str:
        command = next(typed)
        assert expected in command, command
        command = command.replace("-n hr", f"-n {world.namespace}")
        command = command.replace("new-password", PASSWORD)
        done = run_as_documented(command, world.plane)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    type_next("--for=condition=Ready")
    type_next('{"only": [1202, 1203]}')
    world.book(AWA)
    world.book(CHLOE)
    world.shows(AWA, REQUEST)
    world.shows(CHLOE)
    type_next('{"only": null}')
    world.shows(CHLOE, REQUEST)
    type_next("patch secret acme-exchange")
    world.book(BRUNO)
    type_next("figgosync.io/requestedAt")
    world.shows(BRUNO, REQUEST)
    type_next('{"suspend": true}')
    type_next("--for=condition=Ready=false")
    assert world.condition("Ready")["reason"] == "Suspended"
    type_next('{"suspend": false}')
    type_next("--for=condition=Ready")
    activations, policy = type_next(".status.activations").splitlines()
    assert json.loads(activations)[0]["legalEntities"] == [1, 4]
    assert policy == "Orphan"
    assert type_next(".spec.deletionPolicy") == "Orphan\n"
    type_next('{"deletionPolicy": "Delete"}')
    type_next("figgosync.io/remove-events")
    type_next("delete cst acme")
    for employee in (AWA, BRUNO, CHLOE):
        world.shows(employee)
    # What is left is about waiting, and stands in the test below.
    assert [each.split()[3] for each in typed] == ["wait", "wait"]


def test_kubectl_waits_for_what_is_said_of_the_spec_as_it_is_now(world: World) -> None:
    world.ready_tenant()
    world.operator.stop()
    change = {"spec": {"events": {"title": "Away"}}}
    world.kubectl("patch", "cst/acme", "--type=merge", f"--patch={json.dumps(change)}")
    assert world.condition("Ready")["status"] == "True"
    with pytest.raises(KubectlError, match="timed out"):
        world.kubectl("wait", "cst/acme", "--for=condition=Ready", "--timeout=1s")
    world.operator.start()
    world.operator.wait_ready()
    world.kubectl("wait", "cst/acme", "--for=condition=Ready", "--timeout=30s")
    assert world.tenant()["status"]["observedGeneration"] == 2


def test_a_class_that_nobody_serves_leaves_an_object_without_conditions(world: World) -> None:
    world.ready_tenant()
    world.apply_tenant(name="other", more="  operatorClass: nobody\n")
    world.nudge()
    world.book(AWA)
    world.shows(AWA, REQUEST)
    assert world.tenant("other")["status"] == {"observedGeneration": -1}
