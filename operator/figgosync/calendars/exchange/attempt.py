"""One request on its way to Exchange: its time, whether it left, and how it can fail."""

from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum, auto
from time import monotonic

CONNECT_SECONDS = 3.0
"""For each step on the way: reaching a server or a proxy, opening a tunnel, TLS."""


@dataclass(slots=True)
class Attempt:
    """One request on its way. `ends` is a reading of the monotonic clock.

    `sent` turns true just before the first byte of a request leaves and never back: while it is
    false, the server cannot have done anything. What a proxy is asked for is no request.
    """

    ends: float
    sent: bool = False
    received: int = 0

    def remaining(self) -> float:
        """Return the seconds that are left; TimeoutError when there are none."""
        left = self.ends - monotonic()
        if left <= 0:
            raise TimeoutError("the attempt's time is over")
        return left


ATTEMPT: ContextVar[Attempt] = ContextVar("ATTEMPT")
"""The attempt that the running thread works on. Nothing can be sent or read outside of one."""


class Failure(Enum):
    """How a request can fail without an answer."""

    HOST_REFUSED = auto()
    LOGIN_REFUSED = auto()
    CERTIFICATE = auto()
    TLS = auto()
    NO_ANSWER = auto()
    PROXY_UNREACHABLE = auto()
    PROXY_SILENT = auto()
    PROXY_GARBLED = auto()
    PROXY_LOGIN = auto()
    PROXY_REFUSED = auto()
    PROXY_FAILED = auto()


class TransportError(Exception):
    """No answer came; its text is empty, for the library's texts hold hosts and content.

    `status` is that of a proxy's answer.
    """

    def __init__(self, failure: Failure, status: int | None = None) -> None:
        super().__init__(failure.name)
        self.failure = failure
        self.status = status
