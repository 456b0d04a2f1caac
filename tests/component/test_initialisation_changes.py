"""What changes in the company or in the tenant while an initialisation is at work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web

from component.hold import Hold
from component.world import (
    AWA,
    BRUNO,
    CHLOE,
    LOGIN,
    PASSWORD,
    PRISCILLA,
    Stage,
    World,
    a_world,
    small_company,
)
from figgosync_sim.company import PARIS, REUNION
from figgosync_sim.ews import ews_simulator
from figgosync_sim.faults import Delay
from support.comes_true import comes_true

LONG_AGO = "2026-01-05T09:00:00"
FUTURE = "2026-12-24"
BROUGHT_IN = f"{FUTURE} OOF Absent"


class HeldReading:
    """Holds back what Figgo is asked about Awa, and tells when the first question is held."""

    def __init__(self, world: World) -> None:
        self._reached, self._open = asyncio.Event(), asyncio.Event()
        world.figgo.faults.order(Delay(0), when=self._held, times=10_000)

    async def reached(self) -> None:
        async with asyncio.timeout(20):
            await self._reached.wait()

    def let_go(self) -> None:
        self._open.set()

    async def _held(self, request: web.Request) -> bool:
        if str(AWA) in request.query.get("leavePeriod.ownerId", ""):
            self._reached.set()
            await self._open.wait()
        return False


@asynccontextmanager
async def edited(world: World, meanwhile: str) -> AsyncIterator[None]:
    """Let something change while the operator looks, or while there is none."""
    if meanwhile == "nobody serves it":
        world.kill()
    yield
    if meanwhile == "nobody serves it":
        await world.start()


async def a_tenant_with_history(world: World, **changes: object) -> None:
    world.create_tenant({"legalEntities": [PARIS, REUNION], **changes})
    for employee in (AWA, BRUNO, CHLOE):
        world.book(FUTURE, owner=employee, confirmed=True, at=LONG_AGO)
    await world.start()
    await world.in_sync()
    assert world.writes() == []


async def test_whoever_moves_to_another_legal_entity_is_not_served_any_more(world: World) -> None:
    await a_tenant_with_history(world)
    held = HeldReading(world)
    world.initialise()
    await held.reached()
    world.state.move(CHLOE, REUNION)
    world.leap(seconds=61)
    await world.idle()
    held.let_go()
    await world.comes_to("True", "Completed")
    assert world.calendar(AWA) == [BROUGHT_IN]
    assert world.calendar(CHLOE) == []


async def test_types_are_shown_if_the_tenant_shows_them_by_then(world: World) -> None:
    """What was asked before is read without their names."""
    await a_tenant_with_history(world)
    held = HeldReading(world)
    world.initialise({"mode": "Plan"})
    await held.reached()
    world.cluster.edit({"events.showAbsenceType": True})
    await world.turns_to_generation(2)
    held.let_go()
    await world.comes_to("True", "Completed")
    assert world.cluster.initialisations.status()["plan"]["disclosing"] == 3


async def test_a_restart_changes_nothing_for_those_that_wait(world: World) -> None:
    await a_tenant_with_history(world)
    world.initialise({"suspend": True}, "first")
    world.initialise(name="second")
    await world.comes_to("Unknown", "Suspended", "first")
    await world.comes_to("Unknown", "Queued", "second")
    written, told = len(world.cluster.initialisations.status_writes), world.recorder.told()
    await world.restart()
    await world.in_sync()
    world.leap(seconds=6)
    await world.idle()
    assert len(world.cluster.initialisations.status_writes) == written
    assert world.recorder.told() == told


@pytest.mark.parametrize("meanwhile", ["it is served", "nobody serves it"])
async def test_on_another_server_it_begins_anew(world: World, stage: Stage, meanwhile: str) -> None:
    """Whom it had served already would have been left out there, and counted as served."""
    async with ews_simulator({LOGIN: PASSWORD}, tls=stage.authority.server_context()) as new:
        for person in world.state.people.values():
            new.store.add(person.mail or "", "Europe/Paris")
        world.allowed_exchange_hosts += (new.url.split("/")[2],)
        await a_tenant_with_history(world)
        world.initialise()
        held = Hold(world, "CreateItem", after=2)
        await held.reached()
        await comes_true(
            lambda: world.progress().get("employeesDone") == 2 or world.leap(seconds=1)
        )
        async with edited(world, meanwhile):
            world.cluster.edit({"calendar.exchange.serverURL": new.url})
            held.let_go()
        await world.comes_to("True", "Completed")
        shown = [len(new.store.outlook_view(world.mail(who))) for who in (AWA, BRUNO, CHLOE)]
        await world.stop()
        new.drop_connections()
        await asyncio.sleep(0.005)  # the server's half of each connection sees the end
    assert shown == [1, 1, 1]
    assert world.progress()["employeesDone"] == 3


@pytest.mark.parametrize("meanwhile", ["it is served", "nobody serves it"])
async def test_a_plan_begins_anew_when_the_tenant_draws_otherwise(
    world: World, meanwhile: str
) -> None:
    await a_tenant_with_history(world)
    held = Hold(world, "FindItem", after=4)
    world.initialise({"mode": "Plan"})
    await held.reached()
    await comes_true(lambda: world.progress().get("employeesDone") or world.leap(seconds=1))
    async with edited(world, meanwhile):
        world.cluster.edit({"events.showAbsenceType": True})
        await asyncio.sleep(0.02)
        held.let_go()
    await world.comes_to("True", "Completed")
    plan = world.cluster.initialisations.status()["plan"]
    assert (plan["create"], plan["disclosing"]) == (3, 3)
    assert world.progress()["employeesDone"] == 3


async def test_a_plan_of_all_is_of_all_that_the_tenant_serves_by_then(world: World) -> None:
    world.create_tenant({"legalEntities": [PARIS, REUNION]})
    for employee in (AWA, BRUNO, CHLOE, PRISCILLA):
        world.book(FUTURE, owner=employee, confirmed=True, at=LONG_AGO)
    await world.start()
    await world.in_sync()
    held = Hold(world, "FindItem", after=4)
    world.initialise({"legalEntities": None, "allLegalEntities": True, "mode": "Plan"})
    await held.reached()
    world.cluster.edit({"legalEntities": [PARIS]})
    await asyncio.sleep(0.02)
    held.let_go()
    await world.comes_to("True", "Completed")
    status = world.cluster.initialisations.status()
    assert (status["plan"]["create"], status["progress"]["employeesTotal"]) == (3, 3)


async def test_what_is_booked_while_a_removal_goes_on_stands_in_the_end(stage: Stage) -> None:
    """The tenant's own sync makes it at once, and the removal comes to its owner afterwards."""
    many = range(1202, 1214)
    async with a_world(stage, small_company(many)) as world:
        world.create_tenant()
        for employee in many:
            world.book(FUTURE, owner=employee, confirmed=True, at=LONG_AGO)
        await world.start()
        await world.in_sync()
        world.initialise()
        await world.comes_to("True", "Completed")
        world.leap(hours=3)
        await world.idle()
        held = Hold(world, "DeleteItem", after=0)
        world.initialise({"action": "Remove"}, "undo")
        await held.reached()
        last = many[-1]
        world.book("2026-12-30", owner=last, confirmed=True)
        await world.idle()
        held.let_go()
        await world.comes_to("True", "Completed", "undo")
        await world.shows("2026-12-30 OOF Absent", employee=last)
        assert all(world.calendar(each) == [] for each in many if each != last)


