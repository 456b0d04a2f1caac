"""The worker serves whoever is due, each to an end, and loses nobody whatever happens."""

import asyncio
from datetime import date, timedelta

import pytest

from figgosync.core.absence import EmployeeID
from figgosync.errors import OutcomeUnknownError, Reason, TransientError
from figgosync.sync.worker import FRESH, Errand, Outcome
from syncing import NOW, absent, mailbox_gone, refused_login
from unit.sync.office import Office

ANNE, BERT, CLEO = map(EmployeeID, (1207, 1208, 1209))


@pytest.fixture
async def office() -> Office:
    return await Office().open()


async def test_a_change_is_made_with_the_reading_that_brought_it(office: Office) -> None:
    office.tell(ANNE, *absent("2026-12-24"))
    office.turn()
    await office.done(1)
    ((employee, reading),) = office.job.begun
    assert employee == ANNE
    assert reading is not None
    assert len(reading.half_days) == 2
    assert office.asked == []


async def test_no_more_run_at_once_than_are_allowed(office: Office) -> None:
    held = [office.job.hold(who) for who in (ANNE, BERT, CLEO)]
    for who in (ANNE, BERT, CLEO):
        office.tell(who)
    office.turn()
    await office.until(lambda: len(office.job.under_way) == 2)
    assert office.worker.is_full
    office.turn()
    for each in held:
        each.set()
    await office.done(2)
    office.turn()
    await office.done(3)
    assert office.job.peak == 2


async def test_an_employee_who_is_being_served_is_not_started_again(office: Office) -> None:
    held = office.job.hold(ANNE)
    office.tell(ANNE, *absent("2026-12-24"))
    office.turn()
    await office.until(lambda: office.job.under_way)
    office.tell(ANNE, *absent("2026-12-28"))
    office.turn()
    held.set()
    await office.done(1)
    assert office.job.begun_for() == [ANNE]
    office.turn()
    await office.done(2)
    _, (_, latest) = office.job.begun
    assert latest is not None
    assert {row.moment.day for row in latest.half_days} == {date(2026, 12, 28)}
    assert [outcome.overtaken for outcome in office.outcomes] == [True, False]


async def test_a_reading_that_is_too_old_is_read_again(office: Office) -> None:
    office.tell(ANNE, *absent("2026-12-24"))
    office.clock.leap(minutes=16)
    office.turn()
    await office.until(lambda: office.entry(ANNE).reading and not office.worker.is_full)
    assert office.job.begun == []
    office.turn()
    await office.done(1)
    ((_, reading),) = office.job.begun
    assert reading is not None
    assert office.clock() - reading.read_at < FRESH


async def test_a_change_of_long_ago_is_not_lost_to_a_newer_one_that_is_read_less_far_back(
    office: Office,
) -> None:
    office.tell(ANNE, *absent("2026-08-03"), since="2026-08-03")
    office.rows[ANNE] = absent("2026-08-03")
    office.tell(ANNE, *absent("2026-12-24"))
    office.turn()
    await office.until(lambda: office.asked and not office.worker.is_full)
    office.turn()
    await office.done(1)
    ((_, reading),) = office.job.begun
    assert reading is not None
    assert reading.since == date(2026, 8, 3)


async def test_the_loop_is_woken_when_the_absences_are_read(office: Office) -> None:
    """Or those who were read for would wait for whatever comes next."""
    office.employ(ANNE)
    office.agenda.look(ANNE, office.clock())
    office.turn()
    await office.until(lambda: office.entry(ANNE).reading)
    assert office.wakes == 1


async def test_an_old_answer_never_replaces_a_newer_reading(office: Office) -> None:
    """The poll may be faster than a read that was asked before it."""
    office.reading_held = asyncio.Event()
    office.employ(ANNE)
    office.agenda.look(ANNE, office.clock())
    office.turn()
    await office.until(lambda: office.asked)
    office.clock.leap(seconds=1)
    office.tell(ANNE, *absent("2026-12-24"))
    office.reading_held.set()
    await office.until(lambda: office.wakes)
    office.turn()
    await office.done(1)
    ((_, reading),) = office.job.begun
    assert reading is not None
    assert len(reading.half_days) == 2


