"""Later initialisations overrule earlier ones, day by day and legal entity by legal entity."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from builders import day
from figgosync.core.absence import LegalEntityID
from figgosync.core.initialised import Initialised, Step

LYON, GENEVA = LegalEntityID(1), LegalEntityID(4)
REMOVED = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

FIRST = date(2026, 1, 1)
days_of_a_month = st.integers(0, 30).map(lambda number: FIRST + timedelta(days=number))
steps = st.builds(
    Step,
    days_of_a_month,
    st.none() | st.integers(0, 9).map(lambda hours: REMOVED + timedelta(hours=hours)),
)
entities = st.sets(st.sampled_from([LYON, GENEVA]), min_size=1)


@settings(max_examples=300, deadline=None)
@given(history=st.lists(st.tuples(entities, steps), max_size=8), last_day=days_of_a_month)
def test_the_latest_step_that_covers_a_day_decides(
    history: list[tuple[set[LegalEntityID], Step]], last_day: date
) -> None:
    initialised = Initialised()
    for covered, step in history:
        initialised = initialised.with_step(covered, step)
    for entity in (LYON, GENEVA):
        latest = next(
            (
                step
                for covered, step in reversed(history)
                if entity in covered and step.first_day <= last_day
            ),
            None,
        )
        found = initialised.at(entity, last_day)
        assert (found is None) == (latest is None)
        if found is not None and latest is not None:
            assert found.removed_at == latest.removed_at


@settings(max_examples=100, deadline=None)
@given(history=st.lists(st.tuples(entities, steps), max_size=8))
def test_no_more_is_remembered_than_is_needed(
    history: list[tuple[set[LegalEntityID], Step]],
) -> None:
    initialised = Initialised()
    for covered, step in history:
        initialised = initialised.with_step(covered, step)
    for kept in initialised.steps.values():
        assert [step.first_day for step in kept] == sorted({step.first_day for step in kept})
        both_initialised = [
            one.removed_at is None and other.removed_at is None for one, other in pairwise(kept)
        ]
        assert not any(both_initialised)


def test_doing_it_twice_changes_nothing() -> None:
    for step in (Step(day("2026-01-01")), Step(day("2026-01-01"), REMOVED)):
        once = Initialised().with_step([LYON], step)
        assert once.with_step([LYON], step) == once


def test_nothing_is_said_of_an_unknown_legal_entity_or_of_an_earlier_day() -> None:
    initialised = Initialised().with_step([LYON], Step(day("2026-01-02")))
    assert initialised.at(LYON, day("2026-01-02")) == Step(day("2026-01-02"))
    assert initialised.at(LYON, day("2026-01-01")) is None
    assert initialised.at(GENEVA, day("2026-01-02")) is None
    assert initialised.at(None, day("2026-01-02")) is None
