"""Reconciling one employee: what Figgo says stands in the calendar, and nothing else is touched."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from builders import HOST, OWNER, all_day, an_event, at, cancelled, event_rules, timed
from contract.memory_calendar import MemoryCalendar, MemoryConnection, MemoryMailbox
from figgosync.calendars.base import Calendar
from figgosync.core.absence import EmployeeID, HalfDay, PeriodID, Reading
from figgosync.core.event import Availability, Event, EventKey, OwnedEvent, Ref
from figgosync.core.guard import Verdict
from figgosync.core.initialised import Initialised
from figgosync.core.plan import Delete
from figgosync.errors import ConflictError, PermanentError, Reason, SyncError, TransientError
from figgosync.sync.cleanup import Removal, remove_events
from figgosync.sync.employee import ROUNDS, Assignment, Leave, Report, reconcile
from syncing import (
    a_reading_of,
    absent,
    address,
    an_assignment,
    mailbox_gone,
    scope_rules,
    throttled,
)

TODAY = date(2026, 11, 24)
BEFORE, AFTER = at("2026-11-01 00:00"), at("2026-11-20 12:00")


class Restless(MemoryCalendar):
    """A calendar that somebody changes between the listing and the writing, so many times."""

    def __init__(self, connection: MemoryConnection, times: int) -> None:
        super().__init__(connection, address(OWNER))
        self.times = times
        self.listings = 0

    async def owned_events(self) -> Sequence[OwnedEvent]:
        self.listings += 1
        return await super().owned_events()

    async def update(self, ref: Ref, key: EventKey, event: Event) -> Ref:
        if self.times > 0:
            self.times -= 1
            raise ConflictError(Reason.CONFLICT, "It moved.")
        return await super().update(ref, key, event)


@dataclass
class Person:
    """One employee, the calendar, and what Figgo says."""

    assignment: Assignment = field(default_factory=an_assignment)
    connection: MemoryConnection = field(default_factory=lambda: MemoryConnection([address(OWNER)]))
    asked: list[Sequence[Delete]] = field(default_factory=list)
    reread: list[date] = field(default_factory=list)
    older: tuple[HalfDay, ...] = ()
    initialised: Initialised = field(default_factory=Initialised)
    allow: bool = True

    @property
    def mailbox(self) -> MemoryMailbox:
        return self.connection.mailboxes[address(OWNER)]

    @property
    def calendar(self) -> MemoryCalendar:
        return MemoryCalendar(self.connection, address(OWNER))

    def shows(self) -> list[Event]:
        return [kept.event for kept in self.mailbox.kept.values()]

    def put(self, event: Event | None = None, **key: Any) -> None:  # noqa: ANN401 - a builder
        marker = replace(EventKey(HOST, OWNER, PeriodID(90211), 0), **key).marker()
        self.mailbox.put(event or an_event(), marker)

    def gate(self, deletions: Sequence[Delete]) -> Verdict:
        self.asked.append(deletions)
        if self.allow:
            return Verdict(tuple(deletions), (), "")
        return Verdict((), tuple(deletions), "Held back.")

    async def read_again(self, since: date) -> Reading:
        self.reread.append(since)
        return a_reading_of(OWNER, *self.older, since=since.isoformat())

    async def reconciled(
        self,
        *rows: HalfDay,
        calendar: Calendar | None = None,
        today: date = TODAY,
        since: str = "2026-10-25",
    ) -> Report:
        return await reconcile(
            self.assignment,
            a_reading_of(OWNER, *rows, since=since),
            calendar or self.calendar,
            Leave(self.initialised),
            gate=self.gate,
            reread=self.read_again,
            today=today,
        )


@pytest.fixture
def anne() -> Person:
    return Person()


async def test_what_is_missing_is_created(anne: Person) -> None:
    report = await anne.reconciled(*absent("2026-12-24"))
    assert anne.shows() == [an_event(all_day("2026-12-24"))]
    assert report == Report(created=1, managed=1)


async def test_doing_it_twice_changes_nothing(anne: Person) -> None:
    rows = absent("2026-12-24")
    await anne.reconciled(*rows)
    before = dict(anne.mailbox.kept)
    report = await anne.reconciled(*rows)
    assert anne.mailbox.kept == before
    assert report == Report(managed=1, unchanged=1)
    assert report.writes == {}


async def test_pending_events_are_counted(anne: Person) -> None:
    rows = absent("2026-12-24", confirmed=False)
    assert (await anne.reconciled(*rows)).tentative == 1
    assert (await anne.reconciled(*rows)).tentative == 1
    approved = await anne.reconciled(*absent("2026-12-24"))
    assert (approved.tentative, approved.writes) == (0, {"update": 1})


async def test_what_was_cancelled_goes(anne: Person) -> None:
    rows = absent("2026-12-24")
    await anne.reconciled(*rows)
    report = await anne.reconciled(*cancelled(rows))
    assert anne.shows() == []
    assert report == Report(deleted=1)


async def test_only_deletions_ask_the_breaker(anne: Person) -> None:
    await anne.reconciled(*absent("2026-12-24"))
    assert anne.asked == []


async def test_what_the_breaker_holds_back_stands_and_counts(anne: Person) -> None:
    rows = absent("2026-12-24")
    await anne.reconciled(*rows)
    anne.allow = False
    report = await anne.reconciled(*cancelled(rows))
    assert len(anne.shows()) == 1
    assert report == Report(managed=1, blocked=1)


@pytest.mark.parametrize(
    "key",
    [{"employee": EmployeeID(1)}, {"host": "other.ilucca.net"}],
    ids=["another employee", "another Figgo"],
)
async def test_marked_events_of_others_are_left_alone(anne: Person, key: dict[str, Any]) -> None:
    anne.put(**key)
    report = await anne.reconciled()
    assert len(anne.shows()) == 1
    assert report == Report()


async def test_the_owners_own_events_are_left_alone(anne: Person) -> None:
    anne.mailbox.put(an_event(title="Dentist"))
    await anne.reconciled(*cancelled(absent("2026-12-24")))
    assert anne.shows() == [an_event(title="Dentist")]


async def test_what_is_older_than_the_activation_is_not_created(anne: Person) -> None:
    anne.assignment = an_assignment(scope=scope_rules(active_since=AFTER))
    rows = absent("2026-12-24", created_at=BEFORE, confirmed_at=BEFORE)
    assert await anne.reconciled(*rows) == Report()


async def test_what_stands_is_kept_whatever_the_activation_says(anne: Person) -> None:
    anne.assignment = an_assignment(scope=scope_rules(activations={}))
    anne.put(an_event(title="Old title"))
    report = await anne.reconciled(*absent("2026-12-24"))
    assert report == Report(updated=1, managed=1)


async def test_one_change_brings_the_whole_period(anne: Person) -> None:
    anne.assignment = an_assignment(scope=scope_rules(active_since=AFTER))
    rows = absent("2026-12-21", "2026-12-24", created_at=BEFORE, confirmed_at=BEFORE)
    rows = (replace(rows[0], confirmed_at=at("2026-11-21 00:00")), *rows[1:])
    await anne.reconciled(*rows)
    assert anne.shows() == [an_event(all_day("2026-12-21", "2026-12-24"))]


async def test_remote_work_is_drawn_as_the_company_chose(anne: Person) -> None:
    assert await anne.reconciled(*absent("2026-12-24", remote_work=True)) == Report()
    anne.assignment = an_assignment(events=event_rules(private=True))
    await anne.reconciled(*absent("2026-12-24"))
    assert [event.private for event in anne.shows()] == [True]


async def test_a_calendar_that_moves_is_read_and_planned_again(anne: Person) -> None:
    anne.put(an_event(title="Old title"))
    calendar = Restless(anne.connection, times=2)
    report = await anne.reconciled(*absent("2026-12-24"), calendar=calendar)
    assert report == Report(updated=1, managed=1)
    assert calendar.listings == 3


async def test_a_calendar_that_never_rests_is_left_for_later(anne: Person) -> None:
    anne.put(an_event(title="Old title"))
    calendar = Restless(anne.connection, times=100)
    with pytest.raises(TransientError) as caught:
        await anne.reconciled(*absent("2026-12-24"), calendar=calendar)
    assert caught.value.reason is Reason.CONFLICT
    assert calendar.listings == ROUNDS


async def test_an_event_that_begins_before_what_was_read_is_looked_up(anne: Person) -> None:
    """Somebody's parental leave lost its last weeks: it must be shortened, not deleted."""
    anne.put(an_event(all_day("2026-09-01", "2026-12-31")))
    anne.older = (
        *absent("2026-09-01", "2026-10-09"),
        *cancelled(absent("2026-10-12", "2026-12-31")),
    )
    report = await anne.reconciled()
    assert anne.reread == [date(2026, 9, 1)]
    assert report.deleted == 0
    assert anne.shows() == [an_event(all_day("2026-09-01", "2026-10-09"))]


