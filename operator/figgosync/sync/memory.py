"""What a tenant's status keeps for it: nothing may depend on it before it is safely written."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self

from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.initialised import Initialised, Step
from figgosync.kube.status import Activation, CatchUp, TenantStatus
from figgosync.sync import activation


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


class Memory:
    """Of one tenant; `present` is what the next status is to keep."""

    def __init__(self, status: TenantStatus) -> None:
        self.present = self._written = Remembered.of(status)
        self._told: set[tuple[EmployeeID, date]] = set()

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

    def note_left_out(self, first_day: date, employees: frozenset[EmployeeID]) -> None:
        """Note whom an initialisation could not serve."""
        if not employees:
            return
        by_day = {each.first_day: each.employees for each in self.present.catch_up}
        by_day[first_day] = by_day.get(first_day, frozenset()) | employees
        self._catch_up(by_day.items())

    def new_to_catch_up(self, served: Collection[EmployeeID]) -> Sequence[tuple[EmployeeID, date]]:
        """Return whose calendar is to be filled from which day on; each is told once.

        Only those who can be `served`: somebody without a mailbox is told once he has one.
        """
        self._told = {each for each in self._told if each[0] in served}
        waiting = [
            (who, each.first_day)
            for each in self._written.catch_up
            for who in each.employees & frozenset(served)
        ]
        new = [each for each in waiting if each not in self._told]
        self._told.update(new)
        return new

    def note_caught_up(self, employee: EmployeeID, since: date) -> None:
        """Note that an employee was served with all absences from `since` on."""
        self._catch_up(
            (
                each.first_day,
                each.employees - {employee} if since <= each.first_day else each.employees,
            )
            for each in self.present.catch_up
        )

    def _catch_up(self, by_day: Iterable[tuple[date, frozenset[EmployeeID]]]) -> None:
        catch_up = tuple(CatchUp(day, who) for day, who in sorted(by_day) if who)
        self.present = replace(self.present, catch_up=catch_up)
