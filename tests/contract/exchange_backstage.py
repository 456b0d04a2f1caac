"""The Exchange provider wired to a simulated Exchange Server, and what goes on behind it."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from contract.calendar_cases import OTHER_PROGRAM, PARIS, Stored
from contract.remote_calendar_contract import ServerBackstage
from figgosync.calendars.base import Calendar, Mailbox
from figgosync.calendars.exchange import (
    ExchangeConnection,
    ExchangeConnectionSettings,
    verifying_context,
)
from figgosync.calendars.exchange.transport import authority
from figgosync.core.event import AllDay, Event, Timed
from figgosync.core.tenant import Authentication
from figgosync.errors import SyncError
from figgosync_sim.certificates import Authority
from figgosync_sim.ews import ExchangeSimulator, Refuse, busy, ews_simulator
from figgosync_sim.faults import Delay, DropAfter, DropBefore, HtmlError, Truncate
from figgosync_sim.furnishing import furnish_by_hand, furnish_foreign
from figgosync_sim.mailboxes import Item, NamedProperty

LOGIN, PASSWORD = r"SOCIETE\figgosync", "s3cret"
JANE, JOE = "jane.doe@societe.com", "joe.bloggs@societe.com"

# Events in the field carry these: whoever changes them orphans every event ever written.
MARKER = NamedProperty.of("dc56e31e-801a-4f18-b249-01c1b9978bb6", "figgosync-absence")


def ends(when: AllDay | Timed) -> tuple[date, date]:
    """Return the first and last day of whole days, or the instants of a slot."""
    match when:
        case AllDay(first, last):
            return first, last
        case Timed(start, end):
            return start, end


@dataclass(frozen=True, slots=True)
class Keys:
    """A certificate authority of the tests, and the contexts of both sides under it."""

    authority: Authority
    server: ssl.SSLContext
    client: ssl.SSLContext

    @classmethod
    def made(cls, folder: Path) -> "Keys":
        ca = Authority()
        return cls(ca, ca.server_context(), verifying_context(ca.ca_file(folder / "ca.pem")))


@dataclass(slots=True)
class Clock:
    """A monotonic clock that tests set forward."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class ExchangeBackstage(ServerBackstage):
    """One company: a server, a service account, two people."""

    simulator: ExchangeSimulator
    settings: ExchangeConnectionSettings
    clock: Clock = field(default_factory=Clock)
    connection: ExchangeConnection = field(init=False)
    ends: list[SyncError | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = ExchangeConnection(self.settings, self.clock, self.ends.append)

    def calendar(self, time_zone: str = PARIS) -> Calendar:
        return self.connection.calendar(Mailbox(JANE, time_zone))

    def another_calendar(self) -> Calendar:
        return self.connection.calendar(Mailbox(JOE, PARIS))

    def stored(self) -> Sequence[Stored]:
        return [
            Stored(
                item.id,
                item.properties.get(MARKER),
                item.subject,
                item.reminder_is_set,
                len(item.attendees),
                item.body,
            )
            for item in self.simulator.store.items(JANE)
        ]

    def notifications(self) -> int:
        return self.simulator.store.notifications()

    def lives_in(self, zone: str) -> None:
        self.simulator.store.mailbox(JANE).time_zone = zone

    def adds(self, title: str) -> None:
        start = datetime(2026, 12, 24, 8, tzinfo=UTC)
        self.simulator.store.add_item(
            JANE, subject=title, start=start, end=start + timedelta(hours=1), reminder_is_set=True
        )

    def enters(self, event: Event) -> None:
        furnish_by_hand(self.simulator.store, JANE, event.title, *ends(event.when))

    def invites(self, event: Event) -> None:
        when = ends(event.when)
        furnish_by_hand(self.simulator.store, JANE, event.title, *when, attendees=(JOE,))

    def repeats(self, event: Event) -> None:
        when = ends(event.when)
        furnish_by_hand(self.simulator.store, JANE, event.title, *when, is_series=True)

    def leaves(self, event: Event, program: str = OTHER_PROGRAM, days_ago: int = 9) -> None:
        furnish_foreign(
            self.simulator.store,
            JANE,
            event.title,
            *ends(event.when),
            creator=program,
            created_at=datetime.now(UTC) - timedelta(days=days_ago),
        )

    def renames(self, title: str, new_title: str) -> None:
        self.simulator.store.edit(JANE, self.titled(title).id, subject=new_title)

    def copies(self, title: str) -> None:
        self.simulator.store.add_item(JANE, copy_of=self.titled(title))

    def deletes(self, title: str) -> None:
        self.simulator.store.delete(JANE, self.titled(title).id)

    def lose_answer(self, *, done: bool) -> None:
        self.simulator.order(DropAfter() if done else DropBefore())

    def cut_answer_short(self) -> None:
        self.simulator.order(Truncate())

    def answer_a_web_page(self) -> None:
        self.simulator.order(HtmlError(200))

    def throttle(self, delay: timedelta) -> None:
        self.simulator.order(busy(int(delay.total_seconds() * 1000)))

    def fail_second_page(self) -> None:
        self.simulator.order(Delay(0))
        self.simulator.order(Refuse("ErrorInternalServerError"))

    async def refuse_login(self) -> None:
        self.simulator.accounts.set_password(LOGIN, "another")
        # An authenticated NTLM connection outlives a change of the password.
        self.simulator.drop_connections()
        await asyncio.sleep(0.005)

    def remove_mailbox(self) -> None:
        self.simulator.store.remove(JANE)

    def settle(self) -> None:
        self.clock.now += self.settings.settle_time.total_seconds() + 1

    def requests(self) -> int:
        return len(self.simulator.log)

    async def check(self) -> None:
        await self.connection.check(Mailbox(JANE, PARIS))

    def titled(self, title: str) -> Item:
        (found,) = (item for item in self.simulator.store.items(JANE) if item.subject == title)
        return found


@asynccontextmanager
async def exchange(
    keys: Keys,
    authentication: Authentication = Authentication.BASIC,
    **changes: Any,  # noqa: ANN401 - whatever the settings hold
) -> AsyncIterator[ExchangeBackstage]:
    """Serve an Exchange Server and connect to it; `changes` are to the connection's settings."""
    async with ews_simulator({LOGIN: PASSWORD}, tls=keys.server) as simulator:
        simulator.rules.page_limit = 5
        for address in (JANE, JOE):
            simulator.store.add(address)
        settings = ExchangeConnectionSettings(
            simulator.url,
            LOGIN,
            PASSWORD,
            authentication,
            frozenset({authority(simulator.url)}),
            keys.client,
        )
        backstage = ExchangeBackstage(simulator, replace(settings, **changes))
        try:
            yield backstage
        finally:
            await backstage.connection.close()
            # The server's half of each TLS connection needs a turn of the loop to see the end.
            simulator.drop_connections()
            await asyncio.sleep(0.005)
