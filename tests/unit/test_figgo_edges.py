"""Where a window cuts through leave periods."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from figgosync.core.absence import EmployeeID, Half, HalfDay, Moment, PeriodID
from figgosync.figgo import edges

SINCE = date(2026, 10, 24)


def a_row(
    day: date,
    *,
    period: int = 1,
    half: Half = Half.MORNING,
    active: bool = True,
    created: int = 1,
) -> HalfDay:
    return HalfDay(
        leave_id=f"1207-{day:%Y%m%d}-{half.name}",
        owner=EmployeeID(1207),
        period=PeriodID(period),
        moment=Moment(day, half),
        account=None,
        account_name=None,
        remote_work=False,
        confirmed=True,
        active=active,
        created_at=datetime(2026, 1, created, tzinfo=UTC),
        confirmed_at=None,
        cancelled_at=None,
    )


@st.composite
def periods(draw: st.DrawFn) -> list[HalfDay]:
    """Return the rows of one period: from years back to years ahead, no gap over a fortnight."""
    day = SINCE + timedelta(days=draw(st.integers(-1200, 200)))
    rows = [a_row(day)]
    for gap in draw(st.lists(st.integers(1, 14), max_size=120)):
        day += timedelta(days=gap)
        rows.append(a_row(day))
    return rows


def test_each_first_day_lies_further_back_than_the_one_before() -> None:
    for offset in range(800):
        days = list(edges.first_days(SINCE + timedelta(days=offset)))

        assert all(later > earlier for later, earlier in pairwise(days))
        assert days[-1] <= SINCE + timedelta(days=offset) - timedelta(days=4 * 365)


def test_the_last_first_day_is_the_same_all_year() -> None:
    days = {list(edges.first_days(date(2026, 1, 1) + timedelta(days=n)))[-1] for n in range(365)}

    assert days == {date(2022, 1, 1)}


@given(rows=periods(), data=st.data())
def test_a_period_that_is_not_suspected_of_being_cut_is_whole(
    rows: list[HalfDay], data: st.DataObject
) -> None:
    first = data.draw(st.sampled_from(list(edges.first_days(SINCE))))
    read = [row for row in rows if row.moment.day >= first]

    if not edges.may_be_cut(read, SINCE, first):
        whole = edges.whole_periods(read, SINCE)
        assert whole == (tuple(rows) if rows[-1].moment.day >= SINCE else ())


@given(rows=periods())
def test_a_short_period_never_costs_a_second_question(rows: list[HalfDay]) -> None:
    first = SINCE - edges.MARGIN
    if rows[0].moment.day >= first + edges.LONGEST_GAP:
        assert not edges.may_be_cut(rows, SINCE, first)


def test_a_period_is_kept_whole_or_not_at_all() -> None:
    crossing = [a_row(SINCE - timedelta(days=n), period=1) for n in (3, 2, 1, 0)]
    over = [a_row(SINCE - timedelta(days=n), period=2, half=Half.AFTERNOON) for n in (3, 2, 1)]
    coming = [a_row(SINCE + timedelta(days=n), period=3) for n in (1, 2)]

    assert set(edges.whole_periods([*coming, *over, *crossing], SINCE)) == {*crossing, *coming}


def test_a_half_day_that_was_booked_again_is_in_its_latest_state() -> None:
    given_back = a_row(SINCE, active=False, created=1)
    again = a_row(SINCE, active=True, created=2)

    assert edges.whole_periods([again, given_back], SINCE) == (again,)
    assert edges.whole_periods([given_back, again], SINCE) == (again,)


def test_a_half_day_booked_again_at_the_same_moment_stands() -> None:
    given_back, again = a_row(SINCE, active=False), a_row(SINCE, active=True)

    assert edges.whole_periods([again, given_back], SINCE) == (again,)
    assert edges.whole_periods([given_back, again], SINCE) == (again,)


def test_two_periods_on_one_half_day_are_both_kept() -> None:
    cancelled, other = a_row(SINCE, period=1, active=False), a_row(SINCE, period=2)

    assert edges.whole_periods([cancelled, other], SINCE) == (cancelled, other)
