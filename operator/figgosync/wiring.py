"""Builds the objects and connects them: the only module that knows every part."""

import socket
import ssl
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import aiohttp

from figgosync.authorities import trusting_context
from figgosync.calendars.base import CalendarConnection
from figgosync.calendars.exchange import (
    ExchangeConnection,
    ExchangeConnectionSettings,
    verifying_context,
)
from figgosync.controller.heartbeat import Heartbeat
from figgosync.controller.informer import Informer
from figgosync.controller.operator import Operator, Parts
from figgosync.controller.supervisor import Supervisor
from figgosync.core.hosts import is_allowed
from figgosync.core.tenant import ExchangeSettings, FiggoSettings
from figgosync.core.traffic import System
from figgosync.discovery.command import Discovery, Outcome, Request
from figgosync.errors import PermanentError, Reason
from figgosync.figgo.changes import ChangeStream
from figgosync.figgo.client import FiggoClient
from figgosync.figgo.limits import TokenBucket
from figgosync.figgo.patience import PatientTransport
from figgosync.figgo.reader import AbsenceReader
from figgosync.figgo.schedule import Pace
from figgosync.figgo.transport import Transport
from figgosync.kube.api import ApiServer
from figgosync.kube.client import KubeClient
from figgosync.kube.credentials import credentials_role
from figgosync.kube.events import EventRecorder
from figgosync.kube.names import INITIALISATION_PLURAL, TENANT_PLURAL
from figgosync.kube.preconditions import Preconditions
from figgosync.metrics import Metrics
from figgosync.settings import Settings, SettingsError
from figgosync.sync.credentials import Credentials
from figgosync.sync.services import Services
from figgosync.sync.source import Figgo, Sources, Wish
from figgosync.sync.wishes import pace_of, rate_of, scope_of


def now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


