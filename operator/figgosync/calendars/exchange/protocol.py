"""exchangelib's connection without its surprises: no retries, no sharing, no guessing, no logs."""

import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ssl import SSLContext

from exchangelib import BASIC, NTLM, Configuration, Credentials, FailFast
from exchangelib.protocol import Protocol
from exchangelib.transport import DEFAULT_HEADERS
from exchangelib.util import is_xml
from exchangelib.version import EXCHANGE_2016, Version
from requests import Response

from figgosync.calendars.exchange.door import CarefulAdapter, Door
from figgosync.calendars.exchange.transport import GuardedSession
from figgosync.core.proxy import Proxy
from figgosync.core.tenant import Authentication

LONGEST_DELAY = timedelta(days=1)
USER_AGENT = "figgo-calendar-sync"
"""Administrators can allow us by this name (EwsAllowList); so it never changes."""


class HTTPRefusal(Exception):  # noqa: N818 - it is an answer, and what it means is decided elsewhere
    """An answer that is not EWS's: its HTTP status, and the delay that it asks for."""

    def __init__(self, status: int, retry_after: timedelta | None, *, locked_out: bool) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.retry_after = retry_after
        self.locked_out = locked_out


class FailAtOnce(FailFast):
    """Never waits, never repeats; keeps the status and the delay that the library throws away."""

    def raise_response_errors(self, response: Response) -> None:
        """Raise HTTPRefusal unless the answer is a whole SOAP envelope.

        The library parses what it gets as far as it goes (lxml's `recover`), so that an answer cut
        short would be a shorter list: the end of the envelope has to be there.
        """
        body = response.content
        whole = is_xml(body) and body.rstrip().endswith(b"Envelope>")
        if response.status_code in {200, 500} and whole:
            return
        raise HTTPRefusal(
            response.status_code,
            retry_after(response.headers.get("Retry-After")),
            locked_out=b"The referenced account is currently locked out" in body,
        )


def retry_after(header: str | None) -> timedelta | None:
    """Read a Retry-After header, in seconds or a date; None when there is none to be understood."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return within_a_day(float(text))
    try:
        return within_a_day((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


def within_a_day(seconds: float) -> timedelta | None:
    """Return a delay that a server asked for, cut to a day; None when it is none at all."""
    if not seconds > 0:
        return None
    return timedelta(seconds=min(seconds, LONGEST_DELAY.total_seconds()))


class OwnCredentials(Credentials):
    """Credentials that equal only themselves.

    The library keeps connections in a dictionary of the process, keyed by endpoint and
    credentials: two companies, or the old and the new connection of one, must never share.
    """

    __eq__ = object.__eq__
    __hash__ = object.__hash__


class OwnProtocol(Protocol):
    """The library's session pool with all its sessions from the start.

    So it never grows; nor does it shrink, for the code that would (and could lock itself out) is
    the library's repeating, which `services` goes around.
    """

    USERAGENT = USER_AGENT

    def __init__(
        self,
        config: Configuration,
        tls: SSLContext,
        allowed_hosts: frozenset[str],
        proxy: Proxy | None,
    ) -> None:
        super().__init__(config=config)
        self.door = Door()
        self._tls = tls
        self._allowed_hosts = allowed_hosts
        self._proxy = proxy
        for _ in range(self.max_connections):
            self.increase_poolsize()

    def raw_session(self, prefix: str, *_: object, **__: object) -> GuardedSession:  # type: ignore[override,unused-ignore]  # the library's is a classmethod, but is called on instances
        """Return a session that goes to the allowed hosts only."""
        del prefix
        session = GuardedSession(
            CarefulAdapter(self._tls, self._allowed_hosts, self.door, self._proxy)
        )
        session.headers.update(DEFAULT_HEADERS)
        session.headers["User-Agent"] = self.USERAGENT
        return session

    def get_session(self) -> GuardedSession:
        """Take a session. There is one for each thread, so nobody ever has to wait for it.

        Raises queue.Empty should one be lost all the same, where the library would wait for ever.
        """
        session: GuardedSession = self._session_pool.get(block=False)
        session.usage_count += 1
        return session

    def drop(self) -> None:
        """Close all connections and leave the library's dictionary; again is harmless."""
        with suppress(KeyError):
            del Protocol[self.config]
        self.close()


def open_protocol(
    server_url: str,
    credentials: tuple[str, str],
    authentication: Authentication,
    concurrency: int,
    tls: SSLContext,
    allowed_hosts: frozenset[str],
    proxy: Proxy | None,
) -> OwnProtocol:
    """Prepare a connection; sends nothing. `credentials` are login and password.

    Version and authentication are pinned: found out, they cost requests, and a login attempt.
    """
    silence_libraries()
    config = Configuration(
        service_endpoint=server_url,
        credentials=OwnCredentials(*credentials),
        auth_type={Authentication.NTLM: NTLM, Authentication.BASIC: BASIC}[authentication],
        version=Version(build=EXCHANGE_2016),
        retry_policy=FailAtOnce(),
        max_connections=concurrency,
    )
    return OwnProtocol(config=config, tls=tls, allowed_hosts=allowed_hosts, proxy=proxy)


def silence_libraries() -> None:
    """Keep the libraries from logging, whatever the level.

    exchangelib writes whole requests, with titles and addresses; spnego the messages of a login,
    which a password can be guessed from.
    """
    for name in ("exchangelib", "spnego"):
        library = logging.getLogger(name)
        library.setLevel(logging.CRITICAL + 1)
        library.propagate = False
        if not library.handlers:
            library.addHandler(logging.NullHandler())
