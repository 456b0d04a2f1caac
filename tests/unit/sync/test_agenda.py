"""The agenda remembers who is due and why not; no path through it loses anybody."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from figgosync.core.absence import EmployeeID, Reading
from figgosync.errors import (
    ConflictError,
    OutcomeUnknownError,
    PermanentError,
    Reason,
    SyncError,
    TransientError,
)
from figgosync.sync.agenda import LONGEST_BACK_OFF, Agenda
from figgosync.sync.employee import Report
from figgosync.sync.entry import Entry
from syncing import NOW, a_reading_of, absent

ANNE, BERT = EmployeeID(1207), EmployeeID(1208)
DRIFT = timedelta(hours=6)
ONE, OTHER = 11, 22
"""Digests."""


def reading(employee: EmployeeID = ANNE, since: str = "2026-10-25") -> Reading:
    return a_reading_of(employee, *absent("2026-12-24"), since=since)


@pytest.fixture
def agenda() -> Agenda:
    return Agenda(DRIFT)


def entry_of(agenda: Agenda, employee: EmployeeID = ANNE) -> Entry:
    (found,) = (entry for entry in agenda if entry.employee == employee)
    return found


def served(agenda: Agenda, digest: int = ONE, report: Report | None = None) -> Entry:
    """Have Anne served for the wishes of a digest."""
    agenda.deliver(reading(), digest, NOW)
    entry = entry_of(agenda)
    agenda.start(entry)
    agenda.finish(entry, report or Report(), digest, NOW)
    return entry


def failed(agenda: Agenda, error: SyncError, after: timedelta = timedelta(0)) -> timedelta:
    """Have Anne fail; return the wait until the next attempt."""
    entry = entry_of(agenda)
    agenda.start(entry)
    agenda.fail(entry, error, NOW + after)
    assert entry.due is not None
    return entry.due - NOW - after


def test_somebody_new_is_due_at_once(agenda: Agenda) -> None:
    assert agenda.deliver(reading(), ONE, NOW)
    assert agenda.due(NOW, 10) == [entry_of(agenda)]
    assert agenda.next_due() == NOW


def test_what_is_shown_already_is_no_news(agenda: Agenda) -> None:
    served(agenda)
    assert not agenda.deliver(reading(), ONE, NOW)
    assert agenda.due(NOW, 10) == []


def test_a_change_is_news(agenda: Agenda) -> None:
    served(agenda)
    assert agenda.deliver(reading(), OTHER, NOW)
    assert agenda.due(NOW, 10) == [entry_of(agenda)]


def test_what_is_being_made_is_no_news(agenda: Agenda) -> None:
    agenda.deliver(reading(), ONE, NOW)
    agenda.start(entry_of(agenda))
    assert not agenda.deliver(reading(), ONE, NOW)


def test_a_change_during_the_work_brings_another_look(agenda: Agenda) -> None:
    agenda.deliver(reading(), ONE, NOW)
    entry = entry_of(agenda)
    agenda.start(entry)
    assert agenda.deliver(reading(), OTHER, NOW)
    assert agenda.due(NOW, 10) == [], "one at a time"
    agenda.finish(entry, Report(), ONE, NOW)
    assert agenda.due(NOW, 10) == [entry]
    assert entry.reading is not None


def test_a_look_during_the_work_brings_another_look(agenda: Agenda) -> None:
    agenda.deliver(reading(), ONE, NOW)
    entry = entry_of(agenda)
    agenda.start(entry)
    agenda.look(ANNE, NOW)
    agenda.finish(entry, Report(), ONE, NOW)
    assert agenda.due(NOW, 10) == [entry]
    assert entry.reading is None


def test_the_longest_waiting_come_first_and_no_more_than_asked_for(agenda: Agenda) -> None:
    agenda.look(ANNE, NOW)
    agenda.look(BERT, NOW - timedelta(minutes=1))
    assert [e.employee for e in agenda.due(NOW, 10)] == [BERT, ANNE]
    assert [e.employee for e in agenda.due(NOW, 1)] == [BERT]


def test_the_next_check_for_drift_comes_within_its_interval(agenda: Agenda) -> None:
    entry = served(agenda)
    assert entry.due is not None
    assert 0.75 * DRIFT <= entry.due - NOW <= 1.25 * DRIFT


@settings(deadline=None)
@given(st.integers(1, 10**6))
def test_checks_for_drift_never_come_all_at_once(first: int) -> None:
    """Ids of people who were hired together follow each other."""
    agenda = Agenda(DRIFT)
    for number in range(first, first + 200):
        agenda.look(EmployeeID(number), NOW)
    for entry in list(agenda):
        agenda.start(entry)
        agenda.finish(entry, Report(), ONE, NOW)
    in_one_hour = [e for e in agenda if e.due and e.due < NOW + 0.75 * DRIFT + timedelta(hours=1)]
    assert len(in_one_hour) < 150


def test_failures_wait_longer_and_longer_up_to_an_hour(agenda: Agenda) -> None:
    agenda.deliver(reading(), ONE, NOW)
    error = TransientError(Reason.MAILBOX_UNAVAILABLE, "Away.")
    waits = [failed(agenda, error) for _ in range(12)]
    assert waits[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_BACK_OFF


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (PermanentError(Reason.MAILBOX_NOT_FOUND, "Gone."), timedelta(hours=1)),
        (
            PermanentError(Reason.MAILBOX_FULL, "Full.", retry_after=timedelta(hours=3)),
            timedelta(hours=3),
        ),
        (OutcomeUnknownError(Reason.OUTCOME_UNKNOWN, "?"), timedelta(seconds=30)),
        (SyncError(Reason.INTERNAL_ERROR, "?"), timedelta(hours=1)),
    ],
    ids=lambda value: value.reason.value if isinstance(value, SyncError) else "",
)
def test_some_failures_never_wait_longer_than_at_first(
    agenda: Agenda, error: SyncError, wait: timedelta
) -> None:
    agenda.deliver(reading(), ONE, NOW)
    assert [failed(agenda, error) for _ in range(3)] == [wait] * 3


def test_a_failure_remembers_since_when(agenda: Agenda) -> None:
    agenda.deliver(reading(), ONE, NOW)
    error = ConflictError(Reason.CONFLICT, "Moved.")
    failed(agenda, error)
    failed(agenda, error, after=timedelta(minutes=5))
    failure = entry_of(agenda).failure
    assert failure is not None
    assert (failure.since, failure.next_attempt) == (NOW, entry_of(agenda).due)


def test_the_same_news_does_not_hurry_a_failure(agenda: Agenda) -> None:
    agenda.deliver(reading(), ONE, NOW)
    failed(agenda, PermanentError(Reason.MAILBOX_NOT_FOUND, "Gone."))
    assert not agenda.deliver(reading(), ONE, NOW)
    assert agenda.due(NOW, 10) == []


def test_other_news_is_tried_at_once_and_anew(agenda: Agenda) -> None:
    agenda.deliver(reading(), ONE, NOW)
    error = TransientError(Reason.MAILBOX_UNAVAILABLE, "Away.")
    for _ in range(5):
        failed(agenda, error)
    assert agenda.deliver(reading(), OTHER, NOW)
    assert agenda.due(NOW, 10) == [entry_of(agenda)]
    assert failed(agenda, error) == timedelta(seconds=30)


def test_success_ends_a_failure(agenda: Agenda) -> None:
    agenda.deliver(reading(), ONE, NOW)
    failed(agenda, TransientError(Reason.MAILBOX_UNAVAILABLE, "Away."))
    entry = entry_of(agenda)
    agenda.start(entry)
    agenda.finish(entry, Report(managed=2, tentative=1, blocked=1), ONE, NOW)
    assert entry.failure is None
    assert (entry.managed, entry.tentative, entry.blocked) == (2, 1, 1)


def test_who_was_put_back_is_due_as_before(agenda: Agenda) -> None:
    agenda.deliver(reading(), ONE, NOW)
    entry = entry_of(agenda)
    agenda.start(entry)
    agenda.put_back(entry)
    assert agenda.due(NOW, 10) == [entry]
    assert entry.reading is not None


def test_who_cannot_be_served_is_never_due(agenda: Agenda) -> None:
    agenda.refuse(ANNE, Reason.NO_ADDRESS, "No address.", NOW)
    agenda.everybody_now(NOW)
    agenda.look_again(ANNE, NOW)
    agenda.put_off(entry_of(agenda), NOW)
    assert agenda.due(NOW + timedelta(days=30), 10) == []
    assert agenda.next_due() is None
    assert agenda.all_seen


def test_saying_it_again_changes_nothing_of_a_refusal(agenda: Agenda) -> None:
    """Or each new directory would cost a status."""
    agenda.refuse(ANNE, Reason.NO_ADDRESS, "No address.", NOW)
    before = entry_of(agenda).failure
    agenda.refuse(ANNE, Reason.NO_ADDRESS, "No address.", NOW + timedelta(hours=1))
    assert entry_of(agenda).failure == before


@pytest.mark.parametrize("ends_well", [True, False])
def test_who_is_refused_while_being_served_stays_refused(
    agenda: Agenda, *, ends_well: bool
) -> None:
    agenda.deliver(reading(), ONE, NOW)
    entry = entry_of(agenda)
    agenda.start(entry)
    agenda.refuse(ANNE, Reason.ADDRESS_NOT_UNIQUE, "Shared.", NOW)
    if ends_well:
        agenda.finish(entry, Report(managed=1), ONE, NOW)
    else:
        agenda.fail(entry, TransientError(Reason.SERVER_ERROR, "?"), NOW)
    assert not entry.running
    assert entry.failure is not None
    assert entry.failure.reason is Reason.ADDRESS_NOT_UNIQUE
    assert agenda.next_due() is None


def test_who_can_be_served_again_is_due_at_once(agenda: Agenda) -> None:
    agenda.refuse(ANNE, Reason.NO_ADDRESS, "No address.", NOW)
    agenda.look(ANNE, NOW)
    assert agenda.due(NOW, 10) == [entry_of(agenda)]
    agenda.start(entry_of(agenda))
    agenda.finish(entry_of(agenda), Report(), ONE, NOW)
    assert entry_of(agenda).failure is None


def test_what_was_heard_of_from_long_ago_is_remembered_until_it_is_made(agenda: Agenda) -> None:
    agenda.deliver(reading(since="2026-04-01"), ONE, NOW)
    agenda.deliver(reading(), OTHER, NOW)
    failed(agenda, TransientError(Reason.MAILBOX_UNAVAILABLE, "Away."))
    entry = entry_of(agenda)
    assert entry.since == date(2026, 4, 1)
    agenda.start(entry)
    agenda.finish(entry, Report(), OTHER, NOW)
    assert entry.since is None


def test_one_more_look_comes_at_the_latest_when_it_was_asked_for(agenda: Agenda) -> None:
    entry = served(agenda)
    agenda.look_again(ANNE, NOW + timedelta(minutes=1))
    assert entry.due == NOW + timedelta(minutes=1)
    agenda.look_again(ANNE, NOW + timedelta(minutes=2))
    assert entry.due == NOW + timedelta(minutes=1)
    agenda.look_again(BERT, NOW)
    assert len(agenda) == 1


def test_one_more_look_is_not_forgotten_over_one_that_comes_before(agenda: Agenda) -> None:
    entry = served(agenda)
    later = NOW + timedelta(minutes=1)
    agenda.look_again(ANNE, later)
    agenda.deliver(reading(), OTHER, NOW)
    agenda.start(entry)
    agenda.finish(entry, Report(), OTHER, NOW + timedelta(seconds=10))
    assert entry.due == later
    agenda.start(entry)
    agenda.finish(entry, Report(), OTHER, later)
    assert entry.due is not None
    assert entry.due > later + timedelta(hours=1), "once is enough"


def test_everybody_can_be_looked_at_at_once(agenda: Agenda) -> None:
    entry = served(agenda)
    agenda.everybody_now(NOW)
    assert agenda.due(NOW, 10) == [entry]


def test_who_left_the_scope_is_forgotten(agenda: Agenda) -> None:
    agenda.look(ANNE, NOW)
    agenda.look(BERT, NOW)
    agenda.keep_only(frozenset({BERT}))
    assert [e.employee for e in agenda] == [BERT]


def test_all_are_seen_once_each_was_served_or_failed(agenda: Agenda) -> None:
    served(agenda)
    agenda.look(BERT, NOW)
    assert not agenda.all_seen
    bert = entry_of(agenda, BERT)
    agenda.start(bert)
    agenda.fail(bert, PermanentError(Reason.MAILBOX_NOT_FOUND, "Gone."), NOW)
    assert agenda.all_seen


def test_the_time_since_a_change_was_heard_of_runs_from_the_first(agenda: Agenda) -> None:
    agenda.deliver(reading(), ONE, NOW)
    agenda.deliver(reading(), OTHER, NOW + timedelta(seconds=5))
    entry = entry_of(agenda)
    assert entry.told_at == NOW
    agenda.start(entry)
    agenda.finish(entry, Report(), OTHER, NOW)
    assert entry.told_at is None


def test_an_employee_is_in_sync_from_the_first_look_on(agenda: Agenda) -> None:
    agenda.deliver(reading(), ONE, NOW)
    assert not entry_of(agenda).in_sync
    assert served(agenda).in_sync


def test_other_wishes_of_the_company_are_not_fulfilled_before_the_next_look(
    agenda: Agenda,
) -> None:
    entry = served(agenda)
    agenda.look(ANNE, NOW, outdated=True)
    agenda.look(ANNE, NOW)
    assert not entry.in_sync
    assert agenda.all_seen, "how many events there are is known all the same"
    agenda.start(entry)
    agenda.look(ANNE, NOW, outdated=True)
    agenda.finish(entry, Report(), ONE, NOW)
    assert not entry.in_sync, "they changed once more meanwhile"
    agenda.start(entry)
    agenda.finish(entry, Report(), OTHER, NOW)
    assert entry.in_sync


def test_a_change_of_one_employee_does_not_put_the_company_out_of_sync(agenda: Agenda) -> None:
    entry = served(agenda)
    agenda.deliver(reading(), OTHER, NOW)
    agenda.look(ANNE, NOW)
    assert entry.in_sync


def test_whoever_is_forgotten_while_he_is_served_does_not_come_back(agenda: Agenda) -> None:
    agenda.deliver(reading(), ONE, NOW)
    entry = entry_of(agenda)
    agenda.start(entry)
    agenda.keep_only(frozenset())
    agenda.finish(entry, Report(), ONE, NOW)
    assert agenda.next_due() is None
    assert agenda.due(NOW + 2 * DRIFT, 10) == []
    agenda.deliver(reading(), OTHER, NOW)
    agenda.put_back(entry)
    assert agenda.due(NOW, 10) == [entry_of(agenda)]


@pytest.mark.parametrize("ends_well", [True, False])
def test_whoever_is_refused_while_he_is_served_counts_as_he_was_left(
    agenda: Agenda, *, ends_well: bool
) -> None:
    agenda.deliver(reading(), ONE, NOW)
    entry = entry_of(agenda)
    agenda.start(entry)
    agenda.refuse(ANNE, Reason.NO_ADDRESS, "None.", NOW)
    if ends_well:
        agenda.finish(entry, Report(managed=3), ONE, NOW)
    else:
        agenda.fail(entry, ConflictError(Reason.CONFLICT, "Moved."), NOW)
    assert agenda.sum.managed == (3 if ends_well else 0)
    assert (agenda.is_behind(NOW), agenda.pending(NOW), agenda.next_due()) == (False, 0, None)
