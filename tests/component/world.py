"""One company, its Figgo, its Exchange and its cluster, and the product's sync between them."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from figgosync.calendars.base import CalendarConnection
from figgosync.calendars.exchange import ExchangeConnection, ExchangeConnectionSettings
from figgosync.core.bypass import Bypass
from figgosync.core.proxy import Proxy
from figgosync.core.tenant import ExchangeSettings, FiggoSettings
from figgosync.kube.initialisations import parse_initialisation
from figgosync.kube.resources import parse_tenant
from figgosync.metrics import Metrics
from figgosync.settings import Settings
from figgosync.sync.access import Connect
from figgosync.sync.credentials import Credentials
from figgosync.sync.services import Services
from figgosync.sync.source import Figgo, Sources, Wish
from figgosync.sync.tenant import TenantSync
from figgosync.wiring import Outside
from figgosync_sim.certificates import Authority
from figgosync_sim.company import PAID_LEAVE, PARIS, REUNION, believable_company
from figgosync_sim.ews import ExchangeSimulator, ews_simulator
from figgosync_sim.figgo import DEFAULT_KEY, FiggoState, RunningFiggo, figgo_simulator
from figgosync_sim.mailboxes import Item, NamedProperty
from figgosync_sim.organisation import Company, Person
from figgosync_sim.outlook import Appointment
from support.comes_true import comes_true
from support.initialisations import an_initialisation
from support.memory_cluster import MemoryCluster, MemoryRecorder
from support.tenants import a_tenant

LOGIN, PASSWORD = r"SOCIETE\figgosync", "s3cret"
AWA, BRUNO, CHLOE, PRISCILLA = 1202, 1203, 1204, 1217

# Events in the field carry these: whoever changes them orphans every event ever written.
MARKER = NamedProperty.of("dc56e31e-801a-4f18-b249-01c1b9978bb6", "figgosync-absence")

_POLL = timedelta(milliseconds=50)
_PLENTY = 600_000
_NEVER = timedelta(hours=1)
_SETTLE = timedelta(milliseconds=20)


class Clock:
    """The time of day of all systems; goes on by itself and leaps when told to.

    Starts on a Tuesday at 10:00 in Paris.
    """

    def __init__(self) -> None:
        self._begin = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        return self._begin + timedelta(seconds=time.monotonic() - self._began)

    def leap(self, by: timedelta) -> None:
        self._begin += by


@dataclass(frozen=True, slots=True)
class Stage:
    """What outlives a test: an authority, its file, and Exchange's clients' context under it."""

    authority: Authority
    ca_file: Path
    exchange_tls: ssl.SSLContext


class World:
    """The simulators, the cluster, and the product's process, which may be ended and begun anew."""

    def __init__(
        self,
        figgo: RunningFiggo,
        exchange: ExchangeSimulator,
        session: aiohttp.ClientSession,
        clock: Clock,
        stage: Stage,
    ) -> None:
        self.figgo, self.exchange, self.clock = figgo, exchange, clock
        self.cluster = MemoryCluster()
        self.recorder = MemoryRecorder()
        self.metrics = Metrics("1", "default")
        self.poll_interval = _POLL
        self.sweep_interval = _NEVER
        self.drift_interval = timedelta(hours=6)
        self.looks = 0
        self.proxy: Proxy | None = None
        self.bypass = Bypass()
        self.allowed_exchange_hosts = (exchange.url.split("/")[2],)
        self._stage = stage
        self._session = session
        self._sync: TenantSync | None = None
        self._task: asyncio.Task[None] | None = None
        self._killed: list[asyncio.Task[None]] = []
        self.cluster.watchers.append(self._heard)
        self.cluster.initialisations.watchers.append(self._initialisation_heard)

    # The company.

    @property
    def state(self) -> FiggoState:
        return self.figgo.state

    def book(
        self,
        first: str,
        last: str | None = None,
        *,
        owner: int = AWA,
        account: int = PAID_LEAVE,
        confirmed: bool = False,
        at: str | None = None,
    ) -> int:
        """Enter an absence: `book("2026-12-24 PM", "2026-12-28 AM")`, whole days without halves."""
        moment = None if at is None else datetime.fromisoformat(at).replace(tzinfo=UTC)
        return self.state.book(
            owner,
            _boundary(first, "AM"),
            _boundary(last or first, "PM"),
            account,
            confirmed=confirmed,
            at=moment,
        )

    def mail(self, employee: int = AWA) -> str:
        mail = self.state.person(employee).mail
        assert mail is not None
        return mail

    def calendar(self, employee: int = AWA) -> list[str]:
        """Return what stands in somebody's calendar, as Outlook draws it."""
        return [_drawn(each) for each in self.exchange.store.outlook_view(self.mail(employee))]

    def ours(self, employee: int = AWA) -> list[Item]:
        return [i for i in self.exchange.store.items(self.mail(employee)) if MARKER in i.properties]

    def writes(self) -> list[str]:
        """Return the operations that changed a calendar, in order."""
        changing = {"CreateItem", "UpdateItem", "DeleteItem"}
        return [call.operation for call in self.exchange.log.calls if call.operation in changing]

    # The cluster.

    def create_tenant(
        self, changes: Mapping[str, object] | None = None, name: str = "acme"
    ) -> None:
        manifest = a_tenant(
            {
                "figgo.url": self.figgo.url,
                "calendar.exchange.serverURL": self.exchange.url,
                "calendar.exchange.authentication": "Basic",
                "legalEntities": [PARIS],
                **(changes or {}),
            },
            name=name,
        )
        self.cluster.create(manifest)

    def condition(self, kind: str) -> tuple[str, str] | None:
        return self.cluster.condition(kind)

    def initialise(
        self, changes: Mapping[str, object] | None = None, name: str = "backfill"
    ) -> None:
        """Create a SyncInitialisation of Paris from the beginning of the year on."""
        manifest = an_initialisation({"legalEntities": [PARIS], **(changes or {})}, name=name)
        self.cluster.create_initialisation(manifest)

    def progress(self, name: str = "backfill") -> Mapping[str, int]:
        """Return the counts of a status that are not zero."""
        found = self.cluster.initialisations.status(name).get("progress", {})
        return {key: value for key, value in found.items() if value}

    async def comes_to(self, status: str, reason: str, name: str = "backfill") -> str:
        """Wait until an initialisation is so; return what it says. Time goes by meanwhile."""
        objects = self.cluster.initialisations

        def is_so() -> bool:
            if self._sync is not None:
                self.leap(seconds=0.5)
            return objects.condition("Succeeded", name) == (status, reason)

        await comes_true(is_so, told=lambda: (objects.status(name), self._trouble()))
        return objects.message("Succeeded", name)

    # The product.

    def services(self, connect: Connect | None = None) -> Services:
        """Return what a process of the product is made of; each call is another process."""
        outside = Outside(self._settings(), self._session, self.clock, self.metrics)

        def open_figgo(
            figgo: FiggoSettings, key: str, wishes: Callable[[], Collection[Wish]]
        ) -> Figgo:
            quick = replace(figgo, poll_interval=self.poll_interval, requests_per_minute=_PLENTY)
            opened = outside.figgo(quick, key, lambda: self._quick(wishes()))
            return replace(opened, adjust=lambda wishes: opened.adjust(self._quick(wishes)))

        return Services(
            cluster=self.cluster,
            recorder=self.recorder,
            sources=Sources(open_figgo, self.clock),
            connect=connect or outside.exchange,
            metrics=self.metrics,
            now=self._look,
            drift_interval=self.drift_interval,
            concurrency=4,
        )

    def connect_quickly_settled(
        self, settings: ExchangeSettings, credentials: Credentials
    ) -> CalendarConnection:
        """Connect to Exchange as `Outside` does, but wait only shortly for a lost answer."""
        login, password = credentials.values
        return ExchangeConnection(
            ExchangeConnectionSettings(
                settings.server_url,
                login,
                password,
                settings.authentication,
                allowed_hosts=frozenset({settings.host}),
                tls=self._stage.exchange_tls,
                settle_time=_SETTLE,
            )
        )

    def _quick(self, wishes: Collection[Wish]) -> Collection[Wish]:
        pace = self.poll_interval
        return [replace(w, poll_interval=pace, requests_per_minute=_PLENTY) for w in wishes]

    def _look(self) -> datetime:
        """Tell a tenant the time, and count how often it asks: each turn does."""
        self.looks += 1
        return self.clock()

    async def start(self, name: str = "acme", *, connect: Connect | None = None) -> TenantSync:
        """Begin a process that serves one tenant."""
        assert self._sync is None, "one process at a time"
        self._sync = sync = TenantSync(
            parse_tenant(self.cluster.body(name)), self.services(connect)
        )
        self._task = asyncio.create_task(sync.run())
        self._hand_over()
        return sync

    async def stop(self) -> None:
        """End it as a pod that is told to end."""
        task, self._task, self._sync = self._task, None, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def close(self) -> None:
        """End whatever is left of all processes."""
        await self.stop()
        await asyncio.gather(*self._killed, return_exceptions=True)

    def kill(self) -> None:
        """End it as a node that loses power would: what was sent goes on, and nobody listens."""
        assert self._task is not None
        self._task.cancel()
        self._killed.append(self._task)
        self._task = self._sync = None

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    @property
    def is_over(self) -> bool:
        """Whether the tenant's task has come to its end by itself."""
        assert self._task is not None
        if self._task.done():
            self._task.result()
            return True
        return False

    def leap(self, **by: float) -> None:
        """Let time go by, and the product notice it."""
        self.clock.leap(timedelta(**by))
        if self._sync is not None:
            self._sync.wake()

    async def shows(self, *entries: str, employee: int = AWA) -> None:
        """Wait until a calendar shows just these."""
        await comes_true(
            lambda: self.calendar(employee) == sorted(entries),
            told=lambda: (self.calendar(employee), self._trouble()),
        )

    async def turns(self, kind: str, status: str, reason: str) -> None:
        """Wait until a condition is so."""
        await comes_true(
            lambda: self.condition(kind) == (status, reason),
            told=lambda: (self.condition(kind), self._trouble()),
        )

    async def turns_to_generation(self, generation: int) -> None:
        """Let a breath go by, and wait until the status speaks of this version of the spec."""
        self.leap(seconds=3)
        await comes_true(
            lambda: self.cluster.status().get("observedGeneration") == generation,
            told=self._trouble,
        )

    async def in_sync(self) -> None:
        await self.turns("Synchronised", "True", "Synchronised")
        await self.idle()

    async def idle(self) -> None:
        """Wait until two more polls of Figgo have brought nothing to do."""
        while True:
            asked, polled = len(self.exchange.log), self._polls()
            await comes_true(lambda: self._polls() >= polled + 2, told=self._trouble)  # noqa: B023 - awaited at once
            if len(self.exchange.log) == asked:
                return

    def _polls(self) -> int:
        """Return how many polls were answered; the question about cancellations is the last."""
        return sum("cancellationDate" in r.query and r.status == 200 for r in self.figgo.log)

    def _trouble(self) -> object:
        if self._task is not None and self._task.done() and not self._task.cancelled():
            return self._task.exception()
        status = self.cluster.status() if self.cluster.has() else {}
        return status.get("conditions"), status.get("failures")

    def _heard(self, kind: str, body: Mapping[str, Any]) -> None:
        if self._sync is not None and kind == "MODIFIED" and body["metadata"]["name"] == "acme":
            self._sync.update(parse_tenant(body), self._sync.overlap)

    def _initialisation_heard(self, kind: str, body: Mapping[str, Any]) -> None:
        del kind, body  # all are handed over anew, as the supervisor does it
        self._hand_over()

    def _hand_over(self) -> None:
        if self._sync is not None:
            bodies = self.cluster.initialisations.found(None)
            self._sync.initialise([parse_initialisation(body) for body in bodies])

    def _settings(self) -> Settings:
        port = self.figgo.url.rpartition(":")[2]
        return Settings(
            operator_class="default",
            figgo_hosts=(f"localhost:{port}",),
            exchange_hosts=self.allowed_exchange_hosts,
            namespaces=(),
            kubeconfig=None,
            ca_bundle=self._stage.ca_file,
            proxy=self.proxy,
            bypass=self.bypass,
            http_port=0,
            log_level="INFO",
            sweep_interval=self.sweep_interval,
            drift_interval=self.drift_interval,
            exchange_concurrency=4,
        )


