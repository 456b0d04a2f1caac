"""Over random histories: what a plan foresees is what applying it then does, and nothing else."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from builders import all_day, an_event, event_rules
from contract.memory_calendar import MemoryCalendar, MemoryConnection, MemoryMailbox
from figgosync.core.absence import EmployeeID, HalfDay, Reading
from figgosync.core.event import Event, EventKey, OwnedEvent, Ref
from figgosync.core.foresight import foresee, foresee_removal
from figgosync.core.guard import Verdict
from figgosync.core.initialised import Initialised, Step
from figgosync.core.plan import Action, Adopt, Create, Delete, Update
from figgosync.core.removal import ending_from
from figgosync.sync.cleanup import remove_events
from figgosync.sync.employee import Leave, Report, look_at, own_events, reconcile
from strategies import rows_of_one_employee
from syncing import ENTITY, a_reading_of, address, an_assignment, scope_rules

OWNER = 1207
ASSIGNMENT = an_assignment(
    OWNER, scope=scope_rules(activations={}), events=event_rules(show_absence_type=True)
)
days = st.integers(17, 30).map(lambda number: date(2026, 10, number))
rows = rows_of_one_employee(periods=3)


class Recorder(MemoryCalendar):
    """Writes down what is done to it: kind, key and what is shown, or the event that goes."""

    def __init__(self, connection: MemoryConnection, mail: str) -> None:
        super().__init__(connection, mail)
        self.done: list[tuple[str, str, Event | None]] = []

    async def create(self, key: EventKey, event: Event) -> Ref:
        self.done.append(("create", key.marker(), event))
        return await super().create(key, event)

    async def update(self, ref: Ref, key: EventKey, event: Event) -> Ref:
        self.done.append(("update", key.marker(), event))
        return await super().update(ref, key, event)

    async def delete(self, ref: Ref) -> None:
        self.done.append(("delete", ref, None))
        await super().delete(ref)


def foretold(actions: Sequence[Action]) -> list[tuple[str, str, Event | None]]:
    told: list[tuple[str, str, Event | None]] = []
    for action in actions:
        match action:
            case Create(key, event):
                told.append(("create", key.marker(), event))
            case Update(_, key, event) | Adopt(_, key, event):
                told.append(("update", key.marker(), event))
            case Delete(ref):
                told.append(("delete", ref, None))
    return told


def let_all_go(deletions: Sequence[Delete]) -> Verdict:
    return Verdict(tuple(deletions), (), "")


class Case:
    """A calendar with a history: `before` was made of it, and `by_hand` stands beside."""

    def __init__(self, before: list[HalfDay], by_hand: Sequence[date] = ()) -> None:
        self.connection = MemoryConnection([address(OWNER)])
        self.calendar = Recorder(self.connection, address(OWNER))
        self.before = before
        for when in by_hand:
            self.mailbox.put(an_event(all_day(when.isoformat())))

    @property
    def mailbox(self) -> MemoryMailbox:
        return self.connection.mailboxes[address(OWNER)]

    async def reconcile(self, now: list[HalfDay], leave: Leave, today: date) -> Report:
        return await reconcile(
            ASSIGNMENT,
            self.reading(now),
            self.calendar,
            leave,
            gate=let_all_go,
            reread=self._never,
            today=today,
        )

    async def furnish(self) -> None:
        """Bring the calendar to where the history left it."""
        everything = Initialised().with_step([ENTITY], Step(date(2000, 1, 1)))
        await self.reconcile(self.before, Leave(everything), date(2026, 10, 1))
        self.calendar.done.clear()

    async def standing(self) -> tuple[OwnedEvent, ...]:
        return own_events(await self.calendar.owned_events(), ASSIGNMENT)

    def reading(self, rows: list[HalfDay]) -> Reading:
        owned = [replace(row, owner=EmployeeID(OWNER), account_name="Sick") for row in rows]
        return a_reading_of(OWNER, *owned, since="2026-10-01")

    async def _never(self, since: date) -> Reading:
        raise AssertionError(f"nothing begins before what was read, least of all on {since}")


@settings(max_examples=1000, deadline=None)
@given(before=rows, now=rows, first_day=days, today=days)
def test_an_apply_does_what_was_planned(
    before: list[HalfDay], now: list[HalfDay], first_day: date, today: date
) -> None:
    async def check() -> None:
        case = Case(before)
        await case.furnish()
        initialised = Initialised().with_step([ENTITY], Step(first_day))
        look = await look_at(
            ASSIGNMENT,
            case.reading(now),
            case.calendar,
            initialised,
            reread=case._never,  # noqa: SLF001 - of this file
            today=today,
        )
        seen = foresee(look.actions, look.found, ASSIGNMENT.events)
        assert case.calendar.done == []

        report = await case.reconcile(now, Leave(initialised), today)
        assert case.calendar.done == foretold(look.actions)
        assert (report.created, report.updated, report.deleted, report.unchanged) == (
            seen.create,
            seen.update,
            seen.delete,
            seen.unchanged,
        )
        case.calendar.done.clear()
        await case.reconcile(now, Leave(initialised), today)
        assert case.calendar.done == [], "the second time there is nothing to do"

    asyncio.run(check())


@settings(max_examples=200, deadline=None)
@given(before=rows, first_day=days)
def test_a_removal_does_what_was_planned(before: list[HalfDay], first_day: date) -> None:
    async def check() -> None:
        case = Case(before, by_hand=[first_day])
        await case.furnish()
        found = await case.standing()
        doomed = ending_from(found, first_day, ASSIGNMENT.zone)
        seen = foresee_removal(doomed, found)
        report = await remove_events(ASSIGNMENT, case.calendar, first_day)
        assert case.calendar.done == [("delete", each.ref, None) for each in doomed]
        assert (report.deleted, report.unchanged) == (seen.delete, seen.unchanged)
        assert ending_from(await case.standing(), first_day, ASSIGNMENT.zone) == ()
        assert len(case.mailbox.kept) == len(await case.standing()) + 1, "what is not ours stays"

    asyncio.run(check())
