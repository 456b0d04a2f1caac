"""What people do in Figgo during a measurement, and which write shows each of it."""

import itertools
import time
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random

from benchmarks.errors import NotMeasuredError
from benchmarks.witness import Landing, Write
from figgosync_sim.company import PAID_LEAVE
from figgosync_sim.figgo import FiggoState
from figgosync_sim.figgo.leaves import Period
from figgosync_sim.organisation import Boundary

_FREE_FROM = date(2032, 1, 6)
"""A Tuesday long after the last absence of any company that is measured."""


class Kind(StrEnum):
    """What somebody does to an absence."""

    BOOKING = "booking"
    APPROVAL = "approval"
    EDIT = "edit"
    CANCELLATION = "cancellation"


SHOWN_BY: Mapping[Kind, Write] = {
    Kind.BOOKING: Write.CREATE,
    Kind.APPROVAL: Write.UPDATE,
    Kind.EDIT: Write.UPDATE,
    Kind.CANCELLATION: Write.DELETE,
}

TOLD_BY: Mapping[Kind, AbstractSet[str]] = {
    Kind.BOOKING: {"creationDate"},
    Kind.APPROVAL: {"leavePeriod.confirmationDate"},
    # The half-days of before are cancelled and new ones created.
    Kind.EDIT: {"creationDate", "cancellationDate"},
    Kind.CANCELLATION: {"cancellationDate"},
}
"""The filters of Figgo's list of leaves that bring such a change up."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was done in Figgo; `at` is in seconds of `time.monotonic`, just before."""

    at: float
    kind: Kind
    employee: int
    address: str


def is_made_here(begins: datetime) -> bool:
    """Tell whether an absence was booked or moved in a measurement, by when it begins."""
    return begins.year >= _FREE_FROM.year


def schedule(count: int, seconds: float, chance: Random) -> list[tuple[float, Kind]]:
    """Return uniformly random moments in order, and the kinds in equal shares at random."""
    moments = sorted(chance.uniform(0, seconds) for _ in range(count))
    kinds = list(itertools.islice(itertools.cycle(Kind), count))
    chance.shuffle(kinds)
    return list(zip(moments, kinds, strict=True))


def shown(changes: Sequence[Change], landings: Iterable[Landing]) -> dict[Change, Landing]:
    """Find the write that shows each change: the first in that mailbox after it.

    An employee has one change at a time under way, so that there is no other. NotMeasuredError
    when a write is not the one that the change needs: then something else was measured.
    """
    found: dict[Change, Landing] = {}
    for landing in landings:
        made = [c for c in changes if c.address == landing.address and c.at <= landing.at]
        if not made:
            raise NotMeasuredError(f"nobody asked for this: {landing}")
        change = made[-1]
        if change in found or landing.write is not SHOWN_BY[change.kind]:
            raise NotMeasuredError(f"{change.kind} was answered by {landing.write}, or twice")
        found[change] = landing
    return found


class People:
    """Does one thing after the other in Figgo; for the simulator's own thread."""

    def __init__(self, state: FiggoState, chance: Random) -> None:
        self._state = state
        self._chance = chance
        self._weeks = itertools.count()

    def make(self, kind: Kind, busy: AbstractSet[int]) -> Change:
        """Do it to somebody who is not among the busy ones."""
        at = time.monotonic()
        match kind:
            case Kind.BOOKING:
                free = [person for person in self._state.people if person not in busy]
                employee = self._chance.choice(free)
                self._state.book(employee, *self._free_days(), PAID_LEAVE)
            case Kind.APPROVAL:
                employee = self._approve(busy)
            case Kind.EDIT:
                period = self._any_of(busy)
                self._state.edit(period.id, *self._free_days())
                employee = period.owner
            case Kind.CANCELLATION:
                period = self._any_of(busy)
                self._state.cancel(period.id)
                employee = period.owner
        address = self._state.people[employee].mail
        if address is None:
            raise ValueError(f"employee {employee} has no mailbox")
        return Change(at, kind, employee, address)

    def _approve(self, busy: AbstractSet[int]) -> int:
        pending = [period for period in self._standing(busy) if not period.confirmed]
        period = self._chance.choice(pending)
        self._state.approve(period.id)
        return period.owner

    def _any_of(self, busy: AbstractSet[int]) -> Period:
        return self._chance.choice(self._standing(busy))

    def _standing(self, busy: AbstractSet[int]) -> list[Period]:
        periods = self._state.leave_book.periods.values()
        return [p for p in periods if p.owner not in busy and p.active_leaves()]

    def _free_days(self) -> tuple[Boundary, Boundary]:
        """Return a Tuesday and the Wednesday after it, which nobody has had yet.

        Of the two at least one is a working day, whatever the holidays.
        """
        tuesday = _FREE_FROM + timedelta(weeks=next(self._weeks))
        return (tuesday, "AM"), (tuesday + timedelta(days=1), "PM")
