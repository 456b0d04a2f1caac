"""The points on which the documentation leaves the real server's behaviour open."""

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


class DateForm(StrEnum):
    """How a leave's day is written: clients saw midnight, the documentation shows a date."""

    MIDNIGHT = "midnight"
    PLAIN = "plain"


class AccountForm(StrEnum):
    """What a key without the right "Show details of leaves" gets for the kind of absence."""

    PRESENT = "present"
    NULL = "null"
    ABSENT = "absent"


class LeaveIdLead(StrEnum):
    """What the integer is with which a leave's id begins."""

    OWNER = "owner"
    PERIOD = "period"


class IdReuse(StrEnum):
    """What becomes of a cancelled half-day whose id a later one would repeat.

    BESIDE: both stand in the lists, under one id. INSTEAD: the new one takes the row over, the
    old one is gone. NEVER: the new one has an id of its own.
    """

    BESIDE = "beside"
    INSTEAD = "instead"
    NEVER = "never"


class ErrorForm(StrEnum):
    """The shape of a legacy error body; all three have existed."""

    DETAIL = "detail"
    MESSAGE = "message"
    PLAIN_TEXT = "plainText"


@dataclass(frozen=True, slots=True)
class Readings:
    """One consistent way to read the documentation; the defaults are the likeliest.

    `timestamp_zone` is what timestamps are stored and answered in; without an offset, unless
    `offsets`, which writes it behind them. `server_zone` is what a filter value that names its
    offset is converted to before it is compared. They are one in a server whose clock and database
    agree.
    `denied_have_cancellation_date` False leaves `isActive` as the only sign of a denial.
    `lists_inactive` says whether a list without an `isActive` filter holds inactive leaves.
    `lists_pending` False leaves out what was never approved: the documentation's own sentence on
    the list speaks of approved leaves alone.
    `since_refused` answers 400 to a range filter on a leave's or its period's timestamps,
    `modified_since_refused` to one on a user's.
    `heaviest_list` is the number of half-days that the server can find within its 5 s; a list of
    leaves that finds more is answered 408 [verified: the status and its cause; not the number].
    `stable_without_order` False rotates each answer that asks for no order, as a database may.
    """

    half_name: str = "isAM"
    dates: DateForm = DateForm.MIDNIGHT
    timestamp_zone: ZoneInfo = PARIS
    server_zone: ZoneInfo = PARIS
    offsets: bool = False
    header: bool = False
    account: AccountForm = AccountForm.PRESENT
    lists_inactive: bool = False
    lists_pending: bool = True
    denied_have_cancellation_date: bool = True
    max_page: int = 1000
    since_refused: bool = False
    modified_since_refused: bool = False
    id_lead: LeaveIdLead = LeaveIdLead.OWNER
    id_reuse: IdReuse = IdReuse.BESIDE
    errors: ErrorForm = ErrorForm.DETAIL
    stable_without_order: bool = False
    heaviest_list: int | None = None
