"""Connections on which a waiting thread can be cut off from outside.

A time-out of a socket starts anew with every byte, so that a server which trickles its answer
holds a thread for as long as it likes (seen with urllib3 2.8). Cutting the line ends the wait.
What is not covered is a trickled TLS handshake: each of its reads is limited, their sum is not.
"""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.response import HTTPResponse


class Line:
    """What one call waits on; entered by the thread that makes the call, cut by any other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._cut = False

    def hold(self, sock: socket.socket | None) -> None:
        """Remember what the call waits on from now; cut it at once if that came first."""
        with self._lock:
            self._socket = sock
            if self._cut:
                self._shut()

    def cut(self) -> None:
        """End the wait, now or as soon as it begins; harmless once the call is over."""
        with self._lock:
            self._cut = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # the other side was faster
                # The plain socket's method: that of SSLSocket would take the TLS object away
                # under the thread that is reading from it.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        _of_this_thread.line = self
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _of_this_thread.line = None
        with self._lock:
            self._socket = None


class _OfThisThread(threading.local):
    line: Line | None = None


# urllib3 chooses the connection deep inside a call, so only the thread tells whose call it is.
_of_this_thread = _OfThisThread()


def make_cuttable(manager: PoolManager) -> None:
    """Have all connections of this manager tell the line of the call that uses them."""
    manager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


class _HTTPConnection(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # urllib3 deviates from http.client
        if _of_this_thread.line is not None:
            _of_this_thread.line.hold(self.sock)
        return super().getresponse()


class _HTTPSConnection(HTTPSConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # urllib3 deviates from http.client
        if _of_this_thread.line is not None:
            _of_this_thread.line.hold(self.sock)
        return super().getresponse()


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection
