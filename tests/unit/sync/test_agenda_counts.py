"""What the agenda keeps count of is what counting everybody anew would tell, whatever happens."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from figgosync.core.absence import EmployeeID
from figgosync.errors import PermanentError, Reason, TransientError
from figgosync.sync.agenda import Agenda
from figgosync.sync.employee import Report
from figgosync.sync.entry import Entry
from figgosync.sync.headcount import Share
from syncing import NOW, a_reading_of, absent

DRIFT = timedelta(hours=6)
EVERYBODY = [EmployeeID(1), EmployeeID(2)]
REPORT = Report(managed=3, tentative=2, blocked=1)
AWAY = TransientError(Reason.MAILBOX_UNAVAILABLE, "Away.")
GONE = PermanentError(Reason.MAILBOX_NOT_FOUND, "Gone.")

Act = Callable[[Agenda, Entry, datetime], object]


def _deliver(agenda: Agenda, entry: Entry, now: datetime) -> None:
    reading = a_reading_of(entry.employee, *absent("2026-12-24"))
    agenda.deliver(reading, 7 + now.minute % 3, now)


def _forget(agenda: Agenda, entry: Entry, now: datetime) -> None:
    """Forget somebody who comes back at once; whatever is done with what he was counts no more."""
    agenda.keep_only(frozenset(EVERYBODY) - {entry.employee})
    agenda.put_back(entry)
    agenda.look(entry.employee, now)


ALWAYS: Sequence[Act] = (
    _deliver,
    _forget,
    lambda agenda, entry, now: agenda.look(entry.employee, now),
    lambda agenda, entry, now: agenda.look(entry.employee, now, outdated=True),
    lambda agenda, entry, now: agenda.reach_back(entry.employee, now.date(), now),
    lambda agenda, entry, now: agenda.look_again(entry.employee, now + timedelta(minutes=1)),
    lambda agenda, entry, now: agenda.refuse(entry.employee, Reason.NO_ADDRESS, "None.", now),
    lambda agenda, _, now: agenda.everybody_now(now),
)
AT_REST: Sequence[Act] = (
    lambda agenda, entry, _: agenda.start(entry),
    lambda agenda, entry, now: agenda.put_off(entry, now + timedelta(minutes=2)),
)
SERVED: Sequence[Act] = (
    lambda agenda, entry, now: agenda.finish(entry, REPORT, entry.wanted, now),
    lambda agenda, entry, now: agenda.fail(entry, AWAY, now),
    lambda agenda, entry, now: agenda.fail(entry, GONE, now),
    lambda agenda, entry, _: agenda.put_back(entry),
    lambda agenda, entry, _: agenda.came_back(entry, REPORT),
)

_steps = st.lists(
    st.tuples(st.sampled_from(EVERYBODY), st.integers(0, 1000), st.booleans(), st.integers(0, 40)),
    min_size=5,
    max_size=30,
)


@settings(deadline=None)
@given(_steps)
def test_the_counts_are_those_of_everybody(
    steps: Sequence[tuple[EmployeeID, int, bool, int]],
) -> None:
    agenda, now = Agenda(DRIFT), NOW
    for employee in EVERYBODY:
        agenda.look(employee, now)
    for employee, number, any_time, minutes in steps:
        now += timedelta(minutes=minutes)
        entry = agenda.entry(employee)
        assert entry is not None
        acts = ALWAYS if any_time else SERVED if entry.running else AT_REST
        acts[number % len(acts)](agenda, entry, now)
        check(agenda, now)


def check(agenda: Agenda, now: datetime) -> None:
    entries = list(agenda)
    assert agenda.sum == Share(
        in_sync=sum(entry.in_sync for entry in entries),
        unseen=sum(entry.shown is None and entry.failure is None for entry in entries),
        told=sum(_waits(entry) and entry.told_at is not None for entry in entries),
        managed=sum(entry.managed for entry in entries),
        tentative=sum(entry.tentative for entry in entries),
        blocked=sum(entry.blocked for entry in entries),
    )
    assert agenda.all_seen == all(entry.shown is not None or entry.failure for entry in entries)
    assert {each.employee for each in agenda.failing} == {
        entry.employee for entry in entries if entry.failure is not None
    }
    assert agenda.is_behind(now) == any(entry.is_behind(now) for entry in entries)
    ready = [entry for entry in entries if _waits(entry) and entry.due and entry.due <= now]
    assert agenda.pending(now) == sum(
        entry in ready or (_waits(entry) and entry.told_at is not None) for entry in entries
    )
    assert sorted(entry.employee for entry in agenda.due(now, 100)) == sorted(
        entry.employee for entry in ready
    )
    assert agenda.next_due() == min(
        (entry.due for entry in entries if _waits(entry) and entry.due), default=None
    )


def _waits(entry: Entry) -> bool:
    return entry.due is not None and not entry.running
