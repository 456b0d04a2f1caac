"""How a request to a system outside ended, for those who only count."""

from collections.abc import Callable
from enum import StrEnum

from figgosync.errors import (
    ConflictError,
    CredentialError,
    OutcomeUnknownError,
    PermanentError,
    Reason,
    SyncError,
)


class System(StrEnum):
    """The systems outside that are asked for each tenant."""

    FIGGO = "figgo"
    EXCHANGE = "exchange"


class Result(StrEnum):
    """How a request ended: what to do next is the errors' business."""

    OK = "ok"
    THROTTLED = "throttled"
    REFUSED = "refused"
    FAILED = "failed"
    LOST = "lost"


Heard = Callable[[SyncError | None], None]
"""Hears how each request ended, None where it was answered as it should be. Must not raise; may
be called in any thread."""


def result_of(error: SyncError | None) -> Result:
    """Return the class of an end: refused is a clear No, failed is trouble, lost an open question.

    A write is lost when it may have happened although no answer came.
    """
    match error:
        case None:
            return Result.OK
        case OutcomeUnknownError():
            return Result.LOST
        case SyncError(reason=Reason.THROTTLED):
            return Result.THROTTLED
        case SyncError(reason=Reason.TLS_FAILED):
            return Result.FAILED
        case CredentialError() | PermanentError() | ConflictError():
            return Result.REFUSED
        case _:
            return Result.FAILED


def unheard(error: SyncError | None) -> None:
    """Count nothing."""
