"""The breaker counts what it let through, each event once a day."""

from collections.abc import Sequence

import pytest

from builders import HOST, OWNER, an_event
from figgosync.core.absence import PeriodID
from figgosync.core.event import EventKey, Ref
from figgosync.core.evidence import Evidence
from figgosync.core.plan import Delete
from figgosync.core.tenant import DeletionLimit
from figgosync.sync.breaker import Breaker
from syncing import Clock

LIMIT = DeletionLimit(percent=30, at_least=4)


def deletions(
    count: int, evidence: Evidence = Evidence.CANCELLED, first: int = 1
) -> Sequence[Delete]:
    return [
        Delete(
            Ref(f"ref-{number}"),
            EventKey(HOST, OWNER, PeriodID(number), 0),
            an_event(),
            evidence,
        )
        for number in range(first, first + count)
    ]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock)


def test_the_room_is_shared_by_all_employees(breaker: Breaker) -> None:
    assert len(breaker.judge(deletions(3), LIMIT, None).allowed) == 3
    verdict = breaker.judge(deletions(3, first=10), LIMIT, None)
    assert (len(verdict.allowed), len(verdict.blocked)) == (1, 2)
    assert breaker.message == verdict.message
    assert "maxDeletions" in breaker.message


def test_a_share_of_many_events_is_more(breaker: Breaker) -> None:
    assert len(breaker.judge(deletions(40), LIMIT, 100).allowed) == 30


def test_a_day_later_there_is_room_again(breaker: Breaker, clock: Clock) -> None:
    breaker.judge(deletions(4), LIMIT, None)
    clock.leap(hours=23)
    assert breaker.judge(deletions(1, first=10), LIMIT, None).blocked
    clock.leap(hours=1)
    assert not breaker.judge(deletions(1, first=10), LIMIT, None).blocked


def test_an_event_that_is_asked_for_again_counts_once(breaker: Breaker) -> None:
    """A mailbox in trouble is tried again and again, and a calendar may move under a plan."""
    for _ in range(10):
        assert breaker.judge(deletions(3), LIMIT, None).allowed == tuple(deletions(3))
    assert len(breaker.judge(deletions(1, first=10), LIMIT, None).allowed) == 1


def test_what_vanished_without_a_trace_counts_once_too(breaker: Breaker) -> None:
    vanished = deletions(3, Evidence.UNEXPLAINED)
    for _ in range(3):
        assert not breaker.judge(vanished, LIMIT, None).blocked
    assert breaker.judge(deletions(1, Evidence.UNEXPLAINED, first=10), LIMIT, None).blocked


def test_what_is_held_back_stays_held_back(breaker: Breaker) -> None:
    for _ in range(3):
        verdict = breaker.judge(deletions(6), LIMIT, None)
        assert (len(verdict.allowed), len(verdict.blocked)) == (4, 2)


def test_what_was_let_through_a_day_ago_has_to_ask_again(breaker: Breaker, clock: Clock) -> None:
    breaker.judge(deletions(4), LIMIT, None)
    clock.leap(hours=24)
    breaker.judge(deletions(4, first=10), LIMIT, None)
    assert breaker.judge(deletions(4), LIMIT, None).allowed == ()


def test_all_that_was_asked_for_is_answered_in_its_order(breaker: Breaker) -> None:
    breaker.judge(deletions(1, first=5), LIMIT, None)
    asked = deletions(7)
    verdict = breaker.judge(asked, LIMIT, None)
    assert sorted([*verdict.allowed, *verdict.blocked], key=lambda d: d.ref) == asked
    assert list(verdict.allowed) == [each for each in asked if each in verdict.allowed]
