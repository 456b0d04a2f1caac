"""Taking over, whatever stands in the calendars and whatever is known."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import reduce
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from builders import HOST, OWNER, an_event
from figgosync.core.absence import PeriodID
from figgosync.core.adoption import (
    ENOUGH_PEOPLE,
    ENOUGH_SHARE,
    adopted,
    adopting,
    learned,
    look_alikes,
    merged,
    sightings_of,
)
from figgosync.core.event import BY_HAND, AllDay, Event, EventKey, Ref, Stranger, Timed
from figgosync.core.evidence import Evidence
from figgosync.core.initialisation import Sighting
from figgosync.core.plan import Action, Adopt, Create, Delete, Update

MAKERS = ("1" * 32, "2" * 32, "3" * 32, BY_HAND)
EVE = date(2026, 12, 24)
EIGHT = datetime(2026, 12, 24, 8, tzinfo=UTC)

# Few different ones, so that they meet.
events = st.builds(
    lambda title, when, private: an_event(title=title, when=when, private=private),
    st.sampled_from(["Absent", "Congés"]),
    st.sampled_from([AllDay(EVE, EVE), Timed(EIGHT, EIGHT + timedelta(hours=4))]),
    st.booleans(),
)
known = st.frozensets(st.sampled_from(MAKERS[:3]))


@st.composite
def plans(draw: st.DrawFn) -> tuple[Action, ...]:
    """Return actions in the order of a plan, their keys all different."""
    shown = draw(st.lists(st.tuples(st.integers(0, 2), events), max_size=7))
    actions: list[Action] = []
    for number, (kind, event) in enumerate(sorted(shown, key=lambda each: each[0])):
        key, ref = EventKey(HOST, OWNER, PeriodID(number), 0), Ref(f"ours {number}")
        match kind:
            case 0:
                actions.append(Update(ref, key, event, an_event(title="Before")))
            case 1:
                actions.append(Create(key, event))
            case _:
                actions.append(Delete(ref, key, event, Evidence.CANCELLED))
    return tuple(actions)


@st.composite
def strangers(draw: st.DrawFn) -> list[Stranger]:
    return [
        Stranger(Ref(f"theirs {number}"), event, maker, EIGHT - timedelta(days=age))
        for number, (event, maker, age) in enumerate(
            draw(
                st.lists(st.tuples(events, st.sampled_from(MAKERS), st.integers(0, 3)), max_size=9)
            )
        )
    ]


companies = st.lists(st.tuples(plans(), strangers()), max_size=6)


def spot(event: Event) -> tuple[str, AllDay | Timed]:
    return event.title, event.when


@given(plans(), strangers(), known)
def test_an_adoption_stands_where_a_creation_of_the_same_stood(
    plan: tuple[Action, ...], there: list[Stranger], known: frozenset[str]
) -> None:
    for before, after in zip(plan, adopting(plan, there, known), strict=True):
        if isinstance(after, Adopt):
            assert before == Create(after.key, after.event)
            (source,) = (each for each in there if each.ref == after.ref)
            assert source.fingerprint in known
            assert after.before == source.event
            assert spot(source.event) == spot(after.event)
        else:
            assert after == before


@given(plans(), strangers(), known)
def test_no_stranger_is_used_twice_or_deleted(
    plan: tuple[Action, ...], there: list[Stranger], known: frozenset[str]
) -> None:
    touched = [
        action.ref for action in adopting(plan, there, known) if not isinstance(action, Create)
    ]

    assert len(touched) == len(set(touched))
    deleted = {a.ref for a in adopting(plan, there, known) if isinstance(a, Delete)}
    assert deleted.isdisjoint(each.ref for each in there)


@given(plans(), strangers(), known)
def test_strangers_of_unknown_makers_change_nothing_of_what_is_done_alone(
    plan: tuple[Action, ...], there: list[Stranger], known: frozenset[str]
) -> None:
    unknown = [each for each in there if each.fingerprint not in known]

    assert adopting(plan, unknown, known) == plan


@given(plans(), strangers(), known, st.randoms())
def test_neither_the_order_nor_the_repetition_of_strangers_matters(
    plan: tuple[Action, ...], there: list[Stranger], known: frozenset[str], chance: object
) -> None:
    shuffled = [*there, *there[:2]]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis hands a random.Random

    assert adopting(plan, shuffled, known) == adopting(plan, there, known)
    assert sightings_of(plan, shuffled) == sightings_of(plan, there)


@given(plans(), strangers(), known)
def test_where_creations_differ_every_one_that_can_be_is_adopted(
    plan: tuple[Action, ...], there: list[Stranger], known: frozenset[str]
) -> None:
    wanted = Counter(spot(action.event) for action in plan if isinstance(action, Create))
    offered = {spot(each.event) for each in there if each.fingerprint in known}
    done = {spot(a.event) for a in adopting(plan, there, known) if isinstance(a, Adopt)}

    for place, number in wanted.items():
        if number == 1:
            assert (place in done) == (place in offered)


@given(companies, known)
def test_what_is_foreseen_is_what_is_done(
    company: list[tuple[tuple[Action, ...], list[Stranger]]], known: frozenset[str]
) -> None:
    seen: tuple[Sighting, ...] = reduce(merged, (sightings_of(*each) for each in company), ())
    done = [action for plan, there in company for action in adopting(plan, there, known)]

    assert adopted(seen, known) == sum(isinstance(action, Adopt) for action in done)
    assert adopted(seen, frozenset(MAKERS)) == look_alikes(seen)
    assert all(0 < each.employees <= len(company) for each in seen)


@given(companies)
def test_the_order_of_employees_does_not_matter(
    company: list[tuple[tuple[Action, ...], list[Stranger]]],
) -> None:
    each_seen = [sightings_of(*each) for each in company[:4]]

    assert len({reduce(merged, order, ()) for order in permutations(each_seen)}) == 1


makers = st.frozensets(st.sampled_from(MAKERS), min_size=1).map(lambda some: tuple(sorted(some)))
sightings = st.lists(
    st.builds(Sighting, makers, st.integers(1, 20), st.integers(1, 20)),
    unique_by=lambda each: each.fingerprints,
)


@given(sightings)
def test_what_is_learned_was_met_alone_at_enough_people_and_never_by_hand(
    sightings: list[Sighting],
) -> None:
    people = sum(each.employees for each in sightings)
    lessons = learned(sightings)

    assert BY_HAND not in lessons
    assert len(lessons) <= ENOUGH_SHARE
    for maker in lessons:
        alone = [each for each in sightings if set(each.fingerprints) - {BY_HAND} == {maker}]
        most = max(each.employees for each in alone)
        assert most >= min(ENOUGH_PEOPLE, people)
        assert most >= 2
        assert most * ENOUGH_SHARE >= people


@given(sightings)
def test_of_two_that_stood_side_by_side_at_most_one_is_learned(sightings: list[Sighting]) -> None:
    lessons = learned(sightings)

    for each in sightings:
        assert len(lessons.intersection(each.fingerprints)) <= 1
