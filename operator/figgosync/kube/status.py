"""The status of a CalendarSyncTenant: what the operator remembers there and what it tells.

Reading is lenient, because anybody with the right may edit a status: what cannot be read counts
as not there. Writing keeps within the CRD's limits, because one value out of them would make the
API server refuse the whole status.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.conditions import Condition
from figgosync.core.initialised import Initialised
from figgosync.errors import Reason
from figgosync.kube import lenient
from figgosync.kube.checkpoint import LONGEST_FINGERPRINT, MOST_FINGERPRINTS
from figgosync.kube.conditions import condition_body, conditions_of
from figgosync.kube.steps import bodies_of, initialised_of

MOST_FAILURES = 20
MOST_CATCHING_UP = 1000
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
class CatchUp:
    """Employees whom finished initialisations could not serve, and from which day on they were to.

    The tenant's own sync serves them from that day on, and takes over in place of a creation what
    one of the `makers` left, which are fingerprints.
    """

    first_day: date
    employees: frozenset[EmployeeID]
    makers: frozenset[str] = frozenset()


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
    initialised: Initialised = field(default_factory=Initialised)
    catch_up: tuple[CatchUp, ...] = ()
    other_sync_seen: datetime | None = None
    employees: EmployeeCounts | None = None
    events: EventCounts | None = None
    failures: tuple[Failure, ...] = ()

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Read the value of `.status`, whatever it is; never raises."""
        status = lenient.mapping(body)
        stream = lenient.mapping(status.get("stream"))
        other_sync = lenient.mapping(status.get("otherSync"))
        generation = lenient.integer(status.get("observedGeneration"))
        return cls(
            observed_generation=_NEVER_OBSERVED if generation is None else generation,
            conditions=tuple(conditions_of(status)),
            last_sync_time=lenient.moment(status.get("lastSyncTime")),
            next_attempt_time=lenient.moment(status.get("nextAttemptTime")),
            watermark=lenient.moment(stream.get("watermark")),
            stream_mode=lenient.choice(StreamMode, stream.get("mode")),
            activations=tuple(_activations(status)),
            initialised=initialised_of(status),
            catch_up=tuple(_catch_up(status)),
            other_sync_seen=lenient.moment(other_sync.get("lastSeenTime")),
            employees=_employee_counts(status.get("employees")),
            events=_event_counts(status.get("events")),
            failures=tuple(_failures(status)),
        )

    def to_body(self) -> dict[str, Any]:
        """Return the whole value of `.status` for a server-side apply.

        What is not known is left out: an apply removes what the same field manager applied
        before and now leaves out (tried on kube-apiserver 1.37).
        """
        initialised_from, removed_from = bodies_of(self.initialised)
        return {
            "observedGeneration": self.observed_generation,
            **lenient.known(
                conditions=[condition_body(condition) for condition in self.conditions],
                lastSyncTime=lenient.text(self.last_sync_time),
                nextAttemptTime=lenient.text(self.next_attempt_time),
                stream=lenient.known(watermark=lenient.text(self.watermark), mode=self.stream_mode),
                activations=[_activation_body(activation) for activation in self.activations],
                initialisedFrom=initialised_from,
                removedFrom=removed_from,
                catchUp=_catch_up_bodies(self.catch_up),
                otherSync=lenient.known(lastSeenTime=lenient.text(self.other_sync_seen)),
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


def _catch_up(status: Mapping[str, Any]) -> Iterator[CatchUp]:
    for entry in lenient.mappings(status.get("catchUp")):
        first_day = lenient.day(entry.get("from"))
        employees = frozenset(map(EmployeeID, lenient.integers(entry.get("employees"))))
        makers = frozenset(lenient.strings(entry.get("fingerprints"), LONGEST_FINGERPRINT))
        if first_day is not None and employees:
            yield CatchUp(first_day, employees, makers)


def _catch_up_bodies(groups: Sequence[CatchUp]) -> list[dict[str, Any]]:
    """Keep the lowest ids of all, where they are more than the schema takes."""
    everybody = sorted((each, at) for at, group in enumerate(groups) for each in group.employees)
    kept = frozenset(everybody[:MOST_CATCHING_UP])
    bodies = [
        {
            "from": group.first_day.isoformat(),
            "employees": sorted(each for each in group.employees if (each, at) in kept),
            **lenient.known(fingerprints=sorted(group.makers)[:MOST_FINGERPRINTS]),
        }
        for at, group in enumerate(groups)
    ]
    return [body for body in bodies if body["employees"]]


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
