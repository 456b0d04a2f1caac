from collections.abc import AsyncIterator

import aiohttp
import pytest

from figgosync_sim.ews import ExchangeSimulator, ews_simulator
from raw_ews import RawEWS

LOGIN = "ACME\\svc-figgo"
PASSWORD = "correct:horse"


@pytest.fixture
async def exchange() -> AsyncIterator[ExchangeSimulator]:
    async with ews_simulator({LOGIN: PASSWORD}) as simulator:
        simulator.store.add("jane@acme.fr", "Europe/Paris", "Jane")
        simulator.store.add("omar@acme.fr", "America/New_York", "Omar", aliases=("o@acme.fr",))
        yield simulator


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def ews(exchange: ExchangeSimulator, http: aiohttp.ClientSession) -> RawEWS:
    return RawEWS(http, exchange.url, LOGIN, PASSWORD)
