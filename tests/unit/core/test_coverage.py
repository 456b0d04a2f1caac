"""From an event in a calendar back to days and half-days."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import HOURS, all_day, an_absence, day, event_rules, moment, timed
from figgosync.core.absence import Moment
from figgosync.core.coverage import days, half_days
from figgosync.core.event import AllDay, Timed
from figgosync.core.render import render
from figgosync.core.tenant import FullDay
from strategies import moments_around, zones


@pytest.mark.parametrize(
    ("when", "zone", "first", "last"),
    [
        (all_day("2026-12-24"), "Europe/Paris", "2026-12-24 AM", "2026-12-24 PM"),
        (all_day("2026-12-24"), "Pacific/Apia", "2026-12-24 AM", "2026-12-24 PM"),
        (
            timed("2026-12-24 08:00", "2026-12-24 11:30"),
            "Europe/Paris",
            "2026-12-24 AM",
            "2026-12-24 AM",
        ),
        (
            timed("2026-12-24 08:00", "2026-12-24 11:30"),
            "Pacific/Auckland",
            "2026-12-24 PM",
            "2026-12-25 AM",
        ),
        pytest.param(
            timed("2026-12-24 22:00", "2026-12-24 23:00"),
            "Europe/Paris",
            "2026-12-24 PM",
            "2026-12-24 PM",
            id="ends-at-local-midnight",
        ),
        pytest.param(
            timed("2026-12-24 11:45", "2026-12-24 12:15"),
            "Europe/Paris",
            "2026-12-24 PM",
            "2026-12-24 PM",
            id="dragged-into-the-lunch-break",
        ),
        pytest.param(
            timed("2026-12-24 08:00", "2026-12-24 08:00"),
            "Europe/Paris",
            "2026-12-24 AM",
            "2026-12-24 AM",
            id="dragged-to-no-length",
        ),
        pytest.param(
            timed("2026-12-24 23:00", "2026-12-24 23:00"),
            "Europe/Paris",
            "2026-12-25 AM",
            "2026-12-25 AM",
            id="dragged-to-no-length-at-local-midnight",
        ),
    ],
)
def test_an_event_stands_for_the_half_days_that_it_touches(
    when: AllDay | Timed, zone: str, first: str, last: str
) -> None:
    assert half_days(when, HOURS, ZoneInfo(zone)) == (moment(first), moment(last))
    assert days(when, ZoneInfo(zone)) == (moment(first).day, moment(last).day)


@settings(max_examples=200, deadline=None)
@given(
    ends=st.tuples(*[moments_around(day("2026-10-20"), 12)] * 2).map(sorted),
    zone=zones,
    full_day=st.sampled_from(FullDay),
)
def test_a_rendered_absence_stands_for_its_own_half_days(
    ends: list[Moment], zone: ZoneInfo, full_day: FullDay
) -> None:
    first, last = ends
    absence = replace(an_absence(), first=first, last=last)
    event = render(absence, event_rules(full_day=full_day), zone)
    assert event is not None
    assert half_days(event.when, HOURS, zone) == (first, last)
