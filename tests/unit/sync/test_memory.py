"""What the status keeps counts once it is written, and nobody left out is forgotten."""

from dataclasses import replace

from builders import day
from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.initialised import Step
from figgosync.kube.status import CatchUp, TenantStatus
from figgosync.sync.memory import Memory
from syncing import ENTITY, NOW

ANNE, BERT = EmployeeID(1207), EmployeeID(1208)
JANUARY, MARCH = day("2026-01-01"), day("2026-03-01")


def written(memory: Memory) -> None:
    present = memory.present
    status = TenantStatus(
        activations=present.activations,
        initialised=present.initialised,
        catch_up=present.catch_up,
    )
    memory.was_written(TenantStatus.from_body(status.to_body()))


def test_what_is_noted_is_kept_once_it_is_written() -> None:
    memory = Memory(TenantStatus())
    assert memory.is_kept
    memory.activate([ENTITY], NOW)
    memory.note_step([ENTITY], Step(JANUARY))
    assert not memory.is_kept
    assert not memory.has_activations
    written(memory)
    assert memory.is_kept
    assert memory.has_activations
    assert memory.initialised.at(ENTITY, MARCH) == Step(JANUARY)


def test_noting_the_same_again_leaves_nothing_to_write() -> None:
    memory = Memory(TenantStatus())
    step = Step(JANUARY, NOW.replace(microsecond=0))
    for _ in range(2):
        memory.activate([ENTITY], NOW)
        memory.note_step([ENTITY, LegalEntityID(4)], step)
        memory.note_left_out(JANUARY, frozenset({ANNE}), frozenset())
        if memory.is_kept:
            break
        written(memory)
    assert memory.is_kept


def test_whoever_was_left_out_is_told_once_and_only_when_that_is_written() -> None:
    memory = Memory(TenantStatus())
    memory.note_left_out(JANUARY, frozenset({ANNE, BERT}), frozenset())
    assert memory.new_to_catch_up([ANNE, BERT]) == []
    written(memory)
    assert sorted(memory.new_to_catch_up([ANNE])) == [(ANNE, JANUARY)]
    assert memory.new_to_catch_up([ANNE]) == []
    assert memory.new_to_catch_up([ANNE, BERT]) == [(BERT, JANUARY)], "he has a mailbox now"


def test_whoever_came_back_is_told_of_again() -> None:
    memory = Memory(TenantStatus(catch_up=(CatchUp(JANUARY, frozenset({ANNE})),)))
    assert memory.new_to_catch_up([ANNE]) == [(ANNE, JANUARY)]
    assert memory.new_to_catch_up([BERT]) == []
    assert memory.new_to_catch_up([ANNE, BERT]) == [(ANNE, JANUARY)]


def test_whoever_was_served_from_that_day_on_has_caught_up() -> None:
    memory = Memory(TenantStatus())
    memory.note_left_out(MARCH, frozenset({ANNE, BERT}), frozenset())
    memory.note_left_out(JANUARY, frozenset({ANNE}), frozenset())
    written(memory)
    memory.new_to_catch_up([ANNE, BERT])
    memory.note_caught_up(ANNE, MARCH)
    assert memory.present.catch_up == (
        CatchUp(JANUARY, frozenset({ANNE})),
        CatchUp(MARCH, frozenset({BERT})),
    )
    memory.note_caught_up(ANNE, JANUARY)
    memory.note_caught_up(BERT, JANUARY)
    assert memory.present.catch_up == ()


def test_whoever_was_being_served_while_he_was_left_out_is_served_again() -> None:
    memory = Memory(TenantStatus())
    memory.note_left_out(JANUARY, frozenset({ANNE}), frozenset())
    memory.note_caught_up(ANNE, JANUARY)  # begun before anybody knew
    written(memory)
    assert memory.new_to_catch_up([ANNE]) == [(ANNE, JANUARY)]


def test_whoever_is_left_out_once_more_is_told_once_more() -> None:
    memory = Memory(TenantStatus())
    for _ in range(2):
        memory.note_left_out(JANUARY, frozenset({ANNE}), frozenset())
        written(memory)
        assert memory.new_to_catch_up([ANNE]) == [(ANNE, JANUARY)]
        memory.note_caught_up(ANNE, JANUARY)
        assert memory.present.catch_up == ()


def test_what_would_have_been_adopted_is_adopted_until_he_has_caught_up() -> None:
    memory = Memory(TenantStatus())
    memory.note_left_out(JANUARY, frozenset({ANNE}), frozenset({"vendor"}))
    memory.note_left_out(MARCH, frozenset({ANNE}), frozenset({"other"}))
    memory.note_left_out(MARCH, frozenset({ANNE, BERT}), frozenset())
    written(memory)
    assert memory.leave_for(ANNE).makers == {"vendor", "other"}
    assert memory.leave_for(BERT).makers == frozenset()
    assert sorted(memory.new_to_catch_up([ANNE])) == [
        (ANNE, JANUARY),
        (ANNE, MARCH),
        (ANNE, MARCH),
    ]
    memory.note_caught_up(ANNE, MARCH)
    assert memory.leave_for(ANNE).makers == {"vendor"}
    memory.note_caught_up(ANNE, JANUARY)
    assert memory.leave_for(ANNE).makers == frozenset()


def test_leaving_nobody_out_is_nothing_to_remember() -> None:
    memory = Memory(TenantStatus())
    memory.note_left_out(JANUARY, frozenset(), frozenset())
    assert memory.present == replace(memory.present, catch_up=())
