"""Half-days become absences: the catalogue's cases, then all of them against a naive reading."""

from dataclasses import replace
from itertools import pairwise, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import (
    PERIOD,
    SICKNESS,
    TELEWORK,
    VACATION,
    a_half_day,
    an_absence,
    at,
    cancelled,
    half_days,
    moment,
    working_half_days,
)
from figgosync.core.absence import Absence, EmployeeID, HalfDay, Moment, PeriodID
from figgosync.core.joining import absences_of
from strategies import naively_covered, rows_of_one_employee

ANOTHER_PERIOD = PeriodID(PERIOD + 1)
A_COLLEAGUE = EmployeeID(1344)


def without(rows: tuple[HalfDay, ...], *texts: str) -> tuple[HalfDay, ...]:
    gone = {moment(text) for text in texts}
    return tuple(row for row in rows if row.moment not in gone)


def given_back(rows: tuple[HalfDay, ...], *texts: str) -> tuple[HalfDay, ...]:
    gone = {moment(text) for text in texts}
    return tuple(cancelled([row])[0] if row.moment in gone else row for row in rows)


WEEK = half_days("2026-11-30 AM", "2026-12-04 PM")
WEDNESDAY = ("2026-12-02 AM", "2026-12-02 PM")


@pytest.mark.parametrize(
    ("rows", "absences"),
    [
        pytest.param(
            half_days("2026-12-24 AM", "2026-12-24 PM"),
            [an_absence("2026-12-24 AM", "2026-12-24 PM")],
            id="A01_B02-two-halves-are-a-day",
        ),
        pytest.param(
            WEEK, [an_absence("2026-11-30 AM", "2026-12-04 PM")], id="A03-a-week-is-one-absence"
        ),
        pytest.param(
            working_half_days("2026-12-03 AM", "2026-12-08 PM"),
            [an_absence("2026-12-03 AM", "2026-12-08 PM")],
            id="A04-a-weekend-without-rows-is-bridged",
        ),
        pytest.param(
            half_days("2026-12-28 AM", "2027-01-03 PM"),
            [an_absence("2026-12-28 AM", "2027-01-03 PM")],
            id="A05-over-the-year-end",
        ),
        pytest.param(
            half_days("2028-02-28 AM", "2028-03-01 PM"),
            [an_absence("2028-02-28 AM", "2028-03-01 PM")],
            id="A06-over-a-leap-day",
        ),
        pytest.param(
            working_half_days("2026-09-01 AM", "2027-08-31 PM"),
            [an_absence("2026-09-01 AM", "2027-08-31 PM")],
            id="A07-a-year-of-parental-leave-is-one-absence",
        ),
        pytest.param([], [], id="A08-no-row-is-no-absence"),
        pytest.param(cancelled(WEEK), [], id="D02-a-cancelled-leave-is-no-absence"),
        pytest.param(
            without(WEEK, *WEDNESDAY),
            [an_absence("2026-11-30 AM", "2026-12-04 PM")],
            id="A09_A10-a-holiday-or-free-day-without-rows-is-bridged",
        ),
        pytest.param(
            half_days("2026-12-04 AM", "2026-12-07 PM"),
            [an_absence("2026-12-04 AM", "2026-12-07 PM")],
            id="A11-weekend-rows-are-rows-like-any-other",
        ),
        pytest.param(
            [a_half_day("2026-12-24 PM")],
            [an_absence("2026-12-24 PM", "2026-12-24 PM")],
            id="B01-an-afternoon",
        ),
        pytest.param(
            [
                a_half_day("2026-12-24 AM"),
                a_half_day("2026-12-24 PM", period=ANOTHER_PERIOD),
            ],
            [
                an_absence("2026-12-24 AM", "2026-12-24 AM"),
                an_absence("2026-12-24 PM", "2026-12-24 PM", period=ANOTHER_PERIOD),
            ],
            id="B03-two-periods-are-never-joined",
        ),
        pytest.param(
            [a_half_day("2026-12-24 AM"), a_half_day("2026-12-24 PM", account=SICKNESS)],
            [
                an_absence("2026-12-24 AM", "2026-12-24 AM"),
                an_absence("2026-12-24 PM", "2026-12-24 PM", account=SICKNESS),
            ],
            id="B04-another-type-is-another-absence",
        ),
        pytest.param(
            half_days("2026-12-21 PM", "2026-12-23 AM"),
            [an_absence("2026-12-21 PM", "2026-12-23 AM")],
            id="B05-half-days-at-the-ends",
        ),
        pytest.param(
            [a_half_day("2026-12-04 PM"), a_half_day("2026-12-07 AM")],
            [an_absence("2026-12-04 PM", "2026-12-07 AM")],
            id="B06-from-friday-afternoon-to-monday-morning",
        ),
        pytest.param(
            [a_half_day("2026-12-24 AM"), a_half_day("2026-12-24 PM", confirmed=False)],
            [
                an_absence("2026-12-24 AM", "2026-12-24 AM"),
                an_absence("2026-12-24 PM", "2026-12-24 PM", confirmed=False),
            ],
            id="B07-another-status-is-another-absence",
        ),
        pytest.param(
            given_back(WEEK, *WEDNESDAY),
            [
                an_absence("2026-11-30 AM", "2026-12-01 PM"),
                an_absence("2026-12-03 AM", "2026-12-04 PM"),
            ],
            id="E01-a-given-back-day-splits",
        ),
        pytest.param(
            given_back(WEEK, "2026-12-02 PM"),
            [
                an_absence("2026-11-30 AM", "2026-12-02 AM"),
                an_absence("2026-12-03 AM", "2026-12-04 PM"),
            ],
            id="E01-a-given-back-half-day-splits",
        ),
        pytest.param(
            given_back(working_half_days("2026-12-03 AM", "2026-12-08 PM"), "2026-12-04 PM"),
            [
                an_absence("2026-12-03 AM", "2026-12-04 AM"),
                an_absence("2026-12-07 AM", "2026-12-08 PM"),
            ],
            id="E01-a-gap-given-back-in-part-splits",
        ),
        pytest.param(
            [
                *cancelled(half_days(*WEDNESDAY, leave_id="first")),
                *half_days(*WEDNESDAY, leave_id="second", created_at=at("2026-11-23 09:00")),
                *without(WEEK, *WEDNESDAY),
            ],
            [an_absence("2026-11-30 AM", "2026-12-04 PM")],
            id="E03-a-day-booked-again-joins",
        ),
        pytest.param(
            given_back(WEEK, "2026-11-30 AM", "2026-11-30 PM"),
            [an_absence("2026-12-01 AM", "2026-12-04 PM")],
            id="E02-a-cancelled-first-day-shortens",
        ),
        pytest.param(
            [
                *half_days("2026-11-30 AM", "2026-11-30 PM"),
                *half_days("2026-12-01 AM", "2026-12-01 PM", account=SICKNESS),
                *half_days("2026-12-02 AM", "2026-12-02 PM"),
            ],
            [
                an_absence("2026-11-30 AM"),
                an_absence("2026-12-01 AM", account=SICKNESS),
                an_absence("2026-12-02 AM"),
            ],
            id="E05-no-bridge-over-another-type",
        ),
        pytest.param(
            [
                *half_days("2026-12-24 AM", "2026-12-24 PM"),
                *half_days("2026-12-24 AM", "2026-12-24 PM", period=ANOTHER_PERIOD),
            ],
            [an_absence("2026-12-24 AM"), an_absence("2026-12-24 AM", period=ANOTHER_PERIOD)],
            id="E06-overlapping-periods-both-stand",
        ),
        pytest.param(
            [*WEEK, *WEEK, *WEEK[3:5]],
            [an_absence("2026-11-30 AM", "2026-12-04 PM")],
            id="E08-duplicate-rows-are-one-absence",
        ),
        pytest.param(
            [
                *half_days("2026-12-24 AM", "2026-12-24 PM", owner=A_COLLEAGUE),
                *half_days("2026-12-25 AM", "2026-12-25 PM"),
            ],
            [an_absence("2026-12-25 AM"), an_absence("2026-12-24 AM", owner=A_COLLEAGUE)],
            id="F01-two-people-are-never-joined",
        ),
        pytest.param(
            [
                a_half_day("2026-12-24 AM", account=TELEWORK, remote_work=True),
                a_half_day("2026-12-24 PM", account=TELEWORK, remote_work=False),
            ],
            [
                an_absence("2026-12-24 AM", "2026-12-24 AM", account=TELEWORK, remote_work=True),
                an_absence("2026-12-24 PM", "2026-12-24 PM", account=TELEWORK),
            ],
            id="remote-work-is-another-type",
        ),
        pytest.param(
            half_days("2026-12-24 AM", "2026-12-24 PM", account=None),
            [an_absence("2026-12-24 AM", account=None)],
            id="G08-a-masked-type-is-a-type",
        ),
    ],
)
def test_rows_of_figgo_amount_to_absences(
    rows: tuple[HalfDay, ...], absences: list[Absence]
) -> None:
    assert list(absences_of(rows)) == absences


