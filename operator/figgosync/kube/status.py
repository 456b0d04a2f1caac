"""The status of a CalendarSyncTenant: what the operator remembers there and what it tells.

Reading is lenient, because anybody with the right may edit a status: what cannot be read counts
as not there. Writing keeps within the CRD's limits, because one value out of them would make the
API server refuse the whole status.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Self, TypeVar

from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.conditions import Condition, ConditionType, Status
from figgosync.errors import Reason
from figgosync.kube import forms

MOST_FAILURES = 20
_CONDITION_MESSAGE = 32_768
_FAILURE_MESSAGE = 1024
_NEVER_OBSERVED = -1
_LARGEST_INT32 = 2**31 - 1

Choice = TypeVar("Choice", bound=StrEnum)


class StreamMode(StrEnum):
    """How changes in Figgo are found: by asking for them, or by reading everything again."""

    POLLING = "Polling"
    SWEEPS_ONLY = "SweepsOnly"


@dataclass(frozen=True, slots=True)
class Activation:
    """The legal entities that became active at one moment; `at` is aware."""

    at: datetime
    legal_entities: frozenset[LegalEntityID]


@dataclass(frozen=True, slots=True)
class EmployeeCounts:
    """How many employees are to be served, are in sync, and failed at the last attempt."""

    total: int
    in_sync: int
    failing: int


@dataclass(frozen=True, slots=True)
class EventCounts:
    """How many events of ours stand, and how many of them wait for approval."""

    managed: int
    tentative: int


@dataclass(frozen=True, slots=True)
class Failure:
    """One employee who cannot be served; the moments are aware."""

    employee: EmployeeID
    reason: Reason
    message: str
    since: datetime
    next_attempt_time: datetime | None


@dataclass(frozen=True, slots=True)
class TenantStatus:
    """The whole status. All moments are aware; None and empty mean "not known"."""

    observed_generation: int = _NEVER_OBSERVED
    conditions: tuple[Condition, ...] = ()
    last_sync_time: datetime | None = None
    next_attempt_time: datetime | None = None
    watermark: datetime | None = None
    stream_mode: StreamMode | None = None
    activations: tuple[Activation, ...] = ()
    employees: EmployeeCounts | None = None
    events: EventCounts | None = None
    failures: tuple[Failure, ...] = ()

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Read the value of `.status`, whatever it is; never raises."""
        status = _mapping(body)
        stream = _mapping(status.get("stream"))
        generation = _integer(status.get("observedGeneration"))
        return cls(
            observed_generation=_NEVER_OBSERVED if generation is None else generation,
            conditions=tuple(_conditions(status)),
            last_sync_time=_moment(status.get("lastSyncTime")),
            next_attempt_time=_moment(status.get("nextAttemptTime")),
            watermark=_moment(stream.get("watermark")),
            stream_mode=_choice(StreamMode, stream.get("mode")),
            activations=tuple(_activations(status)),
            employees=_employee_counts(status.get("employees")),
            events=_event_counts(status.get("events")),
            failures=tuple(_failures(status)),
        )

    def to_body(self) -> dict[str, Any]:
        """Return the whole value of `.status` for a server-side apply.

        What is not known is left out: an apply removes what the same field manager applied
        before and now leaves out (tried on kube-apiserver 1.37).
        """
        return {
            "observedGeneration": self.observed_generation,
            **_known(
                conditions=[_condition_body(condition) for condition in self.conditions],
                lastSyncTime=_text(self.last_sync_time),
                nextAttemptTime=_text(self.next_attempt_time),
                stream=_known(watermark=_text(self.watermark), mode=self.stream_mode),
                activations=[_activation_body(activation) for activation in self.activations],
                employees=_employee_body(self.employees),
                events=_event_body(self.events),
                failures=[_failure_body(each) for each in self.failures[:MOST_FAILURES]],
            ),
        }


