"""Which look-alikes are taken over, and from what that is learned."""

from datetime import timedelta

import pytest

from builders import HOST, OWNER, all_day, an_event, at, timed
from figgosync.core.absence import PeriodID
from figgosync.core.adoption import (
    MOST_MAKERS,
    MOST_SIGHTINGS,
    adopted,
    adopting,
    learned,
    look_alikes,
    merged,
    sightings_of,
)
from figgosync.core.event import BY_HAND, Event, EventKey, Ref, Stranger
from figgosync.core.evidence import Evidence
from figgosync.core.initialisation import Sighting
from figgosync.core.plan import Adopt, Create, Delete, Update

LUCCA, OTHER, THIRD = ("a" * 32, "b" * 32, "c" * 32)
KNOWN = frozenset({LUCCA})
MORNING = an_event(when=timed("2026-12-24 08:00", "2026-12-24 11:30"))


def key(period: int = 1) -> EventKey:
    return EventKey(HOST, OWNER, PeriodID(period), 0)


def creating(event: Event | None = None, period: int = 1) -> Create:
    return Create(key(period), event or an_event())


def stranger(
    event: Event | None = None, fingerprint: str = LUCCA, ref: str = "s1", days_ago: int = 1
) -> Stranger:
    made = at("2026-11-20 08:00") - timedelta(days=days_ago)
    return Stranger(Ref(ref), event or an_event(), fingerprint, made)


def seen(*fingerprints: str, events: int = 1, employees: int = 1) -> Sighting:
    return Sighting(tuple(sorted(fingerprints)), events, employees)


# Taking over.


def test_a_creation_for_which_a_known_stranger_stands_becomes_an_adoption() -> None:
    before = an_event(private=True)

    assert adopting([creating()], [stranger(before)], KNOWN) == (
        Adopt(Ref("s1"), key(), an_event(), before),
    )


@pytest.mark.parametrize(
    "there",
    [
        stranger(fingerprint=OTHER),
        stranger(fingerprint=BY_HAND),
        stranger(an_event(title="Other")),
        stranger(an_event(when=all_day("2026-12-25"))),
        stranger(MORNING),
    ],
    ids=["another maker", "by hand", "another title", "another day", "hours"],
)
def test_any_other_stranger_leaves_the_creation_as_it_is(there: Stranger) -> None:
    assert adopting([creating()], [there], KNOWN) == (creating(),)


def test_nothing_is_adopted_while_nothing_is_known() -> None:
    assert adopting([creating()], [stranger()], frozenset()) == (creating(),)


def test_only_creations_are_replaced_and_the_order_stays() -> None:
    update = Update(Ref("u"), key(7), an_event(), an_event(title="Before"))
    delete = Delete(Ref("d"), key(8), an_event(), Evidence.CANCELLED)
    actions = [update, creating(MORNING), creating(period=2), delete]

    done = adopting(actions, [stranger()], KNOWN)

    assert done == (
        update,
        creating(MORNING),
        Adopt(Ref("s1"), key(2), an_event(), an_event()),
        delete,
    )


@pytest.mark.parametrize("turned", [False, True])
def test_of_several_strangers_the_oldest_is_taken(*, turned: bool) -> None:
    there = [
        stranger(ref="young", days_ago=1),
        stranger(ref="old", days_ago=3),
        stranger(ref="older but unknown", days_ago=9, fingerprint=OTHER),
        stranger(ref="other of the same age", days_ago=3),
    ]

    (done,) = adopting([creating()], there[::-1] if turned else there, KNOWN)

    assert isinstance(done, Adopt)
    assert done.ref == "old"


def test_one_stranger_stands_for_one_creation_alone() -> None:
    twins = [creating(period=1), creating(period=2)]

    one = adopting(twins, [stranger()], KNOWN)
    two = adopting(twins, [stranger(ref="s1"), stranger(ref="s2")], KNOWN)

    assert [type(action) for action in one] == [Adopt, Create]
    assert [action.ref for action in two if isinstance(action, Adopt)] == ["s1", "s2"]


def test_a_stranger_that_is_listed_twice_is_one() -> None:
    done = adopting([creating(period=1), creating(period=2)], [stranger(), stranger()], KNOWN)

    assert [type(action) for action in done] == [Adopt, Create]


# What is seen.


def test_what_is_seen_of_one_employee_is_counted_by_makers() -> None:
    actions = [creating(MORNING), *(creating(a_day(n), n) for n in range(1, 5))]
    there = [
        stranger(a_day(1), ref="1"),
        stranger(a_day(2), ref="2"),
        stranger(a_day(3), ref="3"),
        stranger(a_day(3), ref="3b", fingerprint=OTHER),
        stranger(an_event(title="Not wanted"), ref="4"),
    ]

    assert sightings_of(actions, there) == (seen(LUCCA, events=2), seen(LUCCA, OTHER))
    assert sightings_of(actions, []) == ()


