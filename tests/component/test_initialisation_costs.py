"""What an initialisation asks of Exchange and Figgo, as docs/syncinitialisation.md counts it."""

from collections import Counter
from collections.abc import Mapping

import pytest

from component.world import BRUNO, World
from figgosync_sim.company import PARIS

LONG_AGO = "2026-01-05T09:00:00"
PEOPLE, ABSENT, ABSENCES = 3, 2, 4
"""Of these people one has no absence; the four are of the other two."""

LISTINGS = {"FindItem": PEOPLE}
QUESTIONS = {"FindItem": ABSENT}
"""About events of others that look like those to be created: one for whom any are."""

CREATIONS = {"CreateItem": ABSENCES}


def _sum(*parts: Mapping[str, int]) -> Counter[str]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return total


async def _a_company(world: World) -> None:
    world.create_tenant({"legalEntities": [PARIS]})
    for day in ("2026-03-02", "2026-11-24", "2026-12-24"):
        world.book(day, confirmed=True, at=LONG_AGO)
    world.book("2026-12-24", owner=BRUNO, at=LONG_AGO)
    await world.start()
    await world.in_sync()
    world.leap(minutes=1)  # a process that has just been started looks twice
    await world.idle()


def _asked(world: World, before: int) -> Counter[str]:
    return Counter(call.operation for call in world.exchange.log.calls[before:])


async def _ended(world: World, changes: Mapping[str, object], name: str) -> Counter[str]:
    """Carry one out; return what Exchange was asked meanwhile."""
    before = len(world.exchange.log.calls)
    world.initialise(changes, name)
    await world.comes_to("True", "Completed", name)
    return _asked(world, before)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, _sum(LISTINGS, CREATIONS), id="an-apply"),
        pytest.param({"mode": "Plan"}, _sum(LISTINGS, QUESTIONS), id="a-plan"),
        pytest.param(
            {"adopt": "Matching"},
            _sum(LISTINGS, QUESTIONS, LISTINGS, CREATIONS),
            id="an-adoption-that-finds-nothing",
        ),
    ],
)
async def test_each_calendar_is_listed_once_a_phase_and_each_event_is_one_call(
    world: World, changes: Mapping[str, object], expected: Counter[str]
) -> None:
    await _a_company(world)
    assert await _ended(world, changes, "first") == expected


async def test_the_second_one_and_a_removal_cost_as_little(world: World) -> None:
    await _a_company(world)
    await _ended(world, {}, "first")
    assert await _ended(world, {}, "again") == _sum(LISTINGS)
    removal = await _ended(world, {"action": "Remove"}, "undo")
    assert removal == _sum(LISTINGS, {"DeleteItem": ABSENCES})


async def test_an_approved_plan_is_made_again_before_it_is_carried_out(world: World) -> None:
    await _a_company(world)
    await _ended(world, {"mode": "Plan"}, "plan")
    digest = world.cluster.initialisations.status("plan")["plan"]["digest"]
    expected = _sum(LISTINGS, QUESTIONS, LISTINGS, CREATIONS)
    assert await _ended(world, {"planDigest": digest}, "apply") == expected


async def test_figgo_is_asked_about_many_people_at_once(world: World) -> None:
    await _a_company(world)
    owners = "leavePeriod.ownerId"
    world.figgo.log.clear()
    await _ended(world, {}, "first")
    (asked,) = [each.query[owners] for each in world.figgo.log if owners in each.query]
    assert len(asked.split(",")) == PEOPLE
