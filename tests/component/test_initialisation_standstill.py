"""An initialisation of more people than are read at once never stands still."""

from collections.abc import AsyncIterator

import pytest

from component.hold import Hold
from component.world import Stage, World, a_world, small_company
from figgosync.sync.initialisation import lane
from figgosync_sim.faults import DropAfter

LONG_AGO = "2026-01-05T09:00:00"
FUTURE = "2026-12-24"
MANY = range(1202, 1214)


@pytest.fixture
async def world(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A dozen people, of whom three are read at once: as with hundreds, read by the hundred."""
    monkeypatch.setattr(lane, "BATCH", 3)
    async with a_world(stage, small_company(MANY)) as world:
        world.create_tenant()
        for employee in MANY:
            world.book(FUTURE, owner=employee, confirmed=True, at=LONG_AGO)
        await world.start(connect=world.connect_quickly_settled)
        await world.in_sync()
        yield world


async def is_complete(world: World) -> None:
    await world.comes_to("True", "Completed")
    for employee in MANY:
        assert world.calendar(employee) == [f"{FUTURE} OOF Absent"]


async def test_whoever_failed_is_read_again_though_many_behind_him_have_been(world: World) -> None:
    world.exchange.order(DropAfter(), operation="CreateItem")
    world.initialise()
    await is_complete(world)


async def test_what_was_read_before_a_long_rest_is_read_anew_all_at_once(world: World) -> None:
    held = Hold(world, "CreateItem", after=2)
    world.initialise()
    await held.reached()
    world.cluster.initialisations.edit({"suspend": True})
    await world.comes_to("Unknown", "Suspended")
    held.let_go()
    await world.idle()
    world.leap(hours=1)
    await world.idle()
    asked = len(world.figgo.log)
    world.cluster.initialisations.edit({"suspend": False})
    await is_complete(world)
    reads = [r for r in list(world.figgo.log)[asked:] if "leavePeriod.ownerId" in r.query]
    assert len(reads) < len(MANY), "they are read some at a time, not one by one"
