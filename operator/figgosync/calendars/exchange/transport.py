"""HTTPS to Exchange under our rules: whom we talk to, how long it may take, how much may come back.

`requests` bounds single socket operations, never a whole request: a server that trickles one byte
at a time holds a thread for ever. The sockets here know when their attempt ends.
"""

import socket
import ssl
from collections.abc import Iterator
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from figgosync.authorities import trusting_context
from figgosync.calendars.exchange.attempt import (
    ATTEMPT,
    CONNECT_SECONDS,
    Attempt,
    Failure,
    TransportError,
)
from figgosync.calendars.exchange.tunnel import TunnelledPool
from figgosync.core.proxy import Proxy

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

LARGEST_ANSWER = 16 * 2**20

# Firewalls forget idle connections without a word; a probe keeps them open, or finds out.
_KEEP_ALIVE = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 45),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
]


def _before_sending(sock: socket.socket) -> None:
    attempt = ATTEMPT.get()
    sock.settimeout(attempt.remaining())
    attempt.sent = True


def _before_reading(sock: socket.socket) -> Attempt:
    attempt = ATTEMPT.get()
    if attempt.received > LARGEST_ANSWER:
        raise OSError("the answer is too large")
    sock.settimeout(attempt.remaining())
    return attempt


class BoundedSocket(ssl.SSLSocket):
    """A TLS socket that keeps to the attempt's time; its `sendall` goes through `send`."""

    def send(self, data: "ReadableBuffer", flags: int = 0) -> int:
        """Send while there is time."""
        _before_sending(self)
        return super().send(data, flags)

    def recv_into(
        self, buffer: "WriteableBuffer", nbytes: int | None = None, flags: int = 0
    ) -> int:
        """Read while there is time, and not for ever."""
        attempt = _before_reading(self)
        count = super().recv_into(buffer, nbytes, flags)
        attempt.received += count
        return count


def verifying_context(ca_bundle: str | PathLike[str] | None) -> ssl.SSLContext:
    """Return a TLS context of bounded sockets that trusts whom `trusting_context` trusts.

    Raises OSError for a bundle that cannot be used.
    """
    context = trusting_context(ca_bundle)
    context.sslsocket_class = BoundedSocket
    return context


def authority(url: str) -> str:
    """Return host and port as identities spell them: lower case, the port unless it is 443."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return host if port == 443 else f"{host}:{port}"  # noqa: PLR2004 - the port of https


class GuardedAdapter(HTTPAdapter):
    """One connection, to an allowed host, over TLS that is always verified, through `proxy` if any.

    Deaf to `verify`, which the library and its users could set otherwise. The host is checked
    here, below everything that could redirect or follow.
    """

    def __init__(
        self, context: ssl.SSLContext, allowed_hosts: frozenset[str], proxy: Proxy | None = None
    ) -> None:
        self._context = context
        self._allowed_hosts = allowed_hosts
        self._proxy = proxy
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0, pool_block=True)

    def init_poolmanager(self, *args: object, **kwargs: object) -> None:
        """Prepare connections with our context, through the proxy if there is one."""
        ours = {"ssl_context": self._context, "socket_options": _KEEP_ALIVE}
        super().init_poolmanager(*args, **kwargs | ours)  # type: ignore[arg-type]  # handed on
        if self._proxy is not None:
            tunnelled: Any = partial(TunnelledPool, self._proxy)  # urllib3 but calls it
            self.poolmanager.pool_classes_by_scheme = {"https": tunnelled}

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: object, cert: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Name the connection that is wanted: always a verified one."""
        del verify, cert
        return super().build_connection_pool_key_attributes(request, verify=True)

    def cert_verify(self, conn: object, url: object, verify: object, cert: object) -> None:
        """Do nothing: the context verifies, and its authorities must not be added to."""

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401 - the library passes keywords only
        """Send to an allowed host, within the attempt's time."""
        if authority(request.url or "") not in self._allowed_hosts:
            raise TransportError(Failure.HOST_REFUSED)
        left = ATTEMPT.get().remaining()
        timeout = (min(CONNECT_SECONDS, left), left)
        return super().send(request, **kwargs | {"timeout": timeout})


class GuardedSession(requests.Session):
    """A session whose every failure without an answer, in whichever leg, is a TransportError."""

    # What the library notes on its sessions.
    session_id: int
    usage_count: int

    def __init__(self, adapter: GuardedAdapter) -> None:
        super().__init__()
        # Or netrc, proxies and CA bundles of the environment would have a say.
        self.trust_env = False
        self.adapters.clear()
        self.mount("https://", adapter)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - handed on
        """Send, log in where it is asked for, and read the whole answer."""
        try:
            return super().send(request, **kwargs)
        except (requests.RequestException, HTTPError, TimeoutError) as error:
            failure = _failure(error)
        raise TransportError(failure)


def _failure(error: BaseException) -> Failure:
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Failure.CERTIFICATE
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return Failure.TLS
    return Failure.NO_ANSWER


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Walk down to what the socket said: the libraries wrap it in arguments and reasons."""
    while error is not None:
        yield error
        inner = [getattr(error, "reason", None), *error.args, error.__cause__, error.__context__]
        error = next((cause for cause in inner if isinstance(cause, BaseException)), None)
