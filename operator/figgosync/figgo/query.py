"""Questions about absences, and how Lucca's v3 grammar spells them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import quote

from figgosync.core.absence import EmployeeID, LegalEntityID

LONGEST_ID_LIST = 3000
"""In characters. Lucca refuses more than 8 kB of URL and headers; ours stay below 4 kB."""

OPEN_WINDOW_PART = timedelta(days=90)
"""How much is cut off the front of a window without an end when it proves too heavy."""

IDT = TypeVar("IDT", EmployeeID, LegalEntityID)


@dataclass(frozen=True, slots=True)
class Owners:
    """These employees."""

    ids: tuple[EmployeeID, ...]


@dataclass(frozen=True, slots=True)
class Entities:
    """Everybody whose *present* establishment is one of these (verified: Lucca's sync guide)."""

    ids: tuple[LegalEntityID, ...]


class Stamp(StrEnum):
    """The three timestamps by which a row shows that it changed (verified: Lucca's sync guide).

    That `since` may be asked of them is inferred from the grammar: it may be refused.
    """

    CREATED = "creationDate"
    CONFIRMED = "leavePeriod.confirmationDate"
    CANCELLED = "cancellationDate"


@dataclass(frozen=True, slots=True)
class Changed:
    """Only rows whose `stamp` is at or after `since` (aware)."""

    stamp: Stamp
    since: datetime


@dataclass(frozen=True, slots=True)
class LeaveQuery:
    """Which half-days to list, cancelled ones always included.

    From `first` to `last`, both included; None is no end. `names` asks for the names of the
    absence types too. The comment of an absence cannot be asked for.
    """

    people: Owners | Entities
    first: date
    last: date | None = None
    names: bool = False
    changed: Changed | None = None

    def path(self, offset: int, limit: int) -> str:
        """Return the encoded path and query of one page."""
        parameters = {
            **self._filters(),
            "orderBy": self._order(),
            "paging": f"{offset},{limit}",
            "fields": self._fields(),
        }
        return f"/api/v3/leaves?{encoded(parameters)}"

    def newest_path(self, limit: int) -> str:
        """Return the path of the rows created last: nothing but when each was created."""
        parameters = {
            **self._filters(),
            "orderBy": f"{Stamp.CREATED},desc,id,asc",
            "paging": f"0,{limit}",
            "fields": Stamp.CREATED.value,
        }
        return f"/api/v3/leaves?{encoded(parameters)}"

    def short_enough(self) -> Iterator["LeaveQuery"]:
        """Yield this question in as few parts as fit into URLs."""
        match self.people:
            case Owners(ids):
                for some in _packed(ids):
                    yield replace(self, people=Owners(some))
            case Entities(ids):
                for few in _packed(ids):
                    yield replace(self, people=Entities(few))

    def halves(self) -> tuple["LeaveQuery", "LeaveQuery"] | None:
        """Split the question: the people first, then the days; None when it cannot be split."""
        ids = self.people.ids
        if len(ids) > 1:
            middle = len(ids) // 2
            kind = type(self.people)
            return (
                replace(self, people=kind(ids[:middle])),  # type: ignore[arg-type] # same kind
                replace(self, people=kind(ids[middle:])),  # type: ignore[arg-type] # same kind
            )
        if self.last is None:
            last = self.first + OPEN_WINDOW_PART
        elif self.first < self.last:
            last = self.first + (self.last - self.first) // 2
        else:
            return None
        return replace(self, last=last), replace(self, first=last + timedelta(days=1))

    def _filters(self) -> dict[str, str]:
        match self.people:
            case Owners(ids):
                filters = {"leavePeriod.ownerId": _list(ids)}
            case Entities(entities):
                filters = {"leavePeriod.owner.legalEntityId": _list(entities)}
        if self.last is None:
            filters["date"] = f"since,{self.first}"
        else:
            filters["date"] = f"between,{self.first},{self.last}"
        # Never left to the default: whether it includes cancelled rows is not documented.
        filters["isActive"] = "true,false"
        if self.changed is not None:
            filters[self.changed.stamp] = f"since,{instant(self.changed.since)}"
            if self.changed.stamp is Stamp.CANCELLED:
                filters["isActive"] = "false"
        return filters

    def _order(self) -> str:
        if self.changed is not None:
            return f"{self.changed.stamp},desc,id,asc"
        # The creation date tells rows apart when an id was given out again after a cancellation.
        return f"id,asc,{Stamp.CREATED},asc"

    def _fields(self) -> str:
        name = ",name" if self.names else ""
        return (
            "id,date,isAM,isActive,creationDate,cancellationDate,leaveAccountId,"
            f"leaveAccount[id,isRemoteWork{name}],"
            "leavePeriod[id,ownerId,isConfirmed,confirmationDate],collection.count"
        )


def encoded(parameters: dict[str, str]) -> str:
    """Return a query string; commas, which the grammar is made of, stay readable."""
    return "&".join(f"{name}={quote(value, safe=',.:-')}" for name, value in parameters.items())


def instant(moment: datetime) -> str:
    """Spell an instant with `Z`: without it the server reads its own local time.

    Verified in the code of Lucca's open framework, assumed for the service.
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _list(ids: Sequence[int]) -> str:
    return ",".join(map(str, ids))


def _packed(ids: Sequence[IDT]) -> Iterator[tuple[IDT, ...]]:
    """Yield the ids in runs that are short enough for a URL."""
    run: list[IDT] = []
    size = 0
    for one in ids:
        width = len(str(one)) + 1
        if run and size + width > LONGEST_ID_LIST:
            yield tuple(run)
            run, size = [], 0
        run.append(one)
        size += width
    if run:
        yield tuple(run)
