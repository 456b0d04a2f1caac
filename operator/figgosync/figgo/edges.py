"""Where a window cuts through leave periods, and how far back to look for their beginnings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from figgosync.core.absence import EmployeeID, HalfDay, Moment, PeriodID

MARGIN = timedelta(days=31)
"""How far before the wanted day every read begins: enough for nearly all leaves."""

LONGEST_GAP = timedelta(days=14)
"""Between two half-days of one period. A longer pause would be taken for its beginning; the
longest that is known is a fortnight of company closure inside a leave on working days."""

YEARS_BACK = 4
"""Where looking back ends. It ends on a first of January, so that even a longer leave is redrawn
once a year instead of every day."""


def first_days(since: date) -> Iterator[date]:
    """Yield where to begin reading for a reading from `since`, each further back than the last."""
    yield since - MARGIN
    yield since - 4 * MARGIN
    yield since - 16 * MARGIN
    yield date(since.year - YEARS_BACK, 1, 1)


def by_owner(rows: Iterable[HalfDay]) -> dict[EmployeeID, list[HalfDay]]:
    """Group rows by employee."""
    groups: dict[EmployeeID, list[HalfDay]] = defaultdict(list)
    for row in rows:
        groups[row.owner].append(row)
    return dict(groups)


def may_be_cut(rows: Sequence[HalfDay], since: date, first: date) -> bool:
    """Tell whether a period that reaches `since` may have begun before `first`.

    `rows` are all of one employee's from `first` on.
    """
    return any(
        days[-1] >= since and days[0] < first + LONGEST_GAP
        for days in _days_by_period(rows).values()
    )


def whole_periods(rows: Sequence[HalfDay], since: date) -> tuple[HalfDay, ...]:
    """Return the rows of all periods that reach `since`, in order, each half-day in one state.

    A half-day that was given back and booked again within a period is listed twice; the later
    booking is its present state.
    """
    reaching = {period for period, days in _days_by_period(rows).items() if days[-1] >= since}
    latest: dict[tuple[PeriodID, Moment], HalfDay] = {}
    for row in sorted(rows, key=_age):
        if row.period in reaching:
            latest[row.period, row.moment] = row
    return tuple(latest[key] for key in sorted(latest))


def _age(row: HalfDay) -> tuple[datetime, bool]:
    return row.created_at or datetime.min.replace(tzinfo=UTC), row.active


def _days_by_period(rows: Iterable[HalfDay]) -> dict[PeriodID, list[date]]:
    """Return each period's days, in order."""
    days: dict[PeriodID, list[date]] = defaultdict(list)
    for row in rows:
        days[row.period].append(row.moment.day)
    return {period: sorted(all_days) for period, all_days in days.items()}
