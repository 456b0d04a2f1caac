"""Keeps one tenant's deletions within its limit."""

from collections.abc import Callable, Sequence
from datetime import datetime

from figgosync.core.event import EventKey, Ref
from figgosync.core.guard import A_DAY, DeletionHistory, Verdict, judge
from figgosync.core.plan import Delete
from figgosync.core.tenant import DeletionLimit

Granted = dict[tuple[EventKey, Ref], datetime]
"""Which events were let go, and when."""


class Breaker:
    """Remembers what was let through in the last day.

    The memory is the process's own and begins anew with it; so a fault that comes with a restart
    costs at most one limit's worth of events.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._history = DeletionHistory()
        self._granted = Granted()
        self.message = ""

    def judge(
        self, deletions: Sequence[Delete], limit: DeletionLimit, managed: int | None
    ) -> Verdict:
        """Say which deletions may go ahead, and count those as done.

        One that was let through before and is asked for again, because it failed or the calendar
        moved, counts once. `managed` is the number of events that the tenant has, None while not
        all are known.
        """
        now = self._now()
        self._granted = {each: at for each, at in self._granted.items() if now - at < A_DAY}
        new = [each for each in deletions if (each.key, each.ref) not in self._granted]
        verdict = judge(new, self._history, limit, managed, now=now)
        self._history = self._history.with_(verdict.allowed, now)
        self._granted |= {(each.key, each.ref): now for each in verdict.allowed}
        if verdict.blocked:
            self.message = verdict.message
        allowed = tuple(each for each in deletions if (each.key, each.ref) in self._granted)
        return Verdict(allowed, verdict.blocked, verdict.message)
