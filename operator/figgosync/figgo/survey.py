"""Asks a Figgo once, read-only, all that tells how it answers and whom and what it shows."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from figgosync.core.absence import HalfDay, LegalEntityID
from figgosync.core.directory import Directory
from figgosync.errors import Reason, SyncError
from figgosync.figgo.client import FiggoClient, Newest
from figgosync.figgo.failures import QueryTooHeavyError, QuestionRefusedError
from figgosync.figgo.people import Registry
from figgosync.figgo.polls import LOOK_BACK
from figgosync.figgo.query import Changed, Entities, LeaveQuery, Owners, Stamp
from figgosync.figgo.reader import Parts, in_parts

WINDOW = timedelta(days=30)
"""How far back absences are looked at; the end is open."""

MODIFIED = "modifiedAt"
"""By which users are listed by the time of their change."""

_A_MOMENT = timedelta(minutes=1)
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SinceAnswer:
    """Whether Figgo lists by the time of change.

    `accepted` is None where it gave no clear answer, and `trouble` says which. `status` is the
    HTTP status of a refusal.
    """

    field: str
    accepted: bool | None
    status: int | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What a Figgo answered.

    `rows` are the half-days of the people of `entities` from `first_day` on, cancelled ones too,
    with the names of their types. `newest` is None where there was nobody to ask about, or Figgo
    does not sort by creation.
    """

    directory: Directory
    entities: frozenset[LegalEntityID]
    first_day: date
    rows: Sequence[HalfDay]
    since: tuple[SinceAnswer, ...]
    newest: Newest | None


class Survey:
    """Asks one Figgo; `now` returns an aware datetime."""

    def __init__(self, client: FiggoClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    async def findings(self, wanted: frozenset[LegalEntityID] | None) -> Findings:
        """Ask about the legal entities `wanted` (None: all that Figgo shows). Raises SyncErrors."""
        directory = await Registry(self._client).whole()
        shown = frozenset(directory.establishments)
        entities = shown if wanted is None else shown & wanted
        first_day = self._now().date() - WINDOW
        since = [await self._since_modified()]
        if some := sorted(entities or shown or wanted or ()):
            since = [await self._since(stamp, some[0]) for stamp in Stamp] + since
        newest = await self._newest(entities, first_day, since) if entities else None
        rows = await self._rows(directory, entities, first_day)
        return Findings(directory, entities, first_day, rows, tuple(since), newest)

    async def _since(self, stamp: Stamp, entity: LegalEntityID) -> SinceAnswer:
        # As the polls ask, but about one establishment: it is the answer's kind that counts.
        now = self._now()
        changed = Changed(stamp, now - _A_MOMENT)
        query = LeaveQuery(Entities((entity,)), (now - LOOK_BACK).date(), changed=changed)
        return await _answer(stamp, self._client.recent_leaves(query, lambda _: True))

    async def _since_modified(self) -> SinceAnswer:
        return await _answer(MODIFIED, self._client.employees(self._now() - _A_MOMENT))

    async def _newest(
        self, entities: frozenset[LegalEntityID], first: date, since: Sequence[SinceAnswer]
    ) -> Newest | None:
        """Return the latest rows; of the last day alone where Figgo can be asked for it."""
        query = LeaveQuery(Entities(tuple(sorted(entities))), first)
        if any(each.field == Stamp.CREATED and each.accepted for each in since):
            now = self._now()
            changed = Changed(Stamp.CREATED, now - _A_DAY)
            query = LeaveQuery(query.people, (now - LOOK_BACK).date(), changed=changed)
        try:
            return await self._client.newest(query)
        except (QuestionRefusedError, QueryTooHeavyError):
            return None

    async def _rows(
        self, directory: Directory, entities: frozenset[LegalEntityID], first: date
    ) -> Sequence[HalfDay]:
        rows: list[HalfDay] = []
        parts = Parts(
            [
                who.id
                for who in directory.employees.values()
                if who.legal_entity in entities and not who.has_left(first)
            ],
            self._client.page_size,
        )
        while some := parts.next():
            query = LeaveQuery(Owners(tuple(some)), first, names=True)
            found = await in_parts(query, self._client.leaves)
            parts.note(len(some), len(found))
            rows += found
        return rows


async def _answer(field: str, question: Awaitable[object]) -> SinceAnswer:
    """Return how a question is answered; what concerns every question is raised."""
    try:
        await question
    except QuestionRefusedError as refusal:
        return SinceAnswer(field, accepted=False, status=refusal.status)
    except SyncError as error:
        if error.reason is not Reason.SERVER_ERROR:
            raise
        return SinceAnswer(field, accepted=None, trouble=error.message)
    return SinceAnswer(field, accepted=True)
