"""One Figgo, read once for all the tenants that share its host and key."""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from figgosync.core.absence import EmployeeID, LegalEntityID, Reading
from figgosync.core.tenant import FiggoSettings
from figgosync.errors import Reason, SyncError, TransientError
from figgosync.figgo.changes import Changes, ChangeStream
from figgosync.figgo.reader import AbsenceReader
from figgosync.logs import origin
from figgosync.sync.link import Link

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What one tenant wants to hear about: its legal entities (None: all), and type names."""

    legal_entities: frozenset[LegalEntityID] | None
    names: bool
    poll_interval: timedelta
    requests_per_minute: int
    watermark: datetime | None

    def without_watermark(self) -> "Wish":
        """Return what the pace and the scope depend on."""
        return replace(self, watermark=None)


class Subscriber(Protocol):
    """A tenant that is told what its Figgo says."""

    @property
    def wish(self) -> Wish:
        """What it wants to hear about at the moment."""

    def receive(self, changes: Changes) -> None:
        """Take note of what was read; must neither block nor raise."""

    def wake(self) -> None:
        """Hear that the state of the connection to Figgo may have changed."""


@dataclass(frozen=True, slots=True)
class Figgo:
    """The parts of one connection to a Figgo, as the wiring makes them.

    `patient` reads as `reader` does, but lets everything else go first. `adjust` fits the pace and
    the rate to what the tenants wish now.
    """

    reader: AbsenceReader
    patient: AbsenceReader
    stream: ChangeStream
    adjust: Callable[[Collection[Wish]], None]


class OpenFiggo(Protocol):
    """Makes the connection to a Figgo; costs no request."""

    def __call__(
        self, settings: FiggoSettings, key: str, wishes: Callable[[], Collection[Wish]], /
    ) -> Figgo:
        """Make it. Raises SyncError when the installation does not allow the host."""


class Source:
    """Runs the stream of one Figgo and hands what it says to every subscriber."""

    def __init__(
        self,
        open_figgo: OpenFiggo,
        settings: FiggoSettings,
        key: str,
        first: Subscriber,
        now: Callable[[], datetime],
    ) -> None:
        self._link = Link()
        self._now = now
        # There before the connection is made: where the stream begins is the subscriber's wish.
        self._subscribers = [first]
        self._figgo = open_figgo(settings, key, self._wishes)
        self._failed_at: datetime | None = None
        self.adjust()
        self._task = asyncio.create_task(self._run())

    def add(self, subscriber: Subscriber) -> None:
        """Serve one more tenant; it hears of everything at the sweep that this brings about."""
        self._subscribers.append(subscriber)
        self.adjust()
        self._figgo.stream.sweep_soon()

    def remove(self, subscriber: Subscriber) -> None:
        """Serve one tenant less."""
        self._subscribers.remove(subscriber)
        self.adjust()

    @property
    def idle(self) -> bool:
        """Whether nobody listens any more."""
        return not self._subscribers

    @property
    def link(self) -> Link:
        """The health of the connection. A poll that found nothing new proves it as well."""
        success = self._figgo.stream.last_success
        known = max(filter(None, (self._link.proved_at, self._failed_at)), default=None)
        if success is not None and (known is None or success > known):
            self._link.proved(success)
        return self._link

    @property
    def stream(self) -> ChangeStream:
        """The stream, for its watermark, its mode, and to hurry it."""
        return self._figgo.stream

    def adjust(self) -> None:
        """Fit the pace to the wishes, one of which has changed."""
        self._figgo.adjust(self._wishes())

    async def read(
        self, owners: Collection[EmployeeID], since: date, *, names: bool, patiently: bool = False
    ) -> Mapping[EmployeeID, Reading]:
        """Read the absences of some employees, whole or an error. Raises SyncError."""
        reader = self._figgo.patient if patiently else self._figgo.reader
        return await reader.read_owners(owners, since, names=names)

    async def close(self) -> None:
        """Stop the stream and let go of the connection."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _wishes(self) -> Collection[Wish]:
        return [subscriber.wish for subscriber in self._subscribers]

    async def _run(self) -> None:
        while True:
            try:
                await self._step()
            except SyncError as error:
                self._failed(error)
            except Exception as error:  # noqa: BLE001 - a fault of ours must not end the stream
                log.error("figgo stream failed", extra={"fault": origin(error)})  # noqa: TRY400
                self._failed(_own_fault(error))
            for subscriber in self._subscribers:
                subscriber.wake()

    def _failed(self, error: SyncError) -> None:
        self._failed_at = self._now()
        self._link.failed(error, self._failed_at)

    async def _step(self) -> None:
        changes = await anext(self._figgo.stream)
        for subscriber in tuple(self._subscribers):
            try:
                subscriber.receive(changes)
            except Exception as error:  # noqa: BLE001 - one tenant must not keep it from the others
                log.error("changes not taken in", extra={"fault": origin(error)})  # noqa: TRY400
        # Handed on, so the stream need not repeat it in this process; how far everything is
        # also *written* is what each tenant keeps in its own status.
        self._figgo.stream.acknowledge(changes)


def _own_fault(error: Exception) -> SyncError:
    return TransientError(
        Reason.INTERNAL_ERROR,
        f"The operator met a fault of its own while reading Figgo ({type(error).__name__}); its "
        "log says more. Please report it. It is tried again by itself.",
        tenant_wide=True,
    )


class Sources:
    """All the Figgos that are being read, one source per host and key."""

    def __init__(self, open_figgo: OpenFiggo, now: Callable[[], datetime]) -> None:
        self._open = open_figgo
        self._now = now
        self._sources: dict[tuple[str, str], Source] = {}

    def subscribe(self, settings: FiggoSettings, key: str, subscriber: Subscriber) -> Source:
        """Return the source of this host and key, with one more listener. Raises SyncError."""
        identity = (settings.host, hashlib.sha256(key.encode()).hexdigest())
        source = self._sources.get(identity)
        if source is not None:
            source.add(subscriber)
            return source
        source = Source(self._open, settings, key, subscriber, self._now)
        self._sources[identity] = source
        return source

    async def unsubscribe(self, source: Source, subscriber: Subscriber) -> None:
        """Stop telling the subscriber; a source that nobody hears is closed."""
        source.remove(subscriber)
        if source.idle:
            self._sources = {k: s for k, s in self._sources.items() if s is not source}
            await source.close()