def _conditions(status: Mapping[str, Any]) -> Iterator[Condition]:
    seen: set[ConditionType] = set()
    for entry in _mappings(status.get("conditions")):
        type_ = _choice(ConditionType, entry.get("type"))
        state = _choice(Status, entry.get("status"))
        reason = _choice(Reason, entry.get("reason"))
        since = _moment(entry.get("lastTransitionTime"))
        if type_ is None or state is None or reason is None or since is None or type_ in seen:
            continue
        seen.add(type_)
        yield Condition(
            type=type_,
            status=state,
            reason=reason,
            message=_string(entry.get("message")),
            observed_generation=max(_integer(entry.get("observedGeneration")) or 0, 0),
            last_transition_time=since,
        )


def _condition_body(condition: Condition) -> dict[str, Any]:
    return {
        "type": condition.type.value,
        "status": condition.status.value,
        "reason": condition.reason.value,
        "message": condition.message[:_CONDITION_MESSAGE],
        # The schema knows no generation below zero: "not observed yet" is zero here.
        "observedGeneration": max(condition.observed_generation, 0),
        "lastTransitionTime": _text(condition.last_transition_time),
    }


def _activations(status: Mapping[str, Any]) -> Iterator[Activation]:
    for entry in _mappings(status.get("activations")):
        at = _moment(entry.get("at"))
        listed = entry.get("legalEntities")
        ids = [_integer(item) for item in listed] if isinstance(listed, list) else []
        entities = frozenset(LegalEntityID(item) for item in ids if item is not None)
        if at is not None and entities:
            yield Activation(at, entities)


def _activation_body(activation: Activation) -> dict[str, Any]:
    return {"at": _text(activation.at), "legalEntities": sorted(activation.legal_entities)}


def _failures(status: Mapping[str, Any]) -> Iterator[Failure]:
    for entry in _mappings(status.get("failures"))[:MOST_FAILURES]:
        employee = _integer(entry.get("employee"))
        reason = _choice(Reason, entry.get("reason"))
        since = _moment(entry.get("since"))
        if employee is not None and reason is not None and since is not None:
            yield Failure(
                employee=EmployeeID(employee),
                reason=reason,
                message=_string(entry.get("message")),
                since=since,
                next_attempt_time=_moment(entry.get("nextAttemptTime")),
            )


def _failure_body(failure: Failure) -> dict[str, Any]:
    return {
        "employee": failure.employee,
        "reason": failure.reason.value,
        "message": failure.message[:_FAILURE_MESSAGE],
        "since": _text(failure.since),
        **_known(nextAttemptTime=_text(failure.next_attempt_time)),
    }


def _employee_counts(value: object) -> EmployeeCounts | None:
    counts = _mapping(value)
    if not counts:
        return None
    return EmployeeCounts(
        total=_count(counts.get("total")),
        in_sync=_count(counts.get("inSync")),
        failing=_count(counts.get("failing")),
    )


def _employee_body(counts: EmployeeCounts | None) -> dict[str, int] | None:
    if counts is None:
        return None
    return {"total": counts.total, "inSync": counts.in_sync, "failing": counts.failing}


def _event_counts(value: object) -> EventCounts | None:
    counts = _mapping(value)
    if not counts:
        return None
    return EventCounts(
        managed=_count(counts.get("managed")), tentative=_count(counts.get("tentative"))
    )


def _event_body(counts: EventCounts | None) -> dict[str, int] | None:
    if counts is None:
        return None
    return {"managed": counts.managed, "tentative": counts.tentative}


def _known(**values: object) -> dict[str, Any]:
    """Leave out what is None or empty."""
    return {name: value for name, value in values.items() if value not in (None, [], {})}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return forms.moment(value)
    except ValueError:
        return None


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _count(value: object) -> int:
    return min(max(_integer(value) or 0, 0), _LARGEST_INT32)


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _choice(kind: type[Choice], value: object) -> Choice | None:
    """Return the member of that value; None for what another version wrote."""
    return next((member for member in kind if member.value == value), None)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return (
        [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []
    )
