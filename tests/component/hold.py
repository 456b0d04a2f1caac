"""Holds back requests of one kind at the simulated Exchange, and tells when the first is held."""

import asyncio

from aiohttp import web

from component.world import World
from figgosync_sim.ews.dispatch import asked_in
from figgosync_sim.faults import Delay


class Hold:
    """Lets `after` requests of an operation through, and every later one once it is let go."""

    def __init__(self, world: World, operation: str, *, after: int) -> None:
        self._operation, self._left = operation, after
        self._reached, self._open = asyncio.Event(), asyncio.Event()
        world.exchange.faults.order(Delay(0), when=self._held, times=10_000)

    async def reached(self) -> None:
        async with asyncio.timeout(20):
            await self._reached.wait()

    def let_go(self) -> None:
        self._open.set()

    async def _held(self, request: web.Request) -> bool:
        if not self._open.is_set() and (await asked_in(request)).name == self._operation:
            if self._left == 0:
                self._reached.set()
                await self._open.wait()
            else:
                self._left -= 1
        return False
