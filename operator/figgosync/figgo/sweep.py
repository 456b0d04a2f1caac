"""One look at all of Figgo that matters: everybody in scope and every leave in reach."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from figgosync.core.absence import EmployeeID, HalfDay, LegalEntityID, Reading
from figgosync.core.directory import Directory
from figgosync.errors import PermanentError, Reason
from figgosync.figgo.people import Registry
from figgosync.figgo.reader import AbsenceReader
from figgosync.figgo.scope import Selection, StreamScope, entities_of


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep found.

    `readings` has everybody in scope, with no half-days where Figgo lists none, but nobody of
    the `invisible` establishments: of those nothing can be said.
    """

    directory: Directory
    readings: Mapping[EmployeeID, Reading]
    invisible: frozenset[LegalEntityID]


class Sweeper:
    """Reads everything in scope once; `now` returns an aware datetime."""

    def __init__(
        self, registry: Registry, reader: AbsenceReader, now: Callable[[], datetime]
    ) -> None:
        self._registry = registry
        self._reader = reader
        self._now = now

    async def sweep(
        self,
        directory: Directory,
        scope: StreamScope,
        touched: Iterable[HalfDay],
        last_days: Mapping[EmployeeID, date],
    ) -> Sweep:
        """Read every absence of the scope.

        `directory` was read a moment ago. `touched` are rows that changed lately: their owners
        are read as far back as these go. `last_days` tells the last day of which Figgo listed
        something at the sweep before. Raises SyncErrors: PermanentError (LegalEntityNotVisible)
        when nothing in scope is to be seen.
        """
        began = self._now()
        found = await self._window(scope.among(directory.establishments), scope.window_start)
        # Somebody who changed establishment between two questions may be in neither answer.
        people = await self._registry.refreshed(directory, began)
        selection = scope.among(people.directory.establishments)
        old = [row for row in touched if row.moment.day < scope.window_start]
        for apart, since in (
            (people.changed, scope.window_start),
            (frozenset(row.owner for row in old), reach(old, scope)),
        ):
            found |= await read_members(self._reader, people.directory, selection, apart, since)
        invisible = selection.missing | _emptied(
            people.directory, found, last_days, scope.window_start
        )
        if invisible and not selection.entities - invisible:
            raise not_visible(invisible)
        in_scope = _present(people.directory, selection, invisible)
        nothing = {who: Reading(who, scope.window_start, (), began) for who in in_scope}
        readings = nothing | {who: found[who] for who in in_scope & found.keys()}
        return Sweep(people.directory, readings, invisible)

    async def _window(self, selection: Selection, since: date) -> dict[EmployeeID, Reading]:
        found: dict[EmployeeID, Reading] = {}
        for group in selection.groups():
            found |= await self._reader.read_entities(group.entities, since, names=group.names)
        return found


async def read_members(
    reader: AbsenceReader,
    directory: Directory,
    selection: Selection,
    employees: frozenset[EmployeeID],
    since: date,
) -> dict[EmployeeID, Reading]:
    """Read those of `employees` who are in scope, in one question per group that has any."""
    readings: dict[EmployeeID, Reading] = {}
    for group in selection.groups():
        members = group.members(directory) & employees
        readings |= await reader.read_owners(members, since, names=group.names)
    return readings


def reach(touched: Iterable[HalfDay], scope: StreamScope) -> date:
    """Return from when to read so that every touched row is seen, whatever its day."""
    return min([scope.window_start, *(row.moment.day for row in touched)])


def not_visible(entities: Iterable[LegalEntityID]) -> PermanentError:
    """Return the error for establishments of which the API key sees nothing."""
    ids = ", ".join(map(str, sorted(entities)))
    return PermanentError(
        Reason.LEGAL_ENTITY_NOT_VISIBLE,
        f"Figgo shows this API key nothing of legal entities {ids}; the calendars of their people"
        " are left as they are. Give the key's role access to them, or correct"
        " spec.legalEntities.",
        tenant_wide=True,
    )


def _emptied(
    directory: Directory,
    found: Mapping[EmployeeID, Reading],
    last_days: Mapping[EmployeeID, date],
    since: date,
) -> frozenset[LegalEntityID]:
    """Return the establishments of which Figgo listed something and now lists nothing at all.

    Cancelled half-days stay listed (verified), so rows can leave an answer only with the
    window or with a right: this is how a lost right looks, since it raises no error.
    """
    had = entities_of(directory, (who for who, last in last_days.items() if last >= since))
    have = entities_of(directory, (who for who, reading in found.items() if reading.half_days))
    return had - have


def _present(
    directory: Directory, selection: Selection, invisible: frozenset[LegalEntityID]
) -> frozenset[EmployeeID]:
    return frozenset(
        who
        for who in selection.members(directory)
        if directory.employees[who].legal_entity not in invisible
    )
