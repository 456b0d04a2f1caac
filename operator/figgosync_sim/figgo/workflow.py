"""What employees, managers and HR do to absences, and what each act leaves in the books."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from figgosync_sim.figgo.directory import Directory
from figgosync_sim.figgo.leaves import (
    Approval,
    CancellationRequest,
    HalfDayTakenError,
    Leave,
    LeaveBook,
    LogEntry,
    Period,
    Request,
    Status,
)
from figgosync_sim.organisation import Account, Boundary, Half, Unit

_HalfDay = tuple[date, bool]
"""A day, and whether its morning is meant."""

_USUAL_HALF_DAY = timedelta(hours=3, minutes=30)


class IllegalActError(ValueError):
    """The period is not in a state in which this can be done."""


class Workflow:
    """The acts on leave periods. Each takes `at` (aware), the moment it happens: now if left out.

    A refusal of the act itself is an IllegalActError; an unknown id is a KeyError.
    """

    def __init__(self, directory: Directory, book: LeaveBook) -> None:
        self._directory = directory
        self._book = book

    def book(  # noqa: PLR0913 - an absence has so many sides; three have to be said
        self,
        owner: int,
        first: Boundary,
        last: Boundary,
        account: int,
        *,
        confirmed: bool = False,
        by_hr: bool = False,
        hours: timedelta | None = None,
        at: datetime | None = None,
    ) -> int:
        """Enter an absence from `first` to `last`, both included; return the period's id.

        Rows exist only on days that the account counts. `confirmed` books what was approved at
        the same moment. `by_hr` leaves out the leave request and needs `confirmed`. `hours` is
        the length of each half-day on an account in hours, 3.5 hours if left out.
        Raises IllegalActError when no half-day would remain, HalfDayTakenError when one is taken.
        """
        if by_hr and not confirmed:
            raise IllegalActError("what HR enters is confirmed")
        moment = at or self._directory.now()
        kind = self._directory.account(account)
        self._directory.person(owner)
        period = Period(self._book.next_id(), owner, confirmed, moment if confirmed else None)
        half_days = self._counted(owner, first, last, kind)
        hours = _hours(kind, hours)
        self._book.enter(period, half_days, account=account, hours=hours, at=moment)
        self._book.periods[period.id] = period
        self._log(period, Status.PENDING_APPROVAL, moment)
        if not by_hr:
            self._request(period, moment)
        if confirmed:
            self._log(period, Status.APPROVED, moment)
        return period.id

    def approve(self, period: int, *, at: datetime | None = None) -> None:
        """Approve a pending absence: all its leaves turn confirmed [verified]."""
        it, moment = self._pending(period), at or self._directory.now()
        it.confirmed, it.confirmed_at = True, moment
        self._decide(it, approved=True, at=moment)
        self._log(it, Status.APPROVED, moment)

    def refuse(self, period: int, *, at: datetime | None = None) -> None:
        """Deny a pending absence: its leaves turn inactive [verified]."""
        it, moment = self._pending(period), at or self._directory.now()
        self._decide(it, approved=False, at=moment)
        for leave in it.active_leaves():
            self._strike(leave, moment, self._approver(it))
            leave.denied = True
        self._log(it, Status.DENIED, moment)

    def cancel(self, period: int, *, at: datetime | None = None) -> None:
        """Cancel an absence, pending or approved: a soft deletion of its leaves [verified]."""
        it, moment = self._standing(period), at or self._directory.now()
        for leave in it.active_leaves():
            self._strike(leave, moment, it.owner)
        self._close(it, moment)

    def request_cancellation(self, period: int, *, at: datetime | None = None) -> None:
        """Ask for the cancellation of an approved absence, which stands meanwhile [assumed]."""
        it, moment = self._standing(period), at or self._directory.now()
        request = self._request_in(it, Status.APPROVED)
        request.status = Status.CANCELLATION_PENDING
        request.cancellations.append(
            CancellationRequest(self._book.next_id(), it.owner, moment, self._approver(it))
        )
        self._log(it, Status.CANCELLATION_PENDING, moment)

    def refuse_cancellation(self, period: int, *, at: datetime | None = None) -> None:
        """Refuse the cancellation: the absence stands as before; no row changes [assumed]."""
        it, moment = self._standing(period), at or self._directory.now()
        request = self._request_in(it, Status.CANCELLATION_PENDING)
        request.status = Status.APPROVED
        wish = request.cancellations[-1]
        wish.approved, wish.active, wish.next_approver = False, False, None
        self._log(it, Status.APPROVED, moment)

    def edit(
        self,
        period: int,
        first: Boundary,
        last: Boundary,
        *,
        needs_approval: bool = False,
        at: datetime | None = None,
    ) -> None:
        """Change the days of an absence.

        [assumed] All old half-days are cancelled and new ones created, in the same period; the
        reference page of the API only says that there is no modification date. With
        `needs_approval` the period is pending again.
        """
        it, moment = self._standing(period), at or self._directory.now()
        kind = self._directory.account(it.active_leaves()[0].account)
        self._replace(it, self._counted(it.owner, first, last, kind), kind, at=moment)
        if needs_approval:
            self._reopen(it, moment)

    def change_account(
        self, period: int, account: int, *, in_place: bool = False, at: datetime | None = None
    ) -> None:
        """Turn an absence into one of another kind.

        [assumed] As with an edit, the old half-days are cancelled and new ones created. With
        `in_place` the rows change without any trace in a timestamp, which is as possible.
        """
        it, moment = self._standing(period), at or self._directory.now()
        kind = self._directory.account(account)
        rows = it.active_leaves()
        if not in_place:
            self._replace(it, [(leave.day, leave.am) for leave in rows], kind, at=moment)
            return
        for leave in rows:
            leave.account, leave.hours = kind.id, _hours(kind, leave.hours)

    def give_back(
        self, period: int, day: date, half: Half | None = None, *, at: datetime | None = None
    ) -> None:
        """Cancel one day, or half of it, of an absence whose other half-days stand."""
        it, moment = self._standing(period), at or self._directory.now()
        given = [
            leave
            for leave in it.active_leaves()
            if leave.day == day and half in (None, "AM" if leave.am else "PM")
        ]
        if not given:
            raise IllegalActError("nothing of the period is on that day")
        for leave in given:
            self._strike(leave, moment, it.owner)
        if not it.active_leaves():
            self._close(it, moment)

    def _counted(
        self, owner: int, first: Boundary, last: Boundary, account: Account
    ) -> list[_HalfDay]:
        """Return the half-days of a span that the account counts; at least one."""
        beginning, end = _order(first), _order(last)
        span = range((last[0] - first[0]).days + 1)
        days = (first[0] + timedelta(days=n) for n in span)
        counted = [
            (day, half == 0)
            for day in days
            if self._directory.counts(account, owner, day)
            for half in (0, 1)
            if beginning <= (day, half) <= end
        ]
        if not counted:
            raise IllegalActError("no half-day of that span is counted on the account")
        return counted

    def _replace(
        self, period: Period, half_days: Sequence[_HalfDay], account: Account, *, at: datetime
    ) -> None:
        old = period.active_leaves()
        for leave in old:
            leave.active = False
        hours = _hours(account, old[0].hours)
        try:
            self._book.enter(period, half_days, account=account.id, hours=hours, at=at)
        except HalfDayTakenError:
            for leave in old:
                leave.active = True
            raise
        for leave in old:
            self._strike(leave, at, period.owner)

    def _request(self, period: Period, at: datetime) -> None:
        approver = self._approver(period)
        request = Request(self._book.next_id(), period, at, approver)
        self._book.requests[request.id] = period.request = request
        if period.confirmed:
            self._decide(period, approved=True, at=at)

    def _decide(self, period: Period, *, approved: bool, at: datetime) -> None:
        request = period.request
        if request is None:
            return
        request.status = Status.APPROVED if approved else Status.DENIED
        request.next_approver = None
        request.approvals.append(
            Approval(self._book.next_id(), at, self._approver(period), approved)
        )

    def _reopen(self, period: Period, at: datetime) -> None:
        period.confirmed, period.confirmed_at = False, None
        if period.request is not None:
            period.request.status = Status.PENDING_APPROVAL
            period.request.next_approver = self._approver(period)
        self._log(period, Status.PENDING_APPROVAL, at)

    def _close(self, period: Period, at: datetime) -> None:
        request = period.request
        if request is not None:
            request.status, request.next_approver = Status.CANCELLED, None
            request.cancelled_at, request.cancelled_by = at, period.owner
            for wish in request.cancellations:
                if wish.active:
                    wish.approved, wish.active, wish.next_approver = True, False, None
        self._log(period, Status.CANCELLED, at)

    def _approver(self, period: Period) -> int:
        person = self._directory.person(period.owner)
        return person.manager or person.id

    def _standing(self, period: int) -> Period:
        it = self._book.periods[period]
        if not it.active_leaves():
            raise IllegalActError(f"period {period} does not stand any more")
        return it

    def _pending(self, period: int) -> Period:
        it = self._standing(period)
        if it.confirmed:
            raise IllegalActError(f"period {period} is approved already")
        return it

    def _log(self, period: Period, status: Status, at: datetime) -> None:
        period.logs.append(LogEntry(len(period.logs) + 1, at, status))

    @staticmethod
    def _request_in(period: Period, status: Status) -> Request:
        if period.request is None or period.request.status is not status:
            raise IllegalActError(f"period {period.id} has no request that is {status.name}")
        return period.request

    @staticmethod
    def _strike(leave: Leave, at: datetime, by: int) -> None:
        leave.active = False
        leave.cancelled_at, leave.cancelled_by = at, by


def _order(boundary: Boundary) -> tuple[date, int]:
    day, half = boundary
    return day, 0 if half == "AM" else 1


def _hours(account: Account, hours: timedelta | None) -> timedelta | None:
    if account.unit is not Unit.WORKING_HOURS:
        return None
    return hours or _USUAL_HALF_DAY