async def test_nothing_is_looked_up_for_what_is_known_or_over(anne: Person) -> None:
    anne.put(an_event(all_day("2026-12-24")))
    anne.put(an_event(all_day("2026-09-01", "2026-09-04")), period=PeriodID(1))
    await anne.reconciled(*absent("2026-12-24"))
    assert anne.reread == []
    assert len(anne.shows()) == 2, "history stays"


async def test_a_mailbox_in_trouble_is_an_error(anne: Person) -> None:
    anne.connection.mailboxes.clear()
    with pytest.raises(SyncError) as caught:
        await anne.reconciled(*absent("2026-12-24"))
    assert caught.value.reason is Reason.MAILBOX_NOT_FOUND


async def test_a_half_day_has_the_hours_of_the_establishment(anne: Person) -> None:
    await anne.reconciled(absent("2026-12-24")[0])
    assert anne.shows() == [an_event(timed("2026-12-24 08:00", "2026-12-24 11:30"))]
    assert anne.shows()[0].availability is Availability.OUT_OF_OFFICE


# Taking all out again.


async def test_removal_takes_what_ends_today_or_later_and_leaves_history(anne: Person) -> None:
    anne.put(an_event(all_day("2026-11-20", "2026-11-23")), period=PeriodID(1))
    anne.put(an_event(all_day("2026-11-20", "2026-11-24")), period=PeriodID(2))
    anne.put(an_event(all_day("2026-12-24")), period=PeriodID(3))
    report = await remove_events(anne.assignment, anne.calendar, TODAY)
    assert report == Report(deleted=2, managed=1, unchanged=1)
    assert anne.shows() == [an_event(all_day("2026-11-20", "2026-11-23"))]


