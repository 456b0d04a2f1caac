"""One login at a time, and none after a refusal: directories lock accounts that knock too often."""

import base64
import binascii
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from ssl import SSLContext
from threading import Lock
from typing import Any

import requests

from figgosync.calendars.exchange.attempt import ATTEMPT, Failure, TransportError
from figgosync.calendars.exchange.transport import GuardedAdapter
from figgosync.core.proxy import Proxy


class Door:
    """What all connections with one login and password know of it. Used by several threads.

    NTLM logs in once for each connection. Where several are to log in at once, one goes ahead,
    and the others follow together once it was let in. Basic logs in with every request: those
    that were under way at a refusal are refused as well, and none after them.
    """

    def __init__(self) -> None:
        self._knocking = Lock()
        self._let_in = 0
        self._refused = False

    def reopen(self) -> None:
        """Let one login be tried again, although the last one was refused."""
        self._refused = False

    def through(
        self, request: requests.PreparedRequest, send: Callable[[], requests.Response]
    ) -> requests.Response:
        """Send; a request that logs in only while that makes sense.

        Raises TransportError LOGIN_REFUSED in place of a login that would be refused again,
        TimeoutError when the attempt's time is over before it is its turn.
        """
        scheme, _, token = _text(request.headers.get("Authorization", "")).partition(" ")
        if scheme == "Basic":
            return self._knock(send)
        return self._in_turn(send) if _proves(token) else send()

    def _in_turn(self, send: Callable[[], requests.Response]) -> requests.Response:
        let_in = self._let_in
        if not self._knocking.acquire(timeout=ATTEMPT.get().remaining()):
            raise TimeoutError("another login takes its time")
        try:
            if self._let_in == let_in:
                return self._knock(send)
        finally:
            self._knocking.release()
        return self._knock(send)

    def _knock(self, send: Callable[[], requests.Response]) -> requests.Response:
        if self._refused:
            raise TransportError(Failure.LOGIN_REFUSED)
        response = send()
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            self._refused = True
        else:
            self._let_in += 1
        return response


class CarefulAdapter(GuardedAdapter):
    """A guarded connection that logs in through a door."""

    def __init__(
        self,
        context: SSLContext,
        allowed_hosts: frozenset[str],
        door: Door,
        proxy: Proxy | None = None,
    ) -> None:
        super().__init__(context, allowed_hosts, proxy)
        self._door = door

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]  # noqa: ANN401 - the library passes keywords only
        """Send when the door lets it."""
        return self._door.through(request, partial(super().send, request, **kwargs))


def _text(header: str | bytes) -> str:
    return header.decode("latin-1") if isinstance(header, bytes) else header


def _proves(token: str) -> bool:
    """Tell the message of NTLM that a password is proved by from the one before [MS-NLMP 2.2.1]."""
    try:
        return base64.b64decode(token)[8:9] == b"\x03"
    except binascii.Error:
        return False
