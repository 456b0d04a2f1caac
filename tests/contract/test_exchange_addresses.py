"""Addresses of which no mailbox can be: they are one employee's trouble, never the company's."""

from datetime import timedelta

import pytest

from contract.calendar_cases import PARIS
from contract.exchange_backstage import Keys, exchange
from figgosync.calendars.base import Mailbox
from figgosync.calendars.exchange.attempt import Attempt
from figgosync.calendars.exchange.errors import translate
from figgosync.errors import OutcomeUnknownError, PermanentError, Reason

TOO_LONG = f"{'a' * 300}@societe.com"


@pytest.mark.parametrize(
    "address", [TOO_LONG, "élodie@societe.com", "a@b@societe.com", "x\r\nHost: y@societe.com"]
)
async def test_an_address_that_none_can_have_is_told_and_sent_nowhere(
    keys: Keys, address: str
) -> None:
    async with exchange(keys) as backstage:
        with pytest.raises(PermanentError) as failed:
            await backstage.connection.check(Mailbox(address, PARIS))

        assert (failed.value.reason, failed.value.tenant_wide) == (Reason.MAILBOX_NOT_FOUND, False)
        assert len(backstage.simulator.log) == 0


@pytest.mark.parametrize("settle_time", [None, timedelta(seconds=30)])
def test_what_the_library_refuses_to_send_is_no_fault_of_the_server(
    settle_time: timedelta | None,
) -> None:
    error = translate(ValueError("is too long"), Attempt(ends=0.0), settle_time)

    assert (error.reason, error.tenant_wide) == (Reason.INTERNAL_ERROR, False)
    assert not isinstance(error, OutcomeUnknownError)
