"""The vocabulary of calendars: an event as we want it, and one of ours as we found it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType, Self

from figgosync.core.absence import EmployeeID, PeriodID

Ref = NewType("Ref", str)
"""A provider's own handle of a stored event, with its version; opaque to everybody else."""

MARKER_VERSION = "v1"

BY_HAND = "0" * 32
"""The fingerprint of all that looks like a person's own work: it is never taken for a program's."""


class Availability(StrEnum):
    """What colleagues see the person as; a pending absence is TENTATIVE."""

    OUT_OF_OFFICE = "OutOfOffice"
    TENTATIVE = "Tentative"
    WORKING_ELSEWHERE = "WorkingElsewhere"


@dataclass(frozen=True, slots=True)
class AllDay:
    """Whole calendar days, both included. Dates, never instants: they have no time zone."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Timed:
    """From one instant to another, both in UTC, the end excluded."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """A calendar event in canonical form: two events that show the same are equal.

    There is no body, attendee, reminder or video link to set: our events never have one.
    """

    title: str
    when: AllDay | Timed
    availability: Availability
    private: bool


@dataclass(frozen=True, slots=True, order=True)
class EventKey:
    """The identity that an event of ours carries: Figgo host, employee, leave period, part.

    It names no Kubernetes object, so a tenant object can be renamed, moved or re-created.
    """

    host: str
    employee: EmployeeID
    period: PeriodID
    part: int

    def marker(self) -> str:
        """Return the text kept in the event, lower case: some servers compare without case."""
        return f"{MARKER_VERSION}/{self.host.lower()}/{self.employee}/{self.period}/{self.part}"

    @classmethod
    def from_marker(cls, marker: str) -> Self | None:
        """Read a marker; None when it is not one that this version can read."""
        fields = marker.split("/")
        if len(fields) != 5 or fields[0] != MARKER_VERSION:  # noqa: PLR2004 - version and four
            return None
        _, host, *numbers = fields
        if not host or not all(n.isascii() and n.isdigit() for n in numbers):
            return None
        employee, period, part = map(int, numbers)
        return cls(host, EmployeeID(employee), PeriodID(period), part)


@dataclass(frozen=True, slots=True)
class OwnedEvent:
    """An event found in a calendar that carries our marker."""

    key: EventKey
    ref: Ref
    event: Event


@dataclass(frozen=True, slots=True)
class Stranger:
    """An event without our marker that looks like one of ours: same title, same time.

    `fingerprint` is an opaque digest of how it was made, equal for all events that one program
    makes in one way, or BY_HAND; it holds nothing of the event's title, time or owner. What else
    `event` shows is the nearest that an event of ours can show. `created_at` is aware.
    """

    ref: Ref
    event: Event
    fingerprint: str
    created_at: datetime
