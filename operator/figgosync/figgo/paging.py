"""Lists that come page by page, and the proof that nothing was lost between the pages."""

import itertools
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from figgosync.errors import TransientError
from figgosync.figgo.failures import incomplete
from figgosync.figgo.wire import Page

PAGE_SIZE = 1000
"""The documented default of leaves and the documented maximum of users."""

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Listing(Generic[RowT]):
    """One v3 list: how to fetch a page by offset and limit, to read its rows, to tell them apart.

    The fetched pages must be ordered by something that does not change.
    """

    fetch: Callable[[int, int], Awaitable[Page]]
    read: Callable[[Sequence[object]], list[RowT]]
    identity: Callable[[RowT], Hashable]
    page_size: int = PAGE_SIZE

    async def whole(self) -> tuple[RowT, ...]:
        """Return all rows, or raise TransientError (IncompleteRead), ListMovedError among them.

        Offset paging skips and repeats rows when others come or go meanwhile. One second look is
        taken at once; if the list moves again, the caller should ask for less at a time.
        """
        try:
            return await self._once()
        except ListMovedError:
            return await self._once()

    async def recent(self, enough: Callable[[Sequence[RowT]], bool]) -> tuple[RowT, ...]:
        """Return the first pages of a list sorted from new to old, to the first that is `enough`.

        Rows that come in meanwhile push the others back: some may be read twice, none is lost.
        """
        rows: list[RowT] = []
        offset = 0
        while True:
            count, new = await self._page(offset)
            rows += new
            offset += len(new)
            if offset >= count or not new or enough(new):
                return tuple(rows)

    async def _once(self) -> tuple[RowT, ...]:
        count, rows = await self._page(0)
        while 0 < len(rows) < count:
            # The last row is read again: if it is still there, nothing before it came or went.
            again, new = await self._page(len(rows) - 1)
            if again != count or len(new) < 2:  # noqa: PLR2004 - that row and another one
                raise _moved()
            if self.identity(new[0]) != self.identity(rows[-1]):
                raise _moved()
            rows += new[1:]
        if len(rows) != count or len({self.identity(row) for row in rows}) != count:
            raise _moved()
        return tuple(rows)

    async def _page(self, offset: int) -> tuple[int, list[RowT]]:
        page = await self.fetch(offset, self.page_size)
        if page.count is None:
            raise incomplete("Figgo sent a list without its length.")
        return page.count, self.read(page.rows)


class ListMovedError(TransientError):
    """The pages do not fit together: rows came or went while they were read."""


def _moved() -> ListMovedError:
    cause = incomplete("The pages of a list of Figgo do not fit together.")
    return ListMovedError(cause.reason, cause.message)


@dataclass(frozen=True, slots=True)
class LinkedListing(Generic[RowT]):
    """One v4 list: how to fetch a page by number (from 1), to read its rows, to tell them apart.

    It has no length to prove it by: it ends where no next page is announced.
    """

    fetch: Callable[[int], Awaitable[Page]]
    read: Callable[[Sequence[object]], list[RowT]]
    identity: Callable[[RowT], Hashable]

    async def whole(self) -> tuple[RowT, ...]:
        """Return all rows, or raise TransientError (IncompleteRead)."""
        rows: dict[Hashable, RowT] = {}
        for number in itertools.count(1):
            page = await self.fetch(number)
            new = {self.identity(row): row for row in self.read(page.rows)}
            if len(new) != len(page.rows) or new.keys() & rows.keys() or (page.more and not new):
                raise _moved()
            rows |= new
            if not page.more:
                break
        return tuple(rows.values())
