"""Keeps one tenant's deletions within its limit."""

from collections.abc import Callable, Sequence
from datetime import datetime

from figgosync.core.guard import DeletionHistory, Verdict, judge
from figgosync.core.plan import Delete
from figgosync.core.tenant import DeletionLimit


class Breaker:
    """Remembers what was let through in the last day.

    The memory is the process's own and begins anew with it; so a fault that comes with a restart
    costs at most one limit's worth of events.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._history = DeletionHistory()
        self.message = ""

    def judge(
        self, deletions: Sequence[Delete], limit: DeletionLimit, managed: int | None
    ) -> Verdict:
        """Say which deletions may go ahead, and count those as done.

        `managed` is the number of events that the tenant has, None while not all are known.
        """
        now = self._now()
        verdict = judge(deletions, self._history, limit, managed, now=now)
        self._history = self._history.with_(verdict.allowed, now)
        if verdict.blocked:
            self.message = verdict.message
        return verdict
