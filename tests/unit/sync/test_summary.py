"""The status says how a tenant is, what to do, and the same thing as long as nothing changes."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from figgosync.core.absence import EmployeeID
from figgosync.core.conditions import Condition, ConditionType, Status
from figgosync.core.initialised import Initialised
from figgosync.errors import Reason
from figgosync.figgo.changes import StreamMode
from figgosync.kube.status import EmployeeCounts, EventCounts, TenantStatus
from figgosync.sync.entry import Entry, Failure
from figgosync.sync.halt import Halt
from figgosync.sync.headcount import Share
from figgosync.sync.link import Link
from figgosync.sync.memory import Remembered
from figgosync.sync.summary import MOST_FAILURES, Overview, compose
from syncing import NOW, refused_login, tenant, throttled

TENANT = tenant()
LATER = NOW + timedelta(minutes=10)


def proved(error_at: datetime | None = None, error: Any = None) -> Link:  # noqa: ANN401 - a SyncError
    link = Link()
    link.proved(NOW)
    if error is not None:
        link.failed(error, error_at or NOW)
    return link


def served(employee: int, **changes: Any) -> Entry:  # noqa: ANN401 - a builder
    return replace(Entry(EmployeeID(employee), NOW, shown=1, managed=2, tentative=1), **changes)


def failing(employee: int, since: datetime = NOW) -> Entry:
    failure = Failure(Reason.MAILBOX_NOT_FOUND, "No mailbox.", since, LATER)
    return Entry(EmployeeID(employee), LATER, failure=failure)


def a_view(*entries: Entry, **changes: Any) -> Overview:  # noqa: ANN401 - a builder
    everybody = entries or (served(1), served(2))
    shares = zip(*(entry.share for entry in everybody), strict=True)
    view = Overview(
        tenant=TENANT,
        figgo=proved(),
        calendar=proved(),
        employees=len(everybody),
        sum=Share(*map(sum, shares)),
        failing=[entry for entry in everybody if entry.failure is not None],
        pending=0,
        swept=True,
        invisible=frozenset(),
        halt=None,
        blocked="",
        degradation=None,
        remembered=Remembered((), Initialised(), ()),
        other_sync_seen=None,
        other_sync_is_active=False,
        watermark=NOW,
        stream_mode=StreamMode.POLLING,
        first_pass_is_over=True,
        is_up_to_date=True,
    )
    return replace(view, **changes)


def said(status: TenantStatus) -> dict[ConditionType, tuple[Status, Reason]]:
    return {c.type: (c.status, c.reason) for c in status.conditions}


def condition(status: TenantStatus, kind: ConditionType) -> Condition:
    (found,) = (c for c in status.conditions if c.type is kind)
    return found


def test_all_is_well() -> None:
    status = compose(a_view(), NOW, (), NOW)
    assert said(status) == {
        ConditionType.READY: (Status.TRUE, Reason.SYNCHRONISED),
        ConditionType.FIGGO_READY: (Status.TRUE, Reason.CONNECTED),
        ConditionType.CALENDAR_READY: (Status.TRUE, Reason.CONNECTED),
        ConditionType.SYNCHRONISED: (Status.TRUE, Reason.SYNCHRONISED),
    }
    assert status.employees == EmployeeCounts(2, 2, 0)
    assert status.events == EventCounts(4, 2)
    assert status.observed_generation == TENANT.generation
    assert {c.observed_generation for c in status.conditions} == {TENANT.generation}


def test_the_same_state_is_said_in_the_same_words() -> None:
    first = compose(a_view(), NOW, (), NOW)
    again = compose(a_view(), NOW, first.conditions, LATER)
    assert again == first


def test_nothing_is_known_at_first() -> None:
    view = a_view(Entry(EmployeeID(1), NOW), figgo=Link(), calendar=Link(), swept=False)
    status = said(compose(view, NOW, (), NOW))
    assert status[ConditionType.READY][0] is Status.UNKNOWN
    assert status[ConditionType.RECONCILING] == (Status.TRUE, Reason.PROGRESSING)


@pytest.mark.parametrize(
    "entry",
    [Entry(EmployeeID(2), NOW), served(2, outdated=True)],
    ids=["never looked at", "looked at before the wishes changed"],
)
def test_work_in_progress_is_told_as_such(entry: Entry) -> None:
    status = compose(a_view(served(1), entry), NOW, (), NOW)
    assert said(status)[ConditionType.SYNCHRONISED] == (Status.UNKNOWN, Reason.PROGRESSING)
    assert "1 of 2" in condition(status, ConditionType.SYNCHRONISED).message


def test_single_failing_employees_leave_the_tenant_ready() -> None:
    status = compose(a_view(served(1), failing(2)), NOW, (), NOW)
    assert said(status)[ConditionType.SYNCHRONISED] == (Status.FALSE, Reason.FAILING_EMPLOYEES)
    assert said(status)[ConditionType.READY][0] is Status.TRUE
    assert ConditionType.STALLED not in said(status)
    assert status.employees == EmployeeCounts(2, 1, 1)


def test_the_longest_failing_are_named_first_and_all_are_counted() -> None:
    entries = [failing(n, NOW - timedelta(minutes=n)) for n in range(1, 31)]
    status = compose(a_view(*entries), NOW, (), NOW)
    assert [f.employee for f in status.failures] == list(range(30, 30 - MOST_FAILURES, -1))
    assert status.employees == EmployeeCounts(30, 0, 30)


def test_who_waits_for_a_change_has_no_next_attempt() -> None:
    refused = failing(1)
    assert refused.failure is not None
    refused = replace(refused, due=None, failure=replace(refused.failure, next_attempt=None))
    (failure,) = compose(a_view(refused), NOW, (), NOW).failures
    assert failure.next_attempt_time is None


def test_a_refused_login_shows_with_its_remedy_and_needs_a_person() -> None:
    status = compose(a_view(calendar=proved(error=refused_login())), NOW, (), NOW)
    assert said(status)[ConditionType.CALENDAR_READY] == (
        Status.FALSE,
        Reason.CREDENTIALS_REFUSED,
    )
    assert said(status)[ConditionType.READY] == (Status.FALSE, Reason.CREDENTIALS_REFUSED)
    assert said(status)[ConditionType.STALLED] == (Status.TRUE, Reason.CREDENTIALS_REFUSED)
    assert condition(status, ConditionType.READY).message == "Wrong password."
    assert status.next_attempt_time == NOW + timedelta(minutes=1)


def test_passing_trouble_is_not_shown_before_it_lasts() -> None:
    before = compose(a_view(), NOW, (), NOW)
    link = proved(error=throttled())
    young = compose(a_view(calendar=link), NOW, before.conditions, NOW + timedelta(minutes=1))
    assert young.conditions == before.conditions
    lasting = compose(a_view(calendar=link), NOW, before.conditions, NOW + timedelta(minutes=3))
    assert said(lasting)[ConditionType.CALENDAR_READY] == (Status.FALSE, Reason.THROTTLED)
    assert said(lasting)[ConditionType.READY][0] is Status.TRUE, "for some minutes more"
    for_good = compose(a_view(calendar=link), NOW, lasting.conditions, NOW + timedelta(minutes=9))
    assert said(for_good)[ConditionType.READY] == (Status.FALSE, Reason.THROTTLED)


def test_blocked_deletions_are_told_and_leave_the_tenant_ready() -> None:
    status = compose(a_view(blocked="5 are held back."), NOW, (), NOW)
    assert condition(status, ConditionType.DELETIONS_BLOCKED).message == "5 are held back."
    assert said(status)[ConditionType.READY][0] is Status.TRUE
    assert ConditionType.DELETIONS_BLOCKED not in said(
        compose(a_view(), NOW, status.conditions, NOW)
    )


def test_a_halt_says_why() -> None:
    status = compose(a_view(halt=Halt(Reason.SUSPENDED, "Suspended.")), NOW, (), NOW)
    assert said(status)[ConditionType.READY] == (Status.FALSE, Reason.SUSPENDED)
    assert said(status)[ConditionType.SYNCHRONISED] == (Status.UNKNOWN, Reason.SUSPENDED)
    assert ConditionType.RECONCILING not in said(status)


def test_slower_reading_is_told_beside_what_works() -> None:
    view = a_view(degradation="Figgo refuses polls.", stream_mode=StreamMode.SWEEPS_ONLY)
    status = compose(view, NOW, (), NOW)
    assert "Figgo refuses polls." in condition(status, ConditionType.FIGGO_READY).message
    assert status.stream_mode is not None
    assert status.stream_mode.value == "SweepsOnly"


def test_a_transition_time_moves_only_with_the_status() -> None:
    good = compose(a_view(), NOW, (), NOW)
    bad = compose(a_view(calendar=proved(error=refused_login())), NOW, good.conditions, LATER)
    assert condition(bad, ConditionType.CALENDAR_READY).last_transition_time == LATER
    assert condition(bad, ConditionType.FIGGO_READY).last_transition_time == NOW
