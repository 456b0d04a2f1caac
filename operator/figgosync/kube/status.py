"""The status of a CalendarSyncTenant: what the operator remembers there and what it tells.

Reading is lenient, because anybody with the right may edit a status: what cannot be read counts
as not there. Writing keeps within the CRD's limits, because one value out of them would make the
API server refuse the whole status.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.conditions import Condition
from figgosync.errors import Reason
from figgosync.kube import lenient
from figgosync.kube.conditions import condition_body, conditions_of

MOST_FAILURES = 20
_FAILURE_MESSAGE = 1024
_NEVER_OBSERVED = -1


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
        status = lenient.mapping(body)
        stream = lenient.mapping(status.get("stream"))
        generation = lenient.integer(status.get("observedGeneration"))
        return cls(
            observed_generation=_NEVER_OBSERVED if generation is None else generation,
            conditions=tuple(conditions_of(status)),
            last_sync_time=lenient.moment(status.get("lastSyncTime")),
            next_attempt_time=lenient.moment(status.get("nextAttemptTime")),
            watermark=lenient.moment(stream.get("watermark")),
            stream_mode=lenient.choice(StreamMode, stream.get("mode")),
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
            **lenient.known(
                conditions=[condition_body(condition) for condition in self.conditions],
                lastSyncTime=lenient.text(self.last_sync_time),
                nextAttemptTime=lenient.text(self.next_attempt_time),
                stream=lenient.known(watermark=lenient.text(self.watermark), mode=self.stream_mode),
                activations=[_activation_body(activation) for activation in self.activations],
                employees=_employee_body(self.employees),
                events=_event_body(self.events),
                failures=[_failure_body(each) for each in self.failures[:MOST_FAILURES]],
            ),
        }


def _activations(status: Mapping[str, Any]) -> Iterator[Activation]:
    for entry in lenient.mappings(status.get("activations")):
        at = lenient.moment(entry.get("at"))
        entities = frozenset(map(LegalEntityID, lenient.integers(entry.get("legalEntities"))))
        if at is not None and entities:
            yield Activation(at, entities)


def _activation_body(activation: Activation) -> dict[str, Any]:
    return {"at": lenient.text(activation.at), "legalEntities": sorted(activation.legal_entities)}


def _failures(status: Mapping[str, Any]) -> Iterator[Failure]:
    for entry in lenient.mappings(status.get("failures"))[:MOST_FAILURES]:
        employee = lenient.integer(entry.get("employee"))
        reason = lenient.choice(Reason, entry.get("reason"))
        since = lenient.moment(entry.get("since"))
        if employee is not None and reason is not None and since is not None:
            yield Failure(
                employee=EmployeeID(employee),
                reason=reason,
                message=lenient.string(entry.get("message")),
                since=since,
                next_attempt_time=lenient.moment(entry.get("nextAttemptTime")),
            )


def _failure_body(failure: Failure) -> dict[str, Any]:
    return {
        "employee": failure.employee,
        "reason": failure.reason.value,
        "message": failure.message[:_FAILURE_MESSAGE],
        "since": lenient.text(failure.since),
        **lenient.known(nextAttemptTime=lenient.text(failure.next_attempt_time)),
    }


def _employee_counts(value: object) -> EmployeeCounts | None:
    counts = lenient.mapping(value)
    if not counts:
        return None
    return EmployeeCounts(
        total=lenient.count(counts.get("total")),
        in_sync=lenient.count(counts.get("inSync")),
        failing=lenient.count(counts.get("failing")),
    )


def _employee_body(counts: EmployeeCounts | None) -> dict[str, int] | None:
    if counts is None:
        return None
    return {"total": counts.total, "inSync": counts.in_sync, "failing": counts.failing}


def _event_counts(value: object) -> EventCounts | None:
    counts = lenient.mapping(value)
    if not counts:
        return None
    return EventCounts(
        managed=lenient.count(counts.get("managed")),
        tentative=lenient.count(counts.get("tentative")),
    )


def _event_body(counts: EventCounts | None) -> dict[str, int] | None:
    if counts is None:
        return None
    return {"managed": counts.managed, "tentative": counts.tentative}
