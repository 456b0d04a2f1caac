"""From Figgo's half-days to absences."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from figgosync.core.absence import Absence, EmployeeID, HalfDay, Moment, PeriodID

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def absences_of(half_days: Iterable[HalfDay]) -> tuple[Absence, ...]:
    """Return the absences that the rows amount to, sorted by owner, period and first half-day.

    Active half-days of one leave period become one absence as long as type and status stay the
    same. Days without any row (weekends, holidays, a part-timer's free day) do not end it; a
    half-day that was given back does. The order of the rows is of no importance.
    """
    periods: dict[tuple[EmployeeID, PeriodID], list[HalfDay]] = defaultdict(list)
    for row in half_days:
        periods[row.owner, row.period].append(row)
    return tuple(
        _absence(run)
        for _, rows in sorted(periods.items())
        for run in _runs(latest_by_moment(rows))
    )


def latest_by_moment(rows: Iterable[HalfDay]) -> Mapping[Moment, HalfDay]:
    """Return the one row that counts for each half-day of one leave period, in time order.

    Of several sightings of one leave id the one created last counts, and of equally old ones the
    cancelled one: nothing undoes a cancellation but a new leave. Of several leaves on one
    half-day an active one counts, for Figgo shows it as active now whatever else it keeps listed;
    of several active ones, the one created last.
    """
    leaves: dict[tuple[Moment, str], HalfDay] = {}
    for row in rows:
        key = row.moment, row.leave_id
        leaves[key] = max(row, leaves.get(key, row), key=_recency_of_sighting)
    moments: dict[Moment, HalfDay] = {}
    for row in leaves.values():
        moments[row.moment] = max(row, moments.get(row.moment, row), key=_precedence_of_leave)
    return dict(sorted(moments.items()))


# Both keys end in every field that an absence shows, so that the answer never depends on the order
# in which Figgo listed the rows.
def _recency_of_sighting(row: HalfDay) -> tuple[object, ...]:
    return (row.created_at or _LONG_AGO, not row.active, *_tie_break(row))


def _precedence_of_leave(row: HalfDay) -> tuple[object, ...]:
    return (row.active, row.created_at or _LONG_AGO, *_tie_break(row))


def _tie_break(row: HalfDay) -> tuple[object, ...]:
    return (
        row.confirmed,
        row.account or 0,
        row.account_name or "",
        row.remote_work,
        row.leave_id,
    )


def _runs(rows: Mapping[Moment, HalfDay]) -> Iterable[Sequence[HalfDay]]:
    """Cut the active half-days where type or status changes, or where something was given back."""
    active = [row for row in rows.values() if row.active]
    given_back = [row.moment for row in rows.values() if not row.active]
    run = active[:1]
    for before, after in pairwise(active):
        # Any cancelled row in the gap cuts, of whatever type: an absence that was re-typed keeps
        # the given-back Wednesday of its former type. At worst a weekend is left blank.
        cut = any(before.moment < moment < after.moment for moment in given_back)
        if cut or _kind(before) != _kind(after):
            yield run
            run = []
        run.append(after)
    if run:
        yield run


def _kind(row: HalfDay) -> tuple[object, ...]:
    return row.account, row.remote_work, row.confirmed


def _absence(run: Sequence[HalfDay]) -> Absence:
    first, last = run[0], run[-1]
    return Absence(
        owner=first.owner,
        period=first.period,
        first=first.moment,
        last=last.moment,
        account=first.account,
        account_name=next((row.account_name for row in run if row.account_name), None),
        remote_work=first.remote_work,
        confirmed=first.confirmed,
    )
