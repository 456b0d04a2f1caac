"""A back-fill counts only where every mailbox shows exactly what the company has booked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from benchmarks.errors import NotMeasuredError
from benchmarks.initialising import check_calendars, old_events
from benchmarks.witness import Shown
from figgosync_sim.company import PAID_LEAVE, big_company
from figgosync_sim.organisation import Booking

THURSDAY, FRIDAY = date(2026, 1, 8), date(2026, 1, 9)
LONG_AGO = datetime(2025, 12, 1, tzinfo=UTC)
COMPANY = replace(
    big_company(2, 0, seed=1),
    bookings=(
        Booking(1, (THURSDAY, "AM"), (FRIDAY, "PM"), PAID_LEAVE, confirmed=True, at=LONG_AGO),
        Booking(2, (THURSDAY, "PM"), (THURSDAY, "PM"), PAID_LEAVE, confirmed=True, at=LONG_AGO),
    ),
)
PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")


def shown(number: int, start: datetime, end: datetime, *, all_day: bool = False) -> Shown:
    first, last = (moment.astimezone(ZoneInfo("UTC")).isoformat() for moment in (start, end))
    return Shown(f"employee{number}@societe.example", first, last, all_day, "OOF", "Absent")


# Who has an odd number works on Réunion.
WHOLE_DAYS = shown(
    1,
    datetime(2026, 1, 8, tzinfo=REUNION),
    datetime(2026, 1, 10, tzinfo=REUNION),
    all_day=True,
)
AFTERNOON = shown(2, datetime(2026, 1, 8, 14, tzinfo=PARIS), datetime(2026, 1, 8, 18, tzinfo=PARIS))


def test_calendars_that_show_what_was_booked_are_right() -> None:
    check_calendars([WHOLE_DAYS, AFTERNOON], COMPANY)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda events: events[:1], "1 events are missing, 0 are too many"),
        (lambda events: [*events, events[0]], "0 events are missing, 1 are too many"),
        (
            lambda events: [replace(events[0], address=events[1].address), events[1]],
            "1 events are missing, 1 are too many",
        ),
        (
            lambda events: [replace(events[0], end="2026-01-10T20:00:00+00:00"), events[1]],
            "1 events are missing, 1 are too many",
        ),
    ],
    ids=["one is missing", "one is there twice", "in another mailbox", "a day too long"],
)
def test_anything_else_is_no_measurement(
    spoil: Callable[[list[Shown]], list[Shown]], says: str
) -> None:
    with pytest.raises(NotMeasuredError, match=says):
        check_calendars(spoil([WHOLE_DAYS, AFTERNOON]), COMPANY)


def test_what_was_booked_meanwhile_is_left_out() -> None:
    new = shown(1, datetime(2032, 1, 6, tzinfo=REUNION), datetime(2032, 1, 8, tzinfo=REUNION))
    assert old_events([new, AFTERNOON]) == [AFTERNOON]
    with pytest.raises(NotMeasuredError, match="1 are too many"):
        check_calendars([new, WHOLE_DAYS, AFTERNOON], COMPANY)


def test_a_company_that_is_measured_books_nothing_where_the_measurement_books() -> None:
    company = big_company(20, 400, seed=5, first_day=date(2025, 11, 25))
    assert max(booking.last[0] for booking in company.bookings) < date(2031, 1, 1)
