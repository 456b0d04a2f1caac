"""How fast one Figgo host may be asked."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figgo_world import FakeTimer
from figgosync.figgo.limits import KEPT_FOR_OTHERS, TokenBucket


async def _times(bucket: TokenBucket, timer: FakeTimer, count: int) -> list[float]:
    times = []
    for _ in range(count):
        await bucket.acquire()
        times.append(timer.monotonic())
    return times


async def test_a_few_requests_go_out_at_once_and_the_rest_in_step() -> None:
    timer = FakeTimer()

    times = await _times(TokenBucket(35, burst=5, timer=timer), timer, 8)

    assert times == pytest.approx([0, 0, 0, 0, 0, 2, 4, 6])


@given(
    per_minute=st.integers(2, 60),
    burst=st.integers(1, 70),
    pauses=st.lists(st.floats(0, 90), min_size=1, max_size=60),
)
def test_no_minute_ever_holds_more_requests_than_the_rate_says(
    per_minute: int, burst: int, pauses: list[float]
) -> None:
    timer = FakeTimer()
    bucket = TokenBucket(per_minute, burst=burst, timer=timer)

    async def ask() -> list[float]:
        times = []
        for pause in pauses:
            times += await _times(bucket, timer, 3)
            await timer.sleep(pause)
        return times

    times = asyncio.run(ask())

    assert len(times) == 3 * len(pauses)
    for index, start in enumerate(times):
        assert sum(start <= time < start + 59.999 for time in times[index:]) <= per_minute


async def test_those_who_wait_are_served_in_the_order_in_which_they_came() -> None:
    timer = FakeTimer()
    bucket = TokenBucket(4, burst=1, timer=timer)
    served: list[int] = []

    async def ask(number: int) -> None:
        await bucket.acquire()
        served.append(number)

    await asyncio.gather(*(ask(number) for number in range(6)))

    assert served == [0, 1, 2, 3, 4, 5]


async def test_a_pause_stops_everything_until_it_is_over() -> None:
    timer = FakeTimer()
    bucket = TokenBucket(30, timer=timer)
    bucket.pause(45)
    bucket.pause(10)

    assert await _times(bucket, timer, 1) == pytest.approx([45])


async def test_somebody_who_gives_up_waiting_takes_nothing_and_blocks_nobody() -> None:
    class StuckTimer(FakeTimer):
        async def sleep(self, seconds: float) -> None:
            await asyncio.Event().wait()
            self.elapsed += seconds

    timer = StuckTimer()
    bucket = TokenBucket(2, burst=1, timer=timer)
    await bucket.acquire()
    waiting = asyncio.create_task(bucket.acquire())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    timer.elapsed = 60

    async with asyncio.timeout(1):
        await bucket.acquire()


async def test_a_changed_rate_holds_from_then_on_and_saves_nothing_up() -> None:
    timer = FakeTimer()
    bucket = TokenBucket(60, burst=10, timer=timer)
    bucket.change_rate(4)

    times = await _times(bucket, timer, 4)

    assert times == pytest.approx([0, 0, 30, 60])


@pytest.mark.parametrize("rate", [1, 0, -5])
def test_a_rate_that_lets_nothing_through_is_refused(rate: int) -> None:
    with pytest.raises(ValueError, match="nothing"):
        TokenBucket(rate)


async def test_whoever_has_time_goes_evenly_and_leaves_a_polls_worth_to_the_others() -> None:
    timer = FakeTimer()
    bucket = TokenBucket(30, burst=10, timer=timer)
    times = []
    for _ in range(28):
        await bucket.patient.acquire()
        times.append(timer.monotonic())
    assert times[:26] == pytest.approx([2 * n for n in range(26)])
    assert times[26:] == pytest.approx([60, 62]), "when the first of the minute are over"
    assert await _times(bucket, timer, 4) == pytest.approx([62] * 4), "a poll still goes at once"


@given(
    per_minute=st.integers(2, 60),
    acts=st.lists(
        st.tuples(st.booleans(), st.integers(1, 20), st.floats(0, 40)), min_size=1, max_size=20
    ),
)
def test_no_minute_holds_more_whoever_asks(
    per_minute: int, acts: list[tuple[bool, int, float]]
) -> None:
    timer = FakeTimer()
    bucket = TokenBucket(per_minute, timer=timer)

    async def ask() -> list[float]:
        times = []
        for has_time, count, pause in acts:
            for _ in range(count):
                await (bucket.patient if has_time else bucket).acquire()
                times.append(timer.monotonic())
            await timer.sleep(pause)
        return times

    times = asyncio.run(ask())
    for index, start in enumerate(times):
        assert sum(start <= time < start + 59.999 for time in times[index:]) <= per_minute


@pytest.mark.parametrize("per_minute", [12, 30, 50])
async def test_whoever_has_time_gets_all_that_polls_leave_and_delays_none(per_minute: int) -> None:
    timer = FakeTimer()
    bucket = TokenBucket(per_minute, timer=timer)
    sent, waits = 0, []
    poll_at = 20.0
    while timer.monotonic() < 3600:
        if timer.monotonic() >= poll_at:
            began = timer.monotonic()
            for _ in range(3):
                await bucket.acquire()
            waits.append(timer.monotonic() - began)
            poll_at, sent = began + 20, sent + 3
        await bucket.patient.acquire()
        sent += 1
    assert sent / 60 >= per_minute - KEPT_FOR_OTHERS
    assert max(waits) < 6


async def test_whoever_has_time_waits_until_nobody_else_does() -> None:
    timer = FakeTimer()
    bucket = TokenBucket(30, burst=10, timer=timer)
    order: list[str] = []

    async def ask(name: str, count: int) -> None:
        for _ in range(count):
            await (bucket.patient if name == "patient" else bucket).acquire()
            order.append(name)

    await ask("poll", 10)
    await asyncio.gather(ask("poll", 3), ask("patient", 1))
    assert order[10:] == ["poll"] * 3 + ["patient"]


async def test_whoever_has_time_is_not_kept_waiting_for_ever() -> None:
    timer = FakeTimer()
    bucket = TokenBucket(30, burst=10, timer=timer)
    served: list[float] = []

    async def patient() -> None:
        for _ in range(3):
            await bucket.patient.acquire()
            served.append(timer.monotonic())

    asking = asyncio.create_task(patient())
    while not asking.done():  # others take whatever there is
        await bucket.acquire()
        await asyncio.sleep(0)
    assert served[-1] <= 3 * 40


async def test_a_pause_holds_on_both_ways() -> None:
    timer = FakeTimer()
    bucket = TokenBucket(30, timer=timer)
    bucket.patient.pause(7)
    await bucket.acquire()
    assert timer.monotonic() == pytest.approx(7)
