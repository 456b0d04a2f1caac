"""What changed lately: three questions that say where to look, each change reported once."""

from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime, timedelta

from figgosync.core.absence import HalfDay, LegalEntityID
from figgosync.figgo.client import FiggoClient
from figgosync.figgo.people import OVERLAP
from figgosync.figgo.query import Changed, Entities, LeaveQuery, Stamp
from figgosync.figgo.reader import in_parts

LOOK_BACK = timedelta(days=5 * 366)
"""A change counts whatever the day of the absence; five years hold every leave that is still
corrected. The window's start is mandatory, or there would be none."""


class Polls:
    """Asks what was created, confirmed and cancelled, and remembers which answers are known.

    Figgo has no time of last change and its timestamps may be local times, so every question
    overlaps the one before by hours, and most of an answer is known already.
    """

    def __init__(self, client: FiggoClient) -> None:
        self._client = client
        self._seen: dict[Hashable, datetime] = {}

    async def news(
        self, entities: Iterable[LegalEntityID], watermark: datetime, now: datetime
    ) -> tuple[HalfDay, ...]:
        """Return the rows that changed since `watermark` and were not remembered yet.

        Costs three requests when there is nothing. Raises PermanentError (RequestRefused) where
        Figgo does not know such questions.
        """
        people = Entities(tuple(sorted(entities)))
        if not people.ids:
            return ()
        since = min(watermark, now) - OVERLAP
        first = (now - LOOK_BACK).date()
        unknown: dict[Hashable, HalfDay] = {}
        for stamp in Stamp:
            query = LeaveQuery(people, first, changed=Changed(stamp, since))
            unknown |= self._unknown(await in_parts(query, self._recent))
        return tuple(unknown.values())

    def remember(self, rows: Iterable[HalfDay], watermark: datetime) -> None:
        """Take `rows` for known from now on; forget what no question can bring up again.

        A row that was known at one watermark is listed by questions whose start lies before its
        timestamps, which are at most an overlap off: after two overlaps it is gone for good.
        Forgetting too early would cost one superfluous read, nothing more.
        """
        self._seen = {row: at for row, at in self._seen.items() if at > watermark - 2 * OVERLAP} | {
            _fingerprint(row): watermark for row in rows
        }

    async def _recent(self, query: LeaveQuery) -> tuple[HalfDay, ...]:
        # Newest first: after a page without news there are none.
        return await self._client.recent_leaves(query, lambda page: not self._unknown(page))

    def _unknown(self, rows: Sequence[HalfDay]) -> dict[Hashable, HalfDay]:
        fingerprints = {_fingerprint(row): row for row in rows}
        return {key: row for key, row in fingerprints.items() if key not in self._seen}


def _fingerprint(row: HalfDay) -> Hashable:
    return (
        row.leave_id,
        row.period,
        row.active,
        row.confirmed,
        row.created_at,
        row.confirmed_at,
        row.cancelled_at,
    )
