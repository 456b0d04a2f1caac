"""What it means when Lucca does not answer a question: one table, from HTTP to what to do next."""

import ssl
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp

from figgosync.errors import (
    CredentialError,
    PermanentError,
    Reason,
    SyncError,
    TransientError,
)
from figgosync.figgo.tunnel import error_of_proxy

LONGEST_WAIT = timedelta(hours=1)
"""A Retry-After beyond this is taken for a mistake: nobody wants to be told to wait for days."""

CERTIFICATE_WAIT = timedelta(minutes=5)
"""A certificate is renewed on the other side, with nothing changing on ours to wake us."""

TOO_HEAVY = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,  # Lucca gives up after 5 s: "may be too complex"
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,  # the answer would exceed 100 MB
        HTTPStatus.REQUEST_URI_TOO_LONG,
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,  # a proxy that counts the URL as a header
    }
)


class QueryTooHeavyError(TransientError):
    """The question was too big for Lucca: ask for fewer people or a shorter time."""


class QuestionRefusedError(PermanentError):
    """Figgo does not answer this question at all; `status` is the HTTP status of its refusal."""

    def __init__(self, status: int) -> None:
        super().__init__(
            Reason.REQUEST_REFUSED,
            f"Figgo refused a query (HTTP {status}). If this lasts, report it with the version"
            " of the operator.",
        )
        self.status = status


def error_for_status(status: int, headers: Mapping[str, str]) -> SyncError:
    """Return what an answer other than 200 means.

    The table is Lucca's (its pages on limits and errors, which speak of v5; assumed for v3, where
    only 401 is documented). The body is not looked at, since three shapes of it are known and
    all may hold text about people.
    """
    if status in TOO_HEAVY:
        return QueryTooHeavyError(
            Reason.SERVER_ERROR,
            f"Figgo found a query too heavy (HTTP {status}).",
        )
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return CredentialError(
                Reason.CREDENTIALS_REFUSED,
                "Figgo refused the API key. Write a valid key to its Secret;"
                " the sync resumes by itself.",
                tenant_wide=True,
            )
        case HTTPStatus.FORBIDDEN:
            return CredentialError(
                Reason.CREDENTIALS_REFUSED,
                "Figgo knows the API key, but its role lacks a right. Give the role of this key"
                " 'Read absences' and access to the directory; the sync resumes by itself.",
                tenant_wide=True,
            )
        case HTTPStatus.TOO_MANY_REQUESTS:
            return TransientError(
                Reason.THROTTLED,
                "Figgo received too many requests, from all integrations of the company together;"
                " the sync waits as long as it was told to.",
                tenant_wide=True,
                retry_after=retry_after(headers),
            )
        case _:
            return _error_for_range(status, headers)


def _error_for_range(status: int, headers: Mapping[str, str]) -> SyncError:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TransientError(
            Reason.SERVER_ERROR,
            f"Figgo is in trouble (HTTP {status}). Nothing to do here; the sync tries again.",
            tenant_wide=True,
            retry_after=retry_after(headers),
        )
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        # Never followed: the API key must not travel to wherever the answer points.
        return PermanentError(
            Reason.WRONG_ENDPOINT,
            f"The Figgo address answers with a redirect (HTTP {status}). Set the address that"
            " Figgo itself shows in the browser, such as https://company.ilucca.net.",
            tenant_wide=True,
        )
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE}:
        return PermanentError(
            Reason.WRONG_ENDPOINT,
            f"There is no Figgo at the configured address (HTTP {status}). Check the address, and"
            " that the company's Lucca has the absences application.",
            tenant_wide=True,
        )
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return incomplete(f"Figgo answered HTTP {status} where an answer holds data.")
    return QuestionRefusedError(status)


def error_for_failure(failure: Exception, *, proxied: bool = False) -> SyncError:
    """Return what it means that no answer arrived. Only the kind of `failure` is told.

    aiohttp's exceptions may carry the request with all its headers, the API key among them, and
    the password of the proxy. `proxied` says that there is one.
    """
    if proxied and (error := error_of_proxy(failure)):
        return error
    if isinstance(failure, aiohttp.ClientConnectorCertificateError):
        return _tls_failed("its certificate is not trusted")
    if isinstance(failure, aiohttp.ClientSSLError) and not isinstance(
        failure.os_error, ssl.SSLEOFError | ssl.SSLZeroReturnError
    ):
        return _tls_failed("the TLS handshake failed")
    if isinstance(failure, aiohttp.ClientPayloadError):
        return incomplete("An answer of Figgo broke off.")
    return _unreachable(_what_failed(failure), proxied=proxied)


def incomplete(what: str) -> TransientError:
    """Return the error for an answer that is not the whole answer; `what` is a sentence."""
    return TransientError(
        Reason.INCOMPLETE_READ, f"{what} Nothing is concluded from it; the sync reads again."
    )


def not_understood(what: str) -> PermanentError:
    """Return the error for data that this version cannot read; `what` is a sentence."""
    return PermanentError(
        Reason.INCOMPLETE_READ,
        f"{what} Nothing is concluded from it. Report it with the version of the operator.",
    )


def _what_failed(failure: Exception) -> str:
    match failure:
        case TimeoutError():
            return "it did not answer in time"
        case aiohttp.ClientConnectorDNSError():
            return "its host name cannot be resolved"
        case _:
            return "the connection failed"


def _tls_failed(why: str) -> PermanentError:
    return PermanentError(
        Reason.TLS_FAILED,
        f"Figgo cannot be reached safely: {why}. Check the address and, behind a proxy that"
        " inspects traffic, the CA bundle of the installation.",
        tenant_wide=True,
        retry_after=CERTIFICATE_WAIT,
    )


def _unreachable(why: str, *, proxied: bool) -> TransientError:
    through = " through the proxy of the installation (HTTPS_PROXY)" if proxied else ""
    return TransientError(
        Reason.UNREACHABLE,
        f"Figgo cannot be reached{through}: {why}. Check the address and the cluster's way out;"
        " the sync tries again.",
        tenant_wide=True,
    )


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Return the wait that an answer asks for, None where it asks for none that makes sense.

    Both standard forms are read, since Lucca does not say which one it sends. A date is compared
    with the answer's own `Date`, so that no clock of ours comes into it.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        seconds = min(int(value[:9]), LONGEST_WAIT.total_seconds())
        return timedelta(seconds=seconds)
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):  # no date, or only one of the two has a zone
        return None
    return min(max(wait, timedelta(0)), LONGEST_WAIT)