async def test_trouble_with_figgo_puts_off_and_is_nobodys_failure(office: Office) -> None:
    office.read_trouble = TransientError(Reason.UNREACHABLE, "Figgo cannot be reached.")
    office.employ(ANNE)
    office.agenda.look(ANNE, office.clock())
    office.turn()
    await office.until(lambda: office.wakes)
    entry = office.entry(ANNE)
    assert entry.failure is None
    assert entry.due == office.clock() + timedelta(seconds=30)


async def test_a_fault_while_reading_puts_off_instead_of_spinning(office: Office) -> None:
    office.read_trouble = KeyError("Awa Mercier")
    office.employ(ANNE)
    office.agenda.look(ANNE, office.clock())
    office.turn()
    await office.until(lambda: office.wakes)
    entry = office.entry(ANNE)
    assert entry.due is not None
    assert entry.due >= office.clock() + timedelta(minutes=1)
    assert not office.worker.is_full


async def test_a_change_from_long_ago_is_read_as_far_back_when_it_has_to_wait(
    office: Office,
) -> None:
    """A leave of last spring that is cancelled today must not be forgotten by a full mailbox."""
    office.job.answers[ANNE] = mailbox_gone()
    office.tell(ANNE, *absent("2026-04-01"), since="2026-04-01")
    office.turn()
    await office.done(1)
    office.clock.leap(hours=2)
    office.turn()
    await office.until(lambda: office.asked)
    assert office.asked == [([ANNE], date(2026, 4, 1))]


async def test_those_who_need_less_are_not_read_as_far_back_with_the_others(
    office: Office,
) -> None:
    office.tell(ANNE, *absent("2026-04-01"), since="2026-04-01")
    office.tell(BERT, *absent("2026-12-24"))
    office.clock.leap(minutes=16)
    for _ in range(2):
        office.turn()
        await office.until(lambda: not office.worker.is_full)
    await office.until(lambda: len(office.asked) == 2)
    assert sorted(office.asked) == [([ANNE], date(2026, 4, 1)), ([BERT], date(2026, 10, 25))]


async def test_the_failure_of_one_is_tried_again_later_and_later(office: Office) -> None:
    office.job.answers[ANNE] = TransientError(Reason.MAILBOX_UNAVAILABLE, "Being moved.")
    office.tell(ANNE)
    waits = []
    for attempt in range(3):
        office.turn()
        await office.done(attempt + 1)
        due = office.entry(ANNE).due
        assert due is not None
        waits.append((due - office.clock()).total_seconds())
        office.clock.leap(seconds=waits[-1])
        office.turn()
        await office.until(lambda: not office.worker.is_full)
    assert waits == [30, 60, 120]


async def test_a_failure_of_the_whole_connection_is_nobodys_own(office: Office) -> None:
    office.job.answers[ANNE] = refused_login()
    office.tell(ANNE)
    office.turn()
    await office.done(1)
    assert office.entry(ANNE).failure is None
    assert not office.access.link.usable(office.clock())
    assert office.agenda.due(office.clock(), 10) == [office.entry(ANNE)]


async def test_an_unknown_outcome_waits_for_the_server_to_settle(office: Office) -> None:
    office.job.answers[ANNE] = OutcomeUnknownError(Reason.OUTCOME_UNKNOWN, "Unknown.")
    office.tell(ANNE)
    for attempt in range(3):
        office.turn()
        await office.done(attempt + 1)
        assert office.entry(ANNE).due == office.clock() + timedelta(seconds=30), "it never grows"
        office.clock.leap(seconds=30)
        office.turn()
        await office.until(lambda: not office.worker.is_full)


