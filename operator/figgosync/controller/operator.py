"""The operator's life: wait for what must be there, watch and sync, end in order within 10 s."""

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
from figgosync.controller.preflight import Preconditions, Preflight
from figgosync.controller.server import Server
from figgosync.controller.supervisor import Supervisor
from figgosync.logs import origin
from figgosync.metrics import Metrics

log = logging.getLogger(__name__)

ORDERLY_END = 9.0
"""Seconds for the whole end; calls in flight are capped below it, a pod's grace period above."""

EXPLANATION = 3.0
"""Seconds of it for finding out why the watch ended."""


class Recorder(Protocol):
    """Writes Kubernetes Events."""

    async def run(self) -> None:
        """Write until cancelled."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the wiring has built. `new_informer` is told whom to call when the watch ends."""

    preconditions: Preconditions
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
        self._stopping = False
        self._preflight = Preflight(parts.preconditions)
        self._informer: Informer | None = None
        page = partial(exposition, parts.metrics)
        self._server = Server(port, page, alive=self._alive, ready=self._ready)
        parts.metrics.ready.set_function(lambda: float(self._ready() is None))

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
            await self._until_stopped(self._preflight.wait())
            if not self._stop.is_set():
                self._informer = self._parts.new_informer(self._watch_ended)
                self._informer.start()
                background.append(self._in_background(self._parts.supervisor.compare()))
                background.append(self._in_background(self._preflight.keep_watch()))
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

    def _watch_ended(self) -> None:
        log.error("the watch of the tenants ended by itself; the process ends to be restarted")
        self._failed = True
        self._stop.set()

    async def _end(self, background: list[asyncio.Task[None]]) -> None:
        self._stopping = True
        log.info("operator stopping")
        for task in background:
            task.cancel()
        try:
            async with asyncio.timeout(ORDERLY_END):
                if self._failed:
                    await self._explain()
                if self._informer is not None:
                    await self._informer.stop(within=2)
                await self._parts.supervisor.stop()
                await self._parts.close()
                await self._server.stop()
        except TimeoutError:
            log.warning("operator stopped with calls still in flight")
        else:
            log.info("operator stopped")

    async def _explain(self) -> None:
        """Say what somebody has to do, if that is why the process ends."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EXPLANATION):
                await self._preflight.explain()

    def _alive(self) -> str | None:
        """Say what only a restart can help; an API server that is away is nothing of that kind."""
        if self._parts.heartbeat.is_stuck:
            return "the event loop is blocked"
        if self._parts.supervisor.is_stuck:
            return "the tenants are no longer compared"
        if self._informer is not None and not self._stopping and self._informer.is_stuck:
            return "the watch of the tenants is blocked"
        return None

    def _ready(self) -> str | None:
        if self._stopping:
            return "the operator is stopping"
        if self._preflight.trouble is None and not (self._informer and self._informer.synced):
            return "the watch of the tenants has not begun"
        return self._preflight.trouble
