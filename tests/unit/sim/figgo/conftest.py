"""A tenant of Lucca on a loopback port for each test."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from figgosync_sim.certificates import Authority
from figgosync_sim.figgo import FiggoState, figgo_simulator
from unit.sim.figgo.asking import Asker, Clock, OpenFiggo


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def open_figgo(authority: Authority, clock: Clock) -> AsyncIterator[OpenFiggo]:
    """Return a function that opens a tenant with the options of `figgo_simulator`."""
    async with AsyncExitStack() as stack:

        async def open_(state: FiggoState | None = None, **options: Any) -> Asker:  # noqa: ANN401 - as figgo_simulator
            figgo = await stack.enter_async_context(
                figgo_simulator(state or FiggoState(now=clock), authority=authority, **options)
            )
            connector = aiohttp.TCPConnector(ssl=authority.client_context())
            session = aiohttp.ClientSession(figgo.url, connector=connector)
            return Asker(figgo, await stack.enter_async_context(session))

        yield open_


@pytest.fixture
async def figgo(open_figgo: OpenFiggo) -> Asker:
    """Return a tenant where nobody is absent yet, with every default."""
    return await open_figgo()
