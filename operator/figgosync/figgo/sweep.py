"""One look at all of Figgo that matters: everybody in scope and every leave in reach."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from figgosync.core.absence import EmployeeID, HalfDay, LegalEntityID, Reading
from figgosync.core.directory import Directory
from figgosync.errors import PermanentError, Reason
from figgosync.figgo.people import Registry
from figgosync.figgo.reader import AbsenceReader, rows_in
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


class Sweeping:
    """One sweep under way, in parts, so that polls can be answered in between.

    `directory` was read at `began`, a moment ago. `touched` are rows that changed lately: their
    owners are read as far back as these go. `last_days` tells the last day of which Figgo listed
    something at the sweep before.
    """

    def __init__(
        self,
        reader: AbsenceReader,
        directory: Directory,
        scope: StreamScope,
        touched: Iterable[HalfDay],
        last_days: Mapping[EmployeeID, date],
        began: datetime,
    ) -> None:
        self._reader = reader
        self._scope = scope
        self._old = [row for row in touched if row.moment.day < scope.window_start]
        self._last_days = last_days
        self.began = began
        self._found: dict[EmployeeID, Reading] = {}
        self._newer: dict[EmployeeID, Reading] = {}
        self._waiting = [
            (group, reader.parts(_current(group.members(directory), directory, scope)))
            for group in scope.among(directory.establishments).groups()
        ]

    async def read_some(self) -> bool:
        """Read of some people more, and tell whether there were any left. Raises SyncErrors.

        Whoever was not read because of an error is read at the next call.
        """
        while self._waiting:
            group, parts = self._waiting[0]
            some = parts.next()
            if not some:
                self._waiting.pop(0)
                continue
            try:
                read = await self._reader.read_part(
                    some, self._scope.window_start, names=group.names
                )
            except BaseException:
                parts.put_back(some)
                raise
            parts.note(len(some), rows_in(read))
            self._found |= read
            return True
        return False

    def overtaken(self, readings: Mapping[EmployeeID, Reading]) -> None:
        """Hear what was read of some people meanwhile: this sweep must not tell older things."""
        self._newer |= readings

    async def concluded(self, registry: Registry, directory: Directory) -> Sweep:
        """Return all that was found once everybody was read.

        `directory` is the newest there is. Raises SyncErrors: PermanentError
        (LegalEntityNotVisible) when nothing in scope is to be seen.
        """
        scope, found = self._scope, self._found | self._newer
        # Somebody may have come, or have changed to another group, since the people were dealt out.
        people = await registry.refreshed(directory, self.began)
        selection = scope.among(people.directory.establishments)
        for apart, since in (
            (people.changed, scope.window_start),
            (frozenset(row.owner for row in self._old), reach(self._old, scope)),
        ):
            found |= await read_members(self._reader, people.directory, selection, apart, since)
        invisible = selection.missing | _emptied(
            people.directory, found, self._last_days, scope.window_start
        )
        if invisible and not selection.entities - invisible:
            raise not_visible(invisible)
        in_scope = _present(people.directory, selection, invisible)
        nothing = {who: Reading(who, scope.window_start, (), self.began) for who in in_scope}
        readings = nothing | {who: found[who] for who in in_scope & found.keys()}
        return Sweep(people.directory, readings, invisible)


def _current(
    members: Iterable[EmployeeID], directory: Directory, scope: StreamScope
) -> list[EmployeeID]:
    """Leave out who left before all that matters: a large company has more of them than others."""
    return [who for who in members if not directory.employees[who].has_left(scope.window_start)]


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
