"""Where an absence is drawn: the catalogue's days, hours, zones and clock changes."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from builders import (
    HOURS,
    all_day,
    an_absence,
    event_rules,
    timed,
)
from figgosync.core.absence import Absence
from figgosync.core.event import AllDay, Event, Timed
from figgosync.core.render import render
from figgosync.core.tenant import EventRules, FullDay, RemoteWork, Span, WorkingHours

PARIS = ZoneInfo("Europe/Paris")
SLOT = event_rules(full_day=FullDay.TIME_SLOT)
ELSEWHERE = event_rules(remote_work=RemoteWork.WORKING_ELSEWHERE)
AS_ABSENCE = event_rules(remote_work=RemoteWork.AS_ABSENCE)


def shown(absence: Absence, rules: EventRules, zone: ZoneInfo = PARIS) -> Event:
    event = render(absence, rules, zone)
    assert event is not None
    return event


@pytest.mark.parametrize(
    ("first", "last", "rules", "when"),
    [
        pytest.param(
            "2026-12-24 AM", "2026-12-24 PM", event_rules(), all_day("2026-12-24"), id="A01"
        ),
        pytest.param(
            "2026-12-24 AM",
            "2026-12-24 PM",
            SLOT,
            timed("2026-12-24 08:00", "2026-12-24 17:00"),
            id="A02-one-day-as-a-slot",
        ),
        pytest.param(
            "2026-11-30 AM",
            "2026-12-04 PM",
            event_rules(),
            all_day("2026-11-30", "2026-12-04"),
            id="A03",
        ),
        pytest.param(
            "2026-11-30 AM",
            "2026-12-04 PM",
            SLOT,
            all_day("2026-11-30", "2026-12-04"),
            id="A03-several-days-are-no-slot",
        ),
        pytest.param(
            "2026-12-28 AM",
            "2027-01-03 PM",
            event_rules(),
            all_day("2026-12-28", "2027-01-03"),
            id="A05",
        ),
        pytest.param(
            "2028-02-29 AM", "2028-02-29 PM", event_rules(), all_day("2028-02-29"), id="A06"
        ),
        pytest.param(
            "2026-09-01 AM",
            "2027-08-31 PM",
            event_rules(),
            all_day("2026-09-01", "2027-08-31"),
            id="A07",
        ),
        pytest.param(
            "2026-12-24 AM",
            "2026-12-24 AM",
            event_rules(),
            timed("2026-12-24 08:00", "2026-12-24 11:30"),
            id="B01-morning",
        ),
        pytest.param(
            "2026-12-24 PM",
            "2026-12-24 PM",
            SLOT,
            timed("2026-12-24 13:00", "2026-12-24 17:00"),
            id="B01-afternoon",
        ),
        pytest.param(
            "2026-11-30 PM",
            "2026-12-02 AM",
            event_rules(),
            timed("2026-11-30 13:00", "2026-12-02 11:30"),
            id="B05",
        ),
        pytest.param(
            "2026-12-04 PM",
            "2026-12-07 AM",
            event_rules(),
            timed("2026-12-04 13:00", "2026-12-07 11:30"),
            id="B06",
        ),
        pytest.param(
            "2026-12-04 AM",
            "2026-12-07 AM",
            event_rules(),
            timed("2026-12-04 08:00", "2026-12-07 11:30"),
            id="B05-a-half-day-at-the-end-only",
        ),
        pytest.param(
            "2026-12-04 PM",
            "2026-12-07 PM",
            event_rules(),
            timed("2026-12-04 13:00", "2026-12-07 17:00"),
            id="B05-a-half-day-at-the-start-only",
        ),
        pytest.param(
            "2026-10-23 AM",
            "2026-10-26 PM",
            event_rules(),
            all_day("2026-10-23", "2026-10-26"),
            id="C01",
        ),
        pytest.param(
            "2026-10-23 PM",
            "2026-10-26 AM",
            event_rules(),
            timed("2026-10-23 12:00", "2026-10-26 11:30"),
            id="C02-over-the-end-of-summer-time",
        ),
        pytest.param(
            "2027-03-26 PM",
            "2027-03-29 AM",
            event_rules(),
            timed("2027-03-26 13:00", "2027-03-29 10:30"),
            id="C03-over-the-start-of-summer-time",
        ),
        pytest.param(
            "2027-03-28 AM",
            "2027-03-28 PM",
            SLOT,
            timed("2027-03-28 07:00", "2027-03-28 16:00"),
            id="C04-a-day-of-23-hours",
        ),
        pytest.param(
            "2026-10-25 AM",
            "2026-10-25 PM",
            SLOT,
            timed("2026-10-25 08:00", "2026-10-25 17:00"),
            id="C04-a-day-of-25-hours",
        ),
        pytest.param(
            "2027-10-31 AM",
            "2027-10-31 PM",
            SLOT,
            timed("2027-10-31 08:00", "2027-10-31 17:00"),
            id="C04-another-day-of-25-hours",
        ),
    ],
)
def test_an_absence_is_drawn_where_the_people_of_paris_expect_it(
    first: str, last: str, rules: EventRules, when: AllDay | Timed
) -> None:
    assert shown(an_absence(first, last), rules).when == when


def night(start: time, end: time, afternoon: Span = HOURS.afternoon) -> EventRules:
    hours = WorkingHours(morning=Span(start, end), afternoon=afternoon)
    return event_rules(working_hours=hours)


@pytest.mark.parametrize(
    ("rules", "morning", "when"),
    [
        pytest.param(
            night(time(2, 30), time(6)),
            "2027-03-28 AM",
            timed("2027-03-28 01:30", "2027-03-28 04:00"),
            id="a-start-that-is-skipped-shifts-forward",
        ),
        pytest.param(
            night(time(1), time(2, 30)),
            "2027-03-28 AM",
            timed("2027-03-28 00:00", "2027-03-28 01:30"),
            id="an-end-that-is-skipped-shifts-forward",
        ),
        pytest.param(
            night(time(2, 30), time(3)),
            "2027-03-28 AM",
            timed("2027-03-28 01:30", "2027-03-28 02:00"),
            id="a-slot-turned-inside-out-keeps-its-length",
        ),
        pytest.param(
            night(time(2), time(3)),
            "2027-03-28 AM",
            timed("2027-03-28 01:00", "2027-03-28 02:00"),
            id="a-slot-that-is-skipped-whole-keeps-its-length",
        ),
        pytest.param(
            night(time(2, 30), time(6)),
            "2026-10-25 AM",
            timed("2026-10-25 00:30", "2026-10-25 05:00"),
            id="a-start-that-comes-twice-is-the-first",
        ),
        pytest.param(
            night(time(1), time(2, 30)),
            "2026-10-25 AM",
            timed("2026-10-24 23:00", "2026-10-25 00:30"),
            id="an-end-that-comes-twice-is-the-first",
        ),
        pytest.param(
            night(time(2, 30, fold=1), time(6)),
            "2026-10-25 AM",
            timed("2026-10-25 00:30", "2026-10-25 05:00"),
            id="whatever-fold-the-settings-carry",
        ),
    ],
)
def test_c05_a_wall_time_that_the_clocks_skip_or_repeat_has_a_rule(
    rules: EventRules, morning: str, when: Timed
) -> None:
    assert shown(an_absence(morning, morning), rules).when == when


@pytest.mark.parametrize(
    ("zone", "day_text"),
    [
        ("Africa/Cairo", "2026-04-24"),
        ("Asia/Beirut", "2026-03-29"),
        ("America/Havana", "2026-03-08"),
    ],
)
def test_c06_a_day_without_a_local_midnight_is_a_day(zone: str, day_text: str) -> None:
    one_day = an_absence(f"{day_text} AM")
    assert shown(one_day, event_rules(), ZoneInfo(zone)).when == all_day(day_text)
    slot = shown(one_day, SLOT, ZoneInfo(zone)).when
    assert isinstance(slot, Timed)
    assert slot.end - slot.start == timedelta(hours=9)


@pytest.mark.parametrize(
    ("zone", "when"),
    [
        # Each line is one morning from 09:00 to 12:30 there, on 24 December 2026 unless said.
        ("Australia/Lord_Howe", timed("2026-12-23 22:00", "2026-12-24 01:30")),
        ("Asia/Kolkata", timed("2026-12-24 03:30", "2026-12-24 07:00")),
        ("Pacific/Apia", timed("2026-12-23 20:00", "2026-12-23 23:30")),
        ("Pacific/Pago_Pago", timed("2026-12-24 20:00", "2026-12-24 23:30")),
        ("Indian/Reunion", timed("2026-12-24 05:00", "2026-12-24 08:30")),
        ("America/Martinique", timed("2026-12-24 13:00", "2026-12-24 16:30")),
    ],
)
def test_c07_a_morning_is_the_morning_of_the_place(zone: str, when: Timed) -> None:
    assert shown(an_absence("2026-12-24 AM", "2026-12-24 AM"), SLOT, ZoneInfo(zone)).when == when


@pytest.mark.parametrize(
    ("first", "last", "when"),
    [
        # Morocco keeps UTC+1, and UTC+0 during Ramadan (15 February to 22 March 2026).
        ("2026-02-13 AM", "2026-02-13 AM", timed("2026-02-13 08:00", "2026-02-13 11:30")),
        ("2026-02-20 AM", "2026-02-20 AM", timed("2026-02-20 09:00", "2026-02-20 12:30")),
        ("2026-02-13 PM", "2026-02-16 AM", timed("2026-02-13 13:00", "2026-02-16 12:30")),
        ("2026-03-20 PM", "2026-03-23 AM", timed("2026-03-20 14:00", "2026-03-23 11:30")),
    ],
)
def test_c08_casablanca_keeps_its_hours_around_ramadan(first: str, last: str, when: Timed) -> None:
    zone = ZoneInfo("Africa/Casablanca")
    assert shown(an_absence(first, last), event_rules(), zone).when == when


@pytest.mark.parametrize(
    ("day_text", "start"),
    [
        ("2026-03-06", "2026-03-06 14:00"),
        ("2026-03-09", "2026-03-09 13:00"),
        ("2026-03-27", "2026-03-27 13:00"),
        ("2026-03-30", "2026-03-30 13:00"),
    ],
)
def test_c10_new_york_follows_its_own_clocks_in_the_weeks_of_the_gap(
    day_text: str, start: str
) -> None:
    event = shown(an_absence(f"{day_text} AM"), SLOT, ZoneInfo("America/New_York"))
    assert event.when == timed(start, f"{day_text} {int(start[11:13]) + 9}:00")
