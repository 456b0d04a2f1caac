"""What complete readings of absences promise: nothing cut short, nothing cut through."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from figgo_world import LEAVES, MONDAY, World, figgo_world, ids, reading, standing
from figgosync.core.absence import EmployeeID, Reading
from figgosync.errors import Reason, TransientError
from figgosync.figgo.failures import QueryTooHeavyError
from figgosync_sim.company import PAID_LEAVE, PARENTAL, RTT, SICK, big_company
from figgosync_sim.faults import Answer
from figgosync_sim.figgo import Readings
from figgosync_sim.figgo.leaves import Period
from figgosync_sim.figgo.misbehaviour import InsertDuringPaging

AWA, BRUNO, CHLOE, ROSE = (EmployeeID(number) for number in (1202, 1203, 1204, 1219))
SINCE = date(2026, 10, 24)
PARISIANS = ids(*range(1201, 1219))


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
        assert len(world.figgo.log) == 0


@reading
async def test_a_reading_says_what_the_books_say(readings: Readings) -> None:
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

        recent = {one for one in world.standing(AWA) if one[1].day >= date(2026, 10, 20)}
        assert standing(by_owner[AWA].half_days) == recent != set()
        assert standing(by_owner[ROSE].half_days) == world.standing(ROSE) != set()


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
            readings = await reader.read_owners(PARISIANS, since, names=False)

            assert standing(readings[AWA].half_days) == world.standing(AWA)
            counts.append(len(world.figgo.log))

        # The window; 124 days back; 496 days back; everything, on up to three pages.
        assert max(counts) <= 7


@pytest.mark.parametrize("days", [1, 2, 13, 16, 17, 30, 31, 32, 45, 100, 123, 130, 497, 1000])
async def test_a_leave_of_any_length_is_whole_on_its_last_day(days: int) -> None:
    async with figgo_world(allowance=None) as world:
        _book(world, AWA, SINCE - timedelta(days=days), SINCE, PARENTAL)
        reader = world.reader()

        by_owner = await reader.read_owners(ids(AWA), SINCE, names=False)
        tomorrow = await reader.read_owners(ids(AWA), SINCE + timedelta(days=1), names=False)

        assert standing(by_owner[AWA].half_days) == world.standing(AWA)
        assert tomorrow[AWA].half_days == ()


async def test_an_ordinary_day_costs_one_question_for_all_of_a_small_company() -> None:
    async with figgo_world() as world:
        for owner in range(1202, 1212):
            _book(world, owner, SINCE - timedelta(days=10), SINCE + timedelta(days=10))

        readings = await world.reader().read_owners(PARISIANS, SINCE, names=False)

        assert len([one for one in readings.values() if one.half_days]) == 10
        assert len(world.figgo.log) == 1


async def test_all_the_leaves_that_are_cut_are_followed_together() -> None:
    async with figgo_world() as world:
        for owner in range(1202, 1212):
            _book(world, owner, SINCE - timedelta(days=60), SINCE)

        readings = await world.reader().read_owners(ids(*range(1202, 1212)), SINCE, names=True)

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

        by_owner = await reader.read_owners(everybody, SINCE, names=False)

        assert any(request.status == 408 for request in world.figgo.log)
        for who in everybody:
            theirs = by_owner[who].half_days
            due = {one for one in world.standing(who) if one[1].day >= SINCE}
            assert due <= standing(theirs) <= world.standing(who)


async def test_a_figgo_that_finds_everything_too_heavy_is_left_alone_soon() -> None:
    async with figgo_world() as world:
        world.figgo.faults.order(Answer(408), path=LEAVES, times=1000)

        with pytest.raises(QueryTooHeavyError) as failure:
            await world.reader().read_owners(PARISIANS, SINCE, names=False)

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
            await world.reader().read_owners(PARISIANS, SINCE, names=False)

        assert len(world.figgo.log) <= 25


def _busy(world: World, people: int) -> InsertDuringPaging:
    """Book a day of the next year for somebody else after every answer."""
    numbers = iter(range(10_000))

    def book() -> None:
        number = next(numbers)
        day = date(2028, 1, 1) + timedelta(days=number)
        _book(world, 1 + number * 7 % people, day, day, SICK)

    return InsertDuringPaging(book)


@pytest.mark.parametrize("page", [100, 400])
async def test_a_company_that_never_stops_booking_is_read_all_the_same(page: int) -> None:
    """A list of many pages never holds still there for as long as it takes to read it."""
    company = big_company(60, 600, 5, first_day=date(2026, 11, 1))
    async with figgo_world(company=company, page=page, allowance=None) as world:
        everybody = [EmployeeID(number) for number in range(1, 61)]
        world.figgo.faults.order(_busy(world, 60), path=LEAVES, times=10_000)

        readings = await world.reader().read_owners(everybody, SINCE, names=False)

        asked = len(world.figgo.log)
        world.figgo.faults.cancel()
        rows = sum(len(one.half_days) for one in readings.values())
        assert rows > 10 * page or page > 100
        assert asked <= 3 * rows / page + 20
        for who in everybody:
            theirs = standing(readings[who].half_days)
            booked_later = {one for one in world.standing(who) if one[1].day >= date(2028, 1, 1)}
            due = {one for one in world.standing(who) if one[1].day >= SINCE}
            assert due - booked_later <= theirs <= world.standing(who)


async def test_one_persons_list_that_moves_on_and_on_is_an_error() -> None:
    async with figgo_world(page=10, allowance=None) as world:
        _book(world, AWA, date(2026, 11, 2), date(2026, 11, 30))
        days = iter(range(1, 10_000))
        world.figgo.faults.order(
            InsertDuringPaging(
                lambda: _book(world, AWA, *[date(2027, 1, 1) + timedelta(days=next(days))] * 2)
            ),
            path=LEAVES,
            times=10_000,
        )

        with pytest.raises(TransientError) as failure:
            await world.reader().read_owners(ids(AWA), SINCE, names=False)

        assert failure.value.reason is Reason.INCOMPLETE_READ
        assert len(world.figgo.log) <= 10


@pytest.mark.parametrize(
    ("people", "absences", "page"), [(400, 400, 100), (400, 40, 1000), (60, 1500, 100)]
)
async def test_a_part_fits_into_one_answer_as_soon_as_it_is_known_how_much_there_is(
    people: int, absences: int, page: int
) -> None:
    company = big_company(people, absences, 5, first_day=date(2026, 11, 1))
    async with figgo_world(company=company, page=page, allowance=None) as world:
        everybody = [EmployeeID(number) for number in range(1, people + 1)]

        readings = await world.reader().read_owners(everybody, SINCE, names=False)

        assert readings.keys() == set(everybody)
        rows = sum(len(one.half_days) for one in readings.values())
        asked = world.requests(LEAVES)
        assert len(asked) <= 2 * rows / page + 12
        longest = max(len(r.query["leavePeriod.ownerId"].split(",")) for r in asked)
        assert longest <= 400