def a_day(number: int) -> Event:
    return an_event(when=all_day(f"2026-12-{number:02}"))


def test_of_one_event_ten_makers_are_told_apart() -> None:
    there = [stranger(fingerprint=f"{n:032}", ref=f"{n}") for n in range(1, 15)]
    actions = [creating()]

    (only,) = sightings_of(actions, there)

    assert only.fingerprints == tuple(f"{n:032}" for n in range(1, MOST_MAKERS + 1))
    # What could not be foreseen is not done, either.
    assert adopting(actions, there, frozenset({f"{14:032}"})) == tuple(actions)


def test_the_sightings_of_all_employees_add_up() -> None:
    first = (seen(LUCCA, events=3), seen(LUCCA, OTHER))
    second = (seen(LUCCA, events=2), seen(OTHER, events=9))

    assert merged(first, second) == (
        seen(LUCCA, events=5, employees=2),
        seen(OTHER, events=9),
        seen(LUCCA, OTHER),
    )
    assert merged((), first) == first


def test_the_most_frequent_kinds_are_remembered() -> None:
    rare = tuple(seen(f"{n:032}") for n in range(1, MOST_SIGHTINGS + 20))
    often = (seen(LUCCA, events=1, employees=2), seen(OTHER, events=4))

    kept = merged(rare, often)

    assert len(kept) == MOST_SIGHTINGS
    assert kept[:2] == often
    assert kept[2:] == rare[: MOST_SIGHTINGS - 2]
    assert merged(rare[::-1], often) == kept


# What is learned from it.

LESSONS = {
    "nothing was seen": ([], ""),
    "one person": ([seen(LUCCA, events=40)], ""),
    "two of many": ([seen(LUCCA, employees=2), seen(OTHER)], ""),
    "the one kind of the only two": ([seen(LUCCA, events=2, employees=2)], LUCCA),
    "two people, two kinds": ([seen(LUCCA), seen(OTHER)], ""),
    "three people": ([seen(LUCCA, events=3, employees=3)], LUCCA),
    "by hand, at everybody's": ([seen(BY_HAND, events=900, employees=300)], ""),
    "a program beside some by hand": (
        [seen(LUCCA, employees=50), seen(BY_HAND, employees=20), seen(BY_HAND, LUCCA, employees=9)],
        LUCCA,
    ),
    "only ever beside one by hand": ([seen(BY_HAND, LUCCA, employees=4)], LUCCA),
    "a habit of a few": ([seen(LUCCA, employees=90), seen(OTHER, employees=12)], LUCCA),
    "a few while nearly all write by hand": (
        [seen(BY_HAND, employees=90), seen(OTHER, employees=12)],
        "",
    ),
    "two ways of one program": (
        [seen(LUCCA, employees=60), seen(OTHER, employees=40)],
        LUCCA + OTHER,
    ),
    "one that stood beside the program": (
        [seen(LUCCA, employees=60), seen(OTHER, employees=40), seen(LUCCA, OTHER)],
        LUCCA,
    ),
    "two that are as frequent and stand side by side": (
        [seen(LUCCA, employees=40), seen(OTHER, employees=40), seen(LUCCA, OTHER)],
        "",
    ),
    "never alone": ([seen(LUCCA, OTHER, events=900, employees=300)], ""),
    "three kinds side by side": (
        [seen(LUCCA, employees=9), seen(LUCCA, OTHER, THIRD), seen(OTHER, employees=5)],
        LUCCA,
    ),
    "exactly one in four": (
        [seen(LUCCA, employees=3), seen(OTHER, employees=9)],
        LUCCA + OTHER,
    ),
    "less than one in four": ([seen(LUCCA, employees=3), seen(OTHER, employees=10)], OTHER),
}


@pytest.mark.parametrize("lesson", LESSONS)
def test_another_programs_hand_is_learned(lesson: str) -> None:
    sightings, makers = LESSONS[lesson]

    expected = {each for each in (LUCCA, OTHER, THIRD) if each in makers}
    assert learned(sightings) == expected
    assert learned(sightings[::-1]) == expected


def test_it_is_foreseen_how_many_are_taken_over_and_how_many_double() -> None:
    sightings = [
        seen(LUCCA, events=30),
        seen(BY_HAND, LUCCA, events=4),
        seen(OTHER, events=2),
        seen(BY_HAND),
    ]

    assert adopted(sightings, KNOWN) == 34
    assert adopted(sightings, frozenset()) == 0
    assert look_alikes(sightings) == 37
