"""The events and the onlookers of the calendar contract: what is written, and who else writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from figgosync.calendars.base import Calendar
from figgosync.core.absence import EmployeeID, PeriodID
from figgosync.core.event import AllDay, Availability, Event, EventKey, OwnedEvent, Timed

PARIS = "Europe/Paris"
OTHER_PROGRAM = "Another synchronisation"
ZONES = (
    "Pacific/Midway",  # UTC-11
    "America/Los_Angeles",
    "America/Cayenne",
    "America/St_Johns",  # UTC-3:30
    "UTC",
    "Europe/London",
    PARIS,
    "Asia/Kolkata",  # UTC+5:30
    "Asia/Tokyo",
    "Pacific/Noumea",
    "Pacific/Auckland",
    "Pacific/Kiritimati",  # UTC+14
)


def a_key(period: int = 90211, part: int = 0, host: str = "acme.ilucca.net") -> EventKey:
    return EventKey(host, EmployeeID(1207), PeriodID(period), part)


def all_day(first: str, last: str | None = None) -> AllDay:
    return AllDay(date.fromisoformat(first), date.fromisoformat(last or first))


def timed(start: str, end: str) -> Timed:
    """Return a slot; both ends are read as UTC."""
    return Timed(
        datetime.fromisoformat(start).replace(tzinfo=UTC),
        datetime.fromisoformat(end).replace(tzinfo=UTC),
    )


CHRISTMAS_EVE = all_day("2026-12-24")


def an_event(
    title: str = "Absent",
    when: AllDay | Timed = CHRISTMAS_EVE,
    availability: Availability = Availability.OUT_OF_OFFICE,
    *,
    private: bool = False,
) -> Event:
    return Event(title, when, availability, private)


SHAPES = {
    "one whole day": an_event(),
    "several whole days": an_event(when=all_day("2026-12-24", "2027-01-03")),
    "whole days over the change to summer time": an_event(when=all_day("2027-03-26", "2027-03-30")),
    "the very day of the change to summer time": an_event(when=all_day("2027-03-28")),
    "the very day of the change to winter time": an_event(when=all_day("2027-10-31")),
    "a leap day": an_event(when=all_day("2028-02-29")),
    "three years": an_event(when=all_day("2026-09-01", "2029-08-31")),
    "a morning": an_event(when=timed("2026-12-24 08:00", "2026-12-24 11:30")),
    "an afternoon up to midnight": an_event(when=timed("2026-12-24 13:00", "2026-12-24 23:00")),
    "several days to the minute": an_event(when=timed("2026-12-24 13:00", "2026-12-29 11:30")),
    "an hour that the change to winter time repeats": an_event(
        when=timed("2027-10-31 00:30", "2027-10-31 01:30")
    ),
    "a day's length from midnight to midnight": an_event(
        when=timed("2026-12-23 23:00", "2026-12-24 23:00")
    ),
    "pending": an_event(availability=Availability.TENTATIVE),
    "working elsewhere": an_event(availability=Availability.WORKING_ELSEWHERE),
    "private": an_event(private=True),
    "an emoji": an_event(title="Congés 🏖️ 👨‍👩‍👧"),
    "right to left": an_event(title="חופשה (إجازة) 2026"),
    "markup": an_event(title='<b>R&D</b> "off" \'til ]]> &amp;'),
    "the longest title": an_event(title="é" * 255),
}

REFUSED = {
    "a title that is too long": an_event(title="x" * 256),
    "a line break in the title": an_event(title="Absent\r\nBcc: everybody"),
    "a control mark in the title": an_event(title="Absent\x00"),
    "a last day before the first": an_event(when=all_day("2026-12-24", "2026-12-23")),
    "no time at all": an_event(when=timed("2026-12-24 08:00", "2026-12-24 08:00")),
    "an end before its start": an_event(when=timed("2026-12-24 08:00", "2026-12-24 07:00")),
    "a time without a zone": an_event(
        when=Timed(datetime(2026, 12, 24, 8), datetime(2026, 12, 24, 12))  # noqa: DTZ001 - that is the fault
    ),
}


@dataclass(frozen=True, slots=True)
class Stored:
    """One event as the server holds it, ours or not; `identity` outlives changes."""

    identity: str
    marker: str | None
    title: str
    reminder: bool = False
    attendees: int = 0
    body: str = ""


class Backstage(Protocol):
    """The other side of a mailbox: what its owner does with Outlook, and what the server holds."""

    def calendar(self, time_zone: str = PARIS) -> Calendar:
        """Return the calendar anew, as after a pause: it remembers nothing."""

    def another_calendar(self) -> Calendar:
        """Return the calendar of another person of the same company."""

    def stored(self) -> Sequence[Stored]:
        """Return everything in the mailbox."""

    def notifications(self) -> int:
        """Return how many messages the server sent to anybody."""

    def lives_in(self, zone: str) -> None:
        """The owner's Outlook shows the times of this zone from now on."""

    def adds(self, title: str) -> None:
        """The owner adds an event of her own."""

    def enters(self, event: Event) -> None:
        """The owner adds what an absence looks like, title and time, and changes nothing else."""

    def invites(self, event: Event) -> None:
        """The owner invites somebody to what looks like an absence."""

    def repeats(self, event: Event) -> None:
        """The owner adds what looks like an absence, every week."""

    def renames(self, title: str, new_title: str) -> None:
        """The owner edits one event."""

    def copies(self, title: str) -> None:
        """The owner copies and pastes one event."""

    def deletes(self, title: str) -> None:
        """The owner deletes one event."""

    def leaves(self, event: Event, program: str = OTHER_PROGRAM, days_ago: int = 9) -> None:
        """Another program leaves what an absence looks like, without our mark."""


async def only_event(calendar: Calendar) -> OwnedEvent:
    (owned,) = await calendar.owned_events()
    return owned
