"""What an absence looks like in a calendar: the one place that makes the text of an event."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import assert_never
from zoneinfo import ZoneInfo

from figgosync.core.absence import Absence, Half, Moment, PeriodID, Reading
from figgosync.core.event import AllDay, Availability, Event, Timed
from figgosync.core.joining import absences_of
from figgosync.core.tenant import EventRules, FullDay, RemoteWork, Span, WorkingHours
from figgosync.core.titles import clean_title


def wanted_events(
    reading: Reading, rules: EventRules, zone: ZoneInfo
) -> Mapping[PeriodID, tuple[Event, ...]]:
    """Return what the calendar should show of each leave period, in time order.

    Periods that draw nothing (all cancelled, or remote work that is ignored) are left out.
    """
    wanted: dict[PeriodID, tuple[Event, ...]] = defaultdict(tuple)
    for absence in absences_of(reading.half_days):
        event = render(absence, rules, zone)
        if event is not None:
            wanted[absence.period] += (event,)
    return dict(wanted)


def render(absence: Absence, rules: EventRules, zone: ZoneInfo) -> Event | None:
    """Return the event that shows `absence`, None when the rules draw nothing.

    `zone` is where the working hours are kept: the establishment's, not the mailbox's.
    """
    if absence.remote_work and rules.remote_work is RemoteWork.IGNORE:
        return None
    elsewhere = absence.remote_work and rules.remote_work is RemoteWork.WORKING_ELSEWHERE
    hidden = clean_title(rules.remote_work_title if elsewhere else rules.title)
    shown = clean_title(absence.account_name or "") if rules.show_absence_type else ""
    return Event(
        title=shown or hidden,
        when=_when(absence, rules, zone),
        availability=_availability(absence, elsewhere=elsewhere),
        private=rules.private,
    )


def discloses(event: Event, rules: EventRules) -> bool:
    """Return whether colleagues learn an absence type from this event, made by these rules."""
    if not rules.show_absence_type:
        return False
    return event.title not in {clean_title(rules.title), clean_title(rules.remote_work_title)}


def concealed(event: Event, rules: EventRules) -> Event:
    """Return `event` with no more in it than the rules disclose, and with no other change."""
    title, private = event.title, event.private or rules.private
    if not rules.show_absence_type:
        neutral, elsewhere = clean_title(rules.title), clean_title(rules.remote_work_title)
        if title not in {neutral, elsewhere}:
            at_work = event.availability is Availability.WORKING_ELSEWHERE
            title = elsewhere if at_work else neutral
    return replace(event, title=title, private=private)


def _availability(absence: Absence, *, elsewhere: bool) -> Availability:
    if not absence.confirmed:
        return Availability.TENTATIVE
    return Availability.WORKING_ELSEWHERE if elsewhere else Availability.OUT_OF_OFFICE


def _when(absence: Absence, rules: EventRules, zone: ZoneInfo) -> AllDay | Timed:
    first, last = absence.first, absence.last
    whole_days = first.half is Half.MORNING and last.half is Half.AFTERNOON
    if whole_days and (first.day != last.day or rules.full_day is FullDay.ALL_DAY):
        return AllDay(first.day, last.day)
    return _slot(first, last, rules.working_hours, zone)


def _slot(first: Moment, last: Moment, hours: WorkingHours, zone: ZoneInfo) -> Timed:
    opening, closing = _span(first.half, hours).start, _span(last.half, hours).end
    start, end = _instant(first.day, opening, zone), _instant(last.day, closing, zone)
    if end <= start:
        # The clocks went forward over the start but not over the end: keep the length.
        end = start + (datetime.combine(last.day, closing) - datetime.combine(first.day, opening))
    return Timed(start, end)


def _span(half: Half, hours: WorkingHours) -> Span:
    match half:
        case Half.MORNING:
            return hours.morning
        case Half.AFTERNOON:
            return hours.afternoon
        case _:
            assert_never(half)


def _instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """Return the instant of a wall time, in UTC.

    A wall time that the clocks skip shifts forward by what they skip, one that they show twice
    means its first occurrence: both are what `fold=0` does (PEP 495).
    """
    return datetime.combine(day, wall.replace(fold=0), tzinfo=zone).astimezone(UTC)
