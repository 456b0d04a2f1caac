"""The checkpoint of an initialisation, as its status holds it.

It is whole or it is not there. Half of one would leave people out for good, while without one
everybody is looked at again, and what is done already is not done twice.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError
from pydantic.alias_generators import to_camel

from figgosync.core.absence import EmployeeID
from figgosync.core.initialisation import Checkpoint, Phase, Sighting
from figgosync.kube import lenient

MOST_OPEN = 1000
MOST_SIGHTINGS = 50
MOST_MAKERS = 10
MOST_FINGERPRINTS = 20
LONGEST_FINGERPRINT = 128
MOST_FAILED = 1000

_Count = Annotated[StrictInt, Field(ge=0, le=lenient.LARGEST_INT32)]
_Digest = Annotated[StrictStr, Field(pattern=r"^[0-9a-f]{0,64}$")]
_Fingerprint = Annotated[StrictStr, Field(max_length=LONGEST_FINGERPRINT)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, extra="forbid")


class _Sighting(_Model):
    fingerprints: tuple[_Fingerprint, ...]
    events: _Count
    employees: _Count


class _Checkpoint(_Model):
    phase: Phase
    up_to: StrictInt | None = None
    still_open: frozenset[StrictInt] = frozenset()
    entered: _Digest = ""
    sightings: tuple[_Sighting, ...] = ()
    fingerprints: frozenset[_Fingerprint] = frozenset()
    failed: frozenset[StrictInt] = frozenset()
    foundation: _Digest = ""


def checkpoint_of(value: object) -> Checkpoint | None:
    """Read it, whatever it is; None where it is not whole."""
    try:
        read = _Checkpoint.model_validate(value)
    except ValidationError:
        return None
    return Checkpoint(
        phase=read.phase,
        up_to=None if read.up_to is None else EmployeeID(read.up_to),
        still_open=frozenset(map(EmployeeID, read.still_open)),
        entered=read.entered,
        sightings=tuple(
            Sighting(each.fingerprints, each.events, each.employees) for each in read.sightings
        ),
        fingerprints=read.fingerprints,
        failed=frozenset(map(EmployeeID, read.failed)),
        foundation=read.foundation,
    )


def checkpoint_body(checkpoint: Checkpoint | None) -> dict[str, Any] | None:
    """Return its body, within the limits of the schema.

    Of too many employees who are still open the lowest ids are kept, and who follows them counts
    as not reached yet: nobody is lost, some are looked at again. Of too many sightings the
    commonest are kept, and of too many makers of one sighting, fingerprints, or employees
    with whom it failed, the first.
    """
    if checkpoint is None:
        return None
    up_to, still_open = _reached(checkpoint)
    return {
        "phase": checkpoint.phase.value,
        **lenient.known(
            upTo=up_to,
            stillOpen=still_open,
            entered=checkpoint.entered or None,
            sightings=[_sighting_body(each) for each in _commonest(checkpoint.sightings)],
            fingerprints=sorted(checkpoint.fingerprints)[:MOST_FINGERPRINTS],
            failed=sorted(checkpoint.failed)[:MOST_FAILED],
            foundation=checkpoint.foundation or None,
        ),
    }


def _reached(checkpoint: Checkpoint) -> tuple[EmployeeID | None, list[EmployeeID]]:
    still_open = sorted(checkpoint.still_open)
    if len(still_open) <= MOST_OPEN:
        return checkpoint.up_to, still_open
    return EmployeeID(still_open[MOST_OPEN] - 1), still_open[:MOST_OPEN]


def _commonest(sightings: Sequence[Sighting]) -> Sequence[Sighting]:
    """Keep them in their order."""
    ranked = sorted(range(len(sightings)), key=lambda at: -sightings[at].events)
    return [sightings[at] for at in sorted(ranked[:MOST_SIGHTINGS])]


def _sighting_body(sighting: Sighting) -> dict[str, Any]:
    return {
        "fingerprints": list(sighting.fingerprints[:MOST_MAKERS]),
        "events": lenient.count(sighting.events),
        "employees": lenient.count(sighting.employees),
    }
