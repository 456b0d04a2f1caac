"""A server on the loopback interface that behaves as badly as a test wants."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Behaviour = Callable[[socket.socket, threading.Event], None]
"""Serve one connection, until done or the event is set."""

_PACE = 0.02


@dataclass
class Loopback:
    """The server as its test sees it: where it is, and the requests (as bytes) it got."""

    port: int
    requests: list[bytes] = field(default_factory=list)


@contextmanager
def loopback(behaviour: Behaviour, *, tls: ssl.SSLContext | None = None) -> Iterator[Loopback]:
    """Serve each connection in a thread of its own; all have ended when this returns."""
    over = threading.Event()
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Loopback(listener.getsockname()[1])

        def serve(plain: socket.socket) -> None:
            plain.settimeout(5)
            with suppress(OSError), plain, _wrapped(plain, tls) as connection:
                server.requests.append(_read_request(connection))
                behaviour(connection, over)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threads.append(threading.Thread(target=serve, args=(connection,)))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server
        finally:
            over.set()
            with suppress(OSError):  # wakes the thread that accepts
                listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


def _wrapped(plain: socket.socket, tls: ssl.SSLContext | None) -> socket.socket:
    return plain if tls is None else tls.wrap_socket(plain, server_side=True)


def _read_request(connection: socket.socket) -> bytes:
    """Read to the end of the headers, and the body if they tell its length."""
    got = b""
    while not _is_whole(got):
        more = connection.recv(65_536)
        if not more:
            break
        got += more
    return got


def _is_whole(got: bytes) -> bool:
    head, end, body = got.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)^content-length: *(\d+)", head, re.MULTILINE)
    return bool(end) and len(body) >= (0 if length is None else int(length[1]))


def silent(_: socket.socket, over: threading.Event) -> None:
    """Take the request and say nothing."""
    over.wait(10)


def hanging_up(_: socket.socket, __: threading.Event) -> None:
    """Take the request and close the connection."""


def saying(*, status: str = "200 OK", headers: str = "", body: str = "") -> Behaviour:
    """Answer in one go."""

    def answer(connection: socket.socket, _: threading.Event) -> None:
        content = body.encode()
        head = f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(content)}\r\n"
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode() + content)

    return answer


def half_answering(connection: socket.socket, _: threading.Event) -> None:
    """Promise more than comes."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"kind": "Sec')


def _trickle(connection: socket.socket, over: threading.Event, endless: bytes) -> None:
    while not over.wait(_PACE):
        connection.sendall(endless)


def trickling_headers(connection: socket.socket, over: threading.Event) -> None:
    """Send headers byte by byte and without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    _trickle(connection, over, b"x")


def trickling_body(connection: socket.socket, over: threading.Event) -> None:
    """Send a body byte by byte and without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    _trickle(connection, over, b" ")
