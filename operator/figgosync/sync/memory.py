"""What a tenant's status keeps for it: nothing may depend on it before it is safely written."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self

from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.initialised import Initialised, Step
from figgosync.kube.status import Activation, CatchUp, TenantStatus
from figgosync.sync import activation
from figgosync.sync.employee import Leave


@dataclass(frozen=True, slots=True)
class Remembered:
    """What would be lost with the status: `catch_up` are calendars that are still to be filled."""

    activations: tuple[Activation, ...]
    initialised: Initialised
    catch_up: tuple[CatchUp, ...]

    @classmethod
    def of(cls, status: TenantStatus) -> Self:
        """Return what a status remembers."""
        return cls(status.activations, status.initialised, status.catch_up)


CatchUpFrom = tuple[date, tuple[str, ...]]
"""From which day on somebody is to be served, and the fingerprints of what is adopted then."""


class Memory:
    """Of one tenant; `present` is what the next status is to keep."""

    def __init__(self, status: TenantStatus) -> None:
        self.present = self._written = Remembered.of(status)
        self._told: set[tuple[EmployeeID, CatchUpFrom]] = set()

    @property
    def is_kept(self) -> bool:
        """Whether all of it is safely written."""
        return self.present == self._written

    @property
    def has_activations(self) -> bool:
        """Whether it is safely written since when each legal entity is served."""
        return self.present.activations == self._written.activations

    def was_written(self, status: TenantStatus) -> None:
        """Note what stands in the cluster now."""
        self._written = Remembered.of(status)

    @property
    def initialised(self) -> Initialised:
        """Which old absences may be created."""
        return self.present.initialised

    def activate(self, entities: Iterable[LegalEntityID], now: datetime) -> None:
        """Note since when each legal entity is served; what is known of it stays."""
        known = self.present.activations
        activations = activation.extended(known, entities, now)
        self.present = replace(self.present, activations=activations)

    def note_step(self, entities: Iterable[LegalEntityID], step: Step) -> None:
        """Note what an initialisation decided."""
        initialised = self.present.initialised.with_step(entities, step)
        self.present = replace(self.present, initialised=initialised)

    def note_left_out(
        self, first_day: date, employees: frozenset[EmployeeID], makers: frozenset[str]
    ) -> None:
        """Note whom an initialisation could not serve, and whose events it would have adopted."""
        if not employees:
            return
        groups = {_origin(each): each.employees for each in self.present.catch_up}
        origin = (first_day, tuple(sorted(makers)))
        self._told -= {(who, origin) for who in employees}
        groups[origin] = groups.get(origin, frozenset()) | employees
        self._catch_up(groups.items())

    def leave_for(self, employee: EmployeeID) -> Leave:
        """Return what the tenant's own sync may do with a calendar, which may be still to fill."""
        groups = [each.makers for each in self.present.catch_up if employee in each.employees]
        return Leave(self.present.initialised, frozenset().union(*groups))

    def new_to_catch_up(self, served: Collection[EmployeeID]) -> Sequence[tuple[EmployeeID, date]]:
        """Return whose calendar is to be filled from which day on; each is told once.

        Only those who can be `served`: somebody without a mailbox is told once he has one.
        """
        self._told = {each for each in self._told if each[0] in served}
        waiting = [
            (who, _origin(each))
            for each in self._written.catch_up
            for who in each.employees & frozenset(served)
        ]
        new = [each for each in waiting if each not in self._told]
        self._told.update(new)
        return [(who, first_day) for who, (first_day, _) in new]

    def note_caught_up(self, employee: EmployeeID, since: date) -> None:
        """Note that an employee was served with all absences from `since` on.

        That ends only what he was told of: what was noted while he was being served was not yet
        known to whoever served him.
        """
        groups = {_origin(each): each.employees for each in self.present.catch_up}
        for origin in groups:
            if since <= origin[0] and (employee, origin) in self._told:
                groups[origin] -= {employee}
        self._catch_up(groups.items())

    def _catch_up(self, groups: Iterable[tuple[CatchUpFrom, frozenset[EmployeeID]]]) -> None:
        catch_up = tuple(
            CatchUp(first_day, who, frozenset(makers))
            for (first_day, makers), who in sorted(groups)
            if who
        )
        self.present = replace(self.present, catch_up=catch_up)


def _origin(group: CatchUp) -> CatchUpFrom:
    return group.first_day, tuple(sorted(group.makers))
