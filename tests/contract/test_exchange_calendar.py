"""The Exchange provider keeps the contract, whichever way it logs in."""

from collections.abc import AsyncIterator

import pytest

from contract.exchange_backstage import ExchangeBackstage, Keys, exchange
from contract.remote_calendar_contract import RemoteCalendarContract
from figgosync.core.tenant import Authentication
from support.connect_proxy import connect_proxy


class TestExchangeCalendarOverBasic(RemoteCalendarContract):
    repeats_at_once = False

    @pytest.fixture
    async def backstage(self, keys: Keys) -> AsyncIterator[ExchangeBackstage]:
        async with exchange(keys, Authentication.BASIC) as backstage:
            yield backstage


class TestExchangeCalendarOverNTLM(RemoteCalendarContract):
    repeats_at_once = False

    @pytest.fixture
    async def backstage(self, keys: Keys) -> AsyncIterator[ExchangeBackstage]:
        async with exchange(keys, Authentication.NTLM) as backstage:
            yield backstage


class TestExchangeCalendarThroughAProxy(RemoteCalendarContract):
    repeats_at_once = False

    @pytest.fixture
    async def backstage(self, keys: Keys) -> AsyncIterator[ExchangeBackstage]:
        async with (
            connect_proxy("sync:pa:ss") as proxy,
            exchange(keys, Authentication.NTLM, proxy=proxy.proxy) as backstage,
        ):
            yield backstage
            # Whatever reached the server came through the proxy.
            assert bool(proxy.targets) == bool(backstage.requests())