async def test_whoever_comes_meanwhile_is_served_by_the_tenants_sync_at_once(world: World) -> None:
    await a_tenant_with_history(world)
    world.book("2026-03-02", owner=PRISCILLA, confirmed=True, at=LONG_AGO)
    held = HeldReading(world)
    world.initialise()
    await held.reached()
    world.state.move(PRISCILLA, PARIS)
    world.leap(seconds=61)
    await world.idle()
    held.let_go()
    await world.comes_to("True", "Completed")
    await comes_true(lambda: len(world.ours(PRISCILLA)) == 1, told=world.cluster.status)
    world.leap(seconds=5)
    await comes_true(lambda: "catchUp" not in world.cluster.status())


async def test_what_the_tenants_sync_read_later_counts(stage: Stage) -> None:
    """It looks at a calendar by itself, and learns of a cancellation before any poll tells it."""
    many = range(1202, 1214)
    async with a_world(stage, small_company(many)) as world:
        world.poll_interval, world.drift_interval = timedelta(days=1), timedelta(minutes=6)
        world.create_tenant()
        periods = [world.book(FUTURE, owner=each, confirmed=True, at=LONG_AGO) for each in many]
        await world.start()
        await world.turns("Synchronised", "True", "Synchronised")
        held = Hold(world, "CreateItem", after=0)
        world.initialise()
        await held.reached()
        world.state.cancel(periods[-1])
        world.leap(minutes=9)
        held.let_go()
        await world.comes_to("True", "Completed")
        assert world.writes() == ["CreateItem"] * (len(many) - 1)


async def test_a_legal_entity_that_the_tenant_drops_meanwhile_is_not_said_to_be_initialised(
    world: World,
) -> None:
    await a_tenant_with_history(world)
    held = Hold(world, "CreateItem", after=0)
    world.initialise({"legalEntities": None, "allLegalEntities": True})
    await held.reached()
    world.cluster.edit({"legalEntities": [PARIS]})
    await asyncio.sleep(0.02)
    held.let_go()
    await world.comes_to("True", "Completed")
    assert world.cluster.status()["initialisedFrom"] == [
        {"from": "2026-01-01", "legalEntities": [PARIS]}
    ]
    assert world.calendar(AWA) == [BROUGHT_IN]


async def test_a_legal_entity_that_figgo_hides_for_a_while_is_waited_for(world: World) -> None:
    world.sweep_interval = timedelta(milliseconds=300)
    world.book(FUTURE, owner=PRISCILLA, confirmed=True, at=LONG_AGO)
    await a_tenant_with_history(world)
    world.state.hide_rows_of(REUNION)
    await world.turns("Synchronised", "False", "FailingEmployees")
    world.initialise({"legalEntities": [PARIS, REUNION]})
    message = await world.comes_to("Unknown", "WaitingForTenant")
    assert f"{REUNION}" in message
    assert world.writes() == []
    world.state.show_legal_entity(REUNION)
    await world.comes_to("True", "Completed")
    assert world.calendar(PRISCILLA) == [BROUGHT_IN]
