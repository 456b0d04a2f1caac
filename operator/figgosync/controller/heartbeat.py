"""Measures how late the event loop is: what blocks it blocks every tenant."""

import asyncio
import time
from collections.abc import Callable

INTERVAL = 1.0

STUCK_AFTER = 30.0
"""Seconds without a beat after which the process is better restarted."""


class Heartbeat:
    """Beats once a second. Its moments come from the monotonic clock, in seconds.

    `late` hears of each beat how late it was.
    """

    def __init__(self, late: Callable[[float], None]) -> None:
        self._late = late
        self._beat_at = time.monotonic()
        self.lag = 0.0

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(INTERVAL)
            self._beat_at = time.monotonic()
            self.lag = max(0.0, self._beat_at - before - INTERVAL)
            self._late(self.lag)

    @property
    def is_stuck(self) -> bool:
        """Whether the last beat is too long ago."""
        return time.monotonic() - self._beat_at > STUCK_AFTER
