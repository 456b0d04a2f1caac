"""Complete readings of employees' absences: no list cut short, no leave period cut through.

Rows are half-days and every question needs a window, so every window cuts through somebody's
parental leave. Such a period is followed back to its beginning before anybody sees it; its first
moment is then the same on every day of the leave, and nothing is rewritten as the window slides.
"""

from collections.abc import Awaitable, Callable, Collection
from datetime import date, datetime

from figgosync.core.absence import EmployeeID, HalfDay, LegalEntityID, Reading
from figgosync.figgo import edges
from figgosync.figgo.client import FiggoClient
from figgosync.figgo.failures import QueryTooHeavyError, incomplete
from figgosync.figgo.query import Entities, LeaveQuery, Owners

ENTITIES_AT_ONCE = 20
"""Establishments in one question; Lucca has 5 s for each page of the answer."""

SPLITS = 12
"""How often a question is halved before giving up: from twenty establishments without an end in
time to one establishment on one day. Being refused all the way costs as many requests."""


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
        read_at = self._now()
        people = Owners(tuple(sorted(owners)))
        rows = await self._rows(people, since, names=names) if people.ids else {}
        return {owner: _reading(owner, rows.get(owner, []), since, read_at) for owner in people.ids}

    async def read_entities(
        self, entities: Collection[LegalEntityID], since: date, *, names: bool
    ) -> dict[EmployeeID, Reading]:
        """Return a reading of everybody in `entities` of whom Figgo lists something.

        It lists by the *present* establishment of each person. Raises SyncErrors; never returns
        some of the establishments only.
        """
        read_at = self._now()
        rows: dict[EmployeeID, list[HalfDay]] = {}
        ids = sorted(entities)
        for start in range(0, len(ids), ENTITIES_AT_ONCE):
            people = Entities(tuple(ids[start : start + ENTITIES_AT_ONCE]))
            # Somebody who moves between two questions is in both answers: the later one counts.
            rows |= await self._rows(people, since, names=names)
        return {owner: _reading(owner, rows[owner], since, read_at) for owner in rows}

    async def _rows(
        self, people: Owners | Entities, since: date, *, names: bool
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


async def in_parts(
    query: LeaveQuery,
    ask: Callable[[LeaveQuery], Awaitable[tuple[HalfDay, ...]]],
    splits: int = SPLITS,
) -> tuple[HalfDay, ...]:
    """Ask, and where Lucca finds the question too heavy ask for its halves.

    Raises QueryTooHeavyError when even a small part is too heavy.
    """
    try:
        return await ask(query)
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


def _reading(owner: EmployeeID, rows: list[HalfDay], since: date, read_at: datetime) -> Reading:
    return Reading(owner, since, edges.whole_periods(rows, since), read_at)
