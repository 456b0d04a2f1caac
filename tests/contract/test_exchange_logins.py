"""How often a password is tried that the server refuses: companies lock accounts that knock."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from contract.calendar_cases import PARIS
from contract.exchange_backstage import LOGIN, ExchangeBackstage, Keys, exchange
from figgosync.calendars.base import Calendar, Mailbox
from figgosync.core.tenant import Authentication
from figgosync.errors import CredentialError, Reason
from figgosync_sim.ews import ExchangeSimulator

STAFF = [f"employee{number}@societe.com" for number in range(8)]


def _calendars(backstage: ExchangeBackstage) -> Sequence[Calendar]:
    for address in STAFF:
        backstage.simulator.store.add(address)
    return [backstage.connection.calendar(Mailbox(address, PARIS)) for address in STAFF]


async def _all_at_once(calendars: Sequence[Calendar]) -> list[object]:
    return await asyncio.gather(
        *(calendar.owned_events() for calendar in calendars), return_exceptions=True
    )


def _refusals(simulator: ExchangeSimulator) -> int:
    return simulator.accounts.failures(LOGIN)


async def test_many_calls_at_once_try_a_password_that_stopped_working_only_once(keys: Keys) -> None:
    async with exchange(keys, Authentication.NTLM) as backstage:
        calendars = _calendars(backstage)
        assert await _all_at_once(calendars) == [[]] * len(STAFF)
        await backstage.refuse_login()

        answers = await _all_at_once(calendars)

        assert {type(answer) for answer in answers} == {CredentialError}
        assert _refusals(backstage.simulator) == 1


@pytest.mark.parametrize("authentication", list(Authentication))
async def test_after_a_refusal_only_a_check_tries_again(
    keys: Keys, authentication: Authentication
) -> None:
    async with exchange(keys, authentication) as backstage:
        first, *others = _calendars(backstage)
        await backstage.refuse_login()
        with pytest.raises(CredentialError):
            await first.owned_events()
        asked = len(backstage.simulator.log.calls)

        answers = await _all_at_once(others)

        assert {getattr(answer, "reason", None) for answer in answers} == {
            Reason.CREDENTIALS_REFUSED
        }
        assert _refusals(backstage.simulator) == 1
        with pytest.raises(CredentialError):
            await backstage.check()
        assert _refusals(backstage.simulator) == 2
        assert len(backstage.simulator.log.calls) == asked


@pytest.mark.parametrize("authentication", list(Authentication))
async def test_a_check_that_is_let_in_opens_the_way_for_all(
    keys: Keys, authentication: Authentication
) -> None:
    async with exchange(keys, authentication) as backstage:
        calendars = _calendars(backstage)
        await backstage.refuse_login()
        with pytest.raises(CredentialError):
            await calendars[0].owned_events()
        backstage.simulator.accounts.set_password(LOGIN, backstage.settings.password)

        await backstage.check()

        assert await _all_at_once(calendars) == [[]] * len(STAFF)
        assert _refusals(backstage.simulator) == 1


async def test_a_refused_login_is_tried_again_so_rarely_that_no_account_locks(keys: Keys) -> None:
    async with exchange(keys, Authentication.NTLM) as backstage:
        await backstage.refuse_login()

        with pytest.raises(CredentialError) as refused:
            await backstage.check()

        # Directories commonly lock at five to ten failures within a quarter or half an hour.
        assert refused.value.retry_after == timedelta(minutes=15)
