"""Which write shows which change: the measurement of latency stands and falls with it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from benchmarks.changes import (
    SHOWN_BY,
    TOLD_BY,
    Change,
    Kind,
    People,
    is_made_here,
    schedule,
    shown,
)
from benchmarks.errors import NotMeasuredError
from benchmarks.witness import Landing, Write
from figgosync_sim.company import big_company
from figgosync_sim.figgo import FiggoState

BEGINS = datetime(2032, 1, 6, 8, tzinfo=UTC)
AWA, BRUNO = "awa@societe.example", "bruno@societe.example"
BOOKED = Change(10.0, Kind.BOOKING, 1, AWA)
CANCELLED = Change(30.0, Kind.CANCELLATION, 1, AWA)
APPROVED = Change(11.0, Kind.APPROVAL, 2, BRUNO)


def _chance() -> Random:
    return Random(1)  # noqa: S311 - the same at each run, on purpose


def test_each_change_is_shown_by_the_first_write_after_it_in_its_mailbox() -> None:
    created, updated = (
        Landing(12.5, AWA, Write.CREATE, BEGINS),
        Landing(12.6, BRUNO, Write.UPDATE, BEGINS),
    )
    deleted = Landing(31.0, AWA, Write.DELETE, BEGINS)
    found = shown([BOOKED, APPROVED, CANCELLED], [created, updated, deleted])
    assert found == {BOOKED: created, APPROVED: updated, CANCELLED: deleted}


def test_a_change_that_is_not_shown_yet_is_left_out() -> None:
    assert shown([BOOKED, CANCELLED], [Landing(12.5, AWA, Write.CREATE, BEGINS)]).keys() == {BOOKED}


@pytest.mark.parametrize(
    "landings",
    [
        [Landing(9.0, AWA, Write.CREATE, BEGINS)],
        [Landing(12.0, "carol@societe.example", Write.CREATE, BEGINS)],
        [Landing(12.0, AWA, Write.UPDATE, BEGINS)],
        [Landing(12.0, AWA, Write.CREATE, BEGINS), Landing(12.1, AWA, Write.CREATE, BEGINS)],
    ],
    ids=["before the change", "of somebody else", "another kind", "twice"],
)
def test_a_write_that_no_change_asked_for_spoils_the_measurement(landings: list[Landing]) -> None:
    with pytest.raises(NotMeasuredError, match=r"nobody asked|answered by"):
        shown([BOOKED, APPROVED], landings)


def test_a_schedule_has_moments_in_order_and_each_kind_equally_often() -> None:
    planned = schedule(200, 100.0, _chance())
    moments, kinds = [at for at, _ in planned], [kind for _, kind in planned]
    assert moments == sorted(moments)
    assert 0 <= moments[0] < 5
    assert 95 < moments[-1] <= 100
    assert {kinds.count(kind) for kind in Kind} == {50}
    assert planned == schedule(200, 100.0, _chance())


def test_every_kind_of_change_is_known_by_its_write_and_by_its_question() -> None:
    assert set(SHOWN_BY) == set(TOLD_BY) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
def test_people_do_what_is_asked_of_them_to_somebody_who_is_not_busy(kind: Kind) -> None:
    state = FiggoState(big_company(4, 40, seed=3))
    before = {
        p.id: (p.confirmed, len(p.active_leaves())) for p in state.leave_book.periods.values()
    }
    change = People(state, _chance()).make(kind, busy={1, 2, 3})
    assert (change.kind, change.employee, change.address) == (kind, 4, state.people[4].mail)
    changed = [
        period
        for period in state.leave_book.periods.values()
        if before.get(period.id) != (period.confirmed, len(period.active_leaves()))
        or any(leave.active and leave.day.year >= 2032 for leave in period.leaves)
    ]
    assert [period.owner for period in changed] == [4]


def test_what_people_book_never_collides_with_what_they_booked_before() -> None:
    state = FiggoState(big_company(2, 10, seed=3))
    people = People(state, _chance())
    for _ in range(50):
        people.make(Kind.BOOKING, busy=set())
        people.make(Kind.EDIT, busy=set())
    half_days = Counter(
        (leave.day, leave.am)
        for period in state.leave_book.periods.values()
        for leave in period.active_leaves()
        if leave.day.year >= 2032
    )
    assert len(half_days) > 100
    assert set(half_days.values()) == {1}


def test_an_event_of_what_people_did_meanwhile_is_told_from_all_others_by_its_days() -> None:
    state = FiggoState(big_company(2, 40, seed=3))
    booked_before = set(state.leave_book.periods)
    assert not any(
        is_made_here(datetime.combine(leave.day, datetime.min.time(), UTC))
        for period in state.leave_book.periods.values()
        for leave in period.leaves
    )
    People(state, _chance()).make(Kind.BOOKING, busy=set())
    (booked,) = (p for key, p in state.leave_book.periods.items() if key not in booked_before)
    first = min(leave.day for leave in booked.active_leaves())
    # An all-day event in Paris begins on the evening before, in UTC.
    assert is_made_here(datetime.combine(first, datetime.min.time(), UTC) - timedelta(hours=2))
