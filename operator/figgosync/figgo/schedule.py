"""When to look at Figgo next, and whether to look at all of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from figgosync.figgo.timer import Timer

LONGEST_WAIT = timedelta(minutes=10)
"""After an error; whatever its cause, somebody may have removed it meanwhile."""

SHORTEST_SWEEP_GAP = timedelta(minutes=1)
"""Between sweeps that somebody asked for: a sweep costs many requests."""

NOT_YET = float("inf")
NEVER_MIND = float("-inf")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often to look.

    `shortest_gap` lies between polls that were asked for. `jitter` spreads sweeps, and tries
    after errors, over up to that fraction more than their interval.
    """

    poll_interval: timedelta
    sweep_interval: timedelta = timedelta(minutes=30)
    sweep_interval_without_polls: timedelta = timedelta(minutes=5)
    directory_interval: timedelta = timedelta(minutes=1)
    shortest_gap: timedelta = timedelta(seconds=2)
    jitter: float = 0.2


class Schedule:
    """Says what is due. `pace` and `polls_work` may be changed at any time.

    The first look is a sweep. A sweep that was not handled is due again after the interval of
    polls, and nothing else is due before it.
    """

    def __init__(self, pace: Pace, timer: Timer, chance: Callable[[], float]) -> None:
        self.pace = pace
        self.polls_work = True
        self._timer = timer
        self._chance = chance
        self._stirred = asyncio.Event()
        self._poll_wanted = False
        self._sweep_wanted = True
        self._sweep_unhandled = False
        self._not_before = NEVER_MIND
        self._looked_at = NEVER_MIND
        self._swept_at = NEVER_MIND
        self._next_sweep = NOT_YET
        self._failures = 0

    def wake(self) -> None:
        """Look as soon as manners allow; the wait after an error is waited out."""
        self._poll_wanted = True
        self._stirred.set()

    def sweep_soon(self) -> None:
        """Look at everything as soon as manners allow."""
        self._sweep_wanted = True
        self._stirred.set()

    async def until_due(self) -> None:
        """Return when something is due."""
        while (seconds := self._due() - self._timer.monotonic()) > 0:
            self._stirred.clear()
            await self._timer.wait(self._stirred, seconds)

    def sweep_is_due(self) -> bool:
        """Tell whether what is due is a sweep."""
        return self._sweep_due() <= self._timer.monotonic()

    def poll_is_overdue(self) -> bool:
        """Tell whether a poll would be due if no sweep were under way."""
        return self.polls_work and self._next_poll() <= self._timer.monotonic()

    def goes_on(self) -> None:
        """Note that the sweep under way was only interrupted, and goes on at once."""
        self._swept_at = NEVER_MIND

    def began(self, *, sweep: bool) -> None:
        """Note that a look begins: what is wanted from here on is wanted once more."""
        self._looked_at = self._timer.monotonic()
        self._poll_wanted = False
        if sweep:
            self._swept_at = self._looked_at
            self._next_sweep = NOT_YET
            self._sweep_wanted = False
            self._sweep_unhandled = True

    def succeeded(self) -> None:
        """Note that Figgo answered all that it was asked."""
        self._failures = 0

    def handled(self) -> None:
        """Note that the last sweep was handled: the next one comes by itself."""
        self._sweep_unhandled = False
        interval = (
            self.pace.sweep_interval if self.polls_work else self.pace.sweep_interval_without_polls
        )
        self._next_sweep = self._timer.monotonic() + self._spread(interval)

    def failed(self, wait: timedelta) -> None:
        """Note that a look failed: try again after `wait`, later with each failure in a row."""
        grown = min(wait * 2 ** min(self._failures, 10), LONGEST_WAIT)
        self._failures += 1
        self._not_before = self._timer.monotonic() + self._spread(grown)
        self._looked_at = self._swept_at = NEVER_MIND
        self._poll_wanted = True

    def _due(self) -> float:
        return max(self._not_before, min(self._poll_due(), self._sweep_due()))

    def _poll_due(self) -> float:
        if self._sweep_unhandled or not self.polls_work:
            return NOT_YET
        return self._next_poll()

    def _next_poll(self) -> float:
        gap = self.pace.shortest_gap if self._poll_wanted else self.pace.poll_interval
        return self._looked_at + gap.total_seconds()

    def _sweep_due(self) -> float:
        interval = self.pace.poll_interval.total_seconds()
        if self._sweep_unhandled:
            return self._swept_at + interval
        if self._sweep_wanted or (self._poll_wanted and not self.polls_work):
            gap = max(interval, SHORTEST_SWEEP_GAP.total_seconds())
            return min(self._next_sweep, self._swept_at + gap)
        return self._next_sweep

    def _spread(self, interval: timedelta) -> float:
        return interval.total_seconds() * (1 + self.pace.jitter * self._chance())
