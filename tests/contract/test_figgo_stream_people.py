"""Whom the stream of changes follows: people who come, move and go, rights that are lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from figgo_world import (
    AWA,
    BOTH,
    NEVER,
    NOBODY,
    PARIS_ONLY,
    ROSE,
    USERS,
    World,
    book,
    figgo_world,
    ids,
    next_of,
    standing,
    started,
)
from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.errors import PermanentError, Reason
from figgosync.figgo.changes import ChangeKind, StreamMode
from figgosync.figgo.scope import Rest
from figgosync_sim.company import PARIS, REUNION
from figgosync_sim.faults import Answer
from figgosync_sim.organisation import Establishment

PERSONNEL: dict[str, tuple[Callable[[World], object], frozenset[EmployeeID]]] = {
    "another address": (lambda world: world.state.change_mail(AWA, "awa@example.org"), ids(AWA)),
    "another login": (lambda world: world.state.change_login(AWA, "awa"), ids(AWA)),
    "the end of a contract": (
        lambda world: world.state.end_contract(AWA, date(2026, 12, 31)),
        ids(AWA),
    ),
    "a move out of scope": (lambda world: world.state.move(AWA, REUNION), ids()),
    "a move into scope": (lambda world: world.state.move(ROSE, PARIS), ids(ROSE)),
}


@pytest.mark.parametrize(("act", "concerned"), PERSONNEL.values(), ids=PERSONNEL.keys())
async def test_news_of_people_arrive_within_a_poll_after_a_minute(
    act: Callable[[World], object], concerned: frozenset[EmployeeID]
) -> None:
    async with figgo_world() as world:
        world.scope = replace(world.scope, shown=PARIS_ONLY)
        book(world, AWA)
        book(world, ROSE)
        stream = await started(world, sweep_interval=NEVER)
        before = world.timer.elapsed
        act(world)

        changes = await next_of(stream)

        assert changes.kind is ChangeKind.POLL
        assert set(changes.readings) == concerned
        for who in concerned:
            assert standing(changes.readings[who].half_days) == world.standing(who) != set()
        person = world.state.people[ROSE if ROSE in concerned else AWA]
        known = changes.directory.employees[EmployeeID(person.id)]
        assert (known.mail, known.login, known.legal_entity, known.contract_end) == (
            person.mail,
            person.login,
            person.legal_entity,
            person.contract_end,
        )
        assert world.timer.elapsed - before <= 90


async def test_a_newcomer_is_known_as_soon_as_he_books_an_absence() -> None:
    async with figgo_world() as world:
        stream = await started(world, sweep_interval=NEVER, directory_interval=NEVER)
        zoe = EmployeeID(world.state.hire("Zoé", "Adam", PARIS, mail="zoe.adam@societe.example"))
        book(world, zoe)

        changes = await next_of(stream)

        assert changes.directory.employees[zoe].mail == "zoe.adam@societe.example"
        assert standing(changes.readings[zoe].half_days) == world.standing(zoe)


async def test_somebody_who_moved_into_scope_is_known_as_soon_as_he_books_an_absence() -> None:
    async with figgo_world() as world:
        world.scope = replace(world.scope, shown=PARIS_ONLY)
        stream = await started(world, sweep_interval=NEVER, directory_interval=NEVER)
        world.state.move(ROSE, PARIS)
        book(world, ROSE)

        changes = await next_of(stream)

        assert changes.directory.employees[ROSE].legal_entity == PARIS
        assert standing(changes.readings[ROSE].half_days) == world.standing(ROSE) != set()


async def test_people_arrive_even_where_figgo_does_not_list_them_by_time() -> None:
    async with figgo_world() as world:
        world.figgo.faults.order(
            Answer(400), path=USERS, when=lambda request: "modifiedAt" in request.query, times=99
        )
        stream = await started(world, sweep_interval=NEVER)
        world.state.change_mail(AWA, "awa@example.org")

        changes = await next_of(stream)

        assert changes.directory.employees[AWA].mail == "awa@example.org"
        assert stream.mode is StreamMode.POLLING


async def test_an_establishment_that_nobody_can_see_is_named_with_the_remedy() -> None:
    async with figgo_world() as world:
        world.scope = replace(world.scope, shown=frozenset({LegalEntityID(99), LegalEntityID(98)}))
        stream = world.stream()

        with pytest.raises(PermanentError) as failure:
            await anext(stream)

        assert failure.value.reason is Reason.LEGAL_ENTITY_NOT_VISIBLE
        assert "98, 99" in failure.value.message
        assert "spec.legalEntities" in failure.value.message


async def test_one_wrong_establishment_does_not_stop_the_others() -> None:
    async with figgo_world() as world:
        world.scope = replace(world.scope, shown=BOTH | {LegalEntityID(99)})
        book(world)

        changes = await anext(world.stream())

        assert changes.invisible == {99}
        assert len(changes.readings) == 25


@pytest.mark.parametrize("lose", ["hide_legal_entity", "hide_rows_of"])
async def test_a_right_that_is_lost_silently_is_no_cancellation(lose: str) -> None:
    async with figgo_world() as world:
        book(world, AWA)
        book(world, ROSE)
        stream = await started(world)
        getattr(world.state, lose)(REUNION)

        for _ in range(3):
            changes = await next_of(stream)
            assert changes.kind is ChangeKind.SWEEP
            assert changes.invisible == {REUNION}
            assert AWA in changes.readings
            assert ROSE not in changes.readings

        world.state.show_legal_entity(REUNION)
        changes = await next_of(stream)
        assert changes.invisible == frozenset()
        assert standing(changes.readings[ROSE].half_days) == world.standing(ROSE)


async def test_a_figgo_that_lists_nothing_any_more_is_an_error() -> None:
    async with figgo_world() as world:
        book(world, AWA)
        book(world, ROSE)
        stream = await started(world)
        for entity in (PARIS, REUNION):
            world.state.hide_rows_of(entity)

        with pytest.raises(PermanentError) as failure:
            await anext(stream)

        assert failure.value.reason is Reason.LEGAL_ENTITY_NOT_VISIBLE


async def test_rows_that_leave_with_the_window_are_no_lost_right() -> None:
    async with figgo_world() as world:
        book(world, ROSE, date(2026, 10, 26))
        stream = await started(world)
        world.scope = replace(world.scope, window_start=date(2026, 10, 27))

        changes = await next_of(stream)

        assert changes.invisible == frozenset()
        assert changes.readings[ROSE].half_days == ()


WIDER: dict[str, Callable[[World], None]] = {
    "another establishment": lambda world: _widen(world, shown=BOTH),
    "names": lambda world: _widen(world, shown=PARIS_ONLY, hidden=NOBODY),
    "all the others": lambda world: _widen(world, rest=Rest.HIDDEN),
    "an earlier day": lambda world: _widen(world, window_start=date(2026, 1, 1)),
}


def _widen(world: World, **changes: object) -> None:
    world.scope = replace(world.scope, **changes)  # type: ignore[arg-type] # any of its fields


@pytest.mark.parametrize("widen", WIDER.values(), ids=WIDER.keys())
async def test_a_scope_that_wants_more_brings_a_sweep_about(widen: Callable[[World], None]) -> None:
    async with figgo_world() as world:
        world.scope = replace(world.scope, hidden=PARIS_ONLY, shown=NOBODY)
        stream = await started(world)
        widen(world)

        changes = await next_of(stream)

        assert changes.kind is ChangeKind.SWEEP
        assert world.timer.elapsed <= 80


async def test_a_scope_that_wants_less_costs_nothing() -> None:
    async with figgo_world() as world:
        stream = await started(world, sweep_interval=NEVER)
        world.scope = replace(
            world.scope, shown=PARIS_ONLY, window_start=world.scope.window_start + timedelta(1)
        )
        book(world, ROSE)
        book(world, AWA)

        changes = await next_of(stream)

        assert changes.kind is ChangeKind.POLL
        assert set(changes.readings) == {AWA}


@pytest.mark.parametrize(("rest", "named"), [(Rest.HIDDEN, False), (Rest.SHOWN, True)])
async def test_all_establishments_may_be_wanted_also_those_that_open_later(
    rest: Rest, *, named: bool
) -> None:
    async with figgo_world() as world:
        world.scope = replace(world.scope, shown=NOBODY, rest=rest)
        stream = await started(world)
        world.state.open_establishment(Establishment(7, "ACME Lille", 2, None))
        world.state.move(AWA, 7)
        book(world, AWA)

        stream.sweep_soon()
        changes = await next_of(stream)

        assert changes.kind is ChangeKind.SWEEP
        assert len(changes.readings) == 25
        assert {row.account_name for row in changes.readings[AWA].half_days} == {
            "RTT" if named else None
        }
