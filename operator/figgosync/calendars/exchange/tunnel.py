"""The way to Exchange through the installation's proxy, as far as the first byte of TLS.

The connection is urllib3's own, and takes another way to the same host, as urllib3's for SOCKS
does. urllib3's support of HTTP proxies is not used: it waits for the proxy without an end (each
byte may take the whole time-out), reads as many headers as come, and says what went wrong in texts.
"""

import re
import socket
from functools import partial
from http import HTTPStatus
from time import monotonic
from typing import Any

from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection
from urllib3.util.connection import create_connection

from figgosync.calendars.exchange.attempt import ATTEMPT, CONNECT_SECONDS, Failure, TransportError
from figgosync.core.proxy import Proxy

LARGEST_HEAD = 16 * 2**10
"""In bytes. Proxies answer a CONNECT with a few hundred, before the page of a refusal."""

_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/1\.[01] ([2-5][0-9]{2})(?: [^\r\n]*)?\r?\n")
_INFORMATION = re.compile(rb"HTTP/1\.[01] 1[0-9]{2}[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n")
_TUNNEL_STANDS = range(200, 300)


class TunnelledConnection(HTTPSConnection):
    """A connection to a server whose socket is a tunnel.

    TLS is spoken with the server, and its name is verified, as without a proxy.
    """

    def __init__(self, proxy: Proxy, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on
        super().__init__(*args, **kwargs)
        self._proxy = proxy

    def _new_conn(self) -> socket.socket:
        """Return a socket that ends at the server.

        Raises TransportError: nothing was sent to the server then.
        """
        ends = min(ATTEMPT.get().ends, monotonic() + CONNECT_SECONDS)
        sock = self._reach_proxy(ends)
        try:
            sock.settimeout(_left(ends))
            sock.sendall(_request(self.host, self.port or self.default_port, self._proxy))
            status = _status(_head(sock, ends))
            # TLS begins with its own time, within the attempt's.
            sock.settimeout(min(ATTEMPT.get().remaining(), CONNECT_SECONDS))
        except OSError as error:
            refusal = TransportError(_failure(error))
        except BaseException:
            sock.close()
            raise
        else:
            if status in _TUNNEL_STANDS:
                return sock
            refusal = TransportError(_refusal(status), status)
        sock.close()
        raise refusal

    def _reach_proxy(self, ends: float) -> socket.socket:
        place = (self._proxy.host, self._proxy.port)
        try:
            return create_connection(place, _left(ends), socket_options=self.socket_options)
        except OSError:
            failure = Failure.PROXY_UNREACHABLE
        raise TransportError(failure)


class TunnelledPool(HTTPSConnectionPool):
    """urllib3's pool for one server, with tunnels for connections."""

    def __init__(self, proxy: Proxy, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on
        super().__init__(*args, **kwargs)
        self.ConnectionCls = partial(TunnelledConnection, proxy)  # type: ignore[assignment]  # only ever called


def _request(host: str, port: int, proxy: Proxy) -> bytes:
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}", "User-Agent: figgo-calendar-sync"]
    if proxy.authorization is not None:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _head(sock: socket.socket, ends: float) -> bytes:
    """Read the head of the proxy's answer; what follows it is the page of a refusal.

    Any number of others, which only inform, may come before it (RFC 9110, 15.2).

    Raises TimeoutError, and OSError for an answer that breaks off or is too long.
    """
    answer, length = b"", 0
    while length < LARGEST_HEAD:
        sock.settimeout(_left(ends))
        part = sock.recv(4096)
        if not part:
            break
        length += len(part)
        answer = _without_information(answer + part)
        if _END.search(answer):
            return answer
    raise OSError("not the head of an answer")


def _without_information(answer: bytes) -> bytes:
    while head := _INFORMATION.match(answer):
        answer = answer[head.end() :]
    return answer


def _status(answer: bytes) -> int:
    """Return the status of an answer; raises OSError for one that is not HTTP."""
    line, end = _STATUS.match(answer), _END.search(answer)
    if line is None or end is None:
        raise OSError("not HTTP")
    status = int(line[1])
    if status in _TUNNEL_STANDS and end.end() != len(answer):
        raise OSError("the server cannot have spoken before us")
    return status


def _left(ends: float) -> float:
    left = ends - monotonic()
    if left <= 0:
        raise TimeoutError("the time for the tunnel is over")
    return left


def _failure(error: OSError) -> Failure:
    return Failure.PROXY_SILENT if isinstance(error, TimeoutError) else Failure.PROXY_GARBLED


def _refusal(status: int) -> Failure:
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return Failure.PROXY_LOGIN
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Failure.PROXY_FAILED
    return Failure.PROXY_REFUSED
