"""Another synchronisation is noticed by what keeps arriving, and people are left in peace."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from builders import an_event
from figgosync.core.absence import EmployeeID
from figgosync.core.event import BY_HAND, Ref, Stranger
from figgosync.sync.employee import Report
from figgosync.sync.other_sync import ITS_TIME, MEMORY, OtherSync
from figgosync.sync.work import Outcome
from syncing import NOW, a_place, mailbox_gone

LUCCA, HABIT = "a" * 32, "b" * 32
ACTIVATED = NOW - timedelta(days=30)
JANE, JOE, ANN = EmployeeID(1207), EmployeeID(1208), EmployeeID(1209)


def outcome(employee: EmployeeID = JANE, report: Report | None = None) -> Outcome:
    error = mailbox_gone() if report is None else None
    return Outcome(a_place(employee), report, error, overtaken=False, waited=None, took=0.1)


def created(employee: EmployeeID = JANE) -> Outcome:
    return outcome(employee, Report(created=1))


@dataclass(frozen=True)
class Met:
    """A look-alike of an event, met in somebody's calendar `noted` days ago."""

    employee: EmployeeID = JANE
    fingerprint: str = LUCCA
    made: float = 1.0
    """How many days ago it was made."""
    noted: float = 0.0

    def stranger(self) -> Stranger:
        made = NOW - timedelta(days=self.made)
        return Stranger(Ref(f"{self.employee}"), an_event(), self.fingerprint, made)


def having_met(*all_met: Met, served: int = 300, seen: datetime | None = None) -> OtherSync:
    other = OtherSync(seen)
    for met in all_met:
        now = NOW - timedelta(days=met.noted)
        other.note(met.employee, [met.stranger()], since=ACTIVATED, served=served, now=now)
    return other


# When to look.


def test_a_creation_is_looked_after_a_quarter_of_an_hour_later() -> None:
    other = OtherSync()

    assert other.done(created(), NOW) == NOW + ITS_TIME == NOW + timedelta(minutes=15)
    assert not other.wants(JANE, NOW + ITS_TIME - timedelta(seconds=1))
    assert other.wants(JANE, NOW + ITS_TIME)
    assert not other.wants(JOE, NOW + ITS_TIME)


@pytest.mark.parametrize(
    "ended",
    [outcome(report=Report()), outcome(report=Report(updated=1, deleted=1, adopted=1)), outcome()],
    ids=["nothing done", "nothing new", "failed"],
)
def test_what_created_nothing_wants_no_look(ended: Outcome) -> None:
    other = OtherSync()

    assert other.done(ended, NOW) is None
    assert not other.wants(JANE, NOW + MEMORY)


def test_it_is_asked_once_for_each_creation() -> None:
    other = OtherSync()
    other.done(created(), NOW)
    other.note(JANE, [], since=ACTIVATED, served=300, now=NOW + ITS_TIME)

    assert not other.wants(JANE, NOW + ITS_TIME)
    assert other.done(created(), NOW + 2 * ITS_TIME) == NOW + 3 * ITS_TIME


def test_a_second_creation_does_not_put_the_look_off() -> None:
    other = OtherSync()
    other.done(created(), NOW)

    assert other.done(created(), NOW + timedelta(minutes=10)) == NOW + ITS_TIME


def test_a_look_that_failed_is_wanted_until_it_is_noted() -> None:
    other = OtherSync()
    other.done(created(), NOW)
    other.done(outcome(), NOW + ITS_TIME)

    assert other.wants(JANE, NOW + timedelta(hours=5))


def test_a_look_for_which_nobody_comes_is_forgotten_in_the_end() -> None:
    other = OtherSync()
    other.done(created(JANE), NOW)
    other.done(created(JOE), NOW + ITS_TIME + MEMORY)

    assert not other.wants(JANE, NOW + 2 * MEMORY)
    assert other.wants(JOE, NOW + 2 * MEMORY)


# What it shows.

