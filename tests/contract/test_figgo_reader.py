"""What complete readings of absences promise: nothing cut short, nothing cut through."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from figgo_world import BOTH, LEAVES, MONDAY, PARIS_ONLY, World, figgo_world, ids, reading, standing
from figgosync.core.absence import EmployeeID, Reading
from figgosync.errors import Reason, TransientError
from figgosync.figgo.failures import QueryTooHeavyError
from figgosync_sim.company import PAID_LEAVE, PARENTAL, REUNION, RTT, SICK, big_company
from figgosync_sim.faults import Answer
from figgosync_sim.figgo import Readings
from figgosync_sim.figgo.leaves import Period
from figgosync_sim.figgo.misbehaviour import InsertDuringPaging

AWA, BRUNO, CHLOE, ROSE = (EmployeeID(number) for number in (1202, 1203, 1204, 1219))
SINCE = date(2026, 10, 24)


def _book(world: World, owner: int, first: date, last: date, account: int = SICK) -> int:
    return world.state.book(owner, (first, "AM"), (last, "PM"), account, confirmed=True)


async def test_an_employee_without_absences_has_an_empty_reading() -> None:
    async with figgo_world() as world:
        readings = await world.reader().read_owners(ids(AWA, BRUNO), SINCE, names=False)

        assert readings == {who: Reading(who, SINCE, (), world.now()) for who in (AWA, BRUNO)}


async def test_reading_nobody_asks_nothing() -> None:
    async with figgo_world() as world:
        reader = world.reader()

        assert await reader.read_owners(ids(), SINCE, names=True) == {}
        assert await reader.read_entities(frozenset(), SINCE, names=True) == {}
        assert len(world.figgo.log) == 0


@reading
async def test_both_ways_of_reading_say_what_the_books_say(readings: Readings) -> None:
    async with figgo_world(readings) as world:
        _book(world, AWA, date(2026, 10, 20), date(2026, 10, 30), RTT)
        _book(world, AWA, date(2026, 9, 1), date(2026, 9, 30), RTT)
        edited = _book(world, ROSE, date(2026, 12, 1), date(2026, 12, 11), PAID_LEAVE)
        world.timer.elapsed += 60
        world.state.give_back(edited, date(2026, 12, 2))
        world.timer.elapsed += 60
        world.state.edit(edited, (date(2026, 12, 2), "PM"), (date(2026, 12, 10), "AM"))
        reader = world.reader()

        by_owner = await reader.read_owners(ids(AWA, ROSE), SINCE, names=True)
        by_entity = await reader.read_entities(BOTH, SINCE, names=True)

        recent = {one for one in world.standing(AWA) if one[1].day >= date(2026, 10, 20)}
        assert standing(by_owner[AWA].half_days) == recent != set()
        assert standing(by_owner[ROSE].half_days) == world.standing(ROSE) != set()
        assert by_entity == by_owner


async def test_an_absence_given_back_and_booked_again_has_one_row_per_half_day() -> None:
    async with figgo_world() as world:
        period = _book(world, AWA, date(2026, 12, 1), date(2026, 12, 4), RTT)
        for _ in range(3):
            world.timer.elapsed += 60
            world.state.edit(period, (date(2026, 12, 1), "AM"), (date(2026, 12, 2), "PM"))
            world.timer.elapsed += 60
            world.state.edit(period, (date(2026, 12, 2), "AM"), (date(2026, 12, 3), "PM"))

        readings = await world.reader().read_owners(ids(AWA), SINCE, names=False)

        rows = readings[AWA].half_days
        assert standing(rows) == world.standing(AWA)
        assert len({row.moment for row in rows}) == len(rows) == 8


def _fridays(world: World, owner: int, first: date, last: date) -> None:
    """Enter a part-time parental leave: one long period that has rows on Fridays only."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    fridays = [(day, half) for day in days if day.weekday() == 4 for half in (True, False)]
    period = Period(world.state.leave_book.next_id(), owner, confirmed=True, confirmed_at=MONDAY)
    world.state.leave_book.enter(period, fridays, account=PARENTAL, hours=None, at=MONDAY)


@pytest.mark.parametrize("enter", [_fridays, _book], ids=["every Friday", "every day"])
async def test_a_three_year_leave_begins_on_the_same_day_for_sixty_sliding_days(
    enter: Callable[[World, int, date, date], object],
) -> None:
    async with figgo_world(allowance=None) as world:
        enter(world, AWA, date(2024, 1, 12), date(2027, 1, 15))
        reader = world.reader()
        counts = []

        # Every day costs the simulator thousands of rows: only the light leave slides day by day.
        for offset in range(0, 60, 1 if enter is _fridays else 15):
            world.figgo.log.clear()
            since = SINCE + timedelta(days=offset)
            readings = await reader.read_entities(PARIS_ONLY, since, names=False)

            assert standing(readings[AWA].half_days) == world.standing(AWA)
            counts.append(len(world.figgo.log))

        # The window; 124 days back; 496 days back; everything, on up to three pages.
        assert max(counts) <= 7