def test_an_absence_has_the_name_of_its_type_where_any_row_has_it() -> None:
    rows = [
        a_half_day("2026-12-24 AM", account_name=None),
        a_half_day("2026-12-24 PM", account_name="Congés payés"),
    ]
    assert absences_of(rows) == (an_absence("2026-12-24 AM", account_name="Congés payés"),)


FIRST = a_half_day("2026-12-24 AM", leave_id="1", created_at=at("2026-11-01 10:00"))
LATER = a_half_day("2026-12-24 AM", leave_id="1", created_at=at("2026-11-05 10:00"))
OTHER_ID = a_half_day("2026-12-24 AM", leave_id="2", created_at=at("2026-11-05 10:00"))


@pytest.mark.parametrize(
    ("rows", "is_absent"),
    [
        pytest.param([*cancelled([FIRST]), LATER], True, id="booked-again-under-the-same-id"),
        pytest.param([FIRST, *cancelled([FIRST])], False, id="one-leave-seen-before-and-after"),
        pytest.param([FIRST, *cancelled([LATER])], False, id="same-id-cancelled-again"),
        pytest.param([*cancelled([FIRST]), OTHER_ID], True, id="booked-again-under-another-id"),
        pytest.param(
            [*cancelled([FIRST], when="2026-11-05 10:01"), OTHER_ID],
            True,
            id="an-edit-that-cancels-after-it-creates",
        ),
        pytest.param([FIRST, *cancelled([OTHER_ID])], True, id="what-is-active-now-is-active"),
        pytest.param([*cancelled([FIRST]), *cancelled([OTHER_ID])], False, id="cancelled-twice"),
        pytest.param(
            [replace(cancelled([FIRST])[0], cancelled_at=None), OTHER_ID],
            True,
            id="refused-without-a-date-then-booked",
        ),
    ],
)
def test_of_several_rows_on_one_half_day_the_latest_state_counts(
    rows: list[HalfDay], *, is_absent: bool
) -> None:
    for order in permutations(rows):
        assert bool(absences_of(order)) is is_absent


