"""Complete readings of employees' absences: no list cut short, no leave period cut through.

Rows are half-days and every question needs a window, so every window cuts through somebody's
parental leave. Such a period is followed back to its beginning before anybody sees it; its first
moment is then the same on every day of the leave, and nothing is rewritten as the window slides.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import date, datetime

from figgosync.core.absence import EmployeeID, HalfDay, Reading
from figgosync.figgo import edges
from figgosync.figgo.client import FiggoClient
from figgosync.figgo.failures import QueryTooHeavyError, incomplete
from figgosync.figgo.paging import ListMovedError
from figgosync.figgo.query import LeaveQuery, Owners

FIRST_PART = 50
"""Of how many people is asked before it is known how much Figgo lists of them."""

LARGEST_PART = 400

FULL = 0.8
"""How much of a page the rows of one part should take: an answer of one page cannot come apart,
however much is booked meanwhile, while a list of many pages of a large company never holds still
as long as it takes to read it."""

SPLITS = 12
"""How often a question is halved before giving up: from hundreds of people without an end in time
to one on one day. Being refused all the way costs as many requests."""


class AbsenceReader:
    """Reads absences with an open end, whole periods only; `now` returns an aware datetime."""

    def __init__(self, client: FiggoClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    async def read_owners(
        self, owners: Collection[EmployeeID], since: date, *, names: bool
    ) -> dict[EmployeeID, Reading]:
        """Return a reading of each of `owners`, an empty one where Figgo lists nothing.

        Raises SyncErrors; never returns some of the employees only.
        """
        readings: dict[EmployeeID, Reading] = {}
        parts = self.parts(owners)
        while some := parts.next():
            read = await self.read_part(some, since, names=names)
            parts.note(len(some), rows_in(read))
            readings |= read
        return readings

    def parts(self, owners: Collection[EmployeeID]) -> "Parts":
        """Deal people out for `read_part`."""
        return Parts(owners, self._client.page_size)

    async def read_part(
        self, owners: Sequence[EmployeeID], since: date, *, names: bool
    ) -> dict[EmployeeID, Reading]:
        """Read like `read_owners`, in one question; each reading is true of one moment."""
        read_at = self._now()
        rows = await self._rows(Owners(tuple(owners)), since, names=names)
        return {owner: _reading(owner, rows.get(owner, []), since, read_at) for owner in owners}

    async def _rows(
        self, people: Owners, since: date, *, names: bool
    ) -> dict[EmployeeID, list[HalfDay]]:
        first, *further = edges.first_days(since)
        found = edges.by_owner(await self._ask(LeaveQuery(people, first, names=names)))
        for further_back in further:
            cut = [who for who, rows in found.items() if edges.may_be_cut(rows, since, first)]
            if not cut:
                break
            first = further_back
            query = LeaveQuery(Owners(tuple(sorted(cut))), first, names=names)
            again = edges.by_owner(await self._ask(query))
            if again.keys() != set(cut):
                raise incomplete("Rows that Figgo had just listed were gone a moment later.")
            found |= again
        return found

    async def _ask(self, query: LeaveQuery) -> tuple[HalfDay, ...]:
        return await in_parts(query, self._client.leaves)


class Parts:
    """Deals people out, as many at a time as fit into one answer of `page_size` rows."""

    def __init__(self, people: Collection[EmployeeID], page_size: int) -> None:
        self._waiting = deque(sorted(people))
        self._page_size = page_size
        self._at_once = FIRST_PART

    def next(self) -> Sequence[EmployeeID]:
        """Return whom to ask about next, nobody when all are through."""
        return [self._waiting.popleft() for _ in range(min(self._at_once, len(self._waiting)))]

    def put_back(self, some: Sequence[EmployeeID]) -> None:
        """Have people asked about again."""
        self._waiting.extendleft(reversed(some))

    def note(self, people: int, rows: int) -> None:
        """Learn from an answer, of so many rows about so many people, how many to ask about."""
        fitting = int(FULL * self._page_size * people / max(rows, 1))
        self._at_once = max(1, min(fitting, LARGEST_PART))


async def in_parts(
    query: LeaveQuery,
    ask: Callable[[LeaveQuery], Awaitable[tuple[HalfDay, ...]]],
    splits: int = SPLITS,
) -> tuple[HalfDay, ...]:
    """Ask, and where Lucca finds the question too heavy ask for its halves.

    So where the list moved while it was read, as long as that leaves everybody's rows together:
    of one person two answers may contradict each other. Raises QueryTooHeavyError when even a
    small part is too heavy, ListMovedError when one person's list moves on and on.
    """
    try:
        return await ask(query)
    except ListMovedError:
        halves = query.halves()
        if halves is None or splits == 0 or len(query.people.ids) == 1:
            raise
    except QueryTooHeavyError as refusal:
        halves = query.halves()
        if halves is None or splits == 0:
            raise QueryTooHeavyError(
                refusal.reason,
                "Figgo cannot list the absences of even a few people over a few days in time."
                " If this lasts, ask Lucca's support; the sync tries again.",
            ) from refusal
    first, second = halves
    return (
        *await in_parts(first, ask, splits - 1),
        *await in_parts(second, ask, splits - 1),
    )


def rows_in(readings: Mapping[EmployeeID, Reading]) -> int:
    """Return how many half-days were read."""
    return sum(len(reading.half_days) for reading in readings.values())


def _reading(owner: EmployeeID, rows: list[HalfDay], since: date, read_at: datetime) -> Reading:
    return Reading(owner, since, edges.whole_periods(rows, since), read_at)
