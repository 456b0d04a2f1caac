"""How fast one Figgo host may be asked."""

import asyncio

from figgosync.figgo.timer import LoopTimer, Timer

SLOWEST = 2
"""The lowest rate, in requests a minute, that leaves room for both a burst and a refill."""

BURST_SHARE = 3
"""A third of a minute's requests may go out at once: enough for a small company's first sweep, or
for a poll and the reads that follow, while two thirds are left for a steady pace."""

TICK = 1e-6
"""In seconds. Less than this is what rounding leaves of a wait that is over."""


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
            while (seconds := self._wait()) > TICK:
                await self._timer.sleep(seconds)
            self._tokens -= 1

    def _shares(self, per_minute: int) -> tuple[float, float]:
        if per_minute < SLOWEST:
            raise ValueError(f"a rate of {per_minute} a minute lets nothing through")
        wanted = self._wanted_burst or per_minute // BURST_SHARE
        capacity = max(1, min(wanted, per_minute // 2))
        return float(capacity), (per_minute - capacity) / 60

    def _wait(self) -> float:
        """Return how long until the next request may go, 0 or less for at once."""
        self._refill()
        pause = self._paused_until - self._timer.monotonic()
        return max(pause, (1 - self._tokens) / self._per_second)

    def _refill(self) -> None:
        now = self._timer.monotonic()
        self._tokens = min(
            self._capacity, self._tokens + (now - self._counted_at) * self._per_second
        )
        self._counted_at = now
