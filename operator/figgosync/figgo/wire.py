"""Lucca's JSON, read leniently in form and strictly in substance, as the core's values.

Lenient: unknown members, the case of names, days with and without a time, timestamps with and
without an offset, accounts that are missing, null or masked. Strict: a row whose person, period,
day, half or state cannot be told makes the whole read an error; it is never dropped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from figgosync.core.absence import (
    AccountID,
    EmployeeID,
    Half,
    HalfDay,
    LegalEntityID,
    Moment,
    PeriodID,
)
from figgosync.core.clocks import WrittenMoment
from figgosync.core.directory import Employee, Establishment
from figgosync.errors import PermanentError
from figgosync.figgo.failures import incomplete, not_understood

T = TypeVar("T")
WireT = TypeVar("WireT", bound="_Wire")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a collection: its rows as sent, and what the answer says of the rest.

    `count` is that of the whole collection, None where the answer holds none; `more` is whether
    a v4 answer names a next page.
    """

    rows: Sequence[object]
    count: int | None
    more: bool


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    # A number would be taken for seconds since 1970.
    raise ValueError("a point in time is text")


def _day(value: object) -> str | None:
    """Days come as `2026-12-24` and as `2026-12-24T00:00:00`; they never have a zone."""
    text = _text(value)
    return text and text[:10]


def _as_written(value: object) -> datetime | None:
    """Without a zone where none is written: Lucca's open framework does so (verified, code)."""
    text = _text(value)
    return None if text is None else datetime.fromisoformat(text)


def _instant(value: object) -> datetime | None:
    """Read UTC where no offset is written."""
    instant = _as_written(value)
    if instant is None:
        return None
    try:
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except OverflowError as error:  # the first or last day of time, with an offset
        raise ValueError("a timestamp lies outside of time") from error


def _written(value: object) -> WrittenMoment | None:
    moment, instant = _as_written(value), _instant(value)
    if moment is None or instant is None:
        return None
    return WrittenMoment(instant, offset=moment.tzinfo is not None)


Day = Annotated[date, BeforeValidator(_day)]
OptionalDay = Annotated[date | None, BeforeValidator(_day)]
OptionalInstant = Annotated[datetime | None, BeforeValidator(_instant)]


