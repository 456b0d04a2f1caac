"""One company's access to its Exchange Server, with one service account."""

import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

from exchangelib import IMPERSONATION, Account, EWSTimeZone
from exchangelib.errors import UnknownTimeZone

from figgosync.calendars.base import CalendarConnection, Mailbox
from figgosync.calendars.exchange import services
from figgosync.calendars.exchange.calendar import FRESH, Desk, ExchangeCalendar
from figgosync.calendars.exchange.calls import Calls
from figgosync.calendars.exchange.protocol import open_protocol
from figgosync.calendars.exchange.unsettled import UnsettledCreations
from figgosync.core.proxy import Proxy
from figgosync.core.tenant import Authentication
from figgosync.core.traffic import Heard, unheard
from figgosync.errors import NotAskedError, PermanentError, Reason

# It goes into an HTTP header as it is.
_ADDRESS = re.compile(r"[!-?A-~]+@[!-?A-~]+", re.ASCII)
LONGEST_ADDRESS = 254
"""In characters: an SMTP path has 256, and two brackets (RFC 5321, 4.5.3.1.3)."""


@dataclass(frozen=True, slots=True)
class ExchangeConnectionSettings:
    """All that a connection is made of.

    `allowed_hosts` are authorities as `authority` spells them; the server's must be among them.
    `tls` is a `verifying_context`; many connections may share it. `proxy` is the one before this
    server, if any. No call lasts longer than `call_limit`; for `settle_time` after a lost answer
    the server may still be at work (assumed: Microsoft states no longest time for a request; this
    one is four times our call limit).
    """

    server_url: str
    login: str = field(repr=False)
    password: str = field(repr=False)
    authentication: Authentication
    allowed_hosts: frozenset[str]
    tls: ssl.SSLContext
    concurrency: int = 4
    call_limit: timedelta = timedelta(seconds=8)
    settle_time: timedelta = timedelta(seconds=30)
    proxy: Proxy | None = None


class ExchangeConnection(CalendarConnection):
    """Sends nothing before the first call. Lives in one event loop.

    `heard` hears how each request ended, in another thread.

    Raises PermanentError when the URL is not https.
    """

    def __init__(
        self,
        settings: ExchangeConnectionSettings,
        clock: Callable[[], float] = monotonic,
        heard: Heard = unheard,
    ) -> None:
        _require_https(settings.server_url)
        self._protocol = open_protocol(
            settings.server_url,
            (settings.login, settings.password),
            settings.authentication,
            settings.concurrency,
            settings.tls,
            settings.allowed_hosts,
            settings.proxy,
        )
        self._desk = Desk(
            Calls(settings.concurrency, settings.call_limit, heard),
            UnsettledCreations(settings.settle_time, FRESH, clock),
            settings.settle_time,
            clock,
        )

    async def check(self, mailbox: Mailbox) -> None:
        """Ask for the mailbox's calendar folder: proves login, impersonation and mailbox.

        The one call that logs in again although a login was refused; whoever calls it waits first.
        """
        self._protocol.door.reopen()
        await self._desk.calls.run(
            mailbox.address.lower(),
            lambda: services.touch_calendar(self._account(mailbox)),
            deadline=self._desk.calls.deadline(),
        )

    def calendar(self, mailbox: Mailbox) -> ExchangeCalendar:
        """Return the mailbox's calendar."""
        return ExchangeCalendar(self._desk, mailbox.address.lower(), lambda: self._account(mailbox))

    async def close(self) -> None:
        """Let calls in flight end, then drop the connections and the password with them."""
        await self._desk.calls.close()
        self._protocol.drop()

    def _account(self, mailbox: Mailbox) -> Account:
        """Return the library's account, anew each time: it is as cheap as a dictionary.

        Raises NotAskedError for an address or a zone that Exchange cannot have.
        """
        address = mailbox.address
        if len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
            raise NotAskedError(
                Reason.MAILBOX_NOT_FOUND,
                "The employee's address is not one that Exchange can have. Correct it in Figgo.",
            )
        try:
            zone = EWSTimeZone(mailbox.time_zone)
        except (UnknownTimeZone, ValueError, OSError):
            raise NotAskedError(
                Reason.UNKNOWN_TIME_ZONE,
                "The time zone is not one of the IANA database. Correct the zone of the "
                "establishment in Figgo, or spec.events.timeZone.",
            ) from None
        return Account(
            address,
            access_type=IMPERSONATION,
            config=self._protocol.config,
            locale="en_US",  # or the library asks the environment
            default_timezone=zone,
        )


def _require_https(server_url: str) -> None:
    if not server_url.lower().startswith("https://"):
        raise PermanentError(
            Reason.TLS_FAILED,
            "serverURL does not begin with https://, and a password is never sent without TLS.",
            tenant_wide=True,
        )
