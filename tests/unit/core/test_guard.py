"""The breaker lets ordinary days pass and stops the others."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import an_owned_event, at
from figgosync.core.absence import PeriodID
from figgosync.core.guard import A_DAY, UNEXPLAINED_A_DAY, DeletionHistory, judge
from figgosync.core.plan import Delete, Evidence
from figgosync.core.tenant import DeletionLimit

NOW = at("2026-11-24 12:00")
NOTHING = DeletionHistory()


def deletions(evidence: Evidence, count: int, first: int = 0) -> list[Delete]:
    found = [an_owned_event(period=PeriodID(first + number)) for number in range(count)]
    return [Delete(each.ref, each.key, each.event, evidence) for each in found]


def limit(percent: int = 30, at_least: int = 20) -> DeletionLimit:
    return DeletionLimit(percent=percent, at_least=at_least)


@pytest.mark.parametrize(
    ("evidence", "asked", "the_limit", "managed", "allowed"),
    [
        pytest.param(Evidence.CANCELLED, 20, limit(), 10, 20, id="as-many-as-at-least"),
        pytest.param(Evidence.CANCELLED, 21, limit(), 10, 20, id="one-more-than-at-least"),
        pytest.param(Evidence.UNWANTED, 31, limit(), 100, 30, id="as-many-as-the-percentage"),
        pytest.param(Evidence.REPLACED, 30, limit(30, 1), 99, 29, id="the-percentage-rounds-down"),
        pytest.param(Evidence.CANCELLED, 30, limit(), None, 20, id="nobody-has-counted-yet"),
        pytest.param(Evidence.CANCELLED, 30, limit(0, 0), 1000, 0, id="nothing-may-go"),
        pytest.param(Evidence.CANCELLED, 500, limit(100, 0), 500, 500, id="100-percent-no-limit"),
        pytest.param(Evidence.UNEXPLAINED, 3, limit(), 1000, 3, id="a-few-unexplained"),
        pytest.param(Evidence.UNEXPLAINED, 303, limit(), 1000, 3, id="L5-a-bad-read"),
        pytest.param(Evidence.UNEXPLAINED, 303, limit(99), 1000, 3, id="L5-a-generous-limit"),
        pytest.param(Evidence.UNEXPLAINED, 3, limit(1, 2), 10, 2, id="both-limits-count"),
        pytest.param(Evidence.UNEXPLAINED, 303, limit(100), 303, 303, id="L5-told-to-go-on"),
        pytest.param(Evidence.DUPLICATE, 303, limit(0, 0), 303, 303, id="duplicates-always-go"),
    ],
)
def test_a_day_has_room_for_so_many_deletions(
    evidence: Evidence, asked: int, the_limit: DeletionLimit, managed: int | None, allowed: int
) -> None:
    wishes = deletions(evidence, asked)
    verdict = judge(wishes, NOTHING, the_limit, managed, now=NOW)
    assert list(verdict.allowed) == wishes[:allowed]
    assert list(verdict.blocked) == wishes[allowed:]
    assert bool(verdict.message) is (allowed < asked)


def test_what_went_within_a_day_counts_and_then_no_longer() -> None:
    history = NOTHING.with_(deletions(Evidence.CANCELLED, 15), NOW)
    wishes = deletions(Evidence.CANCELLED, 10, first=100)
    later = judge(wishes, history, limit(), 10, now=NOW + A_DAY - timedelta(seconds=1))
    assert len(later.allowed) == 5
    next_day = judge(wishes, history, limit(), 10, now=NOW + A_DAY)
    assert len(next_day.allowed) == 10


def test_three_unexplained_a_day_are_three_in_all_cycles_together() -> None:
    history = NOTHING.with_(deletions(Evidence.UNEXPLAINED, 2), NOW)
    wishes = deletions(Evidence.UNEXPLAINED, 5, first=100)
    verdict = judge(wishes, history, limit(), 1000, now=NOW + timedelta(hours=1))
    assert len(verdict.allowed) == 1
    history = history.with_(verdict.allowed, NOW + timedelta(hours=1))
    assert not judge(wishes[1:], history, limit(), 1000, now=NOW + timedelta(hours=2)).allowed
    assert judge(wishes[1:], history, limit(), 1000, now=NOW + A_DAY).allowed == tuple(wishes[1:3])


def test_a_clock_that_was_set_back_makes_no_room() -> None:
    history = NOTHING.with_(deletions(Evidence.CANCELLED, 20), NOW + timedelta(hours=5))
    verdict = judge(deletions(Evidence.CANCELLED, 1, first=100), history, limit(), 10, now=NOW)
    assert verdict.allowed == ()


def test_duplicates_take_nobodys_room() -> None:
    history = NOTHING.with_(deletions(Evidence.DUPLICATE, 500), NOW)
    assert history == NOTHING
    mixed = [*deletions(Evidence.DUPLICATE, 50), *deletions(Evidence.CANCELLED, 20, first=100)]
    assert judge(mixed, history, limit(), 10, now=NOW).blocked == ()


def test_unexplained_deletions_never_use_up_the_room_of_explained_ones() -> None:
    unexplained = deletions(Evidence.UNEXPLAINED, 3)
    explained = deletions(Evidence.CANCELLED, 2, first=100)
    verdict = judge([*unexplained, *explained], NOTHING, limit(0, 3), 10, now=NOW)
    assert verdict.allowed == (unexplained[0], *explained)
    assert verdict.blocked == tuple(unexplained[1:])


def test_the_message_says_how_many_and_how_to_go_on_and_no_title() -> None:
    wishes = [*deletions(Evidence.UNEXPLAINED, 5), *deletions(Evidence.CANCELLED, 30, first=100)]
    message = judge(wishes, NOTHING, limit(), 10, now=NOW).message
    assert "15 deletions are held back, 5 of them of absences that Figgo no longer shows" in message
    assert "at most 20" in message
    assert "spec.maxDeletions.percent to 100" in message
    assert wishes[0].event.title not in message


wishes_of_any_kind = st.lists(st.sampled_from(Evidence), max_size=12).map(
    lambda kinds: [
        wish for number, kind in enumerate(kinds) for wish in deletions(kind, 1, first=number)
    ]
)
moments_of_a_week = st.integers(0, 7 * 24).map(lambda hours: NOW + timedelta(hours=hours))


@settings(max_examples=150, deadline=None)
@given(
    cycles=st.lists(st.tuples(moments_of_a_week, wishes_of_any_kind), max_size=8).map(
        lambda each: sorted(each, key=lambda cycle: cycle[0])
    ),
    at_least=st.integers(0, 6),
    percent=st.integers(0, 99),
    managed=st.none() | st.integers(0, 20),
)
def test_no_24_hours_ever_see_more_than_the_limits(
    cycles: list[tuple[datetime, list[Delete]]], at_least: int, percent: int, managed: int | None
) -> None:
    history, gone = NOTHING, []
    for now, wishes in cycles:
        verdict = judge(wishes, history, limit(percent, at_least), managed, now=now)
        assert sorted([*verdict.allowed, *verdict.blocked], key=lambda d: d.key) == wishes
        assert all(each.evidence is not Evidence.DUPLICATE for each in verdict.blocked)
        history = history.with_(verdict.allowed, now)
        gone += [(now, each.evidence) for each in verdict.allowed]
    most = max(at_least, (managed or 0) * percent // 100)
    for start, _ in gone:
        day = [kind for now, kind in gone if start <= now < start + A_DAY]
        assert len([kind for kind in day if kind is not Evidence.DUPLICATE]) <= most
        assert day.count(Evidence.UNEXPLAINED) <= UNEXPLAINED_A_DAY
