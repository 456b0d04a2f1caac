"""How fast one Figgo host may be asked."""

import asyncio
from collections import deque
from typing import Protocol

from figgosync.figgo.timer import LoopTimer, Timer

SLOWEST = 2
"""The lowest rate, in requests a minute, that leaves room for both a burst and a refill."""

BURST_SHARE = 3
"""A third of a minute's requests may go out at once: enough for a small company's first sweep, or
for a poll and the reads that follow, while two thirds are left for a steady pace."""

KEPT_FOR_OTHERS = 4
"""Requests of any minute that those who have time leave to the others: one poll's worth. All the
rest is theirs, the share of a burst that nobody needed among it."""

A_MINUTE = 60.0

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
    average. What it leaves of a minute goes to those in the `patient` lane; for the sake of both
    every request of the last minute is counted.
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
        self._sent: deque[float] = deque()
        self._per_minute = per_minute
        self._capacity, self._per_second = self._shares(per_minute)
        self._tokens = self._capacity

    def change_rate(self, per_minute: int) -> None:
        """Let `per_minute` requests through from now on; what was saved up stays within it."""
        self._refill()
        self._per_minute = per_minute
        self._capacity, self._per_second = self._shares(per_minute)
        self._tokens = min(self._tokens, self._capacity)

    def pause(self, seconds: float) -> None:
        """Let nothing through for `seconds`: the host said that it had enough."""
        self._paused_until = max(self._paused_until, self._timer.monotonic() + seconds)

    async def acquire(self) -> None:
        """Return when one more request may go out."""
        async with self._queue:
            while (seconds := self._wait()) > TICK:
                await self._timer.sleep(seconds)
            self._tokens -= 1
            self.note_sent()

    @property
    def pace(self) -> float:
        """How many seconds lie between requests that are spread evenly over a minute."""
        return A_MINUTE / self._per_minute

    def room_for_others_in(self) -> float:
        """Return the seconds until one may go who lets others go first, 0 or less for now."""
        kept = min(KEPT_FOR_OTHERS, self._per_minute // BURST_SHARE)
        return max(
            self._paused_for(),
            self._minute_has_room_in(kept),
            LOOK_AGAIN if self._queue.locked() else 0,
        )

    def note_sent(self) -> None:
        """Count a request that goes out now."""
        self._sent.append(self._timer.monotonic())

    def _shares(self, per_minute: int) -> tuple[float, float]:
        if per_minute < SLOWEST:
            raise ValueError(f"a rate of {per_minute} a minute lets nothing through")
        wanted = self._wanted_burst or per_minute // BURST_SHARE
        capacity = max(1, min(wanted, per_minute // 2))
        return float(capacity), (per_minute - capacity) / 60

    def _wait(self) -> float:
        """Return how long until one more may go, 0 or less for at once."""
        self._refill()
        missing = (1 - self._tokens) / self._per_second
        return max(self._paused_for(), missing, self._minute_has_room_in(0))

    def _paused_for(self) -> float:
        return self._paused_until - self._timer.monotonic()

    def _minute_has_room_in(self, kept: int) -> float:
        """Return how long until the last minute leaves room for one more, and `kept` others."""
        now, most = self._timer.monotonic(), self._per_minute - kept
        while self._sent and self._sent[0] <= now - A_MINUTE:
            self._sent.popleft()
        return self._sent[-most] + A_MINUTE - now if len(self._sent) >= most else 0

    def _refill(self) -> None:
        now = self._timer.monotonic()
        self._tokens = min(
            self._capacity, self._tokens + (now - self._counted_at) * self._per_second
        )
        self._counted_at = now


class PatientLane:
    """The way to a bucket for those who have time: a back-fill must not delay a poll.

    Whoever is here lets everybody else go first, leaves some requests for those to come, and goes
    at an even pace.
    """

    def __init__(self, bucket: TokenBucket, timer: Timer) -> None:
        self._bucket = bucket
        self._timer = timer
        self._lane = asyncio.Lock()
        self._next_at = timer.monotonic()

    async def acquire(self) -> None:
        """Return when one more request may go out."""
        async with self._lane:
            began = self._timer.monotonic()
            while (seconds := self._room_in()) > TICK:
                left = began + LONGEST_PATIENCE - self._timer.monotonic()
                if left <= TICK:
                    await self._bucket.acquire()
                    return
                await self._timer.sleep(min(seconds, left))
            self._bucket.note_sent()
            self._next_at = self._timer.monotonic() + self._bucket.pace

    def _room_in(self) -> float:
        return max(self._next_at - self._timer.monotonic(), self._bucket.room_for_others_in())

    def pause(self, seconds: float) -> None:
        """Let nothing through for `seconds`, on either way."""
        self._bucket.pause(seconds)
