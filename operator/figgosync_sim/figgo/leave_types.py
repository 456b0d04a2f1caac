"""The v3 types of absences, bound to one tenant's state and one set of readings."""

from datetime import datetime, time, timedelta

from figgosync_sim.figgo.catalogue import owner_type
from figgosync_sim.figgo.directory import Directory
from figgosync_sim.figgo.leaves import Leave, Period, Request
from figgosync_sim.figgo.projection import written
from figgosync_sim.figgo.readings import IdReuse, LeaveIdLead, Readings
from figgosync_sim.figgo.schema import EntityType, Kind, Link, Property, Scalar
from figgosync_sim.organisation import Account

_PERIOD_IN_A_REQUEST = (
    "id", "ownerId", "isConfirmed", "confirmationDate", "attachmentId", "leaves", "logs",
)  # fmt: skip


class LeaveTypes:
    """The types of leaves, periods and requests, and which rows of the books are served at all."""

    def __init__(self, directory: Directory, readings: Readings) -> None:
        self._directory = directory
        self._readings = readings
        self.leave = EntityType("FiggoLeave")
        self.period = EntityType("LeavePeriod")
        self.request = EntityType("LeaveRequest")
        self.leave.add(self._leave())
        self.period.add(self._period())
        self.request.add(self._request())

    def id_of(self, leave: Leave) -> str:
        """Return a leave's id: an integer, the day, the half [the integer's meaning: assumed]."""
        if self._readings.id_lead is LeaveIdLead.OWNER:
            text, repeats = leave.id_by_owner, leave.repeats
        else:
            text, repeats = leave.id_by_period, leave.repeats_in_period
        if repeats and self._readings.id_reuse is IdReuse.NEVER:
            return f"{text}-{repeats + 1}"
        return text

    def is_served(self, leave: Leave) -> bool:
        """Say whether the row is still there under the readings: not when its id was taken over."""
        if self._readings.id_reuse is not IdReuse.INSTEAD:
            return True
        by_owner = self._readings.id_lead is LeaveIdLead.OWNER
        return not (leave.replaced if by_owner else leave.replaced_in_period)

    def _leave(self) -> list[Property]:
        accounts = self._directory.accounts
        account = EntityType("LeaveAccount").add(_account())
        return [
            Scalar("id", Kind.TEXT, self.id_of),
            Scalar("name", Kind.TEXT, self.id_of),
            Scalar("url", Kind.URL, lambda row: f"/api/v3/leaves/{self.id_of(row)}"),
            Scalar("date", Kind.DAY, lambda row: row.midnight),
            Scalar("isAM", Kind.BOOLEAN, lambda row: row.am),
            Scalar("value", Kind.VERBATIM, _duration),
            Scalar("creationDate", Kind.TIMESTAMP, lambda row: row.created_at),
            Scalar("isActive", Kind.BOOLEAN, lambda row: row.active),
            Scalar("cancellationDate", Kind.TIMESTAMP, self._cancellation_date),
            Scalar("cancellationUserId", Kind.INTEGER, lambda row: row.cancelled_by),
            Scalar("comment", Kind.TEXT, lambda row: row.comment),
            Scalar("leaveAccountId", Kind.INTEGER, lambda row: row.account, detail=True),
            Link("leaveAccount", account, lambda row: accounts.get(row.account), detail=True),
            Scalar("leaveAccountDuration", Kind.NUMBER, lambda _: 0.5, detail=True),
            Scalar("color", Kind.VERBATIM, lambda _: "#7dbb42", detail=True),
            Scalar("isRemoteWork", Kind.BOOLEAN, self._remote_work, detail=True),
            Scalar(
                "isRealLeave", Kind.BOOLEAN, lambda row: not self._remote_work(row), detail=True
            ),
            Scalar("leavePeriodId", Kind.INTEGER, lambda row: row.period.id),
            Link("leavePeriod", self.period, lambda row: row.period),
        ]

    def _remote_work(self, leave: Leave) -> bool:
        account = self._directory.accounts.get(leave.account)
        return account is not None and account.remote_work

    def _cancellation_date(self, leave: Leave) -> datetime | None:
        if leave.denied and not self._readings.denied_have_cancellation_date:
            return None
        return leave.cancelled_at

    def _period(self) -> list[Property]:
        people = self._directory.people
        return [
            Scalar("id", Kind.INTEGER, lambda p: p.id),
            Scalar("name", Kind.TEXT, lambda p: str(p.id)),
            Scalar("url", Kind.URL, lambda p: f"/api/v3/leavePeriods/{p.id}"),
            Scalar("ownerId", Kind.INTEGER, lambda p: p.owner),
            Link("owner", owner_type(self._directory), lambda p: people.get(p.owner)),
            Scalar("isConfirmed", Kind.BOOLEAN, lambda p: p.confirmed),
            Scalar("confirmationDate", Kind.TIMESTAMP, lambda p: p.confirmed_at),
            Scalar("attachmentId", Kind.TEXT, lambda _: None),
            Link("leaves", self.leave, self._served_leaves, many=True),
            Scalar("logs", Kind.VERBATIM, self._logs),
            Scalar("startsOn", Kind.DAY, lambda p: _first(p).midnight),
            Scalar("startsAM", Kind.BOOLEAN, lambda p: _first(p).am),
            Scalar("endsOn", Kind.DAY, lambda p: _last(p).midnight),
            Scalar("endsAM", Kind.BOOLEAN, lambda p: _last(p).am),
        ]

    def _served_leaves(self, period: Period) -> list[Leave]:
        return [leave for leave in period.leaves if self.is_served(leave)]

    def _written(self, moment: datetime | None) -> str | None:
        if moment is None:
            return None
        return written(
            moment.astimezone(self._readings.timestamp_zone), offset=self._readings.offsets
        )

    def _logs(self, period: Period) -> list[dict[str, object]]:
        return [
            {
                "id": entry.id,
                "date": self._written(entry.date),
                "comment": entry.comment,
                "status": int(entry.status),
            }
            for entry in period.logs
        ]

    def _request(self) -> list[Property]:
        return [
            Scalar("id", Kind.INTEGER, lambda r: r.id),
            Scalar("name", Kind.TEXT, lambda r: str(r.id)),
            Scalar("url", Kind.URL, lambda r: f"/api/v3/leaveRequests/{r.id}"),
            Scalar("leavePeriodId", Kind.INTEGER, lambda r: r.period.id),
            Link("leavePeriod", self.period, lambda r: r.period, summary=_PERIOD_IN_A_REQUEST),
            Scalar("status", Kind.INTEGER, lambda r: int(r.status)),
            Scalar("creationDate", Kind.TIMESTAMP, lambda r: r.created_at),
            Scalar("nextApproverId", Kind.INTEGER, lambda r: r.next_approver),
            Scalar("cancellationUserId", Kind.INTEGER, lambda r: r.cancelled_by),
            Scalar("cancellationDate", Kind.TIMESTAMP, lambda r: r.cancelled_at),
            Scalar("isActive", Kind.BOOLEAN, lambda r: bool(r.period.active_leaves())),
            Scalar("approvals", Kind.VERBATIM, self._approvals),
            Scalar("cancellationRequests", Kind.VERBATIM, self._cancellations),
        ]

    def _approvals(self, request: Request) -> list[dict[str, object]]:
        return [
            {
                "id": decision.id,
                "date": self._written(decision.date),
                "approverId": decision.approver,
                "substitutedApproverId": None,
                "approved": decision.approved,
                "comment": decision.comment,
            }
            for decision in request.approvals
        ]

    def _cancellations(self, request: Request) -> list[dict[str, object]]:
        return [
            {
                "id": wish.id,
                "authorId": wish.author,
                "comment": wish.comment,
                "rank": rank,
                "approved": wish.approved,
                "creationDate": self._written(wish.created_at),
                "nextApproverId": wish.next_approver,
                "isActive": wish.active,
            }
            for rank, wish in enumerate(request.cancellations)
        ]


def _account() -> list[Property]:
    def labels(account: Account) -> list[dict[str, str]]:
        return [{"name": account.name, "cultureCodeIso6391": "fr"}]

    return [
        Scalar("id", Kind.INTEGER, lambda a: a.id),
        Scalar("name", Kind.TEXT, lambda a: a.name),
        Scalar("url", Kind.URL, lambda a: f"/api/v3/leaveAccounts/{a.id}"),
        Scalar("isRemoteWork", Kind.BOOLEAN, lambda a: a.remote_work),
        Scalar("i18nLabels", Kind.VERBATIM, labels),
    ]


def _duration(leave: Leave) -> str | None:
    """Return the hours of a half-day as HH:mm:ss [the form: assumed], null on a day account."""
    hours: timedelta | None = leave.hours
    return (
        None
        if hours is None
        else (datetime.combine(leave.day, time.min) + hours).strftime("%H:%M:%S")
    )


def _first(period: Period) -> Leave:
    return min(period.active_leaves() or period.leaves, key=_moment)


def _last(period: Period) -> Leave:
    return max(period.active_leaves() or period.leaves, key=_moment)


def _moment(leave: Leave) -> tuple[datetime, bool]:
    return leave.midnight, not leave.am
