"""A supervisor over a company's world, fed by a watch that can be made deaf."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from component.world import World
from figgosync.controller.supervisor import Supervisor


class Control:
    """A supervisor, and a watch that can be made deaf."""

    def __init__(self, world: World, operator_class: str = "default") -> None:
        self.world = world
        self.deaf = False
        self.supervisor = Supervisor(self, world.services(), (), operator_class)
        world.cluster.watchers.append(self._heard)
        world.cluster.initialisations.watchers.append(self._initialisation_heard)
        self.before_listing: Callable[[], Awaitable[object]] | None = None
        self.while_listing: Callable[[], None] | None = None

    def _heard(self, kind: str, body: Mapping[str, Any]) -> None:
        if self.deaf:
            return
        tell = self.supervisor.gone if kind == "DELETED" else self.supervisor.seen
        tell(body)

    def _initialisation_heard(self, kind: str, body: Mapping[str, Any]) -> None:
        if self.deaf:
            return
        initialisations = self.supervisor.initialisations
        (initialisations.gone if kind == "DELETED" else initialisations.seen)(body)

    def leap(self, by: timedelta) -> None:
        """Let time go by, and those who wait for it notice."""
        self.world.clock.leap(by)
        for running in self.supervisor._running.values():  # noqa: SLF001 - who waits by a clock that leaps must be woken
            running.sync.wake()

    async def list_tenants(self, namespace: str | None = None) -> Sequence[Mapping[str, Any]]:
        """List, and let something happen before the list arrives."""
        if self.before_listing is not None:
            await self.before_listing()
        found = await self.world.cluster.list_tenants(namespace)
        if self.while_listing is not None:
            self.while_listing()
            await asyncio.sleep(0.01)
        return found

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else a store does
        return getattr(self.world.cluster, name)
