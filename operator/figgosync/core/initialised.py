"""What past initialisations decided: which old absences may be created, legal entity by entity."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from figgosync.core.absence import LegalEntityID


@dataclass(frozen=True, slots=True)
class Step:
    """The last word on absences whose last day is `first_day` or later, up to the next step.

    `removed_at` is None where they were initialised, else the aware instant at which they were
    taken out again: only what changed since then may come back.
    """

    first_day: date
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Initialised:
    """The steps of each legal entity, ascending, no two with the same day."""

    steps: Mapping[LegalEntityID, tuple[Step, ...]] = field(default_factory=dict)

    def at(self, entity: LegalEntityID | None, last_day: date) -> Step | None:
        """Return the step that decides on an absence with this last day, if any does."""
        steps = () if entity is None else self.steps.get(entity, ())
        index = bisect_right(steps, last_day, key=lambda step: step.first_day)
        return steps[index - 1] if index else None

    def with_step(self, entities: Iterable[LegalEntityID], step: Step) -> "Initialised":
        """Return these steps with one more: it overrules all that begin on its day or later."""
        added = {entity: _overruled(self.steps.get(entity, ()), step) for entity in entities}
        return Initialised({**self.steps, **added})


def _overruled(before: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    earlier = tuple(each for each in before if each.first_day < step.first_day)
    if step.removed_at is None and earlier and earlier[-1].removed_at is None:
        return earlier  # initialised from an earlier day on
    return (*earlier, step)
