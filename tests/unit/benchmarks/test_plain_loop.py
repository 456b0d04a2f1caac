"""The baseline does the whole job, or it would be no baseline."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from exchangelib import EWSTimeZone

from benchmarks.measured.plain_loop import Leave, leaves_of, when

MONDAY, TUESDAY = date(2027, 6, 7), date(2027, 6, 8)
ZONE = EWSTimeZone("Europe/Paris")


def row(day: date, *, am: bool, period: int = 1) -> Mapping[str, Any]:
    return {
        "date": f"{day}T00:00:00",
        "isAM": am,
        "leavePeriod": {"id": period, "ownerId": 1207, "isConfirmed": True},
    }


def test_half_days_of_one_period_become_one_leave_whatever_their_order() -> None:
    rows = [row(TUESDAY, am=True), row(MONDAY, am=False), row(MONDAY, am=True)]
    assert leaves_of(rows) == {1207: [Leave((MONDAY, False), (TUESDAY, False), confirmed=True)]}


def test_periods_stay_apart() -> None:
    leaves = leaves_of([row(MONDAY, am=True), row(MONDAY, am=False, period=2)])
    assert [leave.first for leave in leaves[1207]] == [(MONDAY, False), (MONDAY, True)]


def test_whole_days_are_days_and_the_rest_are_hours() -> None:
    whole = when(Leave((MONDAY, False), (TUESDAY, True), confirmed=True), ZONE)
    assert (whole["start"], whole["end"], whole["is_all_day"]) == (MONDAY, TUESDAY, True)
    part = when(Leave((MONDAY, True), (TUESDAY, False), confirmed=True), ZONE)
    paris = ZoneInfo("Europe/Paris")
    assert not part["is_all_day"]
    assert part["start"] == datetime(2027, 6, 7, 14, tzinfo=paris)
    assert part["end"] == datetime(2027, 6, 8, 12, 30, tzinfo=paris)
