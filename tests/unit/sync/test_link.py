"""A link shows what an administrator should do, and says when knocking again makes sense."""

from datetime import datetime, timedelta

import pytest

from figgosync.core.conditions import Status
from figgosync.errors import (
    CredentialError,
    OutcomeUnknownError,
    PermanentError,
    Reason,
    SyncError,
    TransientError,
)
from figgosync.sync.link import LONGEST_WAIT, PATIENCE, Link
from syncing import NOW, refused_login, throttled

SOON, LATER = timedelta(seconds=1), PATIENCE


def proved_link() -> Link:
    link = Link()
    link.proved(NOW)
    return link


def fail_in_a_row(link: Link, error: SyncError, times: int) -> list[timedelta]:
    """Fail at each attempt; return the waits."""
    at: datetime = NOW
    waits = []
    for _ in range(times):
        assert link.may_try(at)
        link.failed(error, at)
        assert link.next_attempt is not None
        assert not link.may_try(at)
        waits.append(link.next_attempt - at)
        at = link.next_attempt
    return waits


def test_nothing_is_known_at_first() -> None:
    link = Link()
    assert (link.status(NOW), link.reason(NOW)) == (Status.UNKNOWN, Reason.PENDING)
    assert link.may_try(NOW)
    assert not link.usable(NOW)


def test_proof_makes_it_usable() -> None:
    link = proved_link()
    assert (link.status(NOW), link.reason(NOW)) == (Status.TRUE, Reason.CONNECTED)
    assert link.usable(NOW)


@pytest.mark.parametrize(
    "error",
    [
        refused_login(),
        PermanentError(Reason.WRONG_ENDPOINT, "Not EWS.", tenant_wide=True),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_refusal_shows_at_once(error: SyncError) -> None:
    link = proved_link()
    link.failed(error, NOW)
    assert (link.status(NOW), link.reason(NOW)) == (Status.FALSE, error.reason)
    assert link.refused


def test_passing_trouble_shows_only_when_it_lasts() -> None:
    link = proved_link()
    link.failed(throttled(), NOW)
    assert not link.refused
    assert not link.usable(NOW + timedelta(hours=1)), "it must be proved anew"
    assert link.status(NOW + SOON) is Status.TRUE
    assert link.reason(NOW + SOON) is Reason.CONNECTED
    assert link.status(NOW + LATER) is Status.FALSE
    assert link.reason(NOW + LATER) is Reason.THROTTLED


def test_trouble_that_comes_again_and_again_lasts() -> None:
    link = proved_link()
    link.failed(throttled(), NOW)
    link.failed(throttled(), NOW + LATER)
    assert link.status(NOW + LATER) is Status.FALSE


def test_trouble_of_what_never_worked_shows_at_once() -> None:
    link = Link()
    link.failed(throttled(), NOW)
    assert link.status(NOW) is Status.FALSE


def test_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = fail_in_a_row(Link(), throttled(), 8)
    assert waits[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


def test_a_login_is_tried_a_handful_of_times_an_hour() -> None:
    """Accounts lock themselves after a few wrong passwords."""
    waits = fail_in_a_row(Link(), refused_login(), 8)
    assert waits[:5] == [timedelta(minutes=m) for m in (1, 2, 4, 8, 15)]
    assert waits[-1] == LONGEST_WAIT


def test_a_server_may_ask_for_a_longer_wait() -> None:
    long = TransientError(Reason.THROTTLED, "Later.", retry_after=timedelta(hours=2))
    assert fail_in_a_row(Link(), long, 2) == [timedelta(hours=2)] * 2


def test_the_wait_for_an_unknown_outcome_never_grows() -> None:
    unknown = OutcomeUnknownError(Reason.OUTCOME_UNKNOWN, "?")
    assert fail_in_a_row(Link(), unknown, 3) == [timedelta(seconds=30)] * 3


def test_calls_that_fail_together_count_once() -> None:
    link = proved_link()
    for _ in range(4):
        link.failed(throttled(), NOW)
    assert link.attempts == 1
    assert link.next_attempt == NOW + timedelta(seconds=30)


def test_another_kind_of_trouble_counts() -> None:
    link = proved_link()
    link.failed(throttled(), NOW)
    link.failed(refused_login(), NOW)
    assert link.refused


def test_success_forgets_the_trouble() -> None:
    link = proved_link()
    fail_in_a_row(link, throttled(), 5)
    link.proved(NOW)
    assert link.usable(NOW)
    assert fail_in_a_row(link, throttled(), 1) == [timedelta(seconds=30)]


def test_a_reset_is_worth_an_attempt_at_once_but_no_proof() -> None:
    link = Link()
    link.failed(CredentialError(Reason.CREDENTIALS_REFUSED, "Wrong."), NOW)
    link.reset()
    assert link.may_try(NOW)
    assert not link.usable(NOW)


def test_another_connection_has_to_prove_itself() -> None:
    link = proved_link()
    link.start_over()
    assert not link.usable(NOW)
    assert link.status(NOW) is Status.UNKNOWN
