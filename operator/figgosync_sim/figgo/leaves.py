"""The books of absences: periods, their half-days, the requests behind them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import IntEnum

CANARY_COMMENT = "CANARY-COMMENT"
"""Stands in every comment, so that a leak of one is found by looking for it."""


class Status(IntEnum):
    """Where a leave request stands [verified; there is no 1]."""

    PENDING_APPROVAL = 0
    APPROVED = 2
    DENIED = 3
    CANCELLED = 4
    CANCELLATION_PENDING = 5


@dataclass(slots=True, eq=False)
class Leave:
    """One half-day of one period [verified]. Timestamps are aware.

    `midnight` is the day's beginning without a zone. `hours` is set where the account counts
    hours. `repeats` counts the earlier rows of the same owner, day and half, and
    `repeats_in_period` those of them in the same period. `replaced` and `replaced_in_period`
    say that a later row would have the same id. The two ids are kept, rather than made when
    asked for, because sorting a large company's rows takes every one of them.
    """

    sequence: int
    period: "Period"
    midnight: datetime
    am: bool
    account: int
    hours: timedelta | None
    created_at: datetime
    stamp: str
    id_by_owner: str
    id_by_period: str
    repeats: int
    repeats_in_period: int
    active: bool = True
    denied: bool = False
    cancelled_at: datetime | None = None
    cancelled_by: int | None = None
    replaced: bool = False
    replaced_in_period: bool = False
    comment: str = CANARY_COMMENT

    @property
    def day(self) -> date:
        """Return the calendar day."""
        return self.midnight.date()


@dataclass(slots=True)
class LogEntry:
    """One line of a period's history."""

    id: int
    date: datetime
    status: Status
    comment: str = CANARY_COMMENT


@dataclass(slots=True)
class Approval:
    """One decision on a request."""

    id: int
    date: datetime
    approver: int
    approved: bool
    comment: str = CANARY_COMMENT


@dataclass(slots=True)
class CancellationRequest:
    """An employee's wish to cancel what was approved."""

    id: int
    author: int
    created_at: datetime
    next_approver: int | None
    approved: bool | None = None
    active: bool = True
    comment: str = CANARY_COMMENT


@dataclass(slots=True, eq=False)
class Request:
    """The workflow's side of a period; absences that HR entered have none [verified]."""

    id: int
    period: "Period"
    created_at: datetime
    next_approver: int | None
    status: Status = Status.PENDING_APPROVAL
    cancelled_at: datetime | None = None
    cancelled_by: int | None = None
    approvals: list[Approval] = field(default_factory=list)
    cancellations: list[CancellationRequest] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Period:
    """A continuous absence of one employee, as requested or entered [verified]."""

    id: int
    owner: int
    confirmed: bool
    confirmed_at: datetime | None
    leaves: list[Leave] = field(default_factory=list)
    logs: list[LogEntry] = field(default_factory=list)
    request: Request | None = None

    def active_leaves(self) -> list[Leave]:
        """Return the half-days that still stand, in order."""
        standing = [leave for leave in self.leaves if leave.active]
        return sorted(standing, key=lambda leave: (leave.midnight, not leave.am))


class HalfDayTakenError(ValueError):
    """There can only be one active leave per half-day of a person [verified]."""


class LeaveBook:
    """All half-days, found by sequence or by owner; nothing is ever removed [verified]."""

    def __init__(self) -> None:
        self.leaves: list[Leave] = []
        self.periods: dict[int, Period] = {}
        self.requests: dict[int, Request] = {}
        self._by_owner: defaultdict[int, list[Leave]] = defaultdict(list)
        self._last_id = 90_000

    def next_id(self) -> int:
        """Return an id that nothing else in the books has."""
        self._last_id += 1
        return self._last_id

    def of(self, owners: Iterable[int]) -> Iterator[Leave]:
        """Return the half-days of some people, each person's in the order of entry."""
        for owner in sorted(set(owners)):
            yield from self._by_owner.get(owner, ())

    def enter(
        self,
        period: Period,
        half_days: Iterable[tuple[date, bool]],
        *,
        account: int,
        hours: timedelta | None,
        at: datetime,
    ) -> None:
        """Add rows to a period for (day, morning?) pairs.

        Raises HalfDayTakenError, and adds none, when the owner has one of them already.
        """
        wanted = list(half_days)
        rows = self._by_owner[period.owner]
        earlier: defaultdict[tuple[date, bool], list[Leave]] = defaultdict(list)
        for leave in rows:
            earlier[leave.day, leave.am].append(leave)
        for day, am in wanted:
            if any(leave.active for leave in earlier[day, am]):
                raise HalfDayTakenError(f"{day} {'AM' if am else 'PM'} is taken")
        for day, am in wanted:
            row = self._row(period, day, am, earlier[day, am], account, hours, at)
            self.leaves.append(row)
            rows.append(row)
            period.leaves.append(row)

    def _row(
        self,
        period: Period,
        day: date,
        am: bool,  # noqa: FBT001 - one half of a pair
        before: list[Leave],
        account: int,
        hours: timedelta | None,
        at: datetime,
    ) -> Leave:
        """Return a new row that takes the place of those `before` it on the half-day."""
        within = [leave for leave in before if leave.period is period]
        for leave in before:
            leave.replaced = True
        for leave in within:
            leave.replaced_in_period = True
        stamp = f"{day:%Y%m%d}-{'AM' if am else 'PM'}"
        return Leave(
            sequence=len(self.leaves),
            period=period,
            midnight=datetime.combine(day, time.min),
            am=am,
            account=account,
            hours=hours,
            created_at=at,
            stamp=stamp,
            id_by_owner=f"{period.owner}-{stamp}",
            id_by_period=f"{period.id}-{stamp}",
            repeats=len(before),
            repeats_in_period=len(within),
        )
