"""Memory of creations whose answer was lost: they may have happened, or may still happen."""

from collections.abc import Callable
from datetime import timedelta


class UnsettledCreations:
    """By mailbox and marker, until when the server may still be at work on a creation.

    The times are readings of `clock`, in seconds. Entries outlive their time by `memory`: within
    it, a listing from before that time must not be trusted.
    """

    def __init__(
        self, settle_time: timedelta, memory: timedelta, clock: Callable[[], float]
    ) -> None:
        self._settle_time = settle_time.total_seconds()
        self._memory = memory.total_seconds()
        self._clock = clock
        self._until: dict[tuple[str, str], float] = {}

    def begin(self, mailbox: str, marker: str) -> None:
        """Take note before a creation is sent, or when its answer was lost."""
        now = self._clock()
        forgotten = [key for key, until in self._until.items() if until + self._memory < now]
        for key in forgotten:
            del self._until[key]
        self._until[mailbox, marker] = now + self._settle_time

    def settle(self, mailbox: str, marker: str) -> None:
        """Forget a creation whose outcome is known."""
        self._until.pop((mailbox, marker), None)

    def settled_at(self, mailbox: str, marker: str) -> float | None:
        """Return from when on a listing shows the truth; None when it always does."""
        return self._until.get((mailbox, marker))
