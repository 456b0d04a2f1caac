"""kopf as an informer, in a thread and event loop of its own.

kopf cancels every task of its loop that began after it did, and takes the process's signals where
it runs in the main thread; apart from it, the sync ends in its own order.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import kopf

from figgosync.controller.heartbeat import Heartbeat
from figgosync.kube.names import GROUP, VERSION
from figgosync.kube.service_account import pod_access
from figgosync.logs import origin

log = logging.getLogger(__name__)


class Listener(Protocol):
    """Hears of every object of one kind, in the main event loop."""

    def seen(self, body: Mapping[str, Any]) -> None:
        """Hear of an object as it is now."""

    def gone(self, body: Mapping[str, Any]) -> None:
        """Hear that an object is no more."""


class Informer:
    """Watches our objects until it is stopped; `failed` hears when it ends by itself.

    `listeners` are those of each kind, by its plural.
    """

    def __init__(
        self,
        listeners: Mapping[str, Listener],
        *,
        namespaces: Collection[str],
        kubeconfig: Path | None,
        failed: Callable[[], None],
    ) -> None:
        self._listeners = listeners
        self._namespaces = tuple(namespaces)
        self._kubeconfig = kubeconfig
        self._failed = failed
        self._main_loop = asyncio.get_running_loop()
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._heartbeat: Heartbeat | None = None
        self._thread = threading.Thread(target=self._run, name="informer", daemon=True)

    @property
    def synced(self) -> bool:
        """Whether the watch has begun."""
        return self._ready.is_set()

    @property
    def is_stuck(self) -> bool:
        """Whether its event loop has stood still for long; a quiet watch is nothing unusual."""
        return self._heartbeat is not None and self._heartbeat.is_stuck

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    async def stop(self, within: float) -> None:
        """End the watch; after `within` seconds leave it to the end of the process."""
        self._stop.set()
        await asyncio.to_thread(self._thread.join, within)

    def _run(self) -> None:
        asyncio.run(self._watch())

    async def _watch(self) -> None:
        heart = asyncio.create_task(self._beat())
        try:
            await self._operate()
        except Exception as error:  # noqa: BLE001 - whatever ends the watch ends the operator
            log.error("the watch ended: %s", _kind(error))  # noqa: TRY400 - kopf has logged the rest
        finally:
            heart.cancel()
        if not self._stop.is_set():
            self._main_loop.call_soon_threadsafe(self._failed)
            # kopf waits for the flag in threads, and the end of this event loop waits for them.
            self._stop.set()

    async def _beat(self) -> None:
        self._heartbeat = Heartbeat(lambda _: None)
        await self._heartbeat.run()

    async def _operate(self) -> None:
        registry = kopf.OperatorRegistry()
        for plural, listener in self._listeners.items():
            heard = partial(self._on_event, listener)
            kopf.on.event(GROUP, VERSION, plural, registry=registry, id=plural)(heard)
        kopf.on.login(registry=registry)(self._login)
        await kopf.operator(
            registry=registry,
            settings=_settings(),
            standalone=True,
            # kopf would ask for the user's name, and fails where the user is but a number.
            identity="figgosync",  # type: ignore[arg-type]  # its type is not published
            clusterwide=not self._namespaces,
            namespaces=self._namespaces,
            stop_flag=self._stop,
            ready_flag=self._ready,
        )

    def _login(self, **kwargs: Any) -> kopf.ConnectionInfo | None:  # noqa: ANN401 - kopf's
        if self._kubeconfig is not None:
            return kopf.login_with_kubeconfig(**kwargs)
        access = pod_access()
        return kopf.ConnectionInfo(
            server=access.server, ca_path=access.ca_file, token=access.token, trust_env=False
        )

    async def _on_event(self, listener: Listener, event: kopf.RawEvent, **_: Any) -> None:  # noqa: ANN401 - kopf's
        body = dict(event["object"])
        tell = listener.gone if event["type"] == "DELETED" else listener.seen
        self._main_loop.call_soon_threadsafe(_told, tell, body)


def _told(tell: Callable[[Mapping[str, Any]], None], body: Mapping[str, Any]) -> None:
    """Tell of an object; should that fail, asyncio itself would log all of its spec."""
    try:
        tell(body)
    except Exception as error:  # noqa: BLE001 - one object must not hide the others
        log.error("an object was not taken in", extra={"fault": origin(error)})  # noqa: TRY400 - its text may hold a title


def _kind(error: Exception) -> str:
    """Name an error and, where the API server refused, its HTTP status."""
    status = getattr(error, "status", None)  # of kopf's own kind, which it does not export
    return f"{type(error).__name__} (HTTP {status})" if status else type(error).__name__


def _settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    # Without it kopf wants to list CustomResourceDefinitions and namespaces of the whole cluster.
    settings.scanning.disabled = True
    settings.posting.enabled = False
    settings.watching.chunk_size = 500
    settings.watching.reconnect_backoff = 1.0
    settings.networking.request_timeout = 30
    # HTTPS_PROXY stands before Figgo and Exchange, and never before the API server.
    settings.networking.trust_env = False
    return settings
