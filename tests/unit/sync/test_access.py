"""The way into the calendars: one connection, one careful knock, and blame where it is due."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from contract.memory_calendar import MemoryCalendar, MemoryConnection
from figgosync.calendars.base import CalendarConnection, Mailbox
from figgosync.core.conditions import Status
from figgosync.core.tenant import ExchangeSettings
from figgosync.errors import (
    CredentialError,
    NotAskedError,
    PermanentError,
    Reason,
    SyncError,
    TransientError,
)
from figgosync.sync.access import CalendarAccess
from figgosync.sync.credentials import QUICK_PACE, SLOW_PACE, Credentials, SecretWatch
from support.memory_cluster import NAMESPACE, MemoryCluster
from syncing import Clock, mailbox_gone, refused_login, tenant, throttled

SECRET = "acme-exchange"
PROOF_AGE = timedelta(seconds=20)
ANNE, BERT, CLEO, DORA = (Mailbox(f"{who}@societe.com", "Europe/Paris") for who in "abcd")
ALL = (ANNE, BERT, CLEO, DORA)

DENIED = PermanentError(Reason.MAILBOX_ACCESS_DENIED, "Denied.")
NOT_IMPERSONATED = PermanentError(Reason.IMPERSONATION_DENIED, "Outside of the scope.")
SERVER_ERROR = TransientError(Reason.SERVER_ERROR, "In trouble.")
MOVED = TransientError(Reason.MAILBOX_UNAVAILABLE, "Being moved.")


@dataclass
class Exchange:
    """A server that lets in whoever has the right password; counts its logins."""

    password: str = "pw1"
    trouble: SyncError | None = None
    troubles: Mapping[str, SyncError] = field(default_factory=dict)
    checks: list[str] = field(default_factory=list)
    refused: int = 0
    open: int = 0

    def connect(self, _: ExchangeSettings, credentials: Credentials) -> CalendarConnection:
        if credentials.values[1] == "unusable":
            raise PermanentError(Reason.TLS_FAILED, "The CA bundle cannot be read.")
        self.open += 1
        return Door(self, credentials.values[1])


class Door(MemoryConnection):
    def __init__(self, server: Exchange, password: str) -> None:
        super().__init__(mailbox.address for mailbox in ALL)
        self._server, self._password, self._closed = server, password, False

    async def check(self, mailbox: Mailbox) -> None:
        assert not self._closed
        self._server.checks.append(mailbox.address)
        if self._server.trouble is not None:
            raise self._server.trouble
        if self._password != self._server.password:
            self._server.refused += 1
            raise refused_login()
        if mailbox.address in self._server.troubles:
            raise self._server.troubles[mailbox.address]

    async def close(self) -> None:
        assert not self._closed, "closed once"
        self._closed = True
        self._server.open -= 1


@dataclass
class Way:
    """An access with all around it."""

    clock: Clock = field(default_factory=Clock)
    cluster: MemoryCluster = field(default_factory=MemoryCluster)
    exchange: Exchange = field(default_factory=Exchange)
    access: CalendarAccess = field(init=False)

    def __post_init__(self) -> None:
        self.write("pw1")
        watch = SecretWatch(self.cluster, NAMESPACE, SECRET, "accountLogin", "accountPass")
        settings = tenant().spec.exchange
        self.access = CalendarAccess(settings, watch, self.exchange.connect, PROOF_AGE)

    def write(self, password: str) -> None:
        self.cluster.put_secret(SECRET, accountLogin="me", accountPass=password)

    async def tend(self, candidates: tuple[Mailbox, ...] = ALL, *, hold_on: bool = False) -> bool:
        return await self.access.tend(self.clock(), candidates, hold_on=hold_on)

    def status(self) -> tuple[Status, Reason]:
        link = self.access.link
        return link.status(self.clock()), link.reason(self.clock())


@pytest.fixture
def way() -> Way:
    return Way()


async def test_one_probe_lets_work_begin(way: Way) -> None:
    assert await way.tend()
    assert way.exchange.checks == [ANNE.address]
    assert isinstance(way.access.calendar(ANNE), MemoryCalendar)


async def test_without_a_mailbox_to_try_nothing_is_known(way: Way) -> None:
    assert not await way.tend(())
    assert way.status() == (Status.UNKNOWN, Reason.PENDING)
    assert way.access.due(way.clock()) is None


async def test_a_proof_is_good_for_a_while(way: Way) -> None:
    await way.tend()
    way.clock.leap(seconds=19)
    assert await way.tend()
    assert len(way.exchange.checks) == 1
    assert way.access.due(way.clock()) == way.clock() + timedelta(seconds=1)
    way.clock.leap(seconds=1)
    assert await way.tend()
    assert len(way.exchange.checks) == 2


async def test_there_is_nothing_to_wait_for_when_the_last_mailbox_is_gone(way: Way) -> None:
    """A moment in the past would make the loop spin."""
    await way.tend()
    way.clock.leap(minutes=5)
    await way.tend(())
    assert way.access.due(way.clock()) is None


async def test_there_is_nothing_to_wait_for_once_it_is_closed(way: Way) -> None:
    await way.tend()
    await way.access.close()
    way.clock.leap(minutes=5)
    assert way.access.due(way.clock()) is None
    assert way.exchange.open == 0


async def test_one_mailbox_in_trouble_is_not_the_connections_trouble(way: Way) -> None:
    way.exchange.troubles = {ANNE.address: mailbox_gone()}
    assert await way.tend()
    assert way.exchange.checks == [ANNE.address, BERT.address]


@pytest.mark.parametrize("trouble", [mailbox_gone(), MOVED], ids=lambda t: t.reason.value)
async def test_a_server_that_speaks_of_each_mailbox_has_let_us_in(
    way: Way, trouble: SyncError
) -> None:
    way.exchange.troubles = {mailbox.address: trouble for mailbox in ALL}
    assert await way.tend()
    assert len(way.exchange.checks) == 3, "a few are enough"


@pytest.mark.parametrize("denial", [DENIED, NOT_IMPERSONATED], ids=lambda t: t.reason.value)
async def test_a_service_account_that_is_denied_everywhere_lacks_a_role(
    way: Way, denial: SyncError
) -> None:
    """Exchange answers each mailbox with the same words, role missing or scope too narrow."""
    way.exchange.troubles = {mailbox.address: denial for mailbox in ALL}
    assert not await way.tend()
    assert way.status() == (Status.FALSE, Reason.IMPERSONATION_DENIED)
    assert way.access.link.error is not None
    assert "ApplicationImpersonation" in way.access.link.error.message


async def test_denied_by_some_only_is_not_denied_everywhere(way: Way) -> None:
    way.exchange.troubles = {
        ANNE.address: mailbox_gone(),
        BERT.address: mailbox_gone(),
        CLEO.address: DENIED,
    }
    assert await way.tend()


async def test_a_server_that_fails_at_every_mailbox_is_in_trouble(way: Way) -> None:
    """It may answer 500 to everything, and time-outs name no mailbox."""
    await way.tend()
    way.exchange.troubles = {mailbox.address: SERVER_ERROR for mailbox in ALL}
    way.clock.leap(seconds=30)
    assert not await way.tend()
    way.clock.leap(minutes=2)
    assert way.status() == (Status.FALSE, Reason.SERVER_ERROR)


async def test_a_wrong_password_costs_one_login_per_wait(way: Way) -> None:
    way.exchange.password = "another"
    for _ in range(100):
        assert not await way.tend()
        way.clock.leap(seconds=5)
    # 500 s: at 0, after 1, 2 and 4 minutes more, and not yet after 8 more.
    assert way.exchange.refused == 4
    assert way.status() == (Status.FALSE, Reason.CREDENTIALS_REFUSED)


async def test_a_new_secret_takes_effect_within_seconds(way: Way) -> None:
    way.exchange.password = "pw2"
    await way.tend()
    assert way.access.due(way.clock()) == way.clock() + QUICK_PACE
    way.write("pw2")
    way.clock.now = way.clock() + QUICK_PACE
    assert await way.tend()
    assert way.exchange.refused == 1
    assert way.exchange.open == 1, "the old connection is closed"


async def test_new_credentials_are_proved_before_work_is_sent_with_them(way: Way) -> None:
    """Or several employees would try a wrong password at the same time."""
    await way.tend()
    way.write("typo")
    way.clock.now = way.clock() + SLOW_PACE - timedelta(seconds=1)
    assert await way.tend()
    way.clock.leap(seconds=1)
    assert not await way.tend()
    assert way.exchange.refused == 1


async def test_without_a_secret_there_is_no_way_in(way: Way) -> None:
    way.cluster.remove_secret(SECRET)
    assert not await way.tend()
    assert way.status() == (Status.FALSE, Reason.SECRET_NOT_FOUND)
    assert way.access.is_hopeless
    way.write("pw1")
    way.clock.now = way.clock() + QUICK_PACE
    assert await way.tend()


async def test_a_secret_that_goes_takes_the_connection_along(way: Way) -> None:
    await way.tend()
    way.cluster.remove_secret(SECRET)
    way.clock.now = way.clock() + SLOW_PACE
    assert not await way.tend()
    assert way.exchange.open == 0
    with pytest.raises(TransientError):
        way.access.calendar(ANNE)


async def test_a_connection_is_held_on_to_when_its_secret_goes(way: Way) -> None:
    """A namespace that is deleted loses its Secrets before our events are removed."""
    await way.tend()
    way.cluster.remove_secret(SECRET)
    way.clock.leap(hours=1)
    assert await way.tend(hold_on=True)
    assert not way.access.is_hopeless


async def test_refused_credentials_are_not_held_on_to(way: Way) -> None:
    way.exchange.password = "pw2"
    await way.tend()
    way.write("pw2")
    way.clock.now = way.clock() + QUICK_PACE
    assert await way.tend(hold_on=True)


async def test_refused_credentials_whose_secret_is_gone_are_hopeless(way: Way) -> None:
    way.exchange.password = "another"
    await way.tend()
    way.cluster.remove_secret(SECRET)
    way.clock.now = way.clock() + QUICK_PACE
    await way.tend(hold_on=True)
    assert way.access.is_hopeless


@pytest.mark.parametrize(
    "trouble",
    [
        TransientError(Reason.UNREACHABLE, "Away.", tenant_wide=True),
        CredentialError(Reason.CREDENTIALS_REFUSED, "Our token.", tenant_wide=True),
    ],
    ids=lambda t: type(t).__name__,
)
async def test_trouble_with_the_api_server_does_not_disturb_a_connection(
    way: Way, trouble: SyncError
) -> None:
    await way.tend()
    way.cluster.trouble = trouble
    way.clock.now = way.clock() + SLOW_PACE
    assert await way.tend()
    assert way.status() == (Status.TRUE, Reason.CONNECTED)


async def test_without_an_api_server_there_is_no_connection_to_begin_with(way: Way) -> None:
    way.cluster.trouble = TransientError(Reason.UNREACHABLE, "Away.", tenant_wide=True)
    assert not await way.tend()
    due = way.access.due(way.clock())
    assert due is not None
    assert due > way.clock()
    way.cluster.trouble = None
    way.clock.now = due
    assert await way.tend()


async def test_what_cannot_connect_says_so(way: Way) -> None:
    way.write("unusable")
    assert not await way.tend()
    assert way.status() == (Status.FALSE, Reason.TLS_FAILED)


async def test_trouble_is_waited_out_and_then_probed(way: Way) -> None:
    await way.tend()
    way.exchange.trouble = throttled()
    way.clock.leap(seconds=20)
    assert not await way.tend()
    way.exchange.trouble = None
    way.clock.leap(seconds=29)
    assert not await way.tend()
    assert way.access.due(way.clock()) == way.clock() + timedelta(seconds=1)
    way.clock.leap(seconds=1)
    assert await way.tend()


async def test_closing_twice_is_harmless(way: Way) -> None:
    await way.tend()
    await way.access.close()
    await way.access.close()
    assert await way.tend()


async def test_an_address_that_no_server_can_have_proves_nothing() -> None:
    way = Way()
    unheard = NotAskedError(Reason.MAILBOX_NOT_FOUND, "No address.")
    way.exchange.troubles = {mailbox.address: unheard for mailbox in ALL}
    assert not await way.tend()
    assert way.access.link.status(way.clock()) is Status.UNKNOWN
    way.exchange.troubles = {mailbox.address: unheard for mailbox in ALL[:3]}
    assert await way.tend(), "the first who can be asked for is asked"
