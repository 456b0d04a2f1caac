"""How the end of a request is counted."""

import pytest

from figgosync.core.traffic import Result, result_of
from figgosync.errors import (
    ConflictError,
    CredentialError,
    OutcomeUnknownError,
    PermanentError,
    Reason,
    SyncError,
    TransientError,
)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (None, Result.OK),
        (CredentialError(Reason.CREDENTIALS_REFUSED, "."), Result.REFUSED),
        (PermanentError(Reason.MAILBOX_NOT_FOUND, "."), Result.REFUSED),
        (ConflictError(Reason.CONFLICT, "."), Result.REFUSED),
        (PermanentError(Reason.TLS_FAILED, "."), Result.FAILED),
        (TransientError(Reason.UNREACHABLE, "."), Result.FAILED),
        (TransientError(Reason.INCOMPLETE_READ, "."), Result.FAILED),
        (TransientError(Reason.THROTTLED, "."), Result.THROTTLED),
        (OutcomeUnknownError(Reason.OUTCOME_UNKNOWN, "."), Result.LOST),
        (OutcomeUnknownError(Reason.THROTTLED, "."), Result.LOST),
    ],
)
def test_an_end_is_counted_as_what_it_means(error: SyncError | None, expected: Result) -> None:
    assert result_of(error) is expected
