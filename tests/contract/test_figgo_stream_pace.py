"""How often the stream of changes asks, and how it goes on after errors and refusals."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from figgo_world import (
    AWA,
    BRUNO,
    ESTABLISHMENTS,
    HOUR,
    LEAVES,
    NEVER,
    USERS,
    World,
    book,
    figgo_world,
    next_of,
    standing,
    started,
)
from figgosync.errors import CredentialError, PermanentError, TransientError
from figgosync.figgo.changes import ChangeKind, StreamMode
from figgosync.figgo.schedule import Pace
from figgosync_sim.company import PAID_LEAVE, SICK
from figgosync_sim.faults import Answer, DropAfter, HtmlError
from figgosync_sim.figgo import DEFAULT_KEY, AccountForm, Readings
from figgosync_sim.figgo.misbehaviour import InsertDuringPaging


async def test_a_refused_poll_leaves_sweeps_at_a_shorter_interval_until_polls_work() -> None:
    async with figgo_world(Readings(since_refused=True)) as world:
        stream = await started(world)
        began = world.timer.elapsed
        assert stream.mode is StreamMode.SWEEPS_ONLY
        assert stream.degradation is not None
        assert "creationDate" in stream.degradation
        world.timer.at(began + 60, lambda: book(world))

        changes = await next_of(stream)

        assert changes.kind is ChangeKind.SWEEP
        assert standing(changes.readings[AWA].half_days) == world.standing(AWA)
        assert world.timer.elapsed - began == pytest.approx(5 * 60 * 1.1, abs=10)
        world.figgo.simulator.readings = Readings()
        await next_of(stream)
        assert (stream.mode, stream.degradation) == (StreamMode.POLLING, None)
        book(world, BRUNO)
        assert (await next_of(stream)).kind is ChangeKind.POLL


async def test_polls_that_are_refused_later_bring_a_sweep_about_soon() -> None:
    async with figgo_world() as world:
        stream = await started(world)
        began = world.timer.elapsed
        world.figgo.simulator.readings = Readings(since_refused=True)
        book(world)

        changes = await next_of(stream)

        assert changes.kind is ChangeKind.SWEEP
        assert standing(changes.readings[AWA].half_days) == world.standing(AWA)
        assert world.timer.elapsed - began <= 70
        assert stream.mode is StreamMode.SWEEPS_ONLY


async def test_polls_that_work_again_go_back_to_where_they_ended() -> None:
    async with figgo_world() as world:
        period = book(world, AWA, date(2024, 2, 5))
        stream = await started(world)
        world.figgo.simulator.readings = Readings(since_refused=True)
        await next_of(stream)
        world.state.cancel(period)
        world.timer.elapsed += 24 * HOUR
        await next_of(stream)
        world.figgo.simulator.readings = Readings()

        changes = await next_of(stream)

        assert [row.active for row in changes.readings[AWA].half_days] == [False, False]


async def test_an_error_does_not_end_the_stream_and_each_one_is_waited_out_longer() -> None:
    async with figgo_world() as world:
        stream = await started(world, sweep_interval=NEVER)
        world.figgo.faults.order(HtmlError(503), path=LEAVES, times=4)
        waits = []
        for _ in range(4):
            before = world.timer.elapsed
            with pytest.raises(TransientError):
                await anext(stream)
            waits.append(world.timer.elapsed - before)
        book(world)
        before = world.timer.elapsed

        changes = await next_of(stream)
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
        stream = await started(world, sweep_interval=NEVER)
        for _ in range(3):
            world.figgo.faults.order(HtmlError(503), path=LEAVES)
            with pytest.raises(TransientError):
                await anext(stream)
            before = world.timer.elapsed
            book(world, AWA, date(2027, 1, 4) + timedelta(days=int(before) // 3600), SICK)
            world.timer.elapsed += HOUR
            await next_of(stream)
            world.figgo.faults.order(HtmlError(503), path=LEAVES)
            before = world.timer.elapsed
            with pytest.raises(TransientError):
                await anext(stream)
            book(world, BRUNO, date(2027, 1, 4) + timedelta(days=int(before) // 3600), SICK)
            retried = world.timer.elapsed
            await next_of(stream)
            assert world.timer.elapsed - retried < 40


async def test_a_key_that_was_revoked_and_comes_back_resumes_by_itself() -> None:
    async with figgo_world() as world:
        stream = await started(world, sweep_interval=NEVER)
        world.state.revoke_key()
        with pytest.raises(CredentialError):
            await anext(stream)
        world.state.add_key(DEFAULT_KEY)
        book(world)

        assert set((await next_of(stream)).readings) == {AWA}


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
        book(world, AWA)
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


async def test_a_wake_polls_at_once_and_many_wakes_poll_once() -> None:
    async with figgo_world() as world:
        stream = await started(world, sweep_interval=NEVER, directory_interval=NEVER)
        began = world.timer.elapsed

        def wake() -> None:
            book(world)
            for _ in range(50):
                stream.wake()

        world.timer.at(began + 7, wake)

        await next_of(stream)

        assert world.timer.elapsed - began == pytest.approx(7, abs=7)
        assert len(world.figgo.log) == 4


async def test_a_wake_brings_a_sweep_forward_where_polls_are_refused() -> None:
    async with figgo_world(Readings(since_refused=True)) as world:
        stream = await started(world)
        began = world.timer.elapsed
        world.timer.at(began + 5, stream.wake)

        changes = await next_of(stream)

        assert changes.kind is ChangeKind.SWEEP
        assert 50 <= world.timer.elapsed - began <= 70


async def test_another_pace_holds_from_the_next_look_on() -> None:
    async with figgo_world() as world:
        stream = await started(world, sweep_interval=NEVER)
        stream.change_pace(Pace(timedelta(seconds=200), sweep_interval=NEVER))
        book(world)
        before = world.timer.elapsed

        await next_of(stream)

        assert world.timer.elapsed - before == pytest.approx(200, abs=10)


async def test_a_wake_does_not_shorten_the_wait_after_an_error() -> None:
    async with figgo_world() as world:
        stream = await started(world, sweep_interval=NEVER)
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
        stream = await started(world, sweep_interval=NEVER)
        book(world)
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

        assert set((await next_of(stream)).readings) == {AWA}


async def test_a_masked_type_changes_nothing_about_finding_changes() -> None:
    async with figgo_world(Readings(account=AccountForm.ABSENT)) as world:
        stream = await started(world, sweep_interval=NEVER)
        book(world)

        (row, *_) = (await next_of(stream)).readings[AWA].half_days

        assert (row.account, row.account_name, row.remote_work) == (None, None, False)


async def test_what_is_remembered_is_forgotten_once_no_question_can_bring_it_up() -> None:
    async with figgo_world() as world:
        stream = await started(world, sweep_interval=NEVER, directory_interval=NEVER)
        for day in range(1, 29):
            world.timer.elapsed += HOUR
            book(world, AWA, date(2027, 1, day), SICK)
            await next_of(stream)

        remembered = stream._polls._seen  # noqa: SLF001 - memory cannot be seen from outside
        assert 2 * 3 <= len(remembered) <= 2 * 7


async def test_a_sweep_is_spread_in_time_and_comes_by_itself() -> None:
    async with figgo_world() as world:
        stream = await started(world)
        began = world.timer.elapsed

        changes = await next_of(stream)

        assert changes.kind is ChangeKind.SWEEP
        assert world.timer.elapsed - began == pytest.approx(30 * 60 * 1.1, abs=20)


BUDGET = {
    "a booking": (lambda world: book(world, AWA, date(2027, 1, 4)), 4),
    "ten bookings": (
        lambda world: [book(world, who, date(2027, 1, 4)) for who in range(1202, 1212)],
        4,
    ),
    "an approval": (lambda world: world.state.approve(max(world.state.leave_book.periods)), 4),
}


@pytest.mark.parametrize(("act", "requests"), BUDGET.values(), ids=BUDGET.keys())
async def test_a_poll_with_changes_costs_one_request_more(
    act: Callable[[World], object], requests: int
) -> None:
    async with figgo_world() as world:
        book(world, AWA)
        stream = await started(world, sweep_interval=NEVER, directory_interval=NEVER)
        act(world)

        await next_of(stream)

        assert len(world.figgo.log) == requests


async def test_a_sweep_of_a_small_company_costs_seven_requests() -> None:
    async with figgo_world() as world:
        book(world, AWA, account=PAID_LEAVE)

        await anext(world.stream())

        assert len(world.figgo.log) == 7
