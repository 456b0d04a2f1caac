"""Loopback ports for servers of tests: one that is held, and one that is only likely to stay."""

import random
import socket
from types import TracebackType
from typing import Self

LOOPBACK = "127.0.0.1"


class ReservedPort:
    """Holds a free port, bound but not listening, until the server that is meant for it has it too.

    The server must bind with SO_REUSEPORT (`kube-apiserver --permit-port-sharing`), which the
    kernel grants to processes of the same user alone. As nothing listens on this socket no
    connection is ever lost to it, and the kernel gives the port to no one who asks for any port.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._socket.bind((LOOPBACK, 0))
        self.number: int = self._socket.getsockname()[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()


def spare_port() -> int:
    """Return a port that nobody uses, for a server that lets no one hold it for it.

    It is none of those that the kernel gives to whoever asks for any port (from 32768 on), so
    that only somebody else's choice of the very same number could take it.
    """
    while True:
        port = random.randrange(20000, 32768)  # noqa: S311 - nobody is kept from guessing it
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
