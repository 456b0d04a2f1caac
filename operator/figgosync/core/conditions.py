"""The conditions of tenants and initialisations: what they say of their own state."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from figgosync.errors import Reason

GRACE = timedelta(minutes=5)
"""How long a passing trouble may last before a tenant that was ready says that it is not."""


class ConditionType(StrEnum):
    """What a condition speaks of, in the order in which conditions are listed."""

    READY = "Ready"
    FIGGO_READY = "FiggoReady"
    CALENDAR_READY = "CalendarReady"
    SYNCHRONISED = "Synchronised"
    DELETIONS_BLOCKED = "DeletionsBlocked"
    OTHER_SYNC_ACTIVE = "OtherSyncActive"
    SUCCEEDED = "Succeeded"
    RECONCILING = "Reconciling"
    STALLED = "Stalled"


class Status(StrEnum):
    """Whether it is so."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition as the Kubernetes API conventions define it. The transition time is aware."""

    type: ConditionType
    status: Status
    reason: Reason
    message: str
    observed_generation: int
    last_transition_time: datetime


# They mean trouble or work in progress, and tools (kstatus) take their mere presence for it.
_PRESENT_ONLY_WHILE_TRUE = frozenset(
    {
        ConditionType.DELETIONS_BLOCKED,
        ConditionType.OTHER_SYNC_ACTIVE,
        ConditionType.RECONCILING,
        ConditionType.STALLED,
    }
)

# Trying again cannot help: somebody has to change a password, a right, a spec or the installation.
_NEEDS_A_PERSON = frozenset(
    {
        Reason.CREDENTIALS_REFUSED,
        Reason.IMPERSONATION_DENIED,
        Reason.SECRET_NOT_FOUND,
        Reason.SECRET_NOT_LABELLED,
        Reason.SECRET_KEY_MISSING,
        Reason.HOST_NOT_ALLOWED,
        Reason.TLS_FAILED,
        Reason.WRONG_ENDPOINT,
        Reason.REQUEST_REFUSED,
        Reason.LEGAL_ENTITY_NOT_VISIBLE,
        Reason.UNKNOWN_TIME_ZONE,
        Reason.INVALID_SPEC,
    }
)

# The cycle finished all the same: the others are served.
_OF_SINGLE_EMPLOYEES = frozenset({Reason.FAILING_EMPLOYEES, Reason.DELETIONS_BLOCKED})


def merged(old: Sequence[Condition], new: Sequence[Condition]) -> tuple[Condition, ...]:
    """Return `new`, the complete list of what is so now, in its place after `old`.

    A transition time moves only when the status does. A condition that `new` does not name is
    gone, and those that are present only while true go when they are not. When nothing changed
    the answer equals `old`, so that nothing need be written.
    """
    before = {condition.type: condition for condition in old}
    order = list(ConditionType)
    return tuple(
        _since_when(before.get(condition.type), condition)
        for condition in sorted(new, key=lambda each: order.index(each.type))
        if condition.status is Status.TRUE or condition.type not in _PRESENT_ONLY_WHILE_TRUE
    )


def _since_when(before: Condition | None, now: Condition) -> Condition:
    if before is None or before.status is not now.status:
        return now
    return replace(now, last_transition_time=before.last_transition_time)


def turned(before: Sequence[Condition], after: Sequence[Condition]) -> Sequence[Condition]:
    """Return the conditions whose status or reason is another one than before."""
    known = {each.type: (each.status, each.reason) for each in before}
    return [each for each in after if known.get(each.type) != (each.status, each.reason)]


def summarise(
    figgo: Condition,
    calendar: Condition,
    synchronised: Condition,
    *,
    previous: Condition | None,
    now: datetime,
) -> Condition:
    """Return the condition Ready: both connections work and the last cycle finished.

    The three are as `merged` left them (their transition times say how long a trouble lasts);
    `previous` is the last Ready. Failing employees do not make a tenant unready, and a trouble
    that passes by itself does only after GRACE: until then `previous` stands as it is, with the
    generation that it spoke of.
    """
    parts = (figgo, calendar, synchronised)
    troubles = sorted(filter(_is_trouble, parts), key=_passes_by_itself)
    if troubles:
        return _spared(troubles, previous, now) or _ready(Status.FALSE, troubles[0], parts, now)
    unknown = next((part for part in parts if part.status is Status.UNKNOWN), None)
    if unknown is not None:
        return _ready(Status.UNKNOWN, unknown, parts, now)
    return _ready(Status.TRUE, synchronised, parts, now)


def stalled(parts: Sequence[Condition], now: datetime) -> Condition | None:
    """Return the condition Stalled, None unless one of `parts` fails until a person helps."""
    stuck = (part for part in parts if _is_trouble(part) and not _passes_by_itself(part))
    cause = next(stuck, None)
    if cause is None:
        return None
    return replace(cause, type=ConditionType.STALLED, status=Status.TRUE, last_transition_time=now)


def _is_trouble(part: Condition) -> bool:
    return part.status is Status.FALSE and part.reason not in _OF_SINGLE_EMPLOYEES


def _passes_by_itself(part: Condition) -> bool:
    return part.reason not in _NEEDS_A_PERSON


def _spared(
    troubles: Sequence[Condition], previous: Condition | None, now: datetime
) -> Condition | None:
    """Return the last Ready while it was True and the troubles are young and pass by themselves."""
    if previous is None or previous.status is not Status.TRUE:
        return None
    young = all(
        _passes_by_itself(trouble) and now - trouble.last_transition_time < GRACE
        for trouble in troubles
    )
    return previous if young else None


def _ready(
    status: Status, spokesman: Condition, parts: Sequence[Condition], now: datetime
) -> Condition:
    return Condition(
        type=ConditionType.READY,
        status=status,
        reason=spokesman.reason,
        message=spokesman.message,
        observed_generation=min(part.observed_generation for part in parts),
        last_transition_time=now,
    )
