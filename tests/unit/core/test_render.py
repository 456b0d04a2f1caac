"""How an absence looks in a calendar, what it discloses, and that it covers the leave."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import (
    a_half_day,
    a_reading,
    all_day,
    an_absence,
    an_event,
    cancelled,
    event_rules,
    half_days,
)
from figgosync.core.absence import Absence, Half, HalfDay, Moment, PeriodID
from figgosync.core.event import AllDay, Availability, Event, Timed
from figgosync.core.render import concealed, render, wanted_events
from figgosync.core.tenant import EventRules, FullDay, RemoteWork, Span, WorkingHours
from strategies import ZONES, naively_covered, rows_of_one_employee, zones

PARIS = ZoneInfo("Europe/Paris")
SLOT = event_rules(full_day=FullDay.TIME_SLOT)
ELSEWHERE = event_rules(remote_work=RemoteWork.WORKING_ELSEWHERE)
AS_ABSENCE = event_rules(remote_work=RemoteWork.AS_ABSENCE)


def shown(absence: Absence, rules: EventRules, zone: ZoneInfo = PARIS) -> Event:
    event = render(absence, rules, zone)
    assert event is not None
    return event


@pytest.mark.parametrize(
    ("absence", "rules", "availability"),
    [
        (an_absence(), event_rules(), Availability.OUT_OF_OFFICE),
        (an_absence(confirmed=False), event_rules(), Availability.TENTATIVE),
        (an_absence(remote_work=True), ELSEWHERE, Availability.WORKING_ELSEWHERE),
        (an_absence(remote_work=True, confirmed=False), ELSEWHERE, Availability.TENTATIVE),
        (an_absence(remote_work=True), AS_ABSENCE, Availability.OUT_OF_OFFICE),
        (an_absence(remote_work=True, confirmed=False), AS_ABSENCE, Availability.TENTATIVE),
        (an_absence(remote_work=False), ELSEWHERE, Availability.OUT_OF_OFFICE),
    ],
)
def test_colleagues_see_whether_somebody_is_away_may_be_or_works_elsewhere(
    absence: Absence, rules: EventRules, availability: Availability
) -> None:
    assert shown(absence, rules).availability is availability


def test_ignored_remote_work_draws_nothing() -> None:
    rules = event_rules(remote_work=RemoteWork.IGNORE)
    assert render(an_absence(remote_work=True), rules, PARIS) is None
    assert render(an_absence(remote_work=False), rules, PARIS) is not None


SICK = an_absence(account_name="Maladie")
TELEWORK = an_absence(account_name="Télétravail", remote_work=True)


@pytest.mark.parametrize(
    ("absence", "rules", "title"),
    [
        pytest.param(SICK, event_rules(), "Absent", id="hidden"),
        pytest.param(SICK, event_rules(title="Away"), "Away", id="hidden-in-own-words"),
        pytest.param(SICK, event_rules(show_absence_type=True), "Maladie", id="shown"),
        pytest.param(
            replace(SICK, account_name=None),
            event_rules(show_absence_type=True),
            "Absent",
            id="G08-no-name",
        ),
        pytest.param(
            replace(SICK, account_name=" \u200e\n"),
            event_rules(show_absence_type=True),
            "Absent",
            id="G08-blank-name",
        ),
        pytest.param(
            replace(SICK, account_name="Mala\u202edie\r\n" * 100),
            event_rules(show_absence_type=True),
            ("Maladie " * 100)[:255].strip(),
            id="K07-shown-and-cleaned",
        ),
        pytest.param(SICK, event_rules(title=" Not\there\x00 "), "Not here", id="K07-own-words"),
        pytest.param(TELEWORK, ELSEWHERE, "Working elsewhere", id="telework-hidden"),
        pytest.param(
            TELEWORK,
            replace(ELSEWHERE, show_absence_type=True),
            "Télétravail",
            id="telework-shown",
        ),
        pytest.param(
            replace(TELEWORK, account_name=None),
            replace(ELSEWHERE, show_absence_type=True),
            "Working elsewhere",
            id="telework-no-name",
        ),
        pytest.param(TELEWORK, AS_ABSENCE, "Absent", id="telework-as-absence"),
        pytest.param(SICK, ELSEWHERE, "Absent", id="no-telework"),
    ],
)
def test_the_title_discloses_what_the_company_chose(
    absence: Absence, rules: EventRules, title: str
) -> None:
    assert shown(absence, rules).title == title


@pytest.mark.parametrize("private", [True, False])
def test_privacy_is_as_the_company_chose(*, private: bool) -> None:
    assert shown(an_absence(), event_rules(private=private)).private is private


@pytest.mark.parametrize(
    ("event", "rules", "expected"),
    [
        pytest.param(
            an_event(title="Maladie"), event_rules(), an_event(title="Absent"), id="hidden-now"
        ),
        pytest.param(
            an_event(title="Télétravail", availability=Availability.WORKING_ELSEWHERE),
            event_rules(),
            an_event(title="Working elsewhere", availability=Availability.WORKING_ELSEWHERE),
            id="telework-hidden-now",
        ),
        pytest.param(
            an_event(title="Working elsewhere", availability=Availability.TENTATIVE),
            event_rules(),
            an_event(title="Working elsewhere", availability=Availability.TENTATIVE),
            id="a-neutral-title-is-neutral",
        ),
        pytest.param(
            an_event(title="Absent"),
            event_rules(show_absence_type=True),
            an_event(title="Absent"),
            id="never-discloses-more",
        ),
        pytest.param(
            an_event(private=False),
            event_rules(private=True),
            an_event(private=True),
            id="private-now",
        ),
        pytest.param(
            an_event(private=True),
            event_rules(private=False),
            an_event(private=True),
            id="private-stays",
        ),
    ],
)
def test_k03_concealing_takes_away_what_the_rules_no_longer_disclose(
    event: Event, rules: EventRules, expected: Event
) -> None:
    assert concealed(event, rules) == expected
    assert concealed(expected, rules) == expected


def test_what_is_wanted_is_grouped_by_period_in_time_order() -> None:
    sick, other = PeriodID(7), PeriodID(8)
    rows = [
        *half_days("2026-12-03 AM", "2026-12-03 PM", period=sick),
        *cancelled(half_days("2026-12-02 AM", "2026-12-02 PM", period=sick)),
        *half_days("2026-12-01 AM", "2026-12-01 PM", period=sick),
        *half_days("2026-12-07 AM", "2026-12-07 PM", period=other, remote_work=True),
    ]
    assert wanted_events(a_reading(rows), event_rules(), PARIS) == {
        sick: (an_event(all_day("2026-12-01")), an_event(all_day("2026-12-03")))
    }


rules_of_any_kind = st.builds(
    event_rules,
    title=st.sampled_from(["Absent", " Away\n"]),
    show_absence_type=st.booleans(),
    remote_work=st.sampled_from(RemoteWork),
    full_day=st.sampled_from(FullDay),
    private=st.booleans(),
)


def naively_shown(events: Iterable[Event], zone: ZoneInfo, around: Iterable[date]) -> set[Moment]:
    """Return the half-days in whose very middle, on the wall, somebody is shown as away."""
    middles = {Half.MORNING: time(10, 45), Half.AFTERNOON: time(16)}
    return {
        Moment(each, half)
        for event in events
        for each in around
        for half in Half
        if (
            event.when.first <= each <= event.when.last
            if isinstance(event.when, AllDay)
            else event.when.start < datetime.combine(each, middles[half], zone) < event.when.end
        )
    }


@settings(max_examples=200, deadline=None)
@given(rows=rows_of_one_employee(), zone=zones, full_day=st.sampled_from(FullDay))
def test_e09_the_calendar_shows_exactly_the_half_days_of_the_leave(
    rows: list[HalfDay], zone: ZoneInfo, full_day: FullDay
) -> None:
    around = [date(2026, 10, 15) + timedelta(days=offset) for offset in range(20)]
    wanted = wanted_events(a_reading(rows), event_rules(full_day=full_day), zone)
    shown_halves = {
        (period, half)
        for period, events in wanted.items()
        for half in naively_shown(events, zone, around)
    }
    assert shown_halves == naively_covered(rows)


@settings(max_examples=300, deadline=None)
@given(
    day_number=st.integers(0, 3 * 365),
    half=st.sampled_from(Half),
    length=st.integers(0, 30),
    times=st.lists(
        st.times().map(lambda t: t.replace(fold=0)), min_size=4, max_size=4, unique=True
    ).map(sorted),
    full_day=st.sampled_from(FullDay),
    zone=st.sampled_from(ZONES),
)
def test_a_slot_has_a_length_and_is_in_utc_whatever_the_clocks_do(
    day_number: int,
    half: Half,
    length: int,
    times: list[time],
    full_day: FullDay,
    zone: ZoneInfo,
) -> None:
    first = last = Moment(date(2026, 1, 1) + timedelta(days=day_number), half)
    for _ in range(length):
        last = last.next()
    hours = WorkingHours(Span(times[0], times[1]), Span(times[2], times[3]))
    absence = replace(an_absence(), first=first, last=last)
    when = shown(absence, event_rules(working_hours=hours, full_day=full_day), zone).when
    if isinstance(when, Timed):
        assert when.start.tzinfo is when.end.tzinfo is UTC
        assert when.start < when.end
    else:
        assert (when.first, when.last) == (first.day, last.day)


@settings(max_examples=100, deadline=None)
@given(
    rules=rules_of_any_kind,
    remote_work=st.booleans(),
    confirmed=st.booleans(),
    name=st.none() | st.text(max_size=20),
)
def test_nothing_needs_concealing_in_what_was_just_rendered(
    rules: EventRules, *, remote_work: bool, confirmed: bool, name: str | None
) -> None:
    absence = an_absence(remote_work=remote_work, confirmed=confirmed, account_name=name)
    event = render(absence, rules, PARIS)
    if event is None:
        assert (remote_work, rules.remote_work) == (True, RemoteWork.IGNORE)
    else:
        assert concealed(event, rules) == event


def test_k01_a_hidden_type_is_nowhere_in_the_event() -> None:
    absence = an_absence(account_name="CANARY")
    assert "CANARY" not in repr(shown(absence, event_rules(show_absence_type=False)))


def test_b02_two_rows_make_the_same_event_as_one_day() -> None:
    rows = [a_half_day("2026-12-24 PM"), a_half_day("2026-12-24 AM")]
    wanted = wanted_events(a_reading(rows), event_rules(), PARIS)
    assert list(wanted.values()) == [(an_event(all_day("2026-12-24")),)]
