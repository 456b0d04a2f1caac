"""Whatever is lost of an initialisation, it comes to its end, and the calendars come out right."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest

from component.hold import Hold
from component.test_crashes import QUICK, Loss, replaced_when, settles
from component.world import AWA, BRUNO, World
from figgosync_sim.faults import DropAfter, DropBefore, Fault
from support.comes_true import comes_true

LONG_AGO = "2026-01-05T09:00:00"
PAST, TODAY, FUTURE = "2026-03-02", "2026-11-24", "2026-12-24"
FILLED = {
    AWA: [f"{PAST} OOF Absent", f"{TODAY} OOF Absent", f"{FUTURE} OOF Absent"],
    BRUNO: [f"{FUTURE} Tentative Absent"],
}
CLEARED: Mapping[int, Sequence[str]] = {AWA: [], BRUNO: []}
EVENTS = 4


async def a_company_with_history(world: World) -> None:
    world.poll_interval = QUICK
    world.create_tenant()
    for day in (PAST, TODAY, FUTURE):
        world.book(day, confirmed=True, at=LONG_AGO)
    world.book(FUTURE, owner=BRUNO, at=LONG_AGO)
    await world.start(connect=world.connect_quickly_settled)
    await world.in_sync()


@asynccontextmanager
async def replacing(world: World, loss: Loss, *, dies: bool) -> AsyncIterator[None]:
    """Begin another process in place of one that dies while its request is lost."""
    if not dies:
        yield
        return
    replacing = asyncio.create_task(replaced_when(loss, world))
    yield
    replacing.cancel()
    await asyncio.gather(replacing, return_exceptions=True)


async def is_over(world: World, name: str) -> None:
    """Wait until it has come to its good end; time goes by quickly, for tries are minutes apart."""
    objects = world.cluster.initialisations

    def has_ended() -> bool:
        world.leap(seconds=4)
        return "completionTime" in objects.status(name)

    await comes_true(has_ended, told=lambda: objects.status(name))
    assert objects.condition("Succeeded", name) == ("True", "Completed")


@pytest.mark.parametrize(
    ("fault", "dies"),
    [
        pytest.param(DropBefore(), False, id="before it was done"),
        pytest.param(DropAfter(), False, id="after it was done"),
        pytest.param(DropAfter(), True, id="and the process dies"),
    ],
)
async def test_any_request_to_exchange_may_be_lost(
    world: World, fault: Fault, *, dies: bool
) -> None:
    """Fill and clear the calendars again and again, and lose another request each time."""
    await a_company_with_history(world)
    position, happened = 0, True
    while happened:
        position, happened = position + 1, False
        for action, wanted in (("Sync", FILLED), ("Remove", CLEARED)):
            name = f"{action.lower()}-{position}"
            loss = Loss(world.exchange.faults, fault, position)
            async with replacing(world, loss, dies=dies):
                world.initialise({"action": action}, name)
                await is_over(world, name)
            happened |= loss.happened.is_set()
            world.exchange.faults.cancel()
            await settles(world, wanted)
            counts = world.progress(name)
            written = counts.get("created", 0) + counts.get("deleted", 0)
            if not dies:
                unknown = 1 if isinstance(fault, DropAfter) else 0
                assert EVENTS - unknown <= written <= EVENTS, (name, counts)
    assert position >= 6, "each has so many requests"


async def test_counts_outlive_a_status_that_is_wiped_while_it_waits(world: World) -> None:
    await a_company_with_history(world)
    objects = world.cluster.initialisations
    held = Hold(world, "CreateItem", after=1)
    world.initialise()
    await held.reached()

    def has_told() -> bool:
        world.leap(seconds=1)
        return world.progress().get("employeesDone", 0) >= 1

    await comes_true(has_told)
    world.kill()
    held.let_go()
    world.cluster.edit({"suspend": True})
    await world.start(connect=world.connect_quickly_settled)
    await comes_true(lambda: "suspend" in objects.message("Succeeded"))
    objects.wipe_status()
    objects.edit({"suspend": True})
    await world.comes_to("Unknown", "Suspended")
    await world.stop()
    world.cluster.edit({"suspend": False})
    objects.edit({"suspend": False})
    await world.start(connect=world.connect_quickly_settled)
    await is_over(world, "backfill")
    assert world.progress()["employeesTotal"] == 3
