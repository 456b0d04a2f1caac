"""A loopback port that nobody else can take between its choice and its use."""

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