async def test_removal_leaves_everything_that_is_not_this_employees(anne: Person) -> None:
    anne.put(employee=EmployeeID(1))
    anne.put(host="other.ilucca.net")
    anne.mailbox.put(an_event(title="Dentist"))
    assert await remove_events(anne.assignment, anne.calendar, TODAY) == Report()
    assert len(anne.shows()) == 3


async def test_today_is_the_establishments_today(anne: Person) -> None:
    anne.put(an_event(timed("2026-11-24 08:00", "2026-11-24 11:30")))
    assert (await remove_events(anne.assignment, anne.calendar, date(2026, 11, 25))).deleted == 0
    assert (await remove_events(anne.assignment, anne.calendar, TODAY)).deleted == 1


def test_a_removal_is_complete_when_everybody_is_settled() -> None:
    ann, bob, cid = EmployeeID(1), EmployeeID(2), EmployeeID(3)
    removal = Removal()
    everybody = frozenset({ann, bob, cid})
    removal.note(ann, Report(deleted=2), None)
    removal.note(bob, None, mailbox_gone())
    assert not removal.is_complete(everybody)
    removal.note(cid, None, throttled())
    removal.note(cid, None, TransientError(Reason.MAILBOX_UNAVAILABLE, "Being moved."))
    assert not removal.is_complete(everybody), "what passes by itself is waited for"
    removal.note(cid, Report(), None)
    assert removal.is_complete(everybody)
    assert (removal.removed, removal.given_up) == (2, 1)


def test_a_refusal_of_the_whole_connection_settles_nobody() -> None:
    removal = Removal()
    error = PermanentError(Reason.TLS_FAILED, "No.", tenant_wide=True)
    removal.note(EmployeeID(1), None, error)
    assert not removal.is_complete(frozenset({EmployeeID(1)}))
