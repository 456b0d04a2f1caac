"""Which days and half-days an event stands for: the way back from a calendar to Figgo's units."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from figgosync.core.absence import Half, Moment
from figgosync.core.event import AllDay, Timed
from figgosync.core.tenant import WorkingHours

_A_DAY = timedelta(days=1)
_A_BLINK = timedelta.resolution


def walls(when: AllDay | Timed, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the naive wall times of start and end in `zone`, the end excluded.

    For comparing and measuring only: an all-day event has no instants, and gets none here.
    """
    if isinstance(when, AllDay):
        return datetime.combine(when.first, time.min), datetime.combine(
            when.last, time.min
        ) + _A_DAY
    start, end = when.start.astimezone(zone), when.end.astimezone(zone)
    return start.replace(tzinfo=None), end.replace(tzinfo=None)


def days(when: AllDay | Timed, zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and the last day in `zone`, both included.

    An event that somebody dragged to no length at all stands for the day of its start.
    """
    start, end = walls(when, zone)
    return start.date(), max(start, end - _A_BLINK).date()


def half_days(when: AllDay | Timed, hours: WorkingHours, zone: ZoneInfo) -> tuple[Moment, Moment]:
    """Return the first and the last half-day that the event touches, both included.

    Whatever is before the end of the morning's hours is morning, and whatever is after the
    start of the afternoon's is afternoon; so an event always stands for some half-day.
    """
    start, end = walls(when, zone)
    last = max(start, end - _A_BLINK)
    first_half = Half.MORNING if start.time() < hours.morning.end else Half.AFTERNOON
    last_half = Half.MORNING if last.time() < hours.afternoon.start else Half.AFTERNOON
    first = Moment(start.date(), first_half)
    return first, max(first, Moment(last.date(), last_half))
