"""What the stream of changes promises: nothing missed, nothing taken for known too early."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from figgo_world import (
    BOTH,
    ESTABLISHMENTS,
    LEAVES,
    MONDAY,
    NOBODY,
    PARIS_ONLY,
    POLL,
    USERS,
    World,
    figgo_world,
    ids,
    reading,
    standing,
)
from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.errors import CredentialError, PermanentError, Reason, TransientError
from figgosync.figgo.changes import ChangeKind, Changes, ChangeStream, StreamMode
from figgosync.figgo.schedule import Pace
from figgosync.figgo.scope import Rest
from figgosync_sim.company import PAID_LEAVE, PARIS, REUNION, RTT, SICK
from figgosync_sim.faults import Answer, DropAfter, HtmlError
from figgosync_sim.figgo import DEFAULT_KEY, AccountForm, Readings
from figgosync_sim.figgo.misbehaviour import InsertDuringPaging
from figgosync_sim.organisation import Establishment

AWA, BRUNO, CHLOE, ROSE = (EmployeeID(number) for number in (1202, 1203, 1204, 1219))
DECEMBER = date(2026, 12, 7)
NEVER = timedelta(days=365)
HOUR = 3600


def _book(world: World, owner: int = AWA, day: date = DECEMBER, account: int = RTT) -> int:
    return world.state.book(owner, (day, "AM"), (day, "PM"), account)


async def _next(stream: ChangeStream) -> Changes:
    """Return what comes next, and acknowledge it."""
    changes = await anext(stream)
    stream.acknowledge(changes)
    return changes


async def _started(world: World, **pace: timedelta) -> ChangeStream:
    """Return a stream whose first sweep is handled, with nothing left in the log."""
    stream = world.stream(**pace)
    await _next(stream)
    world.figgo.log.clear()
    return stream


async def test_the_first_changes_are_a_sweep_of_everybody_in_scope() -> None:
    async with figgo_world() as world:
        _book(world, AWA)
        _book(world, ROSE)
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
        stream = await _started(world, sweep_interval=NEVER)
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

            changes = await _next(stream)

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
        stream = await _started(world, sweep_interval=NEVER)
        for minutes in (3, 9, 15):
            world.timer.at(
                minutes * 60, lambda day=minutes: _book(world, AWA, date(2027, 1, day), SICK)
            )

        for count in (1, 2, 3):
            changes = await _next(stream)
            assert len(standing(changes.readings[AWA].half_days)) == 2 * count


async def test_a_refusal_arrives_by_poll_where_figgo_dates_it() -> None:
    async with figgo_world() as world:
        period = _book(world)
        stream = await _started(world, sweep_interval=NEVER)
        world.timer.at(100, lambda: world.state.refuse(period))

        changes = await _next(stream)

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
        period = _book(world)
        world.timer.elapsed += 4 * HOUR  # else the overlap of the polls shows it
        stream = world.stream()
        before = (await _next(stream)).readings[AWA].half_days
        began = world.timer.elapsed
        world.timer.at(began + 100, lambda: act(world, period))

        changes = await _next(stream)

        assert changes.kind is ChangeKind.SWEEP
        assert changes.readings[AWA].half_days != before
        assert world.timer.elapsed - began == pytest.approx(33 * 60, abs=60)


async def test_a_poll_that_finds_nothing_costs_three_requests() -> None:
    async with figgo_world() as world:
        for owner in range(1202, 1226):
            _book(world, owner)  # known, but still within the overlap
        stream = await _started(world, sweep_interval=NEVER, directory_interval=NEVER)
        began = world.timer.elapsed
        world.timer.at(began + 3600, lambda: _book(world, day=date(2027, 1, 4)))

        changes = await _next(stream)

        assert set(changes.readings) == {AWA}
        polls = len([request for request in world.figgo.log if "creationDate" in request.query])
        assert polls in range(180, 183)
        assert len(world.figgo.log) == 3 * polls + 1


async def test_the_directory_costs_one_request_a_minute() -> None:
    async with figgo_world() as world:
        stream = await _started(world, sweep_interval=NEVER)
        world.timer.at(world.timer.elapsed + 600, lambda: _book(world))

        await _next(stream)

        assert len(world.requests(USERS)) in (9, 10, 11)
        assert {r.query["modifiedAt"][:6] for r in world.requests(USERS)} == {"since,"}


async def test_thousands_of_new_rows_do_not_weigh_on_the_polls_that_follow() -> None:
    async with figgo_world(page=50, allowance=None) as world:
        stream = await _started(world, sweep_interval=NEVER, directory_interval=NEVER)
        for owner in range(1201, 1217):
            world.state.book(owner, (date(2027, 1, 1), "AM"), (date(2027, 1, 20), "PM"), SICK)
        assert len((await _next(stream)).readings) == 16
        world.figgo.log.clear()
        world.timer.at(world.timer.elapsed + 99, lambda: _book(world))

        await _next(stream)

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
        _book(world, AWA)
        _book(world, ROSE)
        sweep = await _next(stream)
        world.timer.at(100, lambda: _book(world, AWA, date(2027, 1, 4)))
        world.timer.at(100, lambda: _book(world, ROSE, date(2027, 1, 4)))
        poll = await _next(stream)

        for changes in (sweep, poll):
            assert {row.account_name for row in changes.readings[AWA].half_days} == {None}
            assert {row.account_name for row in changes.readings[ROSE].half_days} == {"RTT"}
        for request in world.requests(LEAVES):
            fields = request.query["fields"]
            assert "comment" not in fields.lower()
            if "name" in fields:
                people = (
                    request.query.get("leavePeriod.owner.legalEntityId"),
                    request.query.get("leavePeriod.ownerId"),
                )
                assert people in {(str(REUNION), None), (None, str(ROSE))}
                assert "creationDate" not in request.query
        assert any("name" in request.query["fields"] for request in world.requests(LEAVES))


async def test_a_cancellation_counts_whatever_the_day_of_the_absence() -> None:
    async with figgo_world() as world:
        period = _book(world, AWA, date(2024, 2, 5))
        stream = await _started(world, sweep_interval=NEVER)
        world.timer.at(100, lambda: world.state.cancel(period))

        changes = await _next(stream)

        assert {(row.moment.day, row.active) for row in changes.readings[AWA].half_days} == {
            (date(2024, 2, 5), False)
        }
        assert changes.readings[AWA].since <= date(2024, 2, 5)


async def test_what_changed_while_nobody_watched_is_in_the_first_sweep_whatever_its_day() -> None:
    async with figgo_world() as world:
        period = _book(world, AWA, date(2024, 2, 5))
        watermark = (await _started(world)).watermark
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
        stream = await _started(world, sweep_interval=NEVER)
        _book(world, AWA)
        first = await anext(stream)
        _book(world, BRUNO)

        second = await anext(stream)
        stream.acknowledge(first)  # too late: it changes nothing
        third = await anext(stream)
        stream.acknowledge(third)
        _book(world, CHLOE)
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
        world.timer.at(600, lambda: _book(world))

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
        _book(world)

        second = await anext(stream)

        assert (first.kind, second.kind) == (ChangeKind.SWEEP, ChangeKind.SWEEP)
        assert standing(second.readings[AWA].half_days) == world.standing(AWA)
        assert POLL.total_seconds() <= world.timer.elapsed < 40


async def test_a_change_between_the_polls_and_the_window_of_a_sweep_is_not_lost() -> None:
    async with figgo_world() as world:
        period = _book(world)
        stream = world.stream()
        world.figgo.faults.order(
            InsertDuringPaging(lambda: world.state.approve(period)),
            path=LEAVES,
            when=lambda request: "cancellationDate" in request.query,
        )
        world.figgo.faults.order(
            InsertDuringPaging(lambda: _book(world, BRUNO)),
            path=LEAVES,
            when=lambda request: (
                "cancellationDate" not in request.query
                and "creationDate" not in request.query
                and "leavePeriod.confirmationDate" not in request.query
            ),
        )

        sweep = await _next(stream)
        poll = await _next(stream)

        assert world.figgo.faults.pending == []
        assert standing(sweep.readings[AWA].half_days) == world.standing(AWA)
        assert standing(poll.readings[BRUNO].half_days) == world.standing(BRUNO) != set()


async def test_a_change_during_the_read_that_a_poll_brings_about_is_not_lost() -> None:
    async with figgo_world() as world:
        stream = await _started(world, sweep_interval=NEVER)
        period = _book(world)
        world.figgo.faults.order(
            InsertDuringPaging(lambda: world.state.approve(period)),
            path=LEAVES,
            when=lambda request: "leavePeriod.ownerId" in request.query,
        )

        first = await _next(stream)
        second = await _next(stream)

        assert {row.confirmed for row in first.readings[AWA].half_days} == {False}
        assert {row.confirmed for row in second.readings[AWA].half_days} == {True}


async def test_somebody_who_moves_during_a_sweep_does_not_appear_without_absences() -> None:
    async with figgo_world() as world:
        world.scope = replace(
            world.scope, hidden=frozenset({LegalEntityID(REUNION)}), shown=PARIS_ONLY
        )
        _book(world, AWA)
        # The hidden establishments are asked about first: he is in neither answer.
        world.figgo.faults.order(
            InsertDuringPaging(lambda: world.state.move(AWA, REUNION)),
            path=LEAVES,
            when=lambda request: request.query.get("leavePeriod.owner.legalEntityId") == "4",
        )

        changes = await anext(world.stream())

        assert world.figgo.faults.pending == []
        assert changes.directory.employees[AWA].legal_entity == REUNION
        assert standing(changes.readings[AWA].half_days) == world.standing(AWA) != set()
        assert {row.account_name for row in changes.readings[AWA].half_days} == {None}


PERSONNEL: dict[str, tuple[Callable[[World], object], frozenset[EmployeeID]]] = {
    "another address": (lambda world: world.state.change_mail(AWA, "awa@example.org"), ids(AWA)),
    "another login": (lambda world: world.state.change_login(AWA, "awa"), ids(AWA)),
    "the end of a contract": (
        lambda world: world.state.end_contract(AWA, date(2026, 12, 31)),
        ids(AWA),
    ),
    "a move out of scope": (lambda world: world.state.move(AWA, REUNION), ids()),
    "a move into scope": (lambda world: world.state.move(ROSE, PARIS), ids(ROSE)),
}


@pytest.mark.parametrize(("act", "concerned"), PERSONNEL.values(), ids=PERSONNEL.keys())
async def test_news_of_people_arrive_within_a_poll_after_a_minute(
    act: Callable[[World], object], concerned: frozenset[EmployeeID]
) -> None:
    async with figgo_world() as world:
        world.scope = replace(world.scope, shown=PARIS_ONLY)
        _book(world, AWA)
        _book(world, ROSE)
        stream = await _started(world, sweep_interval=NEVER)
        before = world.timer.elapsed
        act(world)

        changes = await _next(stream)

        assert changes.kind is ChangeKind.POLL
        assert set(changes.readings) == concerned
        for who in concerned:
            assert standing(changes.readings[who].half_days) == world.standing(who) != set()
        person = world.state.people[ROSE if ROSE in concerned else AWA]
        known = changes.directory.employees[EmployeeID(person.id)]
        assert (known.mail, known.login, known.legal_entity, known.contract_end) == (
            person.mail,
            person.login,
            person.legal_entity,
            person.contract_end,
        )
        assert world.timer.elapsed - before <= 90


async def test_a_newcomer_is_known_as_soon_as_he_books_an_absence() -> None:
    async with figgo_world() as world:
        stream = await _started(world, sweep_interval=NEVER, directory_interval=NEVER)
        zoe = EmployeeID(world.state.hire("Zoé", "Adam", PARIS, mail="zoe.adam@societe.example"))
        _book(world, zoe)

        changes = await _next(stream)

        assert changes.directory.employees[zoe].mail == "zoe.adam@societe.example"
        assert standing(changes.readings[zoe].half_days) == world.standing(zoe)


async def test_somebody_who_moved_into_scope_is_known_as_soon_as_he_books_an_absence() -> None:
    async with figgo_world() as world:
        world.scope = replace(world.scope, shown=PARIS_ONLY)
        stream = await _started(world, sweep_interval=NEVER, directory_interval=NEVER)
        world.state.move(ROSE, PARIS)
        _book(world, ROSE)

        changes = await _next(stream)

        assert changes.directory.employees[ROSE].legal_entity == PARIS
        assert standing(changes.readings[ROSE].half_days) == world.standing(ROSE) != set()


async def test_people_arrive_even_where_figgo_does_not_list_them_by_time() -> None:
    async with figgo_world() as world:
        world.figgo.faults.order(
            Answer(400), path=USERS, when=lambda request: "modifiedAt" in request.query, times=99
        )
        stream = await _started(world, sweep_interval=NEVER)
        world.state.change_mail(AWA, "awa@example.org")

        changes = await _next(stream)

        assert changes.directory.employees[AWA].mail == "awa@example.org"
        assert stream.mode is StreamMode.POLLING


async def test_a_refused_poll_leaves_sweeps_at_a_shorter_interval_until_polls_work() -> None:
    async with figgo_world(Readings(since_refused=True)) as world:
        stream = await _started(world)
        began = world.timer.elapsed
        assert stream.mode is StreamMode.SWEEPS_ONLY
        assert stream.degradation is not None
        assert "creationDate" in stream.degradation
        world.timer.at(began + 60, lambda: _book(world))

        changes = await _next(stream)

        assert changes.kind is ChangeKind.SWEEP
        assert standing(changes.readings[AWA].half_days) == world.standing(AWA)
        assert world.timer.elapsed - began == pytest.approx(5 * 60 * 1.1, abs=10)
        world.figgo.simulator.readings = Readings()
        await _next(stream)
        assert (stream.mode, stream.degradation) == (StreamMode.POLLING, None)
        _book(world, BRUNO)
        assert (await _next(stream)).kind is ChangeKind.POLL


async def test_polls_that_are_refused_later_bring_a_sweep_about_soon() -> None:
    async with figgo_world() as world:
        stream = await _started(world)
        began = world.timer.elapsed
        world.figgo.simulator.readings = Readings(since_refused=True)
        _book(world)

        changes = await _next(stream)

        assert changes.kind is ChangeKind.SWEEP
        assert standing(changes.readings[AWA].half_days) == world.standing(AWA)
        assert world.timer.elapsed - began <= 70
        assert stream.mode is StreamMode.SWEEPS_ONLY


async def test_polls_that_work_again_go_back_to_where_they_ended() -> None:
    async with figgo_world() as world:
        period = _book(world, AWA, date(2024, 2, 5))
        stream = await _started(world)
        world.figgo.simulator.readings = Readings(since_refused=True)
        await _next(stream)
        world.state.cancel(period)
        world.timer.elapsed += 24 * HOUR
        await _next(stream)
        world.figgo.simulator.readings = Readings()

        changes = await _next(stream)

        assert [row.active for row in changes.readings[AWA].half_days] == [False, False]


async def test_an_error_does_not_end_the_stream_and_each_one_is_waited_out_longer() -> None:
    async with figgo_world() as world:
        stream = await _started(world, sweep_interval=NEVER)
        world.figgo.faults.order(HtmlError(503), path=LEAVES, times=4)
        waits = []
        for _ in range(4):
            before = world.timer.elapsed
            with pytest.raises(TransientError):
                await anext(stream)
            waits.append(world.timer.elapsed - before)
        _book(world)
        before = world.timer.elapsed

        changes = await _next(stream)
        waits.append(world.timer.elapsed - before)

        assert standing(changes.readings[AWA].half_days) == world.standing(AWA)
        assert waits == pytest.approx([20, 33, 66, 132, 264], abs=12)


async def test_the_wait_after_errors_is_never_longer_than_minutes() -> None:
    async with figgo_world() as world:
        stream = world.stream()
        world.figgo.faults.order(Answer(404), path=ESTABLISHMENTS, times=12)
        waits = []
        for _ in range(12):
            before = world.timer.elapsed
            with pytest.raises(PermanentError):
                await anext(stream)
            waits.append(world.timer.elapsed - before)

        assert max(waits) == pytest.approx(660)


async def test_a_success_forgets_the_errors_before_it() -> None:
    async with figgo_world() as world:
        stream = await _started(world, sweep_interval=NEVER)
        for _ in range(3):
            world.figgo.faults.order(HtmlError(503), path=LEAVES)
            with pytest.raises(TransientError):
                await anext(stream)
            before = world.timer.elapsed
            _book(world, AWA, date(2027, 1, 4) + timedelta(days=int(before) // 3600), SICK)
            world.timer.elapsed += HOUR
            await _next(stream)
            world.figgo.faults.order(HtmlError(503), path=LEAVES)
            before = world.timer.elapsed
            with pytest.raises(TransientError):
                await anext(stream)
            _book(world, BRUNO, date(2027, 1, 4) + timedelta(days=int(before) // 3600), SICK)
            retried = world.timer.elapsed
            await _next(stream)
            assert world.timer.elapsed - retried < 40


async def test_a_key_that_was_revoked_and_comes_back_resumes_by_itself() -> None:
    async with figgo_world() as world:
        stream = await _started(world, sweep_interval=NEVER)
        world.state.revoke_key()
        with pytest.raises(CredentialError):
            await anext(stream)
        world.state.add_key(DEFAULT_KEY)
        _book(world)

        assert set((await _next(stream)).readings) == {AWA}


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(ESTABLISHMENTS, id="establishments"),
        pytest.param(USERS, id="users"),
        pytest.param(LEAVES, id="leaves"),
    ],
)
@pytest.mark.parametrize("nth", range(4))
@pytest.mark.parametrize("fault", [HtmlError(503), DropAfter(), Answer(429, {"Retry-After": "9"})])
async def test_a_sweep_that_fails_anywhere_tells_nothing_and_comes_again(
    path: str, nth: int, fault: HtmlError | DropAfter | Answer
) -> None:
    async with figgo_world() as world:
        _book(world, AWA)
        seen = 0

        def nth_or_later(_: object) -> bool:
            nonlocal seen
            seen += 1
            return seen > nth

        world.figgo.faults.order(fault, path=path, when=nth_or_later, times=2)
        stream = world.stream()
        failures = 0
        while True:
            try:
                changes = await anext(stream)
                break
            except TransientError:
                failures += 1

        assert failures in (1, 2) if seen > nth else failures == 0
        assert changes.kind is ChangeKind.SWEEP
        assert len(changes.readings) == 25
        assert standing(changes.readings[AWA].half_days) == world.standing(AWA)


async def test_an_establishment_that_nobody_can_see_is_named_with_the_remedy() -> None:
    async with figgo_world() as world:
        world.scope = replace(world.scope, shown=frozenset({LegalEntityID(99), LegalEntityID(98)}))
        stream = world.stream()

        with pytest.raises(PermanentError) as failure:
            await anext(stream)

        assert failure.value.reason is Reason.LEGAL_ENTITY_NOT_VISIBLE
        assert "98, 99" in failure.value.message
        assert "spec.legalEntities" in failure.value.message


async def test_one_wrong_establishment_does_not_stop_the_others() -> None:
    async with figgo_world() as world:
        world.scope = replace(world.scope, shown=BOTH | {LegalEntityID(99)})
        _book(world)

        changes = await anext(world.stream())

        assert changes.invisible == {99}
        assert len(changes.readings) == 25


@pytest.mark.parametrize("lose", ["hide_legal_entity", "hide_rows_of"])
async def test_a_right_that_is_lost_silently_is_no_cancellation(lose: str) -> None:
    async with figgo_world() as world:
        _book(world, AWA)
        _book(world, ROSE)
        stream = await _started(world)
        getattr(world.state, lose)(REUNION)

        for _ in range(3):
            changes = await _next(stream)
            assert changes.kind is ChangeKind.SWEEP
            assert changes.invisible == {REUNION}
            assert AWA in changes.readings
            assert ROSE not in changes.readings

        world.state.show_legal_entity(REUNION)
        changes = await _next(stream)
        assert changes.invisible == frozenset()
        assert standing(changes.readings[ROSE].half_days) == world.standing(ROSE)


async def test_a_figgo_that_lists_nothing_any_more_is_an_error() -> None:
    async with figgo_world() as world:
        _book(world, AWA)
        _book(world, ROSE)
        stream = await _started(world)
        for entity in (PARIS, REUNION):
            world.state.hide_rows_of(entity)

        with pytest.raises(PermanentError) as failure:
            await anext(stream)

        assert failure.value.reason is Reason.LEGAL_ENTITY_NOT_VISIBLE


async def test_rows_that_leave_with_the_window_are_no_lost_right() -> None:
    async with figgo_world() as world:
        _book(world, ROSE, date(2026, 10, 26))
        stream = await _started(world)
        world.scope = replace(world.scope, window_start=date(2026, 10, 27))

        changes = await _next(stream)

        assert changes.invisible == frozenset()
        assert changes.readings[ROSE].half_days == ()


WIDER: dict[str, Callable[[World], None]] = {
    "another establishment": lambda world: _widen(world, shown=BOTH),
    "names": lambda world: _widen(world, shown=PARIS_ONLY, hidden=NOBODY),
    "all the others": lambda world: _widen(world, rest=Rest.HIDDEN),
    "an earlier day": lambda world: _widen(world, window_start=date(2026, 1, 1)),
}


def _widen(world: World, **changes: object) -> None:
    world.scope = replace(world.scope, **changes)  # type: ignore[arg-type] # any of its fields


@pytest.mark.parametrize("widen", WIDER.values(), ids=WIDER.keys())
async def test_a_scope_that_wants_more_brings_a_sweep_about(widen: Callable[[World], None]) -> None:
    async with figgo_world() as world:
        world.scope = replace(world.scope, hidden=PARIS_ONLY, shown=NOBODY)
        stream = await _started(world)
        widen(world)

        changes = await _next(stream)

        assert changes.kind is ChangeKind.SWEEP
        assert world.timer.elapsed <= 80


async def test_a_scope_that_wants_less_costs_nothing() -> None:
    async with figgo_world() as world:
        stream = await _started(world, sweep_interval=NEVER)
        world.scope = replace(
            world.scope, shown=PARIS_ONLY, window_start=world.scope.window_start + timedelta(1)
        )
        _book(world, ROSE)
        _book(world, AWA)

        changes = await _next(stream)

        assert changes.kind is ChangeKind.POLL
        assert set(changes.readings) == {AWA}


@pytest.mark.parametrize(("rest", "named"), [(Rest.HIDDEN, False), (Rest.SHOWN, True)])
async def test_all_establishments_may_be_wanted_also_those_that_open_later(
    rest: Rest, *, named: bool
) -> None:
    async with figgo_world() as world:
        world.scope = replace(world.scope, shown=NOBODY, rest=rest)
        stream = await _started(world)
        world.state.open_establishment(Establishment(7, "ACME Lille", 2, None))
        world.state.move(AWA, 7)
        _book(world, AWA)

        stream.sweep_soon()
        changes = await _next(stream)

        assert changes.kind is ChangeKind.SWEEP
        assert len(changes.readings) == 25
        assert {row.account_name for row in changes.readings[AWA].half_days} == {
            "RTT" if named else None
        }


async def test_a_wake_polls_at_once_and_many_wakes_poll_once() -> None:
    async with figgo_world() as world:
        stream = await _started(world, sweep_interval=NEVER, directory_interval=NEVER)
        began = world.timer.elapsed

        def wake() -> None:
            _book(world)
            for _ in range(50):
                stream.wake()

        world.timer.at(began + 7, wake)

        await _next(stream)

        assert world.timer.elapsed - began == pytest.approx(7, abs=7)
        assert len(world.figgo.log) == 4


async def test_a_wake_brings_a_sweep_forward_where_polls_are_refused() -> None:
    async with figgo_world(Readings(since_refused=True)) as world:
        stream = await _started(world)
        began = world.timer.elapsed
        world.timer.at(began + 5, stream.wake)

        changes = await _next(stream)

        assert changes.kind is ChangeKind.SWEEP
        assert 50 <= world.timer.elapsed - began <= 70


async def test_another_pace_holds_from_the_next_look_on() -> None:
    async with figgo_world() as world:
        stream = await _started(world, sweep_interval=NEVER)
        stream.change_pace(Pace(timedelta(seconds=200), sweep_interval=NEVER))
        _book(world)
        before = world.timer.elapsed

        await _next(stream)

        assert world.timer.elapsed - before == pytest.approx(200, abs=10)


async def test_a_wake_does_not_shorten_the_wait_after_an_error() -> None:
    async with figgo_world() as world:
        stream = await _started(world, sweep_interval=NEVER)
        world.state.revoke_key()
        with pytest.raises(CredentialError):
            await anext(stream)
        failed_at = world.timer.elapsed
        world.timer.at(failed_at + 3, stream.wake)

        with pytest.raises(CredentialError):
            await anext(stream)

        assert world.timer.elapsed - failed_at >= 60


async def test_a_stream_that_is_stopped_in_the_middle_of_a_question_goes_on_as_if_not() -> None:
    async with figgo_world() as world:
        stream = await _started(world, sweep_interval=NEVER)
        _book(world)
        asked = asyncio.Event()
        world.figgo.faults.order(
            InsertDuringPaging(asked.set),
            path=LEAVES,
            when=lambda request: "leavePeriod.ownerId" in request.query,
        )
        waiting = asyncio.create_task(anext(stream))  # type: ignore[arg-type] # it is a coroutine
        await asked.wait()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

        assert set((await _next(stream)).readings) == {AWA}


async def test_a_masked_type_changes_nothing_about_finding_changes() -> None:
    async with figgo_world(Readings(account=AccountForm.ABSENT)) as world:
        stream = await _started(world, sweep_interval=NEVER)
        _book(world)

        (row, *_) = (await _next(stream)).readings[AWA].half_days

        assert (row.account, row.account_name, row.remote_work) == (None, None, False)


async def test_what_is_remembered_is_forgotten_once_no_question_can_bring_it_up() -> None:
    async with figgo_world() as world:
        stream = await _started(world, sweep_interval=NEVER, directory_interval=NEVER)
        for day in range(1, 29):
            world.timer.elapsed += HOUR
            _book(world, AWA, date(2027, 1, day), SICK)
            await _next(stream)

        remembered = stream._polls._seen  # noqa: SLF001 - memory cannot be seen from outside
        assert 2 * 3 <= len(remembered) <= 2 * 7


async def test_a_sweep_is_spread_in_time_and_comes_by_itself() -> None:
    async with figgo_world() as world:
        stream = await _started(world)
        began = world.timer.elapsed

        changes = await _next(stream)

        assert changes.kind is ChangeKind.SWEEP
        assert world.timer.elapsed - began == pytest.approx(30 * 60 * 1.1, abs=20)


BUDGET = {
    "a booking": (lambda world: _book(world, AWA, date(2027, 1, 4)), 4),
    "ten bookings": (
        lambda world: [_book(world, who, date(2027, 1, 4)) for who in range(1202, 1212)],
        4,
    ),
    "an approval": (lambda world: world.state.approve(max(world.state.leave_book.periods)), 4),
}


@pytest.mark.parametrize(("act", "requests"), BUDGET.values(), ids=BUDGET.keys())
async def test_a_poll_with_changes_costs_one_request_more(
    act: Callable[[World], object], requests: int
) -> None:
    async with figgo_world() as world:
        _book(world, AWA)
        stream = await _started(world, sweep_interval=NEVER, directory_interval=NEVER)
        act(world)

        await _next(stream)

        assert len(world.figgo.log) == requests


async def test_a_sweep_of_a_small_company_costs_seven_requests() -> None:
    async with figgo_world() as world:
        _book(world, AWA, account=PAID_LEAVE)

        await anext(world.stream())

        assert len(world.figgo.log) == 7
