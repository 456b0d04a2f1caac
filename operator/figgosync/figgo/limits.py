"""How fast one Figgo host may be asked."""

import asyncio
from typing import Protocol

from figgosync.figgo.timer import LoopTimer, Timer

SLOWEST = 2
"""The lowest rate, in requests a minute, that leaves room for both a burst and a refill."""

BURST_SHARE = 3
"""A third of a minute's requests may go out at once: enough for a small company's first sweep, or
for a poll and the reads that follow, while two thirds are left for a steady pace."""

KEPT_FOR_OTHERS = 4
"""Requests that those who have time leave in the bucket: one poll's worth."""

LONGEST_PATIENCE = 30.0
"""Seconds after which somebody who has time waits like everybody else; or he might for ever, where
the rate is just enough for the polls."""

LOOK_AGAIN = 0.25
"""Seconds until one who has time looks whether the others are through."""

TICK = 1e-6
"""In seconds. Less than this is what rounding leaves of a wait that is over."""


class Bucket(Protocol):
    """Where one waits for the leave to ask."""

    async def acquire(self) -> None:
        """Return when one more request may go out."""

    def pause(self, seconds: float) -> None:
        """Let nothing through for `seconds`."""


class TokenBucket:
    """Lets at most `per_minute` requests through in any sixty seconds, first come, first served.

    Lucca counts the requests of all integrations of a company together (50 a minute, verified on
    the limits page of the v5 API, assumed to hold for v3), so one bucket serves a whole host,
    whatever the number of API keys and tenants on it. The bucket starts full, holds a few
    requests and fills at the rate that is left: the promise holds for every minute, not on
    average.
    """

    def __init__(
        self, per_minute: int, *, burst: int | None = None, timer: Timer | None = None
    ) -> None:
        self._timer = timer or LoopTimer()
        self._wanted_burst = burst
        self._queue = asyncio.Lock()  # wakes its waiters in the order in which they came
        self.patient = PatientLane(self, self._timer)
        self._paused_until = 0.0
        self._counted_at = self._timer.monotonic()
        self._capacity, self._per_second = self._shares(per_minute)
        self._tokens = self._capacity

    def change_rate(self, per_minute: int) -> None:
        """Let `per_minute` requests through from now on; what was saved up stays within it."""
        self._refill()
        self._capacity, self._per_second = self._shares(per_minute)
        self._tokens = min(self._tokens, self._capacity)

    def pause(self, seconds: float) -> None:
        """Let nothing through for `seconds`: the host said that it had enough."""
        self._paused_until = max(self._paused_until, self._timer.monotonic() + seconds)

    async def acquire(self) -> None:
        """Return when one more request may go out."""
        async with self._queue:
            while (seconds := self._wait(1)) > TICK:
                await self._timer.sleep(seconds)
            self.take()

    def room_for_others_in(self) -> float:
        """Return the seconds until one may go who lets others go first, 0 or less for now."""
        kept = min(KEPT_FOR_OTHERS, self._capacity - 1)
        return max(self._wait(1 + kept), LOOK_AGAIN if self._queue.locked() else 0)

    def take(self) -> None:
        """Count a request that goes out now."""
        self._tokens -= 1

    def _shares(self, per_minute: int) -> tuple[float, float]:
        if per_minute < SLOWEST:
            raise ValueError(f"a rate of {per_minute} a minute lets nothing through")
        wanted = self._wanted_burst or per_minute // BURST_SHARE
        capacity = max(1, min(wanted, per_minute // 2))
        return float(capacity), (per_minute - capacity) / 60

    def _wait(self, tokens: float) -> float:
        """Return how long until there are so many, 0 or less for at once."""
        self._refill()
        pause = self._paused_until - self._timer.monotonic()
        return max(pause, (tokens - self._tokens) / self._per_second)

    def _refill(self) -> None:
        now = self._timer.monotonic()
        self._tokens = min(
            self._capacity, self._tokens + (now - self._counted_at) * self._per_second
        )
        self._counted_at = now


class PatientLane:
    """The way to a bucket for those who have time: a back-fill must not delay a poll.

    Whoever is here lets everybody else go first, and leaves some requests for those to come.
    """

    def __init__(self, bucket: TokenBucket, timer: Timer) -> None:
        self._bucket = bucket
        self._timer = timer
        self._lane = asyncio.Lock()

    async def acquire(self) -> None:
        """Return when one more request may go out."""
        async with self._lane:
            began = self._timer.monotonic()
            while (seconds := self._bucket.room_for_others_in()) > TICK:
                left = began + LONGEST_PATIENCE - self._timer.monotonic()
                if left <= TICK:
                    await self._bucket.acquire()
                    return
                await self._timer.sleep(min(seconds, left))
            self._bucket.take()

    def pause(self, seconds: float) -> None:
        """Let nothing through for `seconds`, on either way."""
        self._bucket.pause(seconds)
