"""What a person sees in Outlook: stored instants turned into the days and hours of her own zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class Stored(Protocol):
    """The part of a stored item that Outlook draws. The instants are aware, the end excluded."""

    @property
    def start(self) -> datetime:
        """When it begins."""
        ...

    @property
    def end(self) -> datetime:
        """When it is over."""
        ...

    @property
    def subject(self) -> str:
        """What it is called."""
        ...

    @property
    def is_all_day(self) -> bool:
        """Whether it is of whole days."""
        ...

    @property
    def free_busy(self) -> str:
        """What colleagues see the time as."""
        ...

    @property
    def sensitivity(self) -> str:
        """Who may read it."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class Appointment:
    """One entry as Outlook draws it. All is local to the viewer.

    Of an all-day entry `first` and `last` are its days, both included, and there are no times. Of
    any other the times are wall times, `ends` excluded, and the days those that it touches.
    """

    first: date
    last: date
    starts: time | None
    ends: time | None
    subject: str
    status: str
    private: bool

    @property
    def days(self) -> int:
        """Return how many days the entry touches."""
        return (self.last - self.first).days + 1


def as_outlook_shows(item: Stored, zone: ZoneInfo) -> Appointment:
    """Draw one item for a viewer in a zone.

    Verified [Microsoft, "Create all-day events by using EWS"]: an all-day event is kept as
    midnight in the zone of its making, and in another zone may appear with extra days. Assumed:
    Outlook then draws every day that the two instants touch, as modelled here.
    """
    starts, ends = item.start.astimezone(zone), item.end.astimezone(zone)
    # In UTC, because the hour before an end at a midnight that the clocks skip is no wall time.
    last_moment = item.end.astimezone(UTC) - timedelta(microseconds=1)
    touched = max(starts, last_moment.astimezone(zone))
    return Appointment(
        starts.date(),
        touched.date(),
        None if item.is_all_day else starts.time(),
        None if item.is_all_day else ends.time(),
        item.subject,
        item.free_busy,
        item.sensitivity == "Private",
    )
