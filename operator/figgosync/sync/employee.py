"""One employee, from what Figgo says to what stands in the calendar."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import assert_never
from zoneinfo import ZoneInfo

from figgosync.calendars.base import Calendar
from figgosync.core.absence import EmployeeID, HalfDay, LegalEntityID, PeriodID, Reading
from figgosync.core.coverage import days
from figgosync.core.event import Availability, OwnedEvent
from figgosync.core.guard import Verdict
from figgosync.core.plan import Action, Adopt, Create, Delete, Situation, Update, plan
from figgosync.core.render import wanted_events
from figgosync.core.scope import ScopeRules, may_create
from figgosync.core.tenant import EventRules
from figgosync.errors import ConflictError, Reason, TransientError

ROUNDS = 3
"""How often one reconcile plans anew when the calendar moves under it."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """All that reconciling one employee depends on; equal assignments want equal calendars."""

    host: str
    employee: EmployeeID
    legal_entity: LegalEntityID
    zone: ZoneInfo
    events: EventRules
    scope: ScopeRules


@dataclass(slots=True)
class Report:
    """What one reconcile did and left: counts of events."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    adopted: int = 0
    managed: int = 0
    tentative: int = 0
    blocked: int = 0

    @property
    def writes(self) -> Mapping[str, int]:
        """How many events were written, by kind of write; kinds that did not occur are left out."""
        kinds = {
            "create": self.created,
            "update": self.updated,
            "delete": self.deleted,
            "adopt": self.adopted,
        }
        return {kind: number for kind, number in kinds.items() if number}


Reread = Callable[[date], Awaitable[Reading]]


async def reconcile(
    assignment: Assignment,
    reading: Reading,
    calendar: Calendar,
    *,
    gate: Callable[[Sequence[Delete]], Verdict],
    reread: Reread,
    today: date,
) -> Report:
    """Make the calendar show what `reading` says, touching only events with our marker.

    `reread` reads the employee's absences again from an earlier day. Raises SyncError; whatever
    was written before stands, and the next reconcile goes on from there.
    """
    report = Report()
    for _ in range(ROUNDS):
        found = _own(await calendar.owned_events(), assignment)
        reading = await _reaching_back(reading, found, assignment, reread)
        actions = plan(_situation(assignment, reading, found, today))
        try:
            await _apply(actions, calendar, gate, report)
        except ConflictError:
            continue
        _count(report, found, actions)
        return report
    raise TransientError(
        Reason.CONFLICT,
        "The calendar changed while it was being written, three times in a row. "
        "Nothing to do: it is read and compared again.",
    )


def _own(found: Sequence[OwnedEvent], assignment: Assignment) -> tuple[OwnedEvent, ...]:
    """Leave aside what another employee or another Figgo put into this mailbox."""
    host, employee = assignment.host, assignment.employee
    return tuple(e for e in found if e.key.host == host and e.key.employee == employee)


async def _reaching_back(
    reading: Reading, found: Sequence[OwnedEvent], assignment: Assignment, reread: Reread
) -> Reading:
    """Read further back where one of our unfinished events begins before what was read.

    Otherwise an absence that lost its last days would look as if it had never been.
    """
    known = {row.period for row in reading.half_days}
    starts = [
        first
        for event in found
        if event.key.period not in known
        for first, last in [days(event.event.when, assignment.zone)]
        if first < reading.since <= last
    ]
    return await reread(min(starts)) if starts else reading


def _situation(
    assignment: Assignment, reading: Reading, found: Sequence[OwnedEvent], today: date
) -> Situation:
    return Situation(
        host=assignment.host,
        reading=reading,
        wanted=wanted_events(reading, assignment.events, assignment.zone),
        creatable=_creatable(assignment, reading.half_days),
        found=found,
        rules=assignment.events,
        today=today,
        zone=assignment.zone,
    )


def _creatable(assignment: Assignment, half_days: Sequence[HalfDay]) -> frozenset[PeriodID]:
    by_period = groupby(sorted(half_days, key=lambda row: row.period), lambda row: row.period)
    return frozenset(
        period
        for period, rows in by_period
        if may_create(tuple(rows), assignment.legal_entity, assignment.scope)
    )


async def _apply(
    actions: Sequence[Action],
    calendar: Calendar,
    gate: Callable[[Sequence[Delete]], Verdict],
    report: Report,
) -> None:
    deletions = [action for action in actions if isinstance(action, Delete)]
    verdict = gate(deletions) if deletions else Verdict((), (), "")
    report.blocked = len(verdict.blocked)
    for action in actions:
        match action:
            case Create():
                await calendar.create(action.key, action.event)
                report.created += 1
            case Update():
                await calendar.update(action.ref, action.key, action.event)
                report.updated += 1
            case Adopt():
                await calendar.update(action.ref, action.key, action.event)
                report.adopted += 1
            case Delete():
                if action in verdict.allowed:
                    await calendar.delete(action.ref)
                    report.deleted += 1
            case _:
                assert_never(action)


def _count(report: Report, found: Sequence[OwnedEvent], actions: Sequence[Action]) -> None:
    standing = {event.ref: event.event for event in found}
    created = []
    for action in actions:
        match action:
            case Create() | Adopt():
                created.append(action.event)
            case Update():
                standing[action.ref] = action.event
            case Delete():
                standing.pop(action.ref, None)
            case _:
                assert_never(action)
    events = [*standing.values(), *created]
    report.managed = len(events) + report.blocked
    report.tentative = sum(e.availability is Availability.TENTATIVE for e in events)
