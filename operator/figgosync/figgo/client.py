"""Lucca's v3 API, as far as the sync needs it, in the core's words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from figgosync.core.absence import HalfDay
from figgosync.core.clocks import WrittenMoment
from figgosync.core.directory import Employee, Establishment
from figgosync.figgo import wire
from figgosync.figgo.failures import incomplete
from figgosync.figgo.paging import PAGE_SIZE, LinkedListing, Listing
from figgosync.figgo.query import LeaveQuery, Owners, encoded, instant

ESTABLISHMENTS_PAGE = 100
"""Asked for; the default is 10, the maximum is not documented, and any smaller page will do."""


class Asks(Protocol):
    """Asks one Figgo host with one API key, as a Transport does."""

    @property
    def server_time(self) -> datetime | None:
        """What the server's clock said with the latest answer."""

    async def get(self, path_and_query: str) -> object:
        """Return the JSON that stands at an encoded path; raises only SyncErrors."""


@dataclass(frozen=True, slots=True)
class Newest:
    """When some rows were created, as Figgo writes it, and what its clock said meanwhile."""

    created: tuple[WrittenMoment, ...]
    server_time: datetime | None


class FiggoClient:
    """Reads one company's Figgo with one API key. Every list is whole or an error.

    `transport` asks with that key, for `page_size` rows at a time. All methods raise only
    SyncErrors, whose messages hold nothing about people.
    """

    def __init__(self, transport: Asks, page_size: int = PAGE_SIZE) -> None:
        self._transport = transport
        self.page_size = page_size

    async def establishments(self) -> tuple[Establishment, ...]:
        """Return all establishments that the key sees, archived ones too."""
        listing = LinkedListing(
            fetch=self._establishments_page,
            read=wire.establishments,
            identity=lambda establishment: establishment.id,
        )
        return await listing.whole()

    async def employees(self, modified_since: datetime | None = None) -> tuple[Employee, ...]:
        """Return everybody that the key sees, former employees too, or those modified since."""
        listing = Listing(
            fetch=partial(self._users_page, modified_since),
            read=wire.employees,
            identity=lambda employee: employee.id,
            page_size=self.page_size,
        )
        return await listing.whole()

    async def leaves(self, query: LeaveQuery) -> tuple[HalfDay, ...]:
        """Return every half-day that the question is about, cancelled ones too.

        Raises QueryTooHeavyError when Lucca could not answer in time.
        """
        rows: list[HalfDay] = []
        for part in query.short_enough():
            rows += await self._listing(part).whole()
        return tuple(rows)

    async def recent_leaves(
        self, query: LeaveQuery, enough: Callable[[Sequence[HalfDay]], bool]
    ) -> tuple[HalfDay, ...]:
        """Return half-days that changed, latest change first, up to the page that is `enough`.

        For a `query` with `changed`. What comes back are hints where to look, not a whole list.
        """
        rows: list[HalfDay] = []
        for part in query.short_enough():
            rows += await self._listing(part).recent(enough)
        return tuple(rows)

    async def newest(self, query: LeaveQuery) -> Newest:
        """Return when the latest rows were created, one page of them: for judging the clocks.

        Of more people than one question holds, those in the first part are asked about.
        """
        path = next(query.short_enough()).newest_path(self.page_size)
        page = wire.v3_page(await self._transport.get(path))
        return Newest(tuple(wire.creation_moments(page.rows)), self._transport.server_time)

    def _listing(self, query: LeaveQuery) -> Listing[HalfDay]:
        return Listing(
            fetch=partial(self._leaves_page, query),
            read=partial(_answers, query),
            # Assumed: an id may be given out again after a cancellation.
            identity=lambda row: (row.leave_id, row.period, row.created_at),
            page_size=self.page_size,
        )

    async def _leaves_page(self, query: LeaveQuery, offset: int, limit: int) -> wire.Page:
        return wire.v3_page(await self._transport.get(query.path(offset, limit)))

    async def _users_page(
        self, modified_since: datetime | None, offset: int, limit: int
    ) -> wire.Page:
        parameters = {
            "formerEmployees": "true",
            "orderBy": "id,asc",
            "paging": f"{offset},{limit}",
            "fields": "id,mail,login,legalEntityId,dtContractStart,dtContractEnd,collection.count",
        }
        if modified_since is not None:
            parameters["modifiedAt"] = f"since,{instant(modified_since)}"
        return wire.v3_page(await self._transport.get(f"/api/v3/users?{encoded(parameters)}"))

    async def _establishments_page(self, number: int) -> wire.Page:
        parameters = {
            "isArchived": "true,false",
            "page": str(number),
            "limit": str(min(ESTABLISHMENTS_PAGE, self.page_size)),
        }
        path = f"/organization/structure/api/establishments?{encoded(parameters)}"
        return wire.v4_page(await self._transport.get(path))


def _answers(query: LeaveQuery, rows: Sequence[object]) -> list[HalfDay]:
    """Read rows, and make sure that they answer this question and not another one.

    A cache or a proxy that mixes up answers would be believed otherwise: its status is 200 and
    its count is right.
    """
    half_days = wire.half_days(rows, names=query.names)
    if isinstance(query.people, Owners):
        asked = set(query.people.ids)
        if any(row.owner not in asked for row in half_days):
            raise incomplete("Figgo answered with rows of people that were not asked for.")
    return half_days
