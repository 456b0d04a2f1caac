"""One employee, from what Figgo says to what stands in the calendar."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import assert_never
from zoneinfo import ZoneInfo

from figgosync.calendars.base import Calendar
from figgosync.core.absence import EmployeeID, HalfDay, LegalEntityID, PeriodID, Reading
from figgosync.core.adoption import adopting
from figgosync.core.coverage import days
from figgosync.core.event import Availability, OwnedEvent, Stranger
from figgosync.core.guard import Verdict
from figgosync.core.initialised import Initialised
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
    unchanged: int = 0
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
Gate = Callable[[Sequence[Delete]], Verdict]


@dataclass(frozen=True, slots=True)
class Leave:
    """What the sync may do besides keeping what stands.

    `initialised` says which old absences may be created. Events of other programs are taken over
    in place of a creation where their makers are among `makers`. Once `goes_on` says no, nothing
    more is written.
    """

    initialised: Initialised = field(default_factory=Initialised)
    makers: frozenset[str] = frozenset()
    goes_on: Callable[[], bool] = lambda: True


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a calendar: what Figgo says, what of ours was found, and what is to be done."""

    reading: Reading
    found: tuple[OwnedEvent, ...]
    actions: tuple[Action, ...]


async def reconcile(  # noqa: PLR0913 - `report` is what it did, all else what it depends on
    assignment: Assignment,
    reading: Reading,
    calendar: Calendar,
    leave: Leave,
    *,
    gate: Gate,
    reread: Reread,
    today: date,
    report: Report | None = None,
) -> Report:
    """Make the calendar show what `reading` says, touching only events with our marker.

    But for those that `leave` has it take over. `reread` reads the employee's absences again from
    an earlier day. Raises SyncError; whatever was written before stands, `report` counts it where
    one is given, and the next reconcile goes on from there.
    """
    report = report or Report()
    for _ in range(ROUNDS):
        look = await look_at(
            assignment, reading, calendar, leave.initialised, reread=reread, today=today
        )
        reading, actions = look.reading, look.actions
        if leave.makers:
            actions = adopting(actions, await strangers_to(actions, calendar), leave.makers)
        try:
            done = await _apply(actions, calendar, gate, leave.goes_on, report)
        except ConflictError:
            continue
        _count(report, look.found, done)
        return report
    raise TransientError(
        Reason.CONFLICT,
        "The calendar changed while it was being written, three times in a row. "
        "Nothing to do: it is read and compared again.",
    )


async def look_at(
    assignment: Assignment,
    reading: Reading,
    calendar: Calendar,
    initialised: Initialised,
    *,
    reread: Reread,
    today: date,
) -> Look:
    """Read a calendar and plan what it lacks, writing nothing. Raises SyncError."""
    found = own_events(await calendar.owned_events(), assignment)
    reading = await _reaching_back(reading, found, assignment, reread)
    actions = plan(_situation(assignment, reading, found, today, initialised))
    return Look(reading, found, actions)


async def strangers_to(actions: Sequence[Action], calendar: Calendar) -> Sequence[Stranger]:
    """Return the events of others that look like those to be created. Raises SyncError."""
    created = [action.event for action in actions if isinstance(action, Create)]
    return await calendar.look_alikes(created) if created else ()


def own_events(found: Sequence[OwnedEvent], assignment: Assignment) -> tuple[OwnedEvent, ...]:
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
    assignment: Assignment,
    reading: Reading,
    found: Sequence[OwnedEvent],
    today: date,
    initialised: Initialised,
) -> Situation:
    return Situation(
        host=assignment.host,
        reading=reading,
        wanted=wanted_events(reading, assignment.events, assignment.zone),
        creatable=_creatable(assignment, reading.half_days, initialised),
        found=found,
        rules=assignment.events,
        today=today,
        zone=assignment.zone,
    )


def _creatable(
    assignment: Assignment, half_days: Sequence[HalfDay], initialised: Initialised
) -> frozenset[PeriodID]:
    by_period = groupby(sorted(half_days, key=lambda row: row.period), lambda row: row.period)
    return frozenset(
        period
        for period, rows in by_period
        if may_create(tuple(rows), assignment.legal_entity, assignment.scope, initialised)
    )


async def _apply(
    actions: Sequence[Action],
    calendar: Calendar,
    gate: Gate,
    goes_on: Callable[[], bool],
    report: Report,
) -> Sequence[Action]:
    """Carry the actions out, and return those that were come to, held back or not."""
    deletions = [action for action in actions if isinstance(action, Delete)]
    verdict = gate(deletions) if deletions else Verdict((), (), "")
    report.blocked = len(verdict.blocked)
    for index, action in enumerate(actions):
        if not goes_on():
            return actions[:index]
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
    return actions


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
    touched = sum(isinstance(action, Update | Delete) for action in actions)
    report.unchanged = len(found) - touched
    report.managed = len(events) + report.blocked
    report.tentative = sum(e.availability is Availability.TENTATIVE for e in events)
