"""Values for tests: valid by default, so that a test names only what it is about."""

# ruff: noqa: ANN401 - a builder takes any field of the value that it builds

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time
from typing import Any

from figgosync.core.absence import (
    Absence,
    AccountID,
    EmployeeID,
    Half,
    HalfDay,
    LegalEntityID,
    Moment,
    PeriodID,
    Reading,
)
from figgosync.core.directory import Employee
from figgosync.core.event import AllDay, Availability, Event, EventKey, OwnedEvent, Ref, Timed
from figgosync.core.tenant import EventRules, FullDay, RemoteWork, Span, WorkingHours

HOST = "acme.ilucca.net"
OWNER = EmployeeID(1207)
PERIOD = PeriodID(90211)
VACATION = AccountID(8)
SICKNESS = AccountID(12)
TELEWORK = AccountID(31)

HOURS = WorkingHours(
    morning=Span(time(9), time(12, 30)),
    afternoon=Span(time(14), time(18)),
)


def at(text: str) -> datetime:
    """Return an instant: `at("2026-11-20 08:31")` is in UTC."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def day(text: str) -> date:
    return date.fromisoformat(text)


def moment(text: str) -> Moment:
    """Return a half-day: `moment("2026-12-24 AM")`."""
    day_text, half = text.split()
    return Moment(day(day_text), {"AM": Half.MORNING, "PM": Half.AFTERNOON}[half])


def moments(first: str, last: str) -> list[Moment]:
    """Return all half-days from `first` to `last`, both included."""
    run, end = [moment(first)], moment(last)
    while run[-1] < end:
        run.append(run[-1].next())
    return run


def a_half_day(when: str | Moment = "2026-12-24 AM", **changes: Any) -> HalfDay:
    the_moment = moment(when) if isinstance(when, str) else when
    period = changes.get("period", PERIOD)
    half = "AM" if the_moment.half is Half.MORNING else "PM"
    row = HalfDay(
        leave_id=f"{period}-{the_moment.day:%Y%m%d}-{half}",
        owner=OWNER,
        period=PERIOD,
        moment=the_moment,
        account=VACATION,
        account_name=None,
        remote_work=False,
        confirmed=True,
        active=True,
        created_at=at("2026-11-20 08:31"),
        confirmed_at=at("2026-11-21 10:05") if changes.get("confirmed", True) else None,
        cancelled_at=None if changes.get("active", True) else at("2026-11-22 09:00"),
    )
    return replace(row, **changes)


def half_days(first: str, last: str, **changes: Any) -> tuple[HalfDay, ...]:
    """Return the rows of every half-day from `first` to `last`, both included."""
    return tuple(a_half_day(each, **changes) for each in moments(first, last))


def working_half_days(first: str, last: str, **changes: Any) -> tuple[HalfDay, ...]:
    """Return the rows that Figgo lists: none on Saturdays and Sundays."""
    return tuple(row for row in half_days(first, last, **changes) if row.moment.day.weekday() < 5)


def cancelled(rows: Iterable[HalfDay], when: str = "2026-11-22 09:00") -> tuple[HalfDay, ...]:
    """Return the rows as they are listed after somebody gave them back."""
    return tuple(replace(row, active=False, cancelled_at=at(when)) for row in rows)


def an_absence(first: str = "2026-12-24 AM", last: str | None = None, **changes: Any) -> Absence:
    """Return an absence; of one whole day unless `last` says otherwise."""
    absence = Absence(
        owner=OWNER,
        period=PERIOD,
        first=moment(first),
        last=moment(last or first.replace("AM", "PM")),
        account=VACATION,
        account_name=None,
        remote_work=False,
        confirmed=True,
    )
    return replace(absence, **changes)


def a_reading(rows: Iterable[HalfDay] = (), since: str = "2026-10-25", **changes: Any) -> Reading:
    reading = Reading(
        owner=OWNER,
        since=day(since),
        half_days=tuple(rows),
        read_at=at("2026-11-24 08:00"),
    )
    return replace(reading, **changes)


def event_rules(**changes: Any) -> EventRules:
    rules = EventRules(
        title="Absent",
        remote_work_title="Working elsewhere",
        show_absence_type=False,
        remote_work=RemoteWork.IGNORE,
        full_day=FullDay.ALL_DAY,
        working_hours=HOURS,
        time_zone="Europe/Paris",
        private=False,
    )
    return replace(rules, **changes)


def all_day(first: str, last: str | None = None) -> AllDay:
    return AllDay(day(first), day(last or first))


def timed(start: str, end: str) -> Timed:
    """Return a slot between two instants, in UTC unless they say otherwise."""
    return Timed(at(start), at(end))


def an_event(when: AllDay | Timed | None = None, **changes: Any) -> Event:
    event = Event(
        title="Absent",
        when=when or all_day("2026-12-24"),
        availability=Availability.OUT_OF_OFFICE,
        private=False,
    )
    return replace(event, **changes)


def an_owned_event(event: Event | None = None, **changes: Any) -> OwnedEvent:
    """Return an event of ours; `host`, `employee`, `period` and `part` change its key."""
    key = EventKey(HOST, OWNER, PERIOD, 0)
    key_changes = {f.name: changes.pop(f.name) for f in fields(EventKey) if f.name in changes}
    key = replace(key, **key_changes)
    owned = OwnedEvent(key=key, ref=Ref(f"ref-{key.marker()}"), event=event or an_event())
    return replace(owned, **changes)


def an_employee(number: int = 1207, **changes: Any) -> Employee:
    employee = Employee(
        id=EmployeeID(number),
        legal_entity=LegalEntityID(1),
        mail=f"e{number}@societe.com",
        login=f"e{number}",
        contract_start=day("2020-01-01"),
        contract_end=None,
    )
    return replace(employee, **changes)
