"""Turns whatever the libraries raise into errors that say what to do next."""

import re
from datetime import timedelta

from exchangelib.errors import EWSError, ResponseMessageError

from figgosync.calendars.exchange.attempt import Attempt, Failure, TransportError
from figgosync.calendars.exchange.meanings import (
    CODES,
    FAILURES,
    FAMILIES,
    INTERNAL,
    LOGIN_REFUSED,
    NO_ANSWER,
    NOT_SOAP,
    REFUSED,
    STATUSES,
    TROUBLE,
    UNKNOWN_OUTCOME,
    UNREACHABLE,
    WRONG_URL,
    Meaning,
)
from figgosync.calendars.exchange.protocol import HTTPRefusal, within_a_day
from figgosync.errors import SyncError

_UNSENT = {NO_ANSWER: UNREACHABLE, TROUBLE: UNREACHABLE, NOT_SOAP: INTERNAL}


def translate(error: Exception, attempt: Attempt, settle_time: timedelta | None) -> SyncError:
    """Say what a failure means.

    `settle_time` is given for writes: how long the server may work on what it did not answer to.
    The message never quotes the server, whose sentences hold addresses and titles.
    """
    meaning, detail, delay = _reading(error)
    if not attempt.sent and not meaning.undone:
        # Nothing left this process, so nothing can have been done, and nobody answered.
        meaning = _UNSENT.get(meaning, meaning)
    elif settle_time is not None and not meaning.undone:
        meaning, delay = UNKNOWN_OUTCOME, max(settle_time, delay or settle_time)
    return meaning.error(detail, delay)


def overtime(attempt: Attempt, settle_time: timedelta | None) -> SyncError:
    """Say what it means that a thread did not come back in time."""
    return translate(TransportError(Failure.NO_ANSWER), attempt, settle_time)


def is_gone(error: Exception) -> bool:
    """Say whether the server answered that there is no such item."""
    return code_of(error) == "ErrorItemNotFound"


def code_of(error: Exception) -> str | None:
    """Return the EWS response code of an error; the library drops those that it does not know."""
    if isinstance(error, ResponseMessageError):
        return type(error).__name__
    found = re.search(r"(?:code:|ResponseCode in ResponseMessage:) (Error\w{1,80})", str(error))
    return found[1] if found and isinstance(error, EWSError) else None


def _reading(error: Exception) -> tuple[Meaning, str, timedelta | None]:
    """Return the meaning, what to call it, and the delay that the server asked for."""
    match error:
        case TransportError(failure=failure, status=status):
            name = failure.name.replace("_", " ").lower()
            return FAILURES[failure], name if status is None else f"HTTP {status}", None
        case HTTPRefusal(status=status, retry_after=delay):
            meaning = LOGIN_REFUSED if error.locked_out else _status(status)
            return meaning, f"HTTP {status}", delay
        case PermissionError():  # requests-ntlm: the server answered without a challenge
            return LOGIN_REFUSED, "no NTLM challenge", None
        case EWSError() if code := code_of(error):
            return _code(code), code, within_a_day(getattr(error, "back_off", None) or 0)
        case EWSError() | ValueError():
            return NOT_SOAP, type(error).__name__, None
        case _:
            return INTERNAL, type(error).__name__, None


def _code(code: str) -> Meaning:
    if code in CODES:
        return CODES[code]
    return next((meaning for prefix, meaning in FAMILIES if code.startswith(prefix)), REFUSED)


def _status(status: int) -> Meaning:
    if status in STATUSES:
        return STATUSES[status]
    return TROUBLE if status >= 500 else WRONG_URL  # noqa: PLR2004 - the class of server errors
