"""What must be there before the watch begins, and must stay: said at once, and never silently."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from figgosync.errors import SyncError, TransientError
from figgosync.kube.preconditions import Notice

log = logging.getLogger(__name__)

CHECK_INTERVAL = timedelta(minutes=10)
"""How often it is checked while all is well: as often as the objects are compared."""

SHORTEST_INTERVAL = timedelta(seconds=30)
"""How soon after a refused request; some are refused for good, such as a Secret's."""

LONGEST_WAIT = timedelta(seconds=30)
REMINDER = timedelta(minutes=10)
"""How often a trouble that does not end is said again."""


class Preconditions(Protocol):
    """Knows what must be there."""

    @property
    def doubt(self) -> asyncio.Event:
        """Set when something was refused for want of a right."""

    async def check(self) -> Sequence[Notice]:
        """Return what is worth saying. Raises SyncError, with the remedy."""


class Preflight:
    """Checks the preconditions. `trouble` is what lacks, in a sentence, None while nothing does."""

    def __init__(self, preconditions: Preconditions) -> None:
        self._preconditions = preconditions
        self.trouble: str | None = "the operator is starting"
        self._said: str | None = None
        self._said_at = 0.0
        self._noted: frozenset[str] = frozenset()

    async def wait(self) -> None:
        """Return when all is there."""
        while (error := await self._check()) is not None:
            self._say(error)
            await asyncio.sleep(_pause(error).total_seconds())

    async def keep_watch(self) -> None:
        """Check again and again, until cancelled; what lacks is said, and that it no more does."""
        while True:
            await self._rest()
            error = await self._check()
            if error is not None and not isinstance(error, TransientError):
                self._say(error)

    async def _rest(self) -> None:
        """Wait until it is worth a look."""
        if self.trouble is not None:
            await asyncio.sleep(LONGEST_WAIT.total_seconds())
            return
        await asyncio.sleep(SHORTEST_INTERVAL.total_seconds())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout((CHECK_INTERVAL - SHORTEST_INTERVAL).total_seconds()):
                await self._preconditions.doubt.wait()

    async def explain(self) -> None:
        """Say once more what lacks, if anything does."""
        error = await self._check()
        if error is not None:
            self._said = None
            self._say(error)

    async def _check(self) -> SyncError | None:
        """Check once. While the API server is away, what it last said stands."""
        try:
            notices = await self._preconditions.check()
        except SyncError as error:
            return error
        self._note(notices)
        if self._said is not None:
            log.info("ready again: nothing lacks any more")
        self.trouble = self._said = None
        return None

    def _say(self, error: SyncError) -> None:
        now = asyncio.get_running_loop().time()
        self.trouble = error.message
        if error.message != self._said or now - self._said_at >= REMINDER.total_seconds():
            log.error("not ready: %s", error.message)
            self._said, self._said_at = error.message, now

    def _note(self, notices: Sequence[Notice]) -> None:
        for notice in notices:
            if notice.message not in self._noted:
                level = logging.WARNING if notice.is_warning else logging.INFO
                log.log(level, "%s", notice.message)
        self._noted = frozenset(notice.message for notice in notices)


def _pause(error: SyncError) -> timedelta:
    return min(error.retry_after or LONGEST_WAIT, LONGEST_WAIT)
