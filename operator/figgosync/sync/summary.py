"""A tenant's state as its status shows it: conditions, counts, and the first failures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from figgosync.core.absence import LegalEntityID
from figgosync.core.conditions import (
    Condition,
    ConditionType,
    Status,
    merged,
    stalled,
    summarise,
)
from figgosync.errors import Reason
from figgosync.figgo.changes import StreamMode
from figgosync.figgo.sweep import not_visible
from figgosync.kube import status as shown
from figgosync.kube.resources import Tenant
from figgosync.kube.status import TenantStatus
from figgosync.sync.entry import Entry
from figgosync.sync.halt import Halt
from figgosync.sync.headcount import Share
from figgosync.sync.link import Link
from figgosync.sync.memory import Remembered

MOST_FAILURES = 20
"""How many failing employees the status names; the counts are exact."""


_OTHER_SYNC = (
    "Another program goes on writing the same absences into the same calendars: they stand there "
    "twice. Switch it off (Lucca's own is under Settings, Absence synchronization). Then take "
    "over what it left with a SyncInitialisation that has adopt: Matching."
)


@dataclass(frozen=True, slots=True)
class Overview:
    """What a status is made of.

    `sum` is what all `employees` add up to; of `pending` ones the turn has come, or is awaited.
    `swept` tells whether Figgo has been read whole since the start, `invisible` of which legal
    entities it shows nothing, `first_pass_is_over` whether every calendar has been looked at,
    `is_up_to_date` whether nobody waits for a change, or has one made just now. `blocked` is what
    the breaker says (empty: nothing), `degradation` why changes are found more slowly than they
    could be.
    """

    tenant: Tenant
    figgo: Link
    calendar: Link
    employees: int
    sum: Share
    failing: Sequence[Entry]
    pending: int
    swept: bool
    invisible: frozenset[LegalEntityID]
    halt: Halt | None
    blocked: str
    degradation: str | None
    remembered: Remembered
    other_sync_seen: datetime | None
    other_sync_is_active: bool
    watermark: datetime | None
    stream_mode: StreamMode | None
    first_pass_is_over: bool
    is_up_to_date: bool


def compose(
    view: Overview, last_sync: datetime | None, before: Sequence[Condition], now: datetime
) -> TenantStatus:
    """Compose the whole status: what is left out would be removed by the server-side apply.

    `before` are the conditions as last written; they say since when each is what it is.
    """
    attempts = [link.next_attempt for link in (view.figgo, view.calendar) if link.next_attempt]
    return TenantStatus(
        observed_generation=view.tenant.generation,
        conditions=_conditions(view, before, now),
        last_sync_time=last_sync,
        next_attempt_time=min(attempts, default=None),
        watermark=view.watermark,
        stream_mode=shown.StreamMode(view.stream_mode.value) if view.stream_mode else None,
        activations=view.remembered.activations,
        initialised=view.remembered.initialised,
        catch_up=view.remembered.catch_up,
        other_sync_seen=view.other_sync_seen,
        employees=shown.EmployeeCounts(view.employees, view.sum.in_sync, len(view.failing)),
        events=shown.EventCounts(view.sum.managed, view.sum.tentative),
        failures=_failures(view.failing),
    )


def _conditions(
    view: Overview, before: Sequence[Condition], now: datetime
) -> tuple[Condition, ...]:
    def condition(kind: ConditionType, status: Status, reason: Reason, message: str) -> Condition:
        return Condition(kind, status, reason, message, view.tenant.generation, now)

    figgo, calendar, synchronised = merged(
        before,
        [
            condition(ConditionType.FIGGO_READY, *_figgo(view, now)),
            condition(ConditionType.CALENDAR_READY, *_calendar(view, now)),
            condition(ConditionType.SYNCHRONISED, *_synchronised(view)),
        ],
    )
    parts = [figgo, calendar, synchronised]
    if view.blocked:
        parts.append(
            condition(
                ConditionType.DELETIONS_BLOCKED,
                Status.TRUE,
                Reason.DELETIONS_BLOCKED,
                view.blocked,
            )
        )
    if view.other_sync_is_active:
        said = (Status.TRUE, Reason.OTHER_SYNC_ACTIVE, _OTHER_SYNC)
        parts.append(condition(ConditionType.OTHER_SYNC_ACTIVE, *said))
    if view.halt is not None:
        halted = (Status.FALSE, view.halt.reason, view.halt.message)
        parts.append(condition(ConditionType.READY, *halted))
        if view.halt.needs_a_person:
            parts.append(condition(ConditionType.STALLED, Status.TRUE, *halted[1:]))
    else:
        previous = next((c for c in before if c.type is ConditionType.READY), None)
        parts.append(summarise(figgo, calendar, synchronised, previous=previous, now=now))
        if synchronised.reason is Reason.PROGRESSING:
            working = (Status.TRUE, Reason.PROGRESSING, synchronised.message)
            parts.append(condition(ConditionType.RECONCILING, *working))
        if stuck := stalled([figgo, calendar, synchronised], now):
            parts.append(stuck)
    return merged(before, parts)


Said = tuple[Status, Reason, str]


def _figgo(view: Overview, now: datetime) -> Said:
    good = "Figgo answers."
    if view.degradation:
        good = f"Figgo answers. {view.degradation}"
    said = _link(view.figgo, now, good, "Figgo has not been asked yet.")
    if view.invisible and said[0] is Status.TRUE:
        error = not_visible(view.invisible)
        return Status.FALSE, error.reason, error.message
    return said


def _calendar(view: Overview, now: datetime) -> Said:
    return _link(
        view.calendar,
        now,
        "Exchange accepts the service account.",
        "Exchange has not been asked yet: its turn comes once Figgo has named the employees.",
    )


def _link(link: Link, now: datetime, good: str, unknown: str) -> Said:
    status, reason = link.status(now), link.reason(now)
    match status:
        case Status.TRUE:
            return status, reason, good
        case Status.UNKNOWN:
            return status, reason, unknown
        case Status.FALSE:
            return status, reason, link.error.message if link.error else unknown


def _synchronised(view: Overview) -> Said:
    total, in_sync, failing = view.employees, view.sum.in_sync, len(view.failing)
    if view.halt is not None:
        return Status.UNKNOWN, view.halt.reason, view.halt.message
    if not view.swept or in_sync + failing < total:
        return (
            Status.UNKNOWN,
            Reason.PROGRESSING,
            f"The calendars of {in_sync} of {total} employees have been compared so far.",
        )
    if failing:
        message = (
            f"{failing} of {total} employees cannot be served; status.failures says why and what "
            "to do. The others are in sync."
        )
        return Status.FALSE, Reason.FAILING_EMPLOYEES, message
    return Status.TRUE, Reason.SYNCHRONISED, f"The calendars of {total} employees are in sync."


def _failures(failing: Iterable[Entry]) -> tuple[shown.Failure, ...]:
    """Name the longest failing first, so that the list does not flicker."""
    named = [(entry.failure, entry.employee) for entry in failing if entry.failure is not None]
    named.sort(key=lambda pair: (pair[0].since, pair[1]))
    return tuple(
        shown.Failure(
            employee, failure.reason, failure.message, failure.since, failure.next_attempt
        )
        for failure, employee in named[:MOST_FAILURES]
    )