class Outside:
    """Makes the connections to the systems outside, and only to hosts that are allowed.

    Raises SettingsError for a CA bundle that cannot be used.
    """

    def __init__(
        self,
        settings: Settings,
        session: aiohttp.ClientSession,
        now: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        # One for all connections: reading a hundred authorities anew takes 65 ms of the loop.
        self._tls = _trusting(settings, verifying_context)
        self._metrics = metrics
        self._session = session
        self._now = now
        self._buckets: dict[str, TokenBucket] = {}
        self._rates: dict[str, dict[str, int]] = {}

    def transport(self, figgo: FiggoSettings, key: str, *, patiently: bool = False) -> Transport:
        """Make the way to a Figgo. One bucket serves a host, whatever the number of keys on it.

        `patiently` lets everybody else ask first.
        """
        self._require(figgo.host, self._settings.figgo_hosts, "FIGGOSYNC_FIGGO_HOSTS")
        bucket = self._buckets.setdefault(figgo.host, TokenBucket(figgo.requests_per_minute))
        heard = self._metrics.listener(System.FIGGO)
        proxy = self._settings.proxy_for(figgo.host)
        way = bucket.patient if patiently else bucket
        return Transport(figgo.url, key, self._session, way, proxy=proxy, heard=heard)

    def figgo(
        self, figgo: FiggoSettings, key: str, wishes: Callable[[], Collection[Wish]]
    ) -> Figgo:
        """Open a Figgo, to be followed."""
        client = FiggoClient(self.transport(figgo, key))
        reader = AbsenceReader(client, self._now)
        with_time = FiggoClient(self.transport(figgo, key, patiently=True))
        patient = AbsenceReader(with_time, self._now)
        sweep_interval = self._settings.sweep_interval
        pace = Pace(figgo.poll_interval, sweep_interval)
        known = [wish.watermark for wish in wishes() if wish.watermark is not None]
        stream = ChangeStream(
            client,
            reader,
            scope=lambda: scope_of(wishes(), self._now().date()),
            now=self._now,
            pace=pace,
            watermark=min(known, default=None),
        )

        def adjust(wishes: Collection[Wish]) -> None:
            stream.change_pace(pace_of(wishes, sweep_interval))
            self._share(figgo.host, key, wishes)

        return Figgo(reader, patient, stream, adjust)

    def _share(self, host: str, key: str, wishes: Collection[Wish]) -> None:
        """Fit a host's rate to its most cautious tenant, whatever key that one has."""
        rates = self._rates.setdefault(host, {})
        if wishes:
            rates[key] = rate_of(wishes)
        else:
            rates.pop(key, None)
        if rates:
            self._buckets[host].change_rate(min(rates.values()))

    def exchange(self, exchange: ExchangeSettings, credentials: Credentials) -> CalendarConnection:
        """Open an Exchange Server with the login and password of the Secret."""
        self._require(exchange.host, self._settings.exchange_hosts, "FIGGOSYNC_EXCHANGE_HOSTS")
        login, password = credentials.values
        return ExchangeConnection(
            ExchangeConnectionSettings(
                exchange.server_url,
                login,
                password,
                exchange.authentication,
                allowed_hosts=frozenset({exchange.host}),
                tls=self._tls,
                concurrency=self._settings.exchange_concurrency,
                proxy=self._settings.proxy_for(exchange.host),
            ),
            heard=self._metrics.listener(System.EXCHANGE),
        )

    @staticmethod
    def _require(host: str, allowed: Collection[str], setting: str) -> None:
        if not is_allowed(host, allowed):
            raise PermanentError(
                Reason.HOST_NOT_ALLOWED,
                f"This installation sends no credentials to {host}. If the host is right, add it "
                f"to the operator's setting {setting}.",
                tenant_wide=True,
            )


def open_session(settings: Settings) -> aiohttp.ClientSession:
    """Open the session for all Figgos; it heeds no environment. Raises SettingsError."""
    connector = aiohttp.TCPConnector(ssl=_trusting(settings, trusting_context))
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


async def run(settings: Settings) -> int:
    """Build the operator and run it to its end; return the exit code. Raises SettingsError."""
    api = _api_server(settings)
    session = open_session(settings)

    async def close() -> None:
        await session.close()
        await api.close()

    return await Operator(_parts(settings, api, session, close), settings.http_port).run()


async def discover(settings: Settings, request: Request) -> Outcome:
    """Ask a tenant's Figgo once what it shows and how it answers. Raises SettingsError."""
    api = _api_server(settings)
    try:
        async with open_session(settings) as session:
            metrics = Metrics(version("figgo-calendar-sync"), settings.operator_class)
            outside = Outside(settings, session, now, metrics)
            discovery = Discovery(
                _cluster(settings, api),
                lambda figgo, key: PatientTransport(outside.transport(figgo, key)),
                now,
                namespaces=settings.namespaces,
                personal=settings.kubeconfig is not None,
            )
            return await discovery.outcome(request)
    finally:
        await api.close()


def _cluster(settings: Settings, api: ApiServer) -> KubeClient:
    # Limited to namespaces, an installation has Roles alone, with the right to get Secrets in them.
    role = None if settings.namespaces else credentials_role(settings.operator_class)
    return KubeClient(api, role)


def _parts(
    settings: Settings,
    api: ApiServer,
    session: aiohttp.ClientSession,
    close: Callable[[], Awaitable[None]],
) -> Parts:
    metrics = Metrics(version("figgo-calendar-sync"), settings.operator_class)
    heartbeat = Heartbeat(metrics.loop_late.inc)
    kube = _cluster(settings, api)
    recorder = EventRecorder(api, socket.gethostname(), now)
    outside = Outside(settings, session, now, metrics)
    services = Services(
        cluster=kube,
        recorder=recorder,
        sources=Sources(outside.figgo, now),
        connect=outside.exchange,
        metrics=metrics,
        now=now,
        drift_interval=settings.drift_interval,
        concurrency=settings.exchange_concurrency,
    )
    supervisor = Supervisor(kube, services, settings.namespaces, settings.operator_class)
    metrics.loop_lag.set_function(lambda: heartbeat.lag)
    metrics.at_work.set_function(lambda: len(supervisor))
    metrics.active.set_function(lambda: supervisor.active)
    metrics.count_objects(supervisor.census.sizes)
    metrics.count_initialisations(supervisor.initialisations.reasons)
    return Parts(
        preconditions=Preconditions(api, settings.namespaces),
        supervisor=supervisor,
        metrics=metrics,
        heartbeat=heartbeat,
        recorder=recorder,
        new_informer=lambda failed: Informer(
            {TENANT_PLURAL: supervisor, INITIALISATION_PLURAL: supervisor.initialisations},
            namespaces=settings.namespaces,
            kubeconfig=settings.kubeconfig,
            failed=failed,
        ),
        close=close,
    )


def _api_server(settings: Settings) -> ApiServer:
    try:
        if settings.kubeconfig is not None:
            return ApiServer.from_kubeconfig(settings.kubeconfig)
        return ApiServer.in_cluster()
    except Exception as error:  # the client raises whatever a malformed file makes it stumble over
        place = settings.kubeconfig or "the pod's ServiceAccount"
        raise SettingsError(
            f"KUBECONFIG: {place} does not lead to a Kubernetes API server"
            f" ({type(error).__name__}: {error})"
        ) from error


def _trusting(settings: Settings, make: Callable[[Path | None], ssl.SSLContext]) -> ssl.SSLContext:
    try:
        return make(settings.ca_bundle)
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError(
            f"FIGGOSYNC_CA_BUNDLE: {settings.ca_bundle} is no PEM file of authorities"
        ) from error
