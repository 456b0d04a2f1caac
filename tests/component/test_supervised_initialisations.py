"""Initialisations and their tenants come in any order, and each finds the other."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from component.control import Control
from component.hold import Hold
from component.world import BRUNO, World
from figgosync.errors import Reason, TransientError
from figgosync.sync.initialisation.scribe import LONGEST_SILENCE
from support.comes_true import comes_true

LONG_AGO = "2026-01-05T09:00:00"
FUTURE = "2026-12-24"
BROUGHT_IN = f"{FUTURE} OOF Absent"


@pytest.fixture
async def control(world: World) -> AsyncIterator[Control]:
    world.book(FUTURE, confirmed=True, at=LONG_AGO)
    control = Control(world)
    await control.supervisor.catch_up()
    yield control
    await control.supervisor.stop()


async def comes_to(control: Control, status: str, reason: str, name: str = "backfill") -> str:
    objects = control.world.cluster.initialisations

    def is_so() -> bool:
        control.world.clock.leap(timedelta(seconds=0.5))
        return objects.condition("Succeeded", name) == (status, reason)

    await comes_true(is_so, told=lambda: objects.status(name))
    return objects.message("Succeeded", name)


def ended(control: Control, reason: str) -> float | None:
    name, labels = "figgosync_initialisations_ended_total", {"reason": reason}
    return control.world.metrics.registry.get_sample_value(name, labels)


async def test_one_that_comes_before_its_tenant_waits_for_it(control: Control) -> None:
    world = control.world
    world.initialise()
    message = await comes_to(control, "Unknown", "WaitingForTenant")
    assert "There is no CalendarSyncTenant acme in this namespace: create it." in message
    world.create_tenant()
    await comes_to(control, "True", "Completed")
    assert world.calendar() == [BROUGHT_IN]


async def test_one_whose_tenant_is_there_is_handed_to_it(control: Control) -> None:
    world = control.world
    world.create_tenant()
    world.initialise()
    await comes_to(control, "True", "Completed")
    assert world.calendar() == [BROUGHT_IN]


async def test_one_whose_tenant_cannot_be_served_waits_until_it_can(control: Control) -> None:
    world = control.world
    world.create_tenant({"events.timeZone": "Europe/Pariss"})
    world.initialise()
    message = await comes_to(control, "Unknown", "WaitingForTenant")
    assert "its condition Ready says why" in message
    world.cluster.edit({"events.timeZone": "Europe/Paris"})
    await comes_to(control, "True", "Completed")


async def test_one_that_waits_can_be_cancelled(control: Control) -> None:
    control.world.initialise()
    await comes_to(control, "Unknown", "WaitingForTenant")
    control.world.cluster.initialisations.edit({"cancel": True})
    assert "Cancelled" in await comes_to(control, "False", "Cancelled")
    assert ended(control, "Cancelled") == 1
    objects = control.world.cluster.initialisations
    objects.edit({"suspend": True})
    await comes_true(lambda: objects.status()["observedGeneration"] == 3, told=objects.status)
    assert objects.condition("Succeeded") == ("False", "Cancelled")
    assert ended(control, "Cancelled") == 1, "it ended once"


async def test_what_stands_in_the_cluster_at_a_start_goes_on(world: World) -> None:
    world.book(FUTURE, confirmed=True, at=LONG_AGO)
    world.create_tenant()
    world.initialise()
    control = Control(world)
    control.deaf = True
    await control.supervisor.catch_up()
    await comes_to(control, "True", "Completed")
    await control.supervisor.stop()
    assert world.calendar() == [BROUGHT_IN]


async def test_before_all_tenants_are_known_nobody_is_told_that_his_is_missing(
    world: World,
) -> None:
    control = Control(world)
    world.initialise()
    await comes_true(control.supervisor.initialisations.reasons)
    await control.supervisor.stop()
    assert "conditions" not in world.cluster.initialisations.status()


async def test_another_operators_initialisation_is_left_alone(control: Control) -> None:
    world = control.world
    world.create_tenant({"operatorClass": "blue"})
    world.initialise()
    world.cluster.initialisations.create(
        {
            "metadata": {"name": "broken"},
            "spec": {"tenantRef": {"name": "acme"}, "from": "never", "legalEntities": [1]},
        }
    )
    await control.supervisor.catch_up()
    assert "conditions" not in world.cluster.initialisations.status()
    assert "conditions" not in world.cluster.initialisations.status("broken")


async def test_one_that_cannot_be_used_is_told_which_field_is_wrong(control: Control) -> None:
    world = control.world
    world.cluster.initialisations.create(
        {
            "metadata": {"name": "broken"},
            "spec": {"tenantRef": {"name": "acme"}, "from": "2026-02-30", "legalEntities": [1]},
        }
    )
    message = await comes_to(control, "False", "ValidationFailed", "broken")
    assert "spec.from" in message
    assert "2026-02-30" not in message
    await control.supervisor.catch_up()
    assert ended(control, "ValidationFailed") == 1


async def test_what_the_watch_lost_is_found_by_the_list(control: Control) -> None:
    world = control.world
    world.create_tenant()
    await comes_true(lambda: len(control.supervisor) == 1)
    control.deaf = True
    world.initialise()
    assert await control.supervisor.catch_up() == 1
    await comes_to(control, "True", "Completed")
    world.cluster.initialisations.delete()
    assert await control.supervisor.catch_up() == 1
    assert await control.supervisor.catch_up() == 0


async def test_it_survives_a_tenants_task_that_fails(
    control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("figgosync.controller.supervisor.RESTART_AFTER", timedelta(0))
    world = control.world
    world.create_tenant()
    await comes_true(lambda: world.cluster.condition("Ready") == ("True", "Synchronised"))
    world.initialise({"suspend": True})
    await comes_to(control, "Unknown", "Suspended")
    (running,) = control.supervisor._running.values()  # noqa: SLF001 - a fault of ours is to be staged
    running.sync._herald = None  # type: ignore[assignment]  # noqa: SLF001 - the next turn fails
    running.sync.wake()
    await comes_true(running.task.done)
    world.cluster.initialisations.edit({"suspend": False})
    await comes_to(control, "True", "Completed")


async def test_trouble_of_the_api_server_only_delays_what_is_told(control: Control) -> None:
    world = control.world
    objects = world.cluster.initialisations
    objects.status_trouble = TransientError(Reason.SERVER_ERROR, "Away.", tenant_wide=True)
    world.create_tenant()
    world.initialise()
    await world.shows(BROUGHT_IN)
    await comes_true(lambda: objects.refused_status_writes)
    objects.status_trouble = None
    assert "conditions" not in objects.status()
    control.leap(LONGEST_SILENCE)
    await comes_to(control, "True", "Completed")


async def test_one_that_is_cancelled_while_its_tenant_is_away_says_what_it_did(
    control: Control,
) -> None:
    world = control.world
    world.create_tenant()
    world.book(FUTURE, owner=BRUNO, confirmed=True, at=LONG_AGO)
    held = Hold(world, "CreateItem", after=1)
    world.initialise()
    await held.reached()

    def has_told() -> bool:
        world.clock.leap(timedelta(seconds=1))
        return world.progress().get("created") == 1

    await comes_true(has_told)
    world.cluster.edit({"events.timeZone": "Europe/Pariss"})
    await comes_to(control, "Unknown", "WaitingForTenant")
    held.let_go()
    world.cluster.initialisations.edit({"cancel": True})
    message = await comes_to(control, "False", "Cancelled")
    assert "What it did stays: 1 event created" in message
    assert world.progress()["created"] == 1
    assert "checkpoint" not in world.cluster.initialisations.status()