class _Wire(BaseModel):
    """Whatever is sent beside what we know is ignored, and so is the case of names."""

    model_config = ConfigDict(
        alias_generator=lambda name: name.replace("_", ""),
        coerce_numbers_to_str=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _fold_names(cls, data: object) -> object:
        if isinstance(data, dict):
            return {str(name).casefold(): value for name, value in data.items()}
        return data


class _Account(_Wire):
    id: int | None = None
    name: str | None = None
    is_remote_work: bool | None = None


class _Reference(_Wire):
    id: int | None = None


class _Period(_Wire):
    id: int | None = None
    owner_id: int | None = None
    owner: _Reference | None = None
    is_confirmed: bool
    confirmation_date: OptionalInstant = None


class _Leave(_Wire):
    id: str
    date: Day
    is_am: bool
    is_active: bool
    is_remote_work: bool | None = None
    creation_date: OptionalInstant = None
    cancellation_date: OptionalInstant = None
    leave_account_id: int | None = None
    leave_account: _Account | None = None
    leave_period_id: int | None = None
    leave_period: _Period


class _Created(_Wire):
    creation_date: Annotated[str | None, BeforeValidator(_text)] = None


class _Dated(_Wire):
    creation_date: Annotated[WrittenMoment | None, BeforeValidator(_written)] = None


class _User(_Wire):
    id: int
    mail: str | None = None
    login: str | None = None
    legal_entity_id: int | None = None
    legal_entity: _Reference | None = None
    dt_contract_start: OptionalDay = None
    dt_contract_end: OptionalDay = None


class _Establishment(_Wire):
    id: int
    name: str | None = None
    timezone_id: str | None = None
    is_archived: bool | None = None


class _Collection(_Wire):
    items: list[object]
    count: int | None = None


class _Envelope(_Wire):
    data: _Collection


class _V4Collection(_Wire):
    items: list[object]
    next: object = None


def v3_page(answer: object) -> Page:
    """Read `{"data": {"items": [...], "count": n}}`; raises TransientError for anything else."""
    collection = _parsed(_Envelope, answer)
    if collection is None:
        raise incomplete("Figgo sent an answer without a list in it.")
    return Page(collection.data.items, collection.data.count, more=False)


def v4_page(answer: object) -> Page:
    """Read `{"items": [...], "prev": ..., "next": ...}`; raises TransientError otherwise."""
    collection = _parsed(_V4Collection, answer)
    if collection is None:
        raise incomplete("Figgo sent an answer without a list in it.")
    return Page(collection.items, None, more=bool(collection.next))


def half_days(rows: Sequence[object], *, names: bool) -> list[HalfDay]:
    """Read rows of /api/v3/leaves; without `names` account names are dropped even if sent.

    Raises PermanentError (IncompleteRead) for a row that cannot be understood.
    """
    return _each(_Leave, rows, lambda leave: _half_day(leave, names=names), "absence")


def creation_moments(rows: Sequence[object]) -> list[WrittenMoment]:
    """Read when rows of /api/v3/leaves were created, where they say so; raises like half_days."""
    moments = [row.creation_date for row in _each(_Dated, rows, lambda row: row, "absence")]
    return [moment for moment in moments if moment is not None]


def employees(rows: Sequence[object]) -> list[Employee]:
    """Read rows of /api/v3/users; raises PermanentError (IncompleteRead) like half_days."""
    return _each(_User, rows, _employee, "employee")


def establishments(rows: Sequence[object]) -> list[Establishment]:
    """Read establishments; raises PermanentError (IncompleteRead) like half_days."""
    return _each(_Establishment, rows, _establishment, "establishment")


def _each(
    model: type[WireT], rows: Sequence[object], convert: Callable[[WireT], T | None], kind: str
) -> list[T]:
    values: list[T] = []
    for row in rows:
        parsed = _parsed(model, row)
        value = None if parsed is None else convert(parsed)
        if value is None:
            raise _unreadable(model, row, kind)
        values.append(value)
    return values


def _unreadable(model: type[_Wire], row: object, kind: str) -> PermanentError:
    """Name the members that are wrong, never what they hold."""
    try:
        model.model_validate(row)
    except ValidationError as error:
        members = sorted({".".join(map(str, one["loc"])) or "itself" for one in error.errors()})
    else:
        members = ["period or owner"]
    return not_understood(
        f"Figgo sent a row of kind {kind} that cannot be understood ({', '.join(members)})."
    )


def _parsed(model: type[WireT], data: object) -> WireT | None:
    try:
        return model.model_validate(data)
    except ValidationError:
        return None


def _half_day(leave: _Leave, *, names: bool) -> HalfDay | None:
    """Return None where the row does not say whose it is or to what period it belongs."""
    period, account = leave.leave_period, leave.leave_account or _Account()
    owner_id = _first(period.owner_id, (period.owner or _Reference()).id)
    period_id = _first(period.id, leave.leave_period_id)
    account_id = _first(account.id, leave.leave_account_id)
    if owner_id is None or period_id is None:
        return None
    return HalfDay(
        leave_id=leave.id,
        owner=EmployeeID(owner_id),
        period=PeriodID(period_id),
        moment=Moment(leave.date, Half.MORNING if leave.is_am else Half.AFTERNOON),
        account=None if account_id is None else AccountID(account_id),
        account_name=account.name if names else None,
        remote_work=bool(account.is_remote_work or leave.is_remote_work),
        confirmed=period.is_confirmed,
        # Whether a refusal always sets both is not documented: either one is enough.
        active=leave.is_active and leave.cancellation_date is None,
        created_at=leave.creation_date,
        confirmed_at=period.confirmation_date,
        cancelled_at=leave.cancellation_date,
    )


def _employee(user: _User) -> Employee:
    entity = _first(user.legal_entity_id, (user.legal_entity or _Reference()).id)
    return Employee(
        id=EmployeeID(user.id),
        legal_entity=None if entity is None else LegalEntityID(entity),
        mail=(user.mail or "").strip(),
        login=(user.login or "").strip(),
        contract_start=user.dt_contract_start,
        contract_end=user.dt_contract_end,
    )


def _establishment(row: _Establishment) -> Establishment:
    return Establishment(
        id=LegalEntityID(row.id),
        name=row.name or "",
        time_zone=row.timezone_id or None,
        archived=bool(row.is_archived),
    )


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)
