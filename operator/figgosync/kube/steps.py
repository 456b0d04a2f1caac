"""What past initialisations decided, as a tenant's status holds it: grouped, in two lists.

A legal entity of a large company has the same steps as all the others, and a list of them by
legal entity would be as long as the company has establishments.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from figgosync.core.absence import LegalEntityID
from figgosync.core.initialised import Initialised, Step
from figgosync.kube import lenient

MOST_GROUPS = 1000
MOST_ENTITIES = 10_000

_Group = tuple[Step, list[LegalEntityID]]


def initialised_of(status: Mapping[str, Any]) -> Initialised:
    """Read both lists.

    Of two steps of one legal entity and one day, which we never write, the later removal counts:
    it lets nothing come back that somebody wanted out.
    """
    steps: dict[LegalEntityID, dict[date, Step]] = defaultdict(dict)
    for step, entities in sorted(_groups(status), key=_order):
        for entity in entities:
            steps[entity][step.first_day] = step
    return Initialised({entity: tuple(found.values()) for entity, found in steps.items()})


def _groups(status: Mapping[str, Any]) -> Iterator[_Group]:
    for entry in lenient.mappings(status.get("initialisedFrom")):
        first_day = lenient.day(entry.get("from"))
        if first_day is not None:
            yield Step(first_day), _entities(entry)
    for entry in lenient.mappings(status.get("removedFrom")):
        first_day, at = lenient.day(entry.get("from")), lenient.moment(entry.get("at"))
        if first_day is not None and at is not None:
            yield Step(first_day, at), _entities(entry)


def _entities(entry: Mapping[str, Any]) -> list[LegalEntityID]:
    return [LegalEntityID(each) for each in lenient.integers(entry.get("legalEntities"))]


def _order(group: _Group) -> tuple[date, datetime]:
    """By day, and of one day those that were never removed first."""
    step, _ = group
    return step.first_day, step.removed_at or datetime.min.replace(tzinfo=UTC)


def bodies_of(initialised: Initialised) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return initialisedFrom and removedFrom, within the limits of the schema.

    Of too many groups the earliest days are kept, which reach the furthest, and of too many legal
    entities in a group the lowest ids.
    """
    groups: dict[Step, list[LegalEntityID]] = defaultdict(list)
    for entity, steps in initialised.steps.items():
        for step in steps:
            groups[step].append(entity)
    ordered = sorted(groups.items(), key=_order)
    standing = [_body(group) for group in ordered if group[0].removed_at is None]
    removed = [_body(group) for group in ordered if group[0].removed_at is not None]
    return standing[:MOST_GROUPS], removed[:MOST_GROUPS]


def _body(group: _Group) -> dict[str, Any]:
    step, entities = group
    return {
        "from": step.first_day.isoformat(),
        **lenient.known(at=lenient.text(step.removed_at)),
        "legalEntities": sorted(entities)[:MOST_ENTITIES],
    }