async def test_a_late_success_does_not_take_back_a_refusal(office: Office) -> None:
    """A connection that logged in before the password changed may answer long after."""
    held = office.job.hold(ANNE)
    office.tell(ANNE)
    office.job.answers[BERT] = refused_login()
    office.tell(BERT)
    office.turn()
    await office.until(lambda: len(office.outcomes) == 1)
    held.set()
    await office.done(2)
    assert office.outcomes[1].error is None
    assert office.access.link.refused
    assert not office.access.link.usable(office.clock())


async def test_success_proves_the_connection(office: Office) -> None:
    office.tell(ANNE)
    office.clock.leap(seconds=15)
    office.turn()
    await office.done(1)
    assert office.access.link.proved_at == office.clock()


async def test_a_fault_of_ours_stops_nobody_else_and_tells_nothing(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.job.answers[ANNE] = KeyError("Awa Mercier")
    office.tell(ANNE)
    office.tell(BERT)
    office.turn()
    await office.done(2)
    assert office.entry(BERT).failure is None
    failure = office.entry(ANNE).failure
    assert failure is not None
    assert failure.reason is Reason.INTERNAL_ERROR
    assert "Awa" not in failure.message
    assert "Awa" not in caplog.text
    (record,) = caplog.records
    assert "KeyError in " in record.fault  # type: ignore[attr-defined]  # what extra adds
    assert "Awa" not in str(record.__dict__)


async def test_whoever_is_given_up_half_way_is_served_by_the_next_worker(office: Office) -> None:
    office.job.hold(ANNE)
    office.tell(ANNE, *absent("2026-12-24"))
    office.turn()
    await office.until(lambda: office.job.under_way)
    await office.worker.stop()
    assert office.agenda.due(office.clock(), 10) == [office.entry(ANNE)]
    office.job.held.clear()
    office.turn()
    await office.done(1)
    assert office.outcomes[0].error is None


async def test_stopping_gives_up_a_read_that_is_under_way(office: Office) -> None:
    office.reading_held = asyncio.Event()
    office.employ(ANNE)
    office.agenda.look(ANNE, office.clock())
    office.turn()
    await office.until(lambda: office.asked)
    await office.worker.stop()
    assert not office.worker.is_full
    office.reading_held = None
    office.turn()
    await office.until(lambda: office.entry(ANNE).reading)


async def test_what_is_stopped_before_its_first_step_can_be_begun_again(office: Office) -> None:
    """A task that never ran undoes nothing: who was to be served would count as being served."""
    ends: list[Outcome | None] = []
    office.tell(ANNE)
    office.employ(BERT)
    office.agenda.look(BERT, office.clock())
    office.turn()
    await office.worker.stop()
    assert not office.entry(ANNE).running
    assert not office.worker.is_full

    async def nothing() -> None:
        """Have nothing to do."""

    office.tell(CLEO)
    assert office.worker.run(Errand(office.places[CLEO], nothing, ends.append))
    await office.worker.stop()
    assert len(ends) == 1
    assert not office.entry(CLEO).running


async def test_the_time_since_the_change_was_heard_of_is_told(office: Office) -> None:
    office.tell(ANNE, *absent("2026-12-24"))
    office.clock.leap(seconds=7)
    office.turn()
    await office.done(1)
    assert office.outcomes[0].waited == timedelta(seconds=7)
    office.agenda.look_again(ANNE, office.clock())
    office.turn()
    await office.until(lambda: office.entry(ANNE).reading)
    office.turn()
    await office.done(2)
    assert office.outcomes[1].waited is None, "nothing was heard of before this look"


async def test_people_without_a_place_never_hold_up_the_others(office: Office) -> None:
    """A company may have more people without a mailbox than one turn looks at."""
    for number in range(2000, 2150):
        office.agenda.refuse(EmployeeID(number), Reason.NO_ADDRESS, "No address.", NOW)
    office.clock.leap(hours=8)
    office.tell(ANNE)
    office.turn()
    await office.done(1)
    assert office.job.begun_for() == [ANNE]
    upcoming = office.agenda.next_due()
    assert upcoming is not None
    assert upcoming > office.clock(), "there is nothing to do meanwhile"
