"""The Exchange provider keeps the contract, whichever way it logs in."""

from collections.abc import AsyncIterator

import pytest

from contract.calendar_contract import CalendarContract
from contract.exchange_backstage import ExchangeBackstage, Keys, exchange
from figgosync.core.tenant import Authentication


class TestExchangeCalendarOverBasic(CalendarContract):
    @pytest.fixture
    async def backstage(self, keys: Keys) -> AsyncIterator[ExchangeBackstage]:
        async with exchange(keys, Authentication.BASIC) as backstage:
            yield backstage


class TestExchangeCalendarOverNTLM(CalendarContract):
    @pytest.fixture
    async def backstage(self, keys: Keys) -> AsyncIterator[ExchangeBackstage]:
        async with exchange(keys, Authentication.NTLM) as backstage:
            yield backstage
