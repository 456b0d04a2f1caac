"""The passing of time, as something that can be handed in: tests never wait for a clock."""

import asyncio
import contextlib
import time
from typing import Protocol


class Timer(Protocol):
    """Elapsed time in seconds, never a time of day: a corrected system clock must not matter."""

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`."""

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Return once `event` is set, or after `seconds`."""


class LoopTimer:
    """Real time, as the event loop sees it."""

    def monotonic(self) -> float:
        """Return the process's monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let the loop run something else for `seconds`."""
        await asyncio.sleep(seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Let the loop run something else until `event` is set, at most for `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
