"""Whichever request is lost, before or after it was done, the calendars come out right."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import pytest
from aiohttp import web

from component.world import AWA, BRUNO, Stage, World, a_world
from figgosync_sim.faults import Delay, DropAfter, DropBefore, Fault, Faults
from support.comes_true import SOON, comes_true

FIRST = {
    AWA: [
        "2026-12-22 OOF Absent",
        "2026-12-23 Tentative Absent",
        "2026-12-24 14:00-18:00 OOF Absent",
    ],
    BRUNO: ["2026-12-28 Tentative Absent"],
}
LAST = {
    AWA: ["2026-12-21 OOF Absent", "2026-12-24 14:00-18:00 OOF Absent"],
    BRUNO: ["2026-12-28 Tentative Absent"],
}

MOST_REQUESTS = 60
QUICK = timedelta(milliseconds=20)


class Loss:
    """Loses the one request of a server that comes at a position, and tells when."""

    def __init__(self, faults: Faults, fault: Fault, position: int) -> None:
        self.happened = asyncio.Event()
        self._seen, self._position = 0, position
        faults.order(fault, when=self._is_the_one)

    def _is_the_one(self, _: web.Request) -> bool:
        self._seen += 1
        if self._seen == self._position:
            self.happened.set()
        return self._seen == self._position


async def play(world: World) -> None:
    """Book, move, approve and cancel; each act once the one before is to be seen."""
    moved = world.book("2026-12-22", confirmed=True)
    gone = world.book("2026-12-23")
    world.book("2026-12-24 PM", confirmed=True)
    world.book("2026-12-28", owner=BRUNO)
    await settles(world, FIRST)
    world.state.edit(moved, (date(2026, 12, 21), "AM"), (date(2026, 12, 21), "PM"))
    world.state.cancel(gone)
    await settles(world, LAST)


async def settles(world: World, wanted: Mapping[int, Sequence[str]]) -> None:
    """Wait until the calendars show it; half a minute goes by whenever nothing happens."""

    def right() -> bool:
        return all(world.calendar(who) == entries for who, entries in wanted.items())

    for _ in range(int(SOON / QUICK)):
        try:
            await comes_true(right, within=5 * QUICK)
        except AssertionError:
            world.leap(seconds=31)
        else:
            return
    await comes_true(right, within=QUICK, told=lambda: [world.calendar(who) for who in wanted])


async def replaced_when(loss: Loss, world: World) -> None:
    """Begin another process in place of one that dies while its request is lost."""
    await loss.happened.wait()
    world.kill()
    await world.start(connect=world.connect_quickly_settled)


async def lost(stage: Stage, server: str, fault: Fault, position: int, *, dies: bool) -> bool:
    """Play while one request is lost; tell whether there was such a request."""
    async with a_world(stage) as world:
        world.poll_interval = QUICK
        world.create_tenant()
        faults = world.figgo.faults if server == "Figgo" else world.exchange.faults
        loss = Loss(faults, fault, position)
        replacing = asyncio.create_task(replaced_when(loss, world)) if dies else None
        await world.start(connect=world.connect_quickly_settled)
        await play(world)
        happened = loss.happened.is_set()
        if replacing is not None:
            replacing.cancel()
            await asyncio.gather(replacing, return_exceptions=True)
        world.leap(hours=8)  # everybody is looked at once more
        await world.idle()
        for who, entries in LAST.items():
            case = (server, fault, position)
            assert world.calendar(who) == entries, case
            assert len(world.ours(who)) == len(entries), case
        return happened


@pytest.mark.parametrize("fault", [DropBefore(), DropAfter()], ids=["before", "after"])
@pytest.mark.parametrize(
    ("server", "dies", "least"),
    [("Figgo", False, 12), ("Exchange", False, 8), ("Exchange", True, 8)],
    ids=["Figgo", "Exchange", "Exchange and the process dies"],
)
async def test_any_request_may_be_lost(
    stage: Stage, server: str, fault: Fault, *, dies: bool, least: int
) -> None:
    positions = 0
    while positions < MOST_REQUESTS and await lost(stage, server, fault, positions + 1, dies=dies):
        positions += 1
    assert positions >= least, "the story has as many requests"


async def test_a_creation_of_a_killed_process_that_comes_late_leaves_no_double(
    world: World,
) -> None:
    """The next process lists before it lands, and creates; it looks once more a minute later."""
    world.create_tenant()
    await world.start(connect=world.connect_quickly_settled)
    await world.in_sync()
    world.exchange.order(Delay(0.3), operation="CreateItem")
    world.book("2026-12-24")
    await comes_true(lambda: not world.exchange.faults.pending)
    world.kill()
    await world.start(connect=world.connect_quickly_settled)
    await comes_true(lambda: len(world.ours()) == 2, told=world.calendar)
    await world.in_sync()  # the answer must have come before a minute leaps by
    world.leap(seconds=61)
    await world.shows("2026-12-24 Tentative Absent")
    assert len(world.ours()) == 1