@pytest.mark.parametrize("days", [1, 2, 13, 16, 17, 30, 31, 32, 45, 100, 123, 130, 497, 1000])
async def test_a_leave_of_any_length_is_whole_on_its_last_day(days: int) -> None:
    async with figgo_world(allowance=None) as world:
        _book(world, AWA, SINCE - timedelta(days=days), SINCE, PARENTAL)
        reader = world.reader()

        by_entity = await reader.read_entities(PARIS_ONLY, SINCE, names=False)
        by_owner = await reader.read_owners(ids(AWA), SINCE, names=False)
        tomorrow = await reader.read_owners(ids(AWA), SINCE + timedelta(days=1), names=False)

        assert standing(by_entity[AWA].half_days) == world.standing(AWA)
        assert by_owner[AWA].half_days == by_entity[AWA].half_days
        assert tomorrow[AWA].half_days == ()


async def test_an_ordinary_day_costs_one_question_for_all_of_an_establishment() -> None:
    async with figgo_world() as world:
        for owner in range(1202, 1212):
            _book(world, owner, SINCE - timedelta(days=10), SINCE + timedelta(days=10))

        readings = await world.reader().read_entities(PARIS_ONLY, SINCE, names=False)

        assert len(readings) == 10
        assert len(world.figgo.log) == 1


async def test_all_the_leaves_that_are_cut_are_followed_together() -> None:
    async with figgo_world() as world:
        for owner in range(1202, 1212):
            _book(world, owner, SINCE - timedelta(days=60), SINCE)

        readings = await world.reader().read_entities(PARIS_ONLY, SINCE, names=True)

        assert {len(one.half_days) for one in readings.values()} == {122}
        assert len(world.figgo.log) == 3  # the window; ten people, two pages
        assert all("name" in request.query["fields"] for request in world.figgo.log)


async def test_rows_that_vanish_while_a_leave_is_followed_are_an_error() -> None:
    async with figgo_world() as world:
        _book(world, AWA, SINCE - timedelta(days=60), SINCE)
        world.figgo.faults.order(
            InsertDuringPaging(lambda: world.state.hide_rows_of(1)), path=LEAVES
        )

        with pytest.raises(TransientError) as failure:
            await world.reader().read_owners(ids(AWA), SINCE, names=False)

        assert failure.value.reason is Reason.INCOMPLETE_READ


@pytest.mark.parametrize("heaviest", [40, 150, 1000])
async def test_questions_that_are_too_heavy_are_asked_in_parts(heaviest: int) -> None:
    company = big_company(60, 600, 5, first_day=date(2026, 9, 1))
    async with figgo_world(
        Readings(heaviest_list=heaviest), company=company, allowance=None
    ) as world:
        reader = world.reader()
        everybody = [EmployeeID(number) for number in range(1, 61)]

        by_entity = await reader.read_entities(BOTH, SINCE, names=False)
        by_owner = await reader.read_owners(everybody, SINCE, names=False)

        assert any(request.status == 408 for request in world.figgo.log)
        for who in everybody:
            theirs = by_owner[who].half_days
            due = {one for one in world.standing(who) if one[1].day >= SINCE}
            assert due <= standing(theirs) <= world.standing(who)
        assert {who: one.half_days for who, one in by_entity.items() if one.half_days} == {
            who: one.half_days for who, one in by_owner.items() if one.half_days
        }


async def test_a_figgo_that_finds_everything_too_heavy_is_left_alone_soon() -> None:
    async with figgo_world() as world:
        world.figgo.faults.order(Answer(408), path=LEAVES, times=1000)

        with pytest.raises(QueryTooHeavyError) as failure:
            await world.reader().read_entities(BOTH, SINCE, names=False)

        assert "Lucca's support" in failure.value.message
        assert len(world.figgo.log) <= 13


async def test_a_future_that_is_too_heavy_for_ever_is_not_followed_for_ever() -> None:
    async with figgo_world(allowance=None) as world:
        world.figgo.faults.order(
            Answer(408),
            path=LEAVES,
            when=lambda request: request.query["date"].startswith("since"),
            times=10_000,
        )

        with pytest.raises(QueryTooHeavyError):
            await world.reader().read_entities(PARIS_ONLY, SINCE, names=False)

        assert len(world.figgo.log) <= 25


async def test_many_establishments_are_asked_about_twenty_at_a_time() -> None:
    async with figgo_world() as world:
        await world.reader().read_entities(range(1, 62), SINCE, names=False)

        asked = [r.query["leavePeriod.owner.legalEntityId"] for r in world.requests(LEAVES)]
        assert [len(entities.split(",")) for entities in asked] == [20, 20, 20, 1]


async def test_somebody_who_moves_between_two_questions_is_in_the_later_answer() -> None:
    async with figgo_world() as world:
        reader = world.reader()
        _book(world, ROSE, SINCE, SINCE)
        rose_moves = InsertDuringPaging(lambda: world.state.move(ROSE, REUNION + 20))
        world.state.open_establishment(
            type(world.state.establishments[REUNION])(REUNION + 20, "Ailleurs", 2, None)
        )
        world.figgo.faults.order(rose_moves, path=LEAVES)

        readings = await reader.read_entities(range(1, 26), SINCE, names=False)

        assert standing(readings[ROSE].half_days) == world.standing(ROSE)
