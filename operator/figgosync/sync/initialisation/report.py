"""An initialisation's state as its status shows it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from figgosync.core.conditions import Condition, ConditionType, Status, merged
from figgosync.errors import Reason
from figgosync.kube.initialisation_status import InitialisationStatus
from figgosync.kube.initialisations import InitialisationObject
from figgosync.sync.initialisation.run import Ending, Run
from figgosync.sync.initialisation.states import State


def compose(
    run: Run, state: State, before: Sequence[Condition], now: datetime
) -> InitialisationStatus:
    """Compose the whole status; what is left out would be removed by the server-side apply."""
    subject, ending, now = run.subject, run.ending, now.replace(microsecond=0)
    return InitialisationStatus(
        observed_generation=subject.generation,
        conditions=_conditions(subject, state, ending, before, now),
        queue_position=state.position if ending is None else None,
        start_time=run.started_at,
        completion_time=now if ending else None,
        progress=run.progress(now, moves=state.moves),
        plan=run.plan if run.plan_is_known else None,
        checkpoint=run.checkpoint(),
        shortfalls=tuple(run.shortfalls),
        legal_entities=run.entities,
    )


def ended(subject: InitialisationObject, ending: Ending, now: datetime) -> InitialisationStatus:
    """Return the status of one that ended away from its tenant; what it had done is kept."""
    before = subject.status
    return replace(
        before,
        observed_generation=subject.generation,
        conditions=_conditions(subject, None, ending, before.conditions, now),
        queue_position=None,
        completion_time=now,
        progress=before.progress and replace(before.progress, remaining=None),
        checkpoint=None,
    )


def still_over(before: InitialisationStatus, generation: int) -> InitialisationStatus:
    """Return the status of one that was changed after its end: nothing follows from that."""
    # Until this is said, kubectl wait and kstatus take the object for one that is at work.
    conditions = (replace(each, observed_generation=generation) for each in before.conditions)
    return replace(before, observed_generation=generation, conditions=tuple(conditions))


def waiting(subject: InitialisationObject, message: str, now: datetime) -> InitialisationStatus:
    """Return the status of one whose tenant is not at work; how far it had come is kept."""
    before = subject.status
    state = State(Reason.WAITING_FOR_TENANT, message)
    return InitialisationStatus(
        observed_generation=subject.generation,
        conditions=_conditions(subject, state, None, before.conditions, now),
        start_time=before.start_time,
        progress=before.progress and replace(before.progress, remaining=None),
        plan=before.plan,
        checkpoint=before.checkpoint,
        shortfalls=before.shortfalls,
        legal_entities=before.legal_entities,
    )


def _conditions(
    subject: InitialisationObject,
    state: State | None,
    ending: Ending | None,
    before: Sequence[Condition],
    now: datetime,
) -> tuple[Condition, ...]:
    def condition(kind: ConditionType, status: Status, reason: Reason, message: str) -> Condition:
        return Condition(kind, status, reason, message, subject.generation, now)

    parts = []
    if ending is not None:
        said = (ending.reason, ending.message)
        parts.append(condition(ConditionType.SUCCEEDED, ending.status, *said))
        # Who calls one off has what he wished; for everything else tools (kstatus) must see it.
        if ending.status is Status.FALSE and ending.reason is not Reason.CANCELLED:
            parts.append(condition(ConditionType.STALLED, Status.TRUE, *said))
    elif state is not None:
        said = (state.reason, state.message)
        parts.append(condition(ConditionType.SUCCEEDED, Status.UNKNOWN, *said))
        parts.append(condition(ConditionType.RECONCILING, Status.TRUE, *said))
    return merged(before, parts)
