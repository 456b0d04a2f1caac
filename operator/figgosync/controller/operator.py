"""The operator's life: wait for the CRDs, watch and sync, and end in order within ten seconds."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from figgosync.controller.exposition import exposition
from figgosync.controller.heartbeat import Heartbeat
from figgosync.controller.informer import Informer
from figgosync.controller.server import Server
from figgosync.controller.supervisor import Supervisor
from figgosync.errors import SyncError
from figgosync.logs import origin
from figgosync.metrics import Metrics

log = logging.getLogger(__name__)

CRD_PACE = 5.0
"""Seconds between two looks for the CRDs while they are missing or too old."""

ORDERLY_END = 9.0
"""Seconds for the whole end; calls in flight are capped below it, a pod's grace period above."""


class Cluster(Protocol):
    """What the operator itself asks of Kubernetes."""

    async def check_crds(self) -> None:
        """Raise SyncError, with the remedy, where the CRDs are missing or too old."""


class Recorder(Protocol):
    """Writes Kubernetes Events."""

    async def run(self) -> None:
        """Write until cancelled."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the wiring has built. `new_informer` is told whom to call when the watch ends."""

    cluster: Cluster
    supervisor: Supervisor
    metrics: Metrics
    heartbeat: Heartbeat
    recorder: Recorder
    new_informer: Callable[[Callable[[], None]], Informer]
    close: Callable[[], Awaitable[None]]


class Operator:
    """Runs once."""

    def __init__(self, parts: Parts, port: int) -> None:
        self._parts = parts
        self._stop = asyncio.Event()
        self._failed = False
        self._waiting_for: str | None = "the operator is starting"
        self._informer: Informer | None = None
        page = partial(exposition, parts.metrics)
        self._server = Server(port, page, alive=self._alive, ready=self._ready)

    async def run(self) -> int:
        """Run until SIGTERM, SIGINT, or the end of the watch. Return the process's exit code."""
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, self._stop.set)
        port = await self._server.start()
        log.info("operator started", extra={"port": port})
        background = [
            self._in_background(self._parts.heartbeat.run()),
            self._in_background(self._parts.recorder.run()),
        ]
        try:
            await self._until_stopped(self._wait_for_crds())
            if not self._stop.is_set():
                self._informer = self._parts.new_informer(self._watch_ended)
                self._informer.start()
                background.append(self._in_background(self._parts.supervisor.compare()))
                await self._stop.wait()
        finally:
            await self._end(background)
        return 1 if self._failed else 0

    def _in_background(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run what has to go on as long as the process: without it the process must not."""
        task = asyncio.create_task(work)
        task.add_done_callback(self._background_ended)
        return task

    def _background_ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or self._stop.is_set():
            return
        error = task.exception()
        log.error("background work ended", extra={"fault": origin(error) if error else "no error"})
        self._failed = True
        self._stop.set()

    async def _until_stopped(self, work: Awaitable[None]) -> None:
        """Do `work`, but give it up when the process is told to end."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait([task, stop], return_when=asyncio.FIRST_COMPLETED)
        for each in (task, stop):
            each.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def _wait_for_crds(self) -> None:
        """Wait where the CRDs are missing: kopf would only warn once, and then watch nothing."""
        while True:
            try:
                await self._parts.cluster.check_crds()
            except SyncError as error:
                if error.message != self._waiting_for:
                    log.error("not ready: %s", error.message)  # noqa: TRY400 - the sentence says it all
                self._waiting_for = error.message
                await asyncio.sleep(CRD_PACE)
            else:
                self._waiting_for = None
                return

    def _watch_ended(self) -> None:
        log.error("the watch of the tenants ended by itself; the process ends to be restarted")
        self._failed = True
        self._stop.set()

    async def _end(self, background: list[asyncio.Task[None]]) -> None:
        self._waiting_for = "the operator is stopping"
        log.info("operator stopping")
        for task in background:
            task.cancel()
        try:
            async with asyncio.timeout(ORDERLY_END):
                if self._informer is not None:
                    await self._informer.stop(within=2)
                await self._parts.supervisor.stop()
                await self._parts.close()
                await self._server.stop()
        except TimeoutError:
            log.warning("operator stopped with calls still in flight")
        else:
            log.info("operator stopped")

    def _alive(self) -> str | None:
        return "the event loop is blocked" if self._parts.heartbeat.is_stuck else None

    def _ready(self) -> str | None:
        if self._waiting_for is None and not (self._informer and self._informer.synced):
            return "the watch of the tenants has not begun"
        return self._waiting_for
