"""What it means when the installation's proxy opens no way to Figgo."""

from datetime import timedelta
from http import HTTPStatus

import aiohttp

from figgosync.errors import PermanentError, Reason, SyncError, TransientError

REFUSAL_WAIT = timedelta(minutes=5)
"""A proxy is put right on its own side, with nothing changing on ours to wake us."""

_THE_PROXY = "The proxy of the installation (HTTPS_PROXY)"
_OR_WITHOUT = "or list Figgo's host in NO_PROXY if it needs no proxy."


def error_of_proxy(failure: Exception) -> SyncError | None:
    """Return what it means that the proxy failed; None for a failure that may be Figgo's as well.

    Only its kind and a status are told: aiohttp's exceptions hold the proxy's password.
    """
    match failure:
        case aiohttp.ClientHttpProxyError(status=status):
            return _refusal(status)
        # What is no HTTP: aiohttp makes one kind of error of it, whoever sent it.
        case aiohttp.ClientResponseError() if failure.request_info.method == "CONNECT":
            return _transient(
                "broke off or gave no answer that an HTTP proxy gives. Check that an HTTP proxy"
                " listens at this address."
            )
        # Through a proxy no name is resolved but its own.
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientConnectorDNSError():
            return _transient(
                f"cannot be reached. Check its name and port and the network policy, {_OR_WITHOUT}"
            )
        case _:
            return None


def _refusal(status: int) -> SyncError:
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        # Not the tenant's credentials: nothing that he could write to his Secret would help.
        return _permanent(
            f"asks for a login or refuses the one that it got (HTTP {status}). Write login and"
            " password into HTTPS_PROXY (http://login:password@host:port; Basic only)."
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _transient(
            f"could not open a way to Figgo (HTTP {status}). Check that it resolves and reaches"
            f" Figgo's host, {_OR_WITHOUT}"
        )
    return _permanent(
        f"refuses the way to Figgo (HTTP {status}). Allow CONNECT to Figgo's host and port in it,"
        f" {_OR_WITHOUT}"
    )


def _transient(what: str) -> TransientError:
    return TransientError(Reason.UNREACHABLE, f"{_THE_PROXY} {what}", tenant_wide=True)


def _permanent(what: str) -> PermanentError:
    return PermanentError(
        Reason.UNREACHABLE, f"{_THE_PROXY} {what}", tenant_wide=True, retry_after=REFUSAL_WAIT
    )
