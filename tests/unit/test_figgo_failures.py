"""What it means when Lucca does not answer a question."""

from datetime import timedelta

import pytest

from figgosync.errors import CredentialError, PermanentError, Reason, SyncError, TransientError
from figgosync.figgo.failures import (
    LONGEST_WAIT,
    QueryTooHeavyError,
    QuestionRefusedError,
    error_for_failure,
    error_for_status,
    retry_after,
)

TABLE: list[tuple[int, type[SyncError], Reason, bool]] = [
    (204, TransientError, Reason.INCOMPLETE_READ, False),
    (206, TransientError, Reason.INCOMPLETE_READ, False),
    (301, PermanentError, Reason.WRONG_ENDPOINT, True),
    (302, PermanentError, Reason.WRONG_ENDPOINT, True),
    (400, QuestionRefusedError, Reason.REQUEST_REFUSED, False),
    (401, CredentialError, Reason.CREDENTIALS_REFUSED, True),
    (403, CredentialError, Reason.CREDENTIALS_REFUSED, True),
    (404, PermanentError, Reason.WRONG_ENDPOINT, True),
    (405, PermanentError, Reason.WRONG_ENDPOINT, True),
    (408, QueryTooHeavyError, Reason.SERVER_ERROR, False),
    (413, QueryTooHeavyError, Reason.SERVER_ERROR, False),
    (414, QueryTooHeavyError, Reason.SERVER_ERROR, False),
    (418, QuestionRefusedError, Reason.REQUEST_REFUSED, False),
    (429, TransientError, Reason.THROTTLED, True),
    (431, QueryTooHeavyError, Reason.SERVER_ERROR, False),
    (500, TransientError, Reason.SERVER_ERROR, True),
    (502, TransientError, Reason.SERVER_ERROR, True),
    (503, TransientError, Reason.SERVER_ERROR, True),
]


@pytest.mark.parametrize(("status", "kind", "reason", "tenant_wide"), TABLE)
def test_each_status_says_what_to_do_next(
    status: int, kind: type[SyncError], reason: Reason, *, tenant_wide: bool
) -> None:
    error = error_for_status(status, {})

    assert type(error) is kind
    assert (error.reason, error.tenant_wide) == (reason, tenant_wide)
    assert error.retry_after is not None


def test_a_refused_question_keeps_its_status_for_those_who_try_questions_out() -> None:
    error = error_for_status(418, {})
    assert isinstance(error, QuestionRefusedError)
    assert error.status == 418
    # To everybody else it is one of those that only a person can help.
    assert isinstance(error, PermanentError)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("17", timedelta(seconds=17)),
        (" 17 ", timedelta(seconds=17)),
        ("0", timedelta(0)),
        ("999999999999999999999", LONGEST_WAIT),
        ("Mon, 23 Nov 2026 08:02:00 GMT", timedelta(minutes=2)),
        ("Mon, 23 Nov 2026 07:00:00 GMT", timedelta(0)),
        ("Tue, 24 Nov 2026 08:00:00 GMT", LONGEST_WAIT),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("²", None),
    ],
)
def test_both_forms_of_retry_after_are_read_and_nonsense_is_not_believed(
    value: str, wait: timedelta | None
) -> None:
    headers = {"Retry-After": value, "Date": "Mon, 23 Nov 2026 08:00:00 GMT"}

    assert retry_after(headers) == wait


def test_a_date_without_the_servers_own_date_is_not_compared_with_our_clock() -> None:
    assert retry_after({"Retry-After": "Mon, 23 Nov 2026 08:02:00 GMT"}) is None


def test_a_wait_that_is_asked_for_is_passed_on() -> None:
    assert error_for_status(429, {"Retry-After": "7"}).retry_after == timedelta(seconds=7)
    assert error_for_status(503, {"Retry-After": "7"}).retry_after == timedelta(seconds=7)


@pytest.mark.parametrize("failure", [TimeoutError(), ConnectionResetError(), OSError("x")])
def test_no_failure_of_the_network_is_taken_for_wrong_credentials(failure: Exception) -> None:
    error = error_for_failure(failure)

    assert type(error) is TransientError
    assert error.reason is Reason.UNREACHABLE