CASES = {
    "nothing": ([], 300, None),
    "two people": ([Met(JANE, made=2), Met(JOE, made=1)], 300, 1),
    "two people, in the other order": ([Met(JOE, made=1), Met(JANE, made=2)], 300, 1),
    "one person, again and again": ([Met(made=3), Met(made=2), Met(made=1)], 300, None),
    "the only person served": ([Met(made=2)], 1, 2),
    "two people, each in a way of their own": ([Met(JANE), Met(JOE, HABIT)], 300, None),
    "two people by hand": ([Met(JANE, BY_HAND), Met(JOE, BY_HAND)], 300, None),
    "one by hand, one program": ([Met(JANE, BY_HAND), Met(JOE)], 300, None),
    "the only person served, by hand": ([Met(fingerprint=BY_HAND)], 1, None),
    "made before we came": ([Met(JANE, made=31), Met(JOE, made=40)], 300, None),
    "one made before we came": ([Met(JANE, made=31), Met(JOE, made=1)], 300, None),
    "a week apart": ([Met(JANE, made=8, noted=7.5), Met(JOE, made=1)], 300, None),
    "nearly a week apart": ([Met(JANE, made=6.9), Met(JOE, made=0.1)], 300, 0.1),
    "found late, and long ago": ([Met(JANE, made=20), Met(JOE, made=21)], 300, None),
    "shown long ago": ([Met(JANE, made=10, noted=9), Met(JOE, made=9.5, noted=9)], 300, 9.5),
    "a server whose clock is ahead": ([Met(JANE, made=-1), Met(JOE, made=-2)], 300, 0),
    "the same two, met again later": (
        [Met(JANE, made=3, noted=2), Met(JOE, made=3, noted=2), Met(JANE, made=3)],
        300,
        3,
    ),
    "three of one, one of another": (
        [Met(JANE, made=4), Met(JOE, made=3), Met(ANN, HABIT, made=1)],
        300,
        3,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_seen_where_enough_people_have_what_one_program_made_lately(case: str) -> None:
    met, served, days_ago = CASES[case]
    other = having_met(*met, served=served)

    expected = None if days_ago is None else NOW - timedelta(days=days_ago)
    assert other.last_seen == expected
    assert other.active(NOW) is (days_ago is not None and days_ago < 7)


@pytest.mark.parametrize(("activated", "seen"), [(2, False), (3, False), (4, True)])
def test_what_was_left_just_before_we_came_does_not_count(activated: float, *, seen: bool) -> None:
    other = OtherSync()
    since = NOW - timedelta(days=activated)
    for met in (Met(JANE, made=3), Met(JOE, made=3)):
        other.note(met.employee, [met.stranger()], since=since, served=300, now=NOW)

    assert other.active(NOW) is seen


def test_an_older_event_never_makes_it_seem_older() -> None:
    other = having_met(Met(JANE, made=1), Met(JANE, made=5), Met(JOE, made=3))

    assert other.last_seen == NOW - timedelta(days=1)


def test_it_is_over_a_week_after_the_last_arrival() -> None:
    other = having_met(Met(JANE, made=0), Met(JOE, made=0))

    assert other.active(NOW + MEMORY - timedelta(seconds=1))
    assert not other.active(NOW + MEMORY)
    assert other.last_seen == NOW


def test_a_restart_forgets_nothing_that_was_shown() -> None:
    before = having_met(Met(JANE, made=2), Met(JOE, made=2))
    after = OtherSync(before.last_seen)

    assert after.active(NOW)
    after.note(ANN, [Met(ANN, made=1).stranger()], since=ACTIVATED, served=300, now=NOW)
    assert after.last_seen == before.last_seen


def test_what_was_seen_last_does_not_go_back() -> None:
    other = having_met(Met(JANE, made=3), Met(JOE, made=2), seen=NOW - timedelta(days=1))

    assert other.last_seen == NOW - timedelta(days=1)
