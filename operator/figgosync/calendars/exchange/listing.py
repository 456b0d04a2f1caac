"""Lists that Exchange gives in pages: read whole, or an error."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from exchangelib.util import TNS

from figgosync.calendars.exchange.items import MalformedItem
from figgosync.errors import Reason, TransientError

if TYPE_CHECKING:
    from lxml.etree import _Element


class Identified(Protocol):
    """A row of a list."""

    @property
    def id(self) -> str:
        """The item's id, which no other row has."""


R = TypeVar("R", bound=Identified)


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """A part of a list: `next_offset` is None on the last one, `total` counts all rows."""

    rows: Sequence[R]
    total: int
    next_offset: int | None


def read_page(root: "_Element", read_row: Callable[["_Element"], R]) -> Page[R]:
    """Read the RootFolder element of a FindItem answer; raises MalformedItem."""
    try:
        total = int(root.attrib["TotalItemsInView"])
        last = {"true": True, "false": False}[root.attrib["IncludesLastItemInRange"]]
        next_offset = None if last else int(root.attrib["IndexedPagingOffset"])
    except (KeyError, ValueError) as error:
        raise MalformedItem("page") from error
    items = root.find(f"{{{TNS}}}Items")
    rows = [] if items is None else [read_row(item) for item in items]
    return Page(rows, total, next_offset)


async def read_whole(read: Callable[[int], Awaitable[Page[R]]]) -> Sequence[R]:
    """Read page after page from an offset on, proving that no row was missed.

    Raises TransientError when it cannot be proved.
    """
    rows: list[R] = []
    offset: int | None = 0
    while offset is not None:
        page = await read(max(0, offset - 1))
        # Pages overlap by a row: were it another one, rows would have moved between them.
        if rows and (not page.rows or page.rows[0].id != rows[-1].id):
            raise _incomplete()
        fresh = page.rows[1:] if rows else page.rows
        rows.extend(fresh)
        if page.next_offset is None and len(rows) != page.total:
            raise _incomplete()
        if page.next_offset is not None and (not fresh or page.next_offset != len(rows)):
            raise _incomplete()
        offset = page.next_offset
    return rows


def _incomplete() -> TransientError:
    return TransientError(
        Reason.INCOMPLETE_READ,
        "The calendar changed while it was read, so that the listing may lack events. It is read "
        "again.",
        retry_after=timedelta(seconds=5),
    )
