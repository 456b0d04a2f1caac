"""Whose absences are ours, and which may be created."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import (
    a_half_day,
    an_employee,
    at,
    cancelled,
    day,
    half_days,
)
from figgosync.core.absence import EmployeeID, HalfDay, LegalEntityID
from figgosync.core.directory import Employee
from figgosync.core.initialised import Initialised, Step
from figgosync.core.scope import ScopeRules, in_scope, may_create
from figgosync.core.tenant import EmployeeFilter
from strategies import rows_of_one_employee

LYON, GENEVA = LegalEntityID(1), LegalEntityID(4)
EVERYBODY = EmployeeFilter(only=frozenset(), excluded=frozenset())
ACTIVATED = at("2026-11-23 12:00")
NEVER = Initialised()


def scope(
    legal_entities: frozenset[LegalEntityID] | None = frozenset({LYON}),
    employees: EmployeeFilter = EVERYBODY,
    activations: Mapping[LegalEntityID, datetime] | None = None,
    active_since: datetime | None = None,
) -> ScopeRules:
    if activations is None:
        activations = {LYON: ACTIVATED}
    return ScopeRules(legal_entities, employees, activations, active_since)


def initialised_from(start: str) -> Initialised:
    return Initialised().with_step([LYON], Step(day(start)))


def only(*numbers: int) -> EmployeeFilter:
    return EmployeeFilter(only=frozenset(map(EmployeeID, numbers)), excluded=frozenset())


def all_but(*numbers: int) -> EmployeeFilter:
    return EmployeeFilter(only=frozenset(), excluded=frozenset(map(EmployeeID, numbers)))


@pytest.mark.parametrize(
    ("employee", "rules", "is_ours"),
    [
        pytest.param(an_employee(), scope(), True, id="in-the-entity"),
        pytest.param(an_employee(legal_entity=GENEVA), scope(), False, id="F04-another-entity"),
        pytest.param(an_employee(legal_entity=GENEVA), scope(None), True, id="all-entities"),
        pytest.param(an_employee(legal_entity=None), scope(), False, id="no-entity"),
        pytest.param(an_employee(legal_entity=None), scope(None), False, id="no-entity-of-all"),
        pytest.param(an_employee(), scope(frozenset()), False, id="no-entity-chosen"),
        pytest.param(an_employee(1207), scope(employees=only(1207)), True, id="canary"),
        pytest.param(an_employee(1208), scope(employees=only(1207)), False, id="not-the-canary"),
        pytest.param(an_employee(1207), scope(employees=all_but(1207)), False, id="F13-opted-out"),
        pytest.param(an_employee(1208), scope(employees=all_but(1207)), True, id="F13-another"),
        pytest.param(
            an_employee(1207),
            scope(
                employees=EmployeeFilter(
                    only=frozenset({EmployeeID(1207)}), excluded=frozenset({EmployeeID(1207)})
                )
            ),
            False,
            id="F13-opting-out-beats-the-canary-list",
        ),
        pytest.param(
            an_employee(legal_entity=GENEVA),
            scope(employees=only(1207)),
            False,
            id="the-canary-list-does-not-widen-the-scope",
        ),
    ],
)
def test_an_employee_is_ours_by_entity_and_filter(
    employee: Employee, rules: ScopeRules, *, is_ours: bool
) -> None:
    assert in_scope(employee, rules) is is_ours


def booked(when: str) -> HalfDay:
    return a_half_day(created_at=at(when), confirmed=False)


OLD = half_days(
    "2026-12-24 AM",
    "2026-12-24 PM",
    created_at=at("2026-01-05 09:00"),
    confirmed_at=at("2026-01-06 09:00"),
)


@pytest.mark.parametrize(
    ("rows", "may"),
    [
        pytest.param([booked("2026-11-23 12:01")], True, id="created-after"),
        pytest.param([booked("2026-11-23 09:00")], True, id="created-just-within-tolerance"),
        pytest.param([booked("2026-11-23 08:59:59")], False, id="created-just-before"),
        pytest.param(OLD, False, id="an-old-leave"),
        pytest.param(
            [a_half_day(created_at=at("2026-01-05 09:00"), confirmed_at=at("2026-11-24 09:00"))],
            True,
            id="an-old-leave-confirmed-after",
        ),
        pytest.param(
            [*OLD, *cancelled(OLD[:1], when="2026-11-24 09:00")],
            True,
            id="an-old-leave-cancelled-in-part-after",
        ),
        pytest.param([*OLD, booked("2026-11-24 09:00")], True, id="one-new-row-brings-all"),
        pytest.param([], False, id="no-rows"),
        pytest.param(
            [a_half_day(created_at=None, confirmed_at=None)], False, id="rows-without-a-date"
        ),
    ],
)
def test_a_leave_is_created_when_something_of_it_happened_since_activation(
    rows: list[HalfDay], *, may: bool
) -> None:
    assert may_create(rows, LYON, scope(), NEVER) is may


def test_an_entity_starts_at_its_own_activation() -> None:
    rules = scope(activations={LYON: ACTIVATED, GENEVA: ACTIVATED + timedelta(days=30)})
    row = booked("2026-11-25 09:00")
    assert may_create([row], LYON, rules, NEVER)
    assert not may_create([row], GENEVA, rules, NEVER)


@pytest.mark.parametrize("entity", [GENEVA, None])
def test_an_entity_that_was_never_activated_creates_nothing(entity: LegalEntityID | None) -> None:
    assert not may_create([booked("2026-11-24 09:00")], entity, scope(), NEVER)


def test_a_given_activation_time_wins_over_every_recorded_one() -> None:
    earlier = scope(active_since=at("2026-01-01 00:00"))
    later = scope(active_since=at("2027-01-01 00:00"))
    row = booked("2026-11-24 09:00")
    assert may_create(OLD, LYON, earlier, NEVER)
    assert may_create([row], GENEVA, earlier, NEVER)
    assert not may_create([row], LYON, later, NEVER)


@pytest.mark.parametrize(
    ("rows", "start", "may"),
    [
        pytest.param(OLD, "2026-12-24", True, id="ends-on-that-day"),
        pytest.param(OLD, "2026-12-25", False, id="ends-before"),
        pytest.param(
            half_days("2026-12-01 AM", "2026-12-24 PM", created_at=at("2026-01-05 09:00")),
            "2026-12-24",
            True,
            id="begins-long-before",
        ),
        pytest.param(
            [*OLD[:1], *cancelled(half_days("2026-12-28 AM", "2026-12-28 PM"), "2026-02-01 09:00")],
            "2026-12-25",
            False,
            id="what-was-given-back-is-not-its-last-day",
        ),
    ],
)
def test_an_initialisation_covers_what_ends_on_its_day_or_later(
    rows: list[HalfDay], start: str, *, may: bool
) -> None:
    rules, initialised = scope(activations={}), initialised_from(start)
    assert may_create(rows, LYON, rules, initialised) is may
    assert not may_create(rows, GENEVA, rules, initialised)
    assert not may_create(rows, None, rules, initialised)


REMOVED = at("2026-11-24 12:00")


@pytest.mark.parametrize(
    ("row", "may"),
    [
        pytest.param(booked("2026-11-25 09:00"), True, id="changed-since"),
        pytest.param(booked("2026-11-24 11:51"), True, id="G07-figgo-is-nine-minutes-slow"),
        pytest.param(
            booked("2026-11-24 11:00"), False, id="changed-before-though-after-activation"
        ),
        pytest.param(OLD[0], False, id="changed-before-activation"),
    ],
)
def test_of_what_was_removed_only_what_changes_afterwards_comes_back(
    row: HalfDay, *, may: bool
) -> None:
    removed = initialised_from("2020-01-01").with_step([LYON], Step(day("2020-01-01"), REMOVED))
    assert may_create([row], LYON, scope(), removed) is may
    everything = scope(active_since=at("2000-01-01 00:00"))
    assert may_create([row], LYON, everything, removed) is may


def test_a_removal_leaves_alone_what_ends_before_it() -> None:
    removed = initialised_from("2026-01-01").with_step([LYON], Step(day("2026-12-25"), REMOVED))
    assert may_create(OLD, LYON, scope(), removed)
    later = half_days("2026-12-28 AM", "2026-12-28 PM", created_at=at("2026-01-05 09:00"))
    assert not may_create(later, LYON, scope(), removed)


def test_a_removal_gives_no_leave_to_a_legal_entity_that_is_not_active() -> None:
    removed = Initialised().with_step([LYON], Step(day("2026-01-01"), REMOVED))
    assert not may_create([booked("2026-11-25 09:00")], LYON, scope(activations={}), removed)


@settings(max_examples=100, deadline=None)
@given(
    rows=rows_of_one_employee(periods=1),
    since=st.datetimes(datetime(2026, 9, 1), datetime(2026, 12, 1)),  # noqa: DTZ001 - hypothesis wants naive bounds
    earlier=st.timedeltas(timedelta(0), timedelta(days=60)),
    data=st.data(),
)
def test_an_earlier_activation_or_one_more_row_never_takes_a_leave_away(
    rows: list[HalfDay], since: datetime, earlier: timedelta, data: st.DataObject
) -> None:
    since = at(since.isoformat())
    some = data.draw(st.lists(st.sampled_from(rows)) if rows else st.just([]))
    if may_create(some, LYON, scope(activations={LYON: since}), NEVER):
        assert may_create(rows, LYON, scope(activations={LYON: since}), NEVER)
        assert may_create(some, LYON, scope(activations={LYON: since - earlier}), NEVER)
