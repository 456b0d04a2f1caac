"""Conditions: what a tenant says of itself, and since when."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import at
from figgosync.core.conditions import (
    GRACE,
    Condition,
    ConditionType,
    Status,
    merged,
    stalled,
    summarise,
)
from figgosync.errors import Reason

NOON = at("2026-11-24 12:00")
LATER = NOON + timedelta(hours=1)


def a_condition(kind: ConditionType = ConditionType.READY, **changes: Any) -> Condition:  # noqa: ANN401 - a builder takes any field
    condition = Condition(
        type=kind,
        status=Status.TRUE,
        reason=Reason.SYNCHRONISED,
        message="All is well.",
        observed_generation=3,
        last_transition_time=NOON,
    )
    return replace(condition, **changes)


def test_a_transition_time_moves_only_when_the_status_does() -> None:
    old = [a_condition(status=Status.FALSE, reason=Reason.UNREACHABLE)]
    same = a_condition(
        status=Status.FALSE,
        reason=Reason.THROTTLED,
        message="Another.",
        observed_generation=4,
        last_transition_time=LATER,
    )
    other = replace(same, status=Status.UNKNOWN)
    assert merged(old, [same]) == (replace(same, last_transition_time=NOON),)
    assert merged(old, [other]) == (other,)
    assert merged([], [same]) == (same,)


def test_conditions_have_one_order_and_what_is_not_so_any_more_is_gone() -> None:
    stall = a_condition(ConditionType.STALLED)
    ready = a_condition(ConditionType.READY)
    figgo = a_condition(ConditionType.FIGGO_READY)
    assert merged([stall], [figgo, ready]) == (ready, figgo)


@pytest.mark.parametrize(
    "kind",
    [ConditionType.DELETIONS_BLOCKED, ConditionType.RECONCILING, ConditionType.STALLED],
)
@pytest.mark.parametrize("status", [Status.FALSE, Status.UNKNOWN])
def test_trouble_and_progress_are_present_only_while_true(
    kind: ConditionType, status: Status
) -> None:
    assert merged([a_condition(kind)], [a_condition(kind, status=status)]) == ()
    assert merged([], [a_condition(kind)]) == (a_condition(kind),)


conditions_of_any_kind = st.lists(
    st.builds(
        a_condition,
        st.sampled_from(ConditionType),
        status=st.sampled_from(Status),
        reason=st.sampled_from(Reason),
        last_transition_time=st.sampled_from([NOON, LATER]),
    ),
    unique_by=lambda condition: condition.type,
)


@settings(max_examples=100, deadline=None)
@given(old=conditions_of_any_kind, new=conditions_of_any_kind, hours=st.integers(0, 99))
def test_saying_the_same_again_changes_nothing(
    old: list[Condition], new: list[Condition], hours: int
) -> None:
    settled = merged(old, new)
    again = [replace(each, last_transition_time=NOON + timedelta(hours=hours)) for each in settled]
    assert merged(settled, again) == settled
    assert len({each.type for each in settled}) == len(settled)


def figgo(
    reason: Reason = Reason.CONNECTED,
    status: Status | None = None,
    kind: ConditionType = ConditionType.FIGGO_READY,
    since: datetime = NOON,
) -> Condition:
    if status is None:
        status = Status.TRUE if reason is Reason.CONNECTED else Status.FALSE
    return a_condition(
        kind,
        status=status,
        reason=reason,
        message=f"It is {reason}.",
        last_transition_time=since,
    )


def calendar(
    reason: Reason = Reason.CONNECTED, status: Status | None = None, since: datetime = NOON
) -> Condition:
    return figgo(reason, status, ConditionType.CALENDAR_READY, since)


def synchronised(
    reason: Reason = Reason.SYNCHRONISED, status: Status = Status.TRUE, since: datetime = NOON
) -> Condition:
    return figgo(reason, status, ConditionType.SYNCHRONISED, since)


FAILED = Status.FALSE
WAS_READY = a_condition(ConditionType.READY, last_transition_time=NOON - timedelta(days=9))


@pytest.mark.parametrize(
    ("parts", "status", "reason"),
    [
        pytest.param(
            (figgo(), calendar(), synchronised()), Status.TRUE, Reason.SYNCHRONISED, id="all-well"
        ),
        pytest.param(
            (figgo(), calendar(), synchronised(Reason.FAILING_EMPLOYEES, FAILED)),
            Status.TRUE,
            Reason.FAILING_EMPLOYEES,
            id="single-employees-fail",
        ),
        pytest.param(
            (figgo(), calendar(), synchronised(Reason.DELETIONS_BLOCKED, FAILED)),
            Status.TRUE,
            Reason.DELETIONS_BLOCKED,
            id="deletions-are-held-back",
        ),
        pytest.param(
            (figgo(), calendar(), synchronised(Reason.SUSPENDED)),
            Status.TRUE,
            Reason.SUSPENDED,
            id="suspended",
        ),
        pytest.param(
            (figgo(Reason.CREDENTIALS_REFUSED), calendar(), synchronised()),
            Status.FALSE,
            Reason.CREDENTIALS_REFUSED,
            id="figgo-refuses",
        ),
        pytest.param(
            (figgo(), calendar(Reason.IMPERSONATION_DENIED), synchronised()),
            Status.FALSE,
            Reason.IMPERSONATION_DENIED,
            id="exchange-refuses",
        ),
        pytest.param(
            (figgo(Reason.UNREACHABLE), calendar(Reason.CREDENTIALS_REFUSED), synchronised()),
            Status.FALSE,
            Reason.CREDENTIALS_REFUSED,
            id="what-needs-a-person-comes-first",
        ),
        pytest.param(
            (figgo(), calendar(), synchronised(Reason.INCOMPLETE_READ, FAILED)),
            Status.FALSE,
            Reason.INCOMPLETE_READ,
            id="the-cycle-did-not-finish",
        ),
        pytest.param(
            (figgo(), calendar(Reason.PENDING, Status.UNKNOWN), synchronised()),
            Status.UNKNOWN,
            Reason.PENDING,
            id="not-known-yet",
        ),
        pytest.param(
            (
                figgo(Reason.SECRET_NOT_FOUND),
                calendar(Reason.PENDING, Status.UNKNOWN),
                synchronised(Reason.PENDING, Status.UNKNOWN),
            ),
            Status.FALSE,
            Reason.SECRET_NOT_FOUND,
            id="a-known-trouble-beats-what-is-not-known",
        ),
    ],
)
def test_ready_is_what_the_two_sides_and_the_last_cycle_are(
    parts: tuple[Condition, Condition, Condition], status: Status, reason: Reason
) -> None:
    ready = summarise(*parts, previous=None, now=LATER)
    assert (ready.type, ready.status, ready.reason) == (ConditionType.READY, status, reason)
    assert ready.message == f"It is {reason}."
    assert ready.last_transition_time == LATER


def test_ready_speaks_of_a_generation_only_when_all_its_parts_do() -> None:
    parts = (figgo(), replace(calendar(), observed_generation=2), synchronised())
    assert summarise(*parts, previous=None, now=LATER).observed_generation == 2


PASSING = [Reason.UNREACHABLE, Reason.THROTTLED, Reason.SERVER_ERROR]


@pytest.mark.parametrize("reason", PASSING)
def test_one_passing_error_does_not_make_a_ready_tenant_unready(reason: Reason) -> None:
    parts = (figgo(reason, since=NOON), calendar(), synchronised())
    soon, late = NOON + GRACE - timedelta(seconds=1), NOON + GRACE
    assert summarise(*parts, previous=WAS_READY, now=soon) == WAS_READY
    assert summarise(*parts, previous=WAS_READY, now=late).status is Status.FALSE


@pytest.mark.parametrize(
    "previous",
    [None, replace(WAS_READY, status=Status.UNKNOWN), replace(WAS_READY, status=Status.FALSE)],
)
def test_a_tenant_that_was_not_ready_is_not_spared(previous: Condition | None) -> None:
    parts = (figgo(Reason.UNREACHABLE, since=NOON), calendar(), synchronised())
    assert summarise(*parts, previous=previous, now=NOON).status is Status.FALSE


def test_refused_credentials_show_at_once_even_beside_a_passing_error() -> None:
    parts = (figgo(Reason.THROTTLED), calendar(Reason.CREDENTIALS_REFUSED), synchronised())
    ready = summarise(*parts, previous=WAS_READY, now=NOON)
    assert (ready.status, ready.reason) == (Status.FALSE, Reason.CREDENTIALS_REFUSED)


@pytest.mark.parametrize(
    "reason",
    [
        Reason.CREDENTIALS_REFUSED,
        Reason.IMPERSONATION_DENIED,
        Reason.SECRET_NOT_FOUND,
        Reason.HOST_NOT_ALLOWED,
        Reason.INVALID_SPEC,
    ],
)
def test_a_tenant_is_stalled_when_only_a_person_can_help(reason: Reason) -> None:
    parts = [figgo(), calendar(reason), synchronised()]
    condition = stalled(parts, LATER)
    assert condition is not None
    assert (condition.type, condition.status) == (ConditionType.STALLED, Status.TRUE)
    assert (condition.reason, condition.message) == (reason, f"It is {reason}.")
    assert condition.last_transition_time == LATER


@pytest.mark.parametrize(
    "parts",
    [
        [figgo(), calendar(), synchronised()],
        [figgo(Reason.UNREACHABLE), calendar(Reason.THROTTLED), synchronised()],
        [figgo(), calendar(), synchronised(Reason.FAILING_EMPLOYEES, FAILED)],
        [figgo(), calendar(), synchronised(Reason.DELETIONS_BLOCKED, FAILED)],
        [figgo(Reason.CREDENTIALS_REFUSED, Status.UNKNOWN), calendar(), synchronised()],
    ],
)
def test_what_passes_by_itself_is_no_stall(parts: list[Condition]) -> None:
    assert stalled(parts, LATER) is None
