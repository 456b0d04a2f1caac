"""The breaker: how many deletions a day can be right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from figgosync.core.evidence import Evidence
from figgosync.core.plan import Delete
from figgosync.core.tenant import DeletionLimit

A_DAY = timedelta(hours=24)

UNEXPLAINED_A_DAY = 3
"""Figgo keeps cancelled half-days listed, so a period that vanishes without a trace is rare.

A few may vanish (a leave given to another employee); many mean that we are shown too little.
"""

_NO_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Deletion:
    """One deletion that was carried out; `at` is aware."""

    at: datetime
    unexplained: bool


@dataclass(frozen=True, slots=True)
class DeletionHistory:
    """The deletions of the last day that count against the limit, of one tenant."""

    deletions: tuple[Deletion, ...] = ()

    def with_(self, deletions: Sequence[Delete], now: datetime) -> "DeletionHistory":
        """Return the history after `deletions` were carried out, without what is over a day old."""
        added = (
            Deletion(now, unexplained=_is_unexplained(each)) for each in deletions if _counts(each)
        )
        return DeletionHistory((*self.since_yesterday(now), *added))

    def since_yesterday(self, now: datetime) -> tuple[Deletion, ...]:
        """Return those that count now. One from the future counts: clocks may be set back."""
        return tuple(each for each in self.deletions if now - each.at < A_DAY)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be deleted and what is held back, together all that was asked for.

    `message` says why and how to go on; it is empty when nothing is held back.
    """

    allowed: tuple[Delete, ...]
    blocked: tuple[Delete, ...]
    message: str


def judge(
    deletions: Sequence[Delete],
    history: DeletionHistory,
    limit: DeletionLimit,
    managed: int | None,
    *,
    now: datetime,
) -> Verdict:
    """Decide which deletions may go on, as many as the limits leave room for in 24 hours.

    `managed` is how many events of the tenant stand in calendars, None while nobody has counted
    them; then only `limit.at_least` speaks. A percentage of 100 lifts all limits. Duplicates
    always go: what they show stays. Explained deletions go first, or a bad read could use up the
    room of good ones.
    """
    if limit.percent >= _NO_LIMIT:
        return Verdict(tuple(deletions), (), "")
    past = history.since_yesterday(now)
    most = max(limit.at_least, (managed or 0) * limit.percent // 100)
    room = most - len(past)
    room_for_unexplained = UNEXPLAINED_A_DAY - sum(each.unexplained for each in past)
    going: set[int] = set()
    for index, each in sorted(enumerate(deletions), key=lambda pair: _is_unexplained(pair[1])):
        if not _counts(each):
            going.add(index)
        elif room > 0 and (room_for_unexplained > 0 or not _is_unexplained(each)):
            going.add(index)
            room -= 1
            room_for_unexplained -= _is_unexplained(each)
    allowed = tuple(each for index, each in enumerate(deletions) if index in going)
    blocked = tuple(each for index, each in enumerate(deletions) if index not in going)
    return Verdict(allowed, blocked, _message(blocked, most) if blocked else "")


def _message(blocked: Sequence[Delete], most: int) -> str:
    vanished = sum(map(_is_unexplained, blocked))
    return (
        f"{len(blocked)} deletions are held back, {vanished} of them of absences that Figgo no "
        f"longer shows at all: within 24 hours at most {most} events are deleted, and at most "
        f"{UNEXPLAINED_A_DAY} that way. Check in Figgo that the API key still sees all absences. "
        "If the deletions are right, set spec.maxDeletions.percent to 100 until they are done."
    )


def _counts(deletion: Delete) -> bool:
    return deletion.evidence is not Evidence.DUPLICATE


def _is_unexplained(deletion: Delete) -> bool:
    return deletion.evidence is Evidence.UNEXPLAINED
