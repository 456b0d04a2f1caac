"""Whose absences a stream follows, and of whom it may know the absence types by name."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.directory import Directory


class Rest(StrEnum):
    """What to do with the establishments that a scope does not list."""

    IGNORED = "Ignored"
    HIDDEN = "Hidden"
    SHOWN = "Shown"


@dataclass(frozen=True, slots=True)
class Group:
    """Establishments as Figgo shows them now, and whether the names of types are asked for."""

    entities: frozenset[LegalEntityID]
    names: bool

    def members(self, directory: Directory) -> frozenset[EmployeeID]:
        """Return all employees who belong to the establishments, former ones included."""
        return frozenset(
            employee.id
            for employee in directory.employees.values()
            if employee.legal_entity in self.entities
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """A scope, held against the establishments that exist; `missing` ones do not."""

    hidden: frozenset[LegalEntityID]
    shown: frozenset[LegalEntityID]
    missing: frozenset[LegalEntityID]

    @property
    def entities(self) -> frozenset[LegalEntityID]:
        """All the establishments to read."""
        return self.hidden | self.shown

    def groups(self) -> tuple[Group, Group]:
        """Return the establishments by whether names are asked for."""
        return Group(self.hidden, names=False), Group(self.shown, names=True)

    def members(self, directory: Directory) -> frozenset[EmployeeID]:
        """Return all employees who belong to the establishments, former ones included."""
        return frozenset[EmployeeID]().union(*(group.members(directory) for group in self.groups()))


@dataclass(frozen=True, slots=True)
class StreamScope:
    """What all tenants on one Figgo want together, at one moment.

    The names of absence types are requested for `shown` only; an establishment that is in both
    sets is shown, since one tenant needs it so. `rest` speaks of every other establishment that
    exists, for a tenant with allLegalEntities. `window_start` is the earliest day of interest:
    a period that ended before it matters only when something of it changes.
    """

    hidden: frozenset[LegalEntityID]
    shown: frozenset[LegalEntityID]
    rest: Rest
    window_start: date

    def among(self, establishments: Collection[LegalEntityID]) -> Selection:
        """Hold the scope against the establishments that exist."""
        existing = frozenset(establishments)
        listed = self.hidden | self.shown
        others = existing - listed
        nobody: frozenset[LegalEntityID] = frozenset()
        return Selection(
            hidden=((self.hidden - self.shown) & existing)
            | (others if self.rest is Rest.HIDDEN else nobody),
            shown=(self.shown & existing) | (others if self.rest is Rest.SHOWN else nobody),
            missing=listed - existing,
        )

    def exceeds(self, other: "StreamScope") -> bool:
        """Tell whether this scope wants something that reading `other` did not bring."""
        return (
            not self.shown <= other.shown
            or not self.hidden <= other.hidden | other.shown
            or self.rest is not other.rest
            or self.window_start < other.window_start
        )


def entities_of(directory: Directory, employees: Iterable[EmployeeID]) -> frozenset[LegalEntityID]:
    """Return the establishments to which `employees` belong, as far as the directory knows."""
    known = (directory.employees.get(employee) for employee in employees)
    return frozenset(
        employee.legal_entity
        for employee in known
        if employee is not None and employee.legal_entity is not None
    )
