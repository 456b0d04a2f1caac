"""What the stream of changes promises: nothing missed, nothing taken for known too early."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date, timedelta

import pytest

from figgo_world import (
    AWA,
    BOTH,
    BRUNO,
    CHLOE,
    DECEMBER,
    HOUR,
    LEAVES,
    MONDAY,
    NEVER,
    NOBODY,
    PARIS_ONLY,
    POLL,
    ROSE,
    USERS,
    World,
    book,
    figgo_world,
    next_of,
    reading,
    standing,
    started,
)
from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.errors import TransientError
from figgosync.figgo.changes import ChangeKind
from figgosync_sim.company import PARIS, REUNION, RTT, SICK, big_company
from figgosync_sim.faults import HtmlError
from figgosync_sim.figgo import Readings
from figgosync_sim.figgo.misbehaviour import InsertDuringPaging


async def test_the_first_changes_are_a_sweep_of_everybody_in_scope() -> None:
    async with figgo_world() as world:
        book(world, AWA)
        book(world, ROSE)
        world.scope = replace(world.scope, hidden=PARIS_ONLY, shown=NOBODY)

        changes = await anext(world.stream())

        assert changes.kind is ChangeKind.SWEEP
        people = {
            who for who, one in changes.directory.employees.items() if one.legal_entity == PARIS
        }
        assert set(changes.readings) == people
        assert len(people) == 16
        assert standing(changes.readings[AWA].half_days) == world.standing(AWA) != set()
        assert changes.readings[BRUNO].half_days == ()
        assert len(changes.directory.employees) == 25
        assert set(changes.directory.establishments) == BOTH


@reading
async def test_every_step_of_an_absence_arrives_under_every_reading(readings: Readings) -> None:
    async with figgo_world(readings) as world:
        stream = await started(world, sweep_interval=NEVER)
        period = 0

        def book() -> None:
            nonlocal period
            period = world.state.book(AWA, (DECEMBER, "AM"), (date(2026, 12, 11), "PM"), RTT)

        acts: list[Callable[[], object]] = [
            book,
            lambda: world.state.approve(period),
            lambda: world.state.give_back(period, date(2026, 12, 9)),
            lambda: world.state.edit(period, (DECEMBER, "PM"), (date(2026, 12, 8), "AM")),
            lambda: world.state.cancel(period),
        ]
        for act in acts:
            world.timer.at(world.timer.elapsed + 50, act)
            before = world.standing(AWA)

            changes = await next_of(stream)

            assert changes.kind is ChangeKind.POLL
            assert standing(changes.readings[AWA].half_days) == world.standing(AWA) != before
            assert set(changes.readings) == {AWA}


@pytest.mark.parametrize("skew", [timedelta(minutes=10), timedelta(minutes=-10)])
@reading
async def test_clocks_that_differ_by_minutes_hide_nothing(
    readings: Readings, skew: timedelta
) -> None:
    async with figgo_world(readings) as world:
        world.skew = skew
        stream = await started(world, sweep_interval=NEVER)
        for minutes in (3, 9, 15):
            world.timer.at(
                minutes * 60, lambda day=minutes: book(world, AWA, date(2027, 1, day), SICK)
            )

        for count in (1, 2, 3):
            changes = await next_of(stream)
            assert len(standing(changes.readings[AWA].half_days)) == 2 * count


async def test_a_refusal_arrives_by_poll_where_figgo_dates_it() -> None:
    async with figgo_world() as world:
        period = book(world)
        stream = await started(world, sweep_interval=NEVER)
        world.timer.at(100, lambda: world.state.refuse(period))

        changes = await next_of(stream)

        assert changes.kind is ChangeKind.POLL
        assert standing(changes.readings[AWA].half_days) == set()


UNDATED: dict[str, Callable[[World, int], object]] = {
    "a refusal without a date": lambda world, period: world.state.refuse(period),
    "another type in place": lambda world, period: world.state.change_account(
        period, SICK, in_place=True
    ),
}


@pytest.mark.parametrize("act", UNDATED.values(), ids=UNDATED.keys())
async def test_what_no_timestamp_shows_arrives_by_sweep(
    act: Callable[[World, int], object],
) -> None:
    async with figgo_world(Readings(denied_have_cancellation_date=False)) as world:
        period = book(world)
        world.timer.elapsed += 4 * HOUR  # else the overlap of the polls shows it
        stream = world.stream()
        before = (await next_of(stream)).readings[AWA].half_days
        began = world.timer.elapsed
        world.timer.at(began + 100, lambda: act(world, period))

        changes = await next_of(stream)

        assert changes.kind is ChangeKind.SWEEP
        assert changes.readings[AWA].half_days != before
        assert world.timer.elapsed - began == pytest.approx(33 * 60, abs=60)


async def test_a_poll_that_finds_nothing_costs_three_requests() -> None:
    async with figgo_world() as world:
        for owner in range(1202, 1226):
            book(world, owner)  # known, but still within the overlap
        stream = await started(world, sweep_interval=NEVER, directory_interval=NEVER)
        began = world.timer.elapsed
        world.timer.at(began + 3600, lambda: book(world, day=date(2027, 1, 4)))

        changes = await next_of(stream)

        assert set(changes.readings) == {AWA}
        polls = len([request for request in world.figgo.log if "creationDate" in request.query])
        assert polls in range(180, 183)
        assert len(world.figgo.log) == 3 * polls + 1


async def test_the_directory_costs_one_request_a_minute() -> None:
    async with figgo_world() as world:
        stream = await started(world, sweep_interval=NEVER)
        world.timer.at(world.timer.elapsed + 600, lambda: book(world))

        await next_of(stream)

        assert len(world.requests(USERS)) in (9, 10, 11)
        assert {r.query["modifiedAt"][:6] for r in world.requests(USERS)} == {"since,"}


async def test_thousands_of_new_rows_do_not_weigh_on_the_polls_that_follow() -> None:
    async with figgo_world(page=50, allowance=None) as world:
        stream = await started(world, sweep_interval=NEVER, directory_interval=NEVER)
        for owner in range(1201, 1217):
            world.state.book(owner, (date(2027, 1, 1), "AM"), (date(2027, 1, 20), "PM"), SICK)
        assert len((await next_of(stream)).readings) == 16
        world.figgo.log.clear()
        world.timer.at(world.timer.elapsed + 99, lambda: book(world))

        await next_of(stream)

        pages = [r.query for r in world.requests(LEAVES) if "leavePeriod.ownerId" not in r.query]
        polls = [query for query in pages if query["paging"] == "0,50" and "creationDate" in query]
        # The first page of the last poll held news, so one more was read.
        assert len(pages) == 3 * len(polls) + 1
        assert len(polls) in (5, 6)


async def test_names_are_requested_for_shown_establishments_only_and_by_no_poll() -> None:
    async with figgo_world() as world:
        world.scope = replace(
            world.scope, hidden=PARIS_ONLY, shown=frozenset({LegalEntityID(REUNION)})
        )
        stream = world.stream()
        book(world, AWA)
        book(world, ROSE)
        sweep = await next_of(stream)
        world.timer.at(100, lambda: book(world, AWA, date(2027, 1, 4)))
        world.timer.at(100, lambda: book(world, ROSE, date(2027, 1, 4)))
        poll = await next_of(stream)

        for changes in (sweep, poll):
            assert {row.account_name for row in changes.readings[AWA].half_days} == {None}
            assert {row.account_name for row in changes.readings[ROSE].half_days} == {"RTT"}
        for request in world.requests(LEAVES):
            fields = request.query["fields"]
            assert "comment" not in fields.lower()
            if "name" in fields:
                asked = map(int, request.query["leavePeriod.ownerId"].split(","))
                assert {world.state.person(who).legal_entity for who in asked} == {REUNION}
                assert "creationDate" not in request.query
        assert any("name" in request.query["fields"] for request in world.requests(LEAVES))


async def test_a_cancellation_counts_whatever_the_day_of_the_absence() -> None:
    async with figgo_world() as world:
        period = book(world, AWA, date(2024, 2, 5))
        stream = await started(world, sweep_interval=NEVER)
        world.timer.at(100, lambda: world.state.cancel(period))

        changes = await next_of(stream)

        assert {(row.moment.day, row.active) for row in changes.readings[AWA].half_days} == {
            (date(2024, 2, 5), False)
        }
        assert changes.readings[AWA].since <= date(2024, 2, 5)


async def test_what_changed_while_nobody_watched_is_in_the_first_sweep_whatever_its_day() -> None:
    async with figgo_world() as world:
        period = book(world, AWA, date(2024, 2, 5))
        watermark = (await started(world)).watermark
        assert watermark == MONDAY
        world.timer.elapsed += 10 * 24 * HOUR
        world.state.cancel(period)
        world.timer.elapsed += 10 * 24 * HOUR

        changes = await anext(world.stream(watermark))

        assert changes.kind is ChangeKind.SWEEP
        assert [row.active for row in changes.readings[AWA].half_days] == [False, False]
        assert len(changes.readings) == 25


async def test_what_was_not_acknowledged_is_delivered_again_with_what_came_since() -> None:
    async with figgo_world() as world:
        stream = await started(world, sweep_interval=NEVER)
        book(world, AWA)
        first = await anext(stream)
        book(world, BRUNO)

        second = await anext(stream)
        stream.acknowledge(first)  # too late: it changes nothing
        third = await anext(stream)
        stream.acknowledge(third)
        book(world, CHLOE)
        fourth = await anext(stream)

        assert [set(one.readings) for one in (first, second, third, fourth)] == [
            {AWA},
            {AWA, BRUNO},
            {AWA, BRUNO},
            {CHLOE},
        ]


async def test_the_watermark_advances_when_changes_are_handled_or_nothing_happens() -> None:
    async with figgo_world() as world:
        stream = world.stream()
        sweep = await anext(stream)
        assert stream.watermark is None
        stream.acknowledge(sweep)
        assert stream.watermark == sweep.watermark == MONDAY
        world.timer.at(600, lambda: book(world))

        poll = await anext(stream)

        idle = stream.watermark
        assert idle is not None
        assert MONDAY + timedelta(seconds=560) < idle < poll.watermark <= world.now()
        stream.acknowledge(poll)
        assert stream.watermark == poll.watermark


async def test_a_sweep_that_was_not_acknowledged_comes_again_before_any_poll() -> None:
    async with figgo_world() as world:
        stream = world.stream()
        first = await anext(stream)
        book(world)

        second = await anext(stream)

        assert (first.kind, second.kind) == (ChangeKind.SWEEP, ChangeKind.SWEEP)
        assert standing(second.readings[AWA].half_days) == world.standing(AWA)
        assert POLL.total_seconds() <= world.timer.elapsed < 40


async def test_a_change_between_the_polls_and_the_window_of_a_sweep_is_not_lost() -> None:
    async with figgo_world() as world:
        period = book(world)
        stream = world.stream()
        world.figgo.faults.order(
            InsertDuringPaging(lambda: world.state.approve(period)),
            path=LEAVES,
            when=lambda request: "cancellationDate" in request.query,
        )
        world.figgo.faults.order(
            InsertDuringPaging(lambda: book(world, BRUNO)),
            path=LEAVES,
            when=lambda request: (
                "cancellationDate" not in request.query
                and "creationDate" not in request.query
                and "leavePeriod.confirmationDate" not in request.query
            ),
        )

        sweep = await next_of(stream)
        poll = await next_of(stream)

        assert world.figgo.faults.pending == []
        assert standing(sweep.readings[AWA].half_days) == world.standing(AWA)
        assert standing(poll.readings[BRUNO].half_days) == world.standing(BRUNO) != set()


async def test_a_change_during_the_read_that_a_poll_brings_about_is_not_lost() -> None:
    async with figgo_world() as world:
        stream = await started(world, sweep_interval=NEVER)
        period = book(world)
        world.figgo.faults.order(
            InsertDuringPaging(lambda: world.state.approve(period)),
            path=LEAVES,
            when=lambda request: "leavePeriod.ownerId" in request.query,
        )

        first = await next_of(stream)
        second = await next_of(stream)

        assert {row.confirmed for row in first.readings[AWA].half_days} == {False}
        assert {row.confirmed for row in second.readings[AWA].half_days} == {True}


@pytest.mark.parametrize("asked_about", [ROSE, AWA], ids=["before his turn", "in his turn"])
async def test_somebody_who_moves_during_a_sweep_does_not_appear_without_absences(
    asked_about: EmployeeID,
) -> None:
    async with figgo_world() as world:
        world.scope = replace(
            world.scope, hidden=frozenset({LegalEntityID(REUNION)}), shown=PARIS_ONLY
        )
        book(world, AWA)
        # The hidden establishments, to which he moves, are asked about first.
        world.figgo.faults.order(
            InsertDuringPaging(lambda: world.state.move(AWA, REUNION)),
            path=LEAVES,
            when=lambda request: (
                str(asked_about) in request.query.get("leavePeriod.ownerId", "").split(",")
            ),
        )

        changes = await anext(world.stream())

        assert world.figgo.faults.pending == []
        assert changes.directory.employees[AWA].legal_entity == REUNION
        assert standing(changes.readings[AWA].half_days) == world.standing(AWA) != set()
        assert {row.account_name for row in changes.readings[AWA].half_days} == {None}


def _large_company() -> AbstractAsyncContextManager[World]:
    """Open a company of which a sweep takes minutes: some fifty questions, thirty a minute."""
    company = big_company(400, 1600, 5, first_day=date(2026, 11, 24))
    return figgo_world(company=company, page=200, allowance=None)


@pytest.mark.parametrize("during", ["the first sweep", "a later one"])
async def test_a_sweep_of_a_company_that_never_stops_booking_comes_to_its_end(during: str) -> None:
    async with _large_company() as world:
        stream = world.stream()
        begins = 0.0
        if during == "a later one":
            await next_of(stream)
            begins = world.timer.elapsed + timedelta(minutes=32).total_seconds()
        numbers = iter(range(10_000))

        def books() -> None:
            number = next(numbers)
            day = date(2028, 1, 1) + timedelta(days=number)
            book(world, 1 + number * 7 % 400, day, SICK)

        fault = InsertDuringPaging(books)
        world.timer.at(begins, lambda: world.figgo.faults.order(fault, path=LEAVES, times=10_000))

        async with asyncio.timeout(60):
            while (changes := await next_of(stream)).kind is not ChangeKind.SWEEP:
                pass

        assert len(changes.readings) == 400


async def test_a_sweep_keeps_no_change_waiting_and_tells_nothing_that_is_older() -> None:
    async with _large_company() as world:
        stream = await started(world, directory_interval=NEVER)
        first, last = EmployeeID(1), EmployeeID(400)
        sweeps = world.timer.elapsed + timedelta(minutes=33).total_seconds()
        for at, who, day in ((60, first, date(2028, 1, 3)), (61, last, date(2028, 1, 4))):
            world.timer.at(sweeps + at, lambda who=who, day=day: book(world, who, day))

        waited = {}
        while (changes := await next_of(stream)).kind is ChangeKind.POLL:
            waited |= dict.fromkeys(changes.readings, world.timer.elapsed - sweeps - 60)

        assert waited.keys() == {first, last}
        assert max(waited.values()) < 2 * POLL.total_seconds()
        assert world.timer.elapsed - sweeps > 100, "the sweep went on long afterwards"
        for who in (first, last):
            assert standing(changes.readings[who].half_days) == world.standing(who)
        assert len(changes.readings) == 400


@pytest.mark.parametrize(
    ("pause", "goes_on"), [(timedelta(), True), (timedelta(hours=1), False)], ids=str
)
async def test_a_sweep_that_was_interrupted_goes_on_unless_it_knows_old_things(
    pause: timedelta, *, goes_on: bool
) -> None:
    async with _large_company() as world:
        world.figgo.faults.order(
            HtmlError(503),
            path=LEAVES,
            when=lambda request: "399" in request.query.get("leavePeriod.ownerId", "").split(","),
        )
        stream = world.stream()
        with pytest.raises(TransientError):
            await anext(stream)
        whole = len(world.requests(LEAVES))
        world.timer.elapsed += pause.total_seconds()

        changes = await next_of(stream)

        assert (changes.kind, len(changes.readings)) == (ChangeKind.SWEEP, 400)
        more = len(world.requests(LEAVES)) - whole
        assert more < 10 if goes_on else more >= whole > 20
