"""What a complete read of Figgo proves about one event in the calendar."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from figgosync.core.absence import HalfDay, Moment, Reading
from figgosync.core.coverage import half_days
from figgosync.core.event import Event
from figgosync.core.joining import absences_of, latest_by_moment
from figgosync.core.tenant import WorkingHours

_A_DAY = timedelta(days=1)


class Evidence(StrEnum):
    """Why an event may be deleted, by how much is known."""

    CANCELLED = "Cancelled"
    """Figgo lists its half-days as cancelled or refused."""
    UNWANTED = "Unwanted"
    """The absence stands, but the rules draw nothing of it (remote work that is ignored)."""
    REPLACED = "Replaced"
    """Its period is gone, and its half-days belong to active rows of another period."""
    DUPLICATE = "Duplicate"
    """Another event carries the same key, or its period stands with fewer events than that."""
    UNEXPLAINED = "Unexplained"
    """A complete read shows nothing of its period."""


@dataclass(frozen=True, slots=True)
class Witness:
    """What `reading` says of one leave period, whose rows are `rows`; days are days in `zone`."""

    rows: Sequence[HalfDay]
    reading: Reading
    hours: WorkingHours
    zone: ZoneInfo

    def knows_the_period(self) -> bool:
        """Return whether the read shows anything of the period, be it cancelled."""
        return bool(self.rows)

    def changed_since(self, day: date) -> bool:
        """Return whether the period was created, confirmed or cancelled on `day` or later.

        A day of slack makes up for timestamps without an offset and for zones.
        """
        return any(
            stamp.astimezone(self.zone).date() >= day - _A_DAY
            for row in self.rows
            for stamp in (row.created_at, row.confirmed_at, row.cancelled_at)
            if stamp is not None
        )

    def gave_up(self, event: Event) -> bool:
        """Return whether the half-days of `event` were cancelled, and none of them stands."""
        touched = [row for row in self._latest() if self._touches(event, row.moment)]
        return bool(touched) and not any(row.active for row in touched)

    def keeps(self, event: Event, others: Iterable[Event]) -> bool:
        """Return whether `others` show all that stands of the half-days of `event`."""
        shown = list(others)
        return all(
            any(self._touches(other, row.moment) for other in shown)
            for row in self._latest()
            if row.active and self._touches(event, row.moment)
        )

    def why_nothing_is_wanted(self, event: Event) -> Evidence:
        """Return why `event` should go although no other event of its period takes its place."""
        latest = self._latest()
        if not latest:
            return Evidence.REPLACED if self._replaced(event) else Evidence.UNEXPLAINED
        if self.gave_up(event) or not any(row.active for row in latest):
            return Evidence.CANCELLED
        return Evidence.UNWANTED

    def _replaced(self, event: Event) -> bool:
        absences = absences_of(self.reading.half_days)
        half_day, last = half_days(event.when, self.hours, self.zone)
        while half_day <= last:
            if not any(each.first <= half_day <= each.last for each in absences):
                return False
            half_day = half_day.next()
        return True

    def _touches(self, event: Event, half_day: Moment) -> bool:
        first, last = half_days(event.when, self.hours, self.zone)
        return first <= half_day <= last

    def _latest(self) -> Iterable[HalfDay]:
        return latest_by_moment(self.rows).values()
