"""The values of which a simulated company is made: people, places, kinds of absence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

Half = Literal["AM", "PM"]
Boundary = tuple[date, Half]
"""One half of one calendar day: where a period begins or ends, itself included."""


@dataclass(frozen=True, slots=True)
class LegalUnit:
    """A company in the legal sense; not what Lucca's v3 API calls a legal entity."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Establishment:
    """A place of work, which v3 calls a legal entity. `time_zone` is an IANA name."""

    id: int
    name: str
    legal_unit: int
    time_zone: str | None
    city: str = ""
    calendar: int = 1
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Department:
    """A branch of the company's tree."""

    id: int
    name: str
    parent: int | None = None


class Unit(StrEnum):
    """What an account counts, and hence on which days its absences have rows."""

    WORKING_DAYS = "workingDays"
    BUSINESS_DAYS = "businessDays"
    CALENDAR_DAYS = "calendarDays"
    WORKING_HOURS = "workingHours"


@dataclass(frozen=True, slots=True)
class Account:
    """A kind of absence (a leave account)."""

    id: int
    name: str
    unit: Unit = Unit.WORKING_DAYS
    remote_work: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """An employee. `modified_at` is aware; `contract_end` is the last day at work."""

    id: int
    first_name: str
    last_name: str
    legal_entity: int
    department: int
    mail: str | None
    login: str
    contract_start: date
    modified_at: datetime
    contract_end: date | None = None
    manager: int | None = None

    @property
    def name(self) -> str:
        """Return the name as Lucca shows it."""
        return f"{self.first_name} {self.last_name.upper()}"


@dataclass(frozen=True, slots=True)
class Booking:
    """An absence that stands in the books when a simulator starts. `at` is aware."""

    owner: int
    first: Boundary
    last: Boundary
    account: int
    confirmed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Company:
    """A tenant of Lucca as it is when a simulator starts."""

    legal_units: tuple[LegalUnit, ...]
    establishments: tuple[Establishment, ...]
    departments: tuple[Department, ...]
    accounts: tuple[Account, ...]
    people: tuple[Person, ...]
    bookings: tuple[Booking, ...] = ()
    extra_holidays: Mapping[int, frozenset[date]] = field(default_factory=dict)
    """Holidays by calendar, beside the French ones."""
