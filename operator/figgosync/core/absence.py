"""The vocabulary of absences: who, which half-days, in which state."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import NewType

EmployeeID = NewType("EmployeeID", int)
LegalEntityID = NewType("LegalEntityID", int)
PeriodID = NewType("PeriodID", int)
AccountID = NewType("AccountID", int)


class Half(IntEnum):
    """Morning or afternoon."""

    MORNING = 0
    AFTERNOON = 1


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """One half of one calendar day: the unit in which Figgo counts. Never an instant."""

    day: date
    half: Half

    def next(self) -> "Moment":
        """Return the half-day that follows."""
        if self.half is Half.MORNING:
            return Moment(self.day, Half.AFTERNOON)
        return Moment(self.day + timedelta(days=1), Half.MORNING)


@dataclass(frozen=True, slots=True)
class HalfDay:
    """One row of Figgo's leaves: one half-day of one leave period, in its latest state.

    `account_name` is None unless it was asked for (design: hidden titles never request it).
    The three timestamps are aware; Figgo leaves the offset out, so they may be off by up to 3 h.
    `active` is false for a cancelled or refused half-day, which stays listed.
    """

    leave_id: str
    owner: EmployeeID
    period: PeriodID
    moment: Moment
    account: AccountID | None
    account_name: str | None
    remote_work: bool
    confirmed: bool
    active: bool
    created_at: datetime | None
    confirmed_at: datetime | None
    cancelled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Absence:
    """A run of half-days of one leave period, of equal type and status: what becomes one event.

    `first` and `last` are both included.
    """

    owner: EmployeeID
    period: PeriodID
    first: Moment
    last: Moment
    account: AccountID | None
    account_name: str | None
    remote_work: bool
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What a complete read of Figgo said of one employee.

    `half_days` holds every row dated `since` or later, cancelled ones included, and all rows of
    a leave period that crosses `since`, so that no period is ever cut. `read_at` is aware.
    """

    owner: EmployeeID
    since: date
    half_days: tuple[HalfDay, ...]
    read_at: datetime
