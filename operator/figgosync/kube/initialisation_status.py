"""The status of a SyncInitialisation: how far it is, what it foresees, and how it ended.

Reading is lenient and writing keeps within the CRD's limits, as with the status of a tenant.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.conditions import Condition
from figgosync.core.initialisation import Checkpoint, Plan, Progress, Shortfall, Tally
from figgosync.errors import Reason
from figgosync.kube import lenient, time_left
from figgosync.kube.checkpoint import checkpoint_body, checkpoint_of
from figgosync.kube.conditions import condition_body, conditions_of

MOST_SHORTFALLS = 20
MOST_ENTITIES = 10_000
_LONGEST_MESSAGE = 1024
_NEVER_OBSERVED = -1
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class InitialisationStatus:
    """The whole status. All moments are aware; None and empty mean "not known".

    `queue_position` says how many others go first, 1 or more; None while it is not queued.
    `shortfalls` are some of those with whom it failed, `progress` counts them all.
    `legal_entities` are those that it is about, once they are known.
    """

    observed_generation: int = _NEVER_OBSERVED
    conditions: tuple[Condition, ...] = ()
    queue_position: int | None = None
    start_time: datetime | None = None
    completion_time: datetime | None = None
    progress: Progress | None = None
    plan: Plan | None = None
    checkpoint: Checkpoint | None = None
    shortfalls: tuple[Shortfall, ...] = ()
    legal_entities: frozenset[LegalEntityID] = frozenset()

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Read the value of `.status`, whatever it is; never raises."""
        status = lenient.mapping(body)
        generation = lenient.integer(status.get("observedGeneration"))
        entities = lenient.integers(status.get("legalEntities"))
        return cls(
            observed_generation=_NEVER_OBSERVED if generation is None else generation,
            conditions=tuple(conditions_of(status)),
            queue_position=lenient.count(status.get("queuePosition")) or None,
            start_time=lenient.moment(status.get("startTime")),
            completion_time=lenient.moment(status.get("completionTime")),
            progress=_progress(status.get("progress")),
            plan=_plan(status.get("plan")),
            checkpoint=checkpoint_of(status.get("checkpoint")),
            shortfalls=tuple(_shortfalls(status)),
            legal_entities=frozenset(map(LegalEntityID, entities)),
        )

    def to_body(self) -> dict[str, Any]:
        """Return the whole value of `.status` for a server-side apply.

        What is not known is left out: an apply removes what the same field manager applied
        before and now leaves out (tried on kube-apiserver 1.37). Of too many legal entities the
        lowest ids are kept, of too many shortfalls the first.
        """
        return {
            "observedGeneration": self.observed_generation,
            **lenient.known(
                conditions=[condition_body(condition) for condition in self.conditions],
                queuePosition=lenient.count(self.queue_position) or None,
                startTime=lenient.text(self.start_time),
                completionTime=lenient.text(self.completion_time),
                progress=_progress_body(self.progress),
                plan=_plan_body(self.plan),
                checkpoint=checkpoint_body(self.checkpoint),
                failures=[_shortfall_body(each) for each in self.shortfalls[:MOST_SHORTFALLS]],
                legalEntities=sorted(self.legal_entities)[:MOST_ENTITIES],
            ),
        }


def _progress(value: object) -> Progress | None:
    """Read it; `percent` follows from the rest."""
    body = lenient.mapping(value)
    if not body:
        return None
    return Progress(
        total=lenient.count(body.get("employeesTotal")),
        tally=Tally(
            employees=lenient.count(body.get("employeesDone")),
            failed=lenient.count(body.get("failed")),
            created=lenient.count(body.get("created")),
            updated=lenient.count(body.get("updated")),
            deleted=lenient.count(body.get("deleted")),
            adopted=lenient.count(body.get("adopted")),
            unchanged=lenient.count(body.get("unchanged")),
            blocked=lenient.count(body.get("blocked")),
        ),
        remaining=time_left.read(lenient.string(body.get("timeLeft"))),
    )


def _progress_body(progress: Progress | None) -> dict[str, Any] | None:
    if progress is None:
        return None
    tally, remaining = progress.tally, progress.remaining
    return {
        "employeesTotal": lenient.count(progress.total),
        "employeesDone": lenient.count(tally.employees),
        "percent": progress.percent,
        **lenient.known(timeLeft=None if remaining is None else time_left.written(remaining)),
        "created": lenient.count(tally.created),
        "updated": lenient.count(tally.updated),
        "deleted": lenient.count(tally.deleted),
        "adopted": lenient.count(tally.adopted),
        "unchanged": lenient.count(tally.unchanged),
        "failed": lenient.count(tally.failed),
        "blocked": lenient.count(tally.blocked),
    }


def _plan(value: object) -> Plan | None:
    body = lenient.mapping(value)
    if not body:
        return None
    digest = lenient.string(body.get("digest"))
    return Plan(
        create=lenient.count(body.get("create")),
        update=lenient.count(body.get("update")),
        delete=lenient.count(body.get("delete")),
        unchanged=lenient.count(body.get("unchanged")),
        adopt=lenient.count(body.get("adopt")),
        look_alikes=lenient.count(body.get("lookAlikes")),
        disclosing=lenient.count(body.get("disclosing")),
        digest=digest if _DIGEST.fullmatch(digest) else None,
    )


def _plan_body(plan: Plan | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    return {
        "create": lenient.count(plan.create),
        "update": lenient.count(plan.update),
        "delete": lenient.count(plan.delete),
        "unchanged": lenient.count(plan.unchanged),
        "adopt": lenient.count(plan.adopt),
        "lookAlikes": lenient.count(plan.look_alikes),
        "disclosing": lenient.count(plan.disclosing),
        **lenient.known(digest=plan.digest),
    }


def _shortfalls(status: Mapping[str, Any]) -> Iterator[Shortfall]:
    for entry in lenient.mappings(status.get("failures"))[:MOST_SHORTFALLS]:
        employee = lenient.integer(entry.get("employee"))
        reason = lenient.choice(Reason, entry.get("reason"))
        if employee is not None and reason is not None:
            message = lenient.string(entry.get("message"))
            yield Shortfall(EmployeeID(employee), reason, message)


def _shortfall_body(shortfall: Shortfall) -> dict[str, Any]:
    return {
        "employee": shortfall.employee,
        "reason": shortfall.reason.value,
        "message": shortfall.message[:_LONGEST_MESSAGE],
    }