@asynccontextmanager
async def a_world(stage: Stage, company: Company | None = None) -> AsyncIterator[World]:
    """Open the simulators, furnish the mailboxes and the Secrets; end the product at last."""
    clock = Clock()
    tls = stage.authority.server_context()
    connector = aiohttp.TCPConnector(ssl=stage.authority.client_context())
    async with (
        figgo_simulator(
            FiggoState(company or small_company(), now=clock),
            authority=stage.authority,
            requests_per_minute=None,
        ) as figgo,
        ews_simulator({LOGIN: PASSWORD}, tls=tls) as exchange,
        aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        world = World(figgo, exchange, session, clock, stage)
        for person in figgo.state.people.values():
            if person.mail is not None:
                zone = "Indian/Reunion" if person.legal_entity == REUNION else "Europe/Paris"
                exchange.store.add(person.mail, zone)
        world.cluster.put_secret("acme-figgo", apiKey=DEFAULT_KEY)
        world.cluster.put_secret("acme-exchange", accountLogin=LOGIN, accountPass=PASSWORD)
        try:
            yield world
        finally:
            await world.close()
            exchange.drop_connections()
            # The server's half of each TLS connection needs a turn of the loop to see the end.
            await asyncio.sleep(0.005)


def small_company(ids: Sequence[int] = (AWA, BRUNO, CHLOE, PRISCILLA)) -> Company:
    """Return three people in Paris and one on Réunion; nobody is absent yet."""
    whole = believable_company()
    people: tuple[Person, ...] = tuple(p for p in whole.people if p.id in ids)
    return replace(whole, people=tuple(replace(p, manager=None) for p in people))


def _boundary(text: str, default: str) -> tuple[date, Any]:
    day, _, half = text.partition(" ")
    return date.fromisoformat(day), half or default


def _drawn(entry: Appointment) -> str:
    """Write an entry in one line: days or times, what colleagues see, the title, the lock."""
    days = f"{entry.first}" if entry.first == entry.last else f"{entry.first}/{entry.last}"
    times = f" {entry.starts:%H:%M}-{entry.ends:%H:%M}" if entry.starts and entry.ends else ""
    lock = " (private)" if entry.private else ""
    return f"{days}{times} {entry.status} {entry.subject}{lock}"