def test_an_active_row_created_later_brings_its_own_type_and_status() -> None:
    rows = [
        replace(FIRST, account=VACATION),
        replace(OTHER_ID, account=SICKNESS, confirmed=False),
    ]
    expected = an_absence("2026-12-24 AM", "2026-12-24 AM", account=SICKNESS, confirmed=False)
    assert absences_of(rows) == absences_of(reversed(rows)) == (expected,)


@settings(max_examples=150, deadline=None)
@given(rows=rows_of_one_employee(), data=st.data())
def test_the_order_and_repetition_of_rows_are_of_no_importance(
    rows: list[HalfDay], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations([*rows, *rows[: len(rows) // 2]]))
    assert absences_of(shuffled) == absences_of(rows)


@settings(max_examples=200, deadline=None)
@given(rows=rows_of_one_employee())
def test_absences_cover_exactly_what_a_naive_reading_covers(rows: list[HalfDay]) -> None:
    covered: set[tuple[PeriodID, Moment]] = set()
    for absence in absences_of(rows):
        half_day = absence.first
        while half_day <= absence.last:
            assert (absence.period, half_day) not in covered, "two absences of a period overlap"
            covered.add((absence.period, half_day))
            half_day = half_day.next()
    assert covered == naively_covered(rows)


@settings(max_examples=150, deadline=None)
@given(rows=rows_of_one_employee())
def test_absences_are_sorted_and_as_few_as_can_be(rows: list[HalfDay]) -> None:
    absences = absences_of(rows)
    assert list(absences) == sorted(absences, key=lambda a: (a.owner, a.period, a.first))
    for before, after in pairwise(absences):
        if before.period == after.period and before.last.next() == after.first:
            kinds = [(a.account, a.remote_work, a.confirmed) for a in (before, after)]
            assert kinds[0] != kinds[1], "two absences that touch could have been one"
