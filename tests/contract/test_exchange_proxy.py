"""Exchange behind the installation's proxy: the same calendar, and every way a proxy can fail."""

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from contract.calendar_cases import PARIS, a_key, an_event
from contract.exchange_backstage import JANE, LOGIN, PASSWORD, ExchangeBackstage, Keys, exchange
from contract.exchange_stub import LIMIT, Talk, connected, server_that, trickled_body, trickled_head
from contract.remote_calendar_contract import CALLS, telling
from figgosync.calendars.base import Mailbox
from figgosync.calendars.exchange.attempt import Attempt, Failure, TransportError
from figgosync.calendars.exchange.errors import translate
from figgosync.core.proxy import Proxy
from figgosync.core.tenant import Authentication
from figgosync.errors import (
    CredentialError,
    OutcomeUnknownError,
    PermanentError,
    Reason,
    SyncError,
    TransientError,
)
from figgosync_sim.certificates import Authority
from figgosync_sim.ews import ews_simulator
from support.connect_proxy import (
    CONSENTS,
    ConnectProxy,
    Fault,
    connect_proxy,
    endless,
    hanging_up,
    open_and_silent,
    refusing,
    saying,
    silent,
    trickling,
)

SLACK = 0.2  # seconds: what a busy machine may add
PROXY_LOGIN = "proxy-user:proxy-pa:ss"
THE_PROXY = r"proxy of the installation \(HTTPS_PROXY\)"
MANY = "HTTP/1.1 200 OK\r\n" + "X: y\r\n" * 10_000 + "\r\n"

FAULTS: dict[str, tuple[Fault, type[SyncError]]] = {
    "wants a login": (refusing(407, "Proxy-Authenticate: Basic\r\n"), PermanentError),
    "wants NTLM": (refusing(407, "Proxy-Authenticate: NTLM\r\n"), PermanentError),
    "refuses": (refusing(403), PermanentError),
    "is no proxy": (refusing(405), PermanentError),
    "sends elsewhere": (refusing(302, "Location: https://elsewhere/\r\n"), PermanentError),
    "is busy": (refusing(429), TransientError),
    "finds no server": (refusing(502), TransientError),
    "is out of order": (refusing(503), TransientError),
    "hangs up": (hanging_up, TransientError),
    "hangs up in mid-answer": (saying(b"HTTP/1.1 200 Conn"), TransientError),
    "speaks something else": (saying(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), TransientError),
    "speaks of no status": (saying(b"HTTP/1.1 OK\r\n\r\n"), TransientError),
    "goes on and on": (endless, TransientError),
    "is not done yet": (saying(b"HTTP/1.1 102 Processing\r\n\r\n"), TransientError),
    "is never done": (saying(b"HTTP/1.1 102 Processing\r\n\r\n" * 1000), TransientError),
    "has too much to say": (saying(MANY.encode()), TransientError),
    "speaks for the server": (saying(b"HTTP/1.1 200 OK\r\n\r\n\x15\x03\x03"), TransientError),
}
SLOW: dict[str, Fault] = {
    "silent": silent,
    "trickling": trickling,
    "open and silent": open_and_silent,
}

each_fault = pytest.mark.parametrize(("fault", "kind"), FAULTS.values(), ids=FAULTS.keys())
each_slowness = pytest.mark.parametrize("fault", SLOW.values(), ids=SLOW.keys())


@pytest.fixture
async def proxy() -> AsyncIterator[ConnectProxy]:
    async with connect_proxy(PROXY_LOGIN) as proxy:
        yield proxy


@pytest.fixture
async def backstage(keys: Keys, proxy: ConnectProxy) -> AsyncIterator[ExchangeBackstage]:
    async with exchange(keys, Authentication.NTLM, proxy=proxy.proxy) as backstage:
        yield backstage


def place(backstage: ExchangeBackstage) -> str:
    return urlsplit(backstage.simulator.url).netloc


async def test_a_day_s_work_is_one_tunnel_and_one_login_and_the_proxy_sees_none_of_it(
    backstage: ExchangeBackstage, proxy: ConnectProxy
) -> None:
    calendar = backstage.calendar()
    ref = await calendar.create(a_key(), an_event("Canary-Title"))
    ref = await calendar.update(ref, a_key(), an_event("Canary-Change"))
    assert [item.title for item in backstage.stored()] == ["Canary-Change"]
    await calendar.delete(ref)
    assert list(await calendar.owned_events()) == []

    assert proxy.targets == [place(backstage)]
    assert [attempt.succeeded for attempt in backstage.simulator.accounts.attempts] == [True]
    assert len(proxy.carried) > 5000
    for secret in (b"Canary", b"Envelope", b"NTLM", JANE.encode(), b"HTTP/1"):
        assert secret not in proxy.carried
    (head,) = proxy.heads
    assert head.count("\r\n") == 5, "place, host, user agent and login, and nothing of the request"


async def test_the_proxy_alone_resolves_the_server_s_name_and_tls_proves_it(keys: Keys) -> None:
    context = keys.authority.server_context("mail.acme.invalid")
    async with ews_simulator({LOGIN: PASSWORD}, tls=context) as simulator:
        simulator.store.add(JANE)
        port = urlsplit(simulator.url).port
        assert port is not None
        async with (
            connect_proxy(routes={"mail.acme.invalid:443": port}) as proxy,
            connected(
                keys,
                "https://mail.acme.invalid/EWS/Exchange.asmx",
                timedelta(seconds=5),
                proxy=proxy.proxy,
            ) as connection,
        ):
            await connection.check(Mailbox(JANE, PARIS))
            assert proxy.targets == ["mail.acme.invalid:443"]
            assert len(simulator.log) > 0


@pytest.mark.parametrize("name", ["mail.elsewhere.example", None])
async def test_a_proxy_that_leads_to_another_server_is_found_out_before_anything_is_sent(
    keys: Keys, name: str | None
) -> None:
    context = keys.authority.server_context(name) if name else Authority().server_context()
    async with (
        ews_simulator({LOGIN: PASSWORD}, tls=context) as simulator,
        connect_proxy() as proxy,
        connected(keys, simulator.url, timedelta(seconds=5), proxy=proxy.proxy) as connection,
    ):
        with pytest.raises(PermanentError) as refused:
            await connection.check(Mailbox(JANE, PARIS))
        assert refused.value.reason is Reason.TLS_FAILED
        assert len(proxy.targets) == 1
        assert len(simulator.log) == 0


async def test_a_host_that_is_not_allowed_is_not_asked_of_the_proxy_either(
    keys: Keys, proxy: ConnectProxy
) -> None:
    allowed = frozenset({"mail.societe.com"})
    async with connected(
        keys, "https://localhost/", allowed_hosts=allowed, proxy=proxy.proxy
    ) as connection:
        with pytest.raises(PermanentError) as refused:
            await connection.check(Mailbox(JANE, PARIS))
    assert refused.value.reason is Reason.HOST_NOT_ALLOWED
    assert proxy.targets == []


@pytest.mark.parametrize("consent", CONSENTS.values(), ids=CONSENTS.keys())
async def test_a_proxy_may_open_a_way_in_words_of_its_own(
    backstage: ExchangeBackstage, proxy: ConnectProxy, consent: Sequence[bytes]
) -> None:
    proxy.consent = consent
    await backstage.check()
    await backstage.check()
    assert len(proxy.targets) == 1


async def test_a_server_without_a_name_is_asked_for_in_brackets(
    keys: Keys, proxy: ConnectProxy
) -> None:
    proxy.fault = refusing(502)
    allowed = frozenset({"[2001:db8::1]:8443"})
    async with connected(
        keys, "https://[2001:DB8::1]:8443/", allowed_hosts=allowed, proxy=proxy.proxy
    ) as connection:
        with pytest.raises(TransientError, match=THE_PROXY):
            await connection.check(Mailbox(JANE, PARIS))
    assert proxy.targets == ["[2001:db8::1]:8443"]


async def test_a_dropped_tunnel_is_opened_again_and_logged_in_again(
    backstage: ExchangeBackstage, proxy: ConnectProxy
) -> None:
    calendar = backstage.calendar()
    await calendar.owned_events()
    proxy.drop()
    await asyncio.sleep(0.02)

    ref = await calendar.create(a_key(), an_event())

    assert [owned.ref for owned in await calendar.owned_events()] == [ref]
    assert len(proxy.targets) == 2
    assert len(backstage.simulator.accounts.attempts) == 2


@each_fault
@pytest.mark.parametrize("name", CALLS)
async def test_a_proxy_that_opens_no_way_is_named_and_nothing_can_have_happened(
    backstage: ExchangeBackstage,
    proxy: ConnectProxy,
    fault: Fault,
    kind: type[SyncError],
    name: str,
) -> None:
    calendar = backstage.calendar()
    standing = await calendar.create(a_key(), an_event())
    await calendar.owned_events()
    requests, before = backstage.requests(), backstage.stored()
    proxy.fault = fault
    proxy.drop()
    await asyncio.sleep(0.02)

    with pytest.raises(SyncError, match=THE_PROXY) as failed:
        await CALLS[name](calendar, standing)

    assert type(failed.value) is kind
    assert (failed.value.reason, failed.value.tenant_wide) == (Reason.UNREACHABLE, True)
    assert failed.value.retry_after is not None
    assert failed.value.retry_after <= timedelta(minutes=5)
    assert (backstage.requests(), backstage.stored()) == (requests, before)
    for canary in ("CANARY", "proxy-pa", "proxy-user", JANE, PASSWORD):
        assert canary not in telling(failed.value)
    # Repeated at once: no outcome is unknown, no session is lost, no login counts as refused.
    proxy.fault = None
    await CALLS[name](calendar, standing)
    assert all(attempt.succeeded for attempt in backstage.simulator.accounts.attempts)


async def test_a_wrong_login_of_the_proxy_is_not_the_tenant_s_fault(
    keys: Keys, proxy: ConnectProxy
) -> None:
    wrong = replace(proxy.proxy, password="s3cret-too")
    async with exchange(keys, Authentication.NTLM, proxy=wrong) as backstage:
        with pytest.raises(PermanentError, match="Write login and password into HTTPS_PROXY") as no:
            await backstage.check()
        assert not isinstance(no.value, CredentialError)
        assert "407" in no.value.message
        assert "s3cret-too" not in telling(no.value) + repr(backstage.settings)
        assert backstage.requests() == 0
        assert len(backstage.simulator.accounts.attempts) == 0


async def test_a_tunnel_that_ends_before_tls_begins_leaves_nothing_unknown(
    backstage: ExchangeBackstage, proxy: ConnectProxy
) -> None:
    proxy.fault = saying(b"HTTP/1.1 200 OK\r\n\r\n")
    with pytest.raises(TransientError, match=r"prox(y|ies)\b") as failed:
        await backstage.calendar().delete("key id")  # type: ignore[arg-type]
    assert not isinstance(failed.value, OutcomeUnknownError)
    # As the end of the stream or as a reset, whichever comes first.
    assert failed.value.reason in {Reason.TLS_FAILED, Reason.UNREACHABLE}
    assert backstage.requests() == 0


@each_slowness
async def test_a_proxy_that_never_finishes_costs_one_call_limit(
    keys: Keys, proxy: ConnectProxy, fault: Fault
) -> None:
    proxy.fault = fault
    async with exchange(keys, proxy=proxy.proxy, call_limit=LIMIT) as backstage:
        for attempt in range(1, 3):
            started = time.monotonic()
            with pytest.raises(TransientError) as failed:
                await backstage.calendar().delete("key id")  # type: ignore[arg-type]
            assert time.monotonic() - started < LIMIT.total_seconds() + SLACK
            assert not isinstance(failed.value, OutcomeUnknownError)
            assert failed.value.reason is Reason.UNREACHABLE
            # The thread and the mailbox are free again.
            assert len(proxy.targets) == attempt
        proxy.fault = None
        assert list(await backstage.calendar().owned_events()) == []


async def test_a_slow_proxy_does_not_take_all_of_the_time_that_a_call_has(
    keys: Keys, proxy: ConnectProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("figgosync.calendars.exchange.tunnel.CONNECT_SECONDS", 0.1)
    proxy.fault = trickling
    async with exchange(keys, proxy=proxy.proxy) as backstage:
        started = time.monotonic()
        with pytest.raises(TransientError, match=THE_PROXY):
            await backstage.check()
        assert time.monotonic() - started < 0.1 + SLACK


@pytest.mark.parametrize("talk", [trickled_head, trickled_body])
async def test_a_server_that_never_finishes_costs_one_call_limit_behind_a_proxy_too(
    keys: Keys, proxy: ConnectProxy, talk: Talk
) -> None:
    async with server_that(talk, keys, proxy=proxy.proxy) as (calendar, heard):
        started = time.monotonic()
        with pytest.raises(OutcomeUnknownError):
            await calendar.delete("key id")  # type: ignore[arg-type]
        assert time.monotonic() - started < LIMIT.total_seconds() + SLACK
        assert len(heard) == 1


async def test_a_proxy_that_is_not_there_is_unreachable(keys: Keys) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    for gone in (Proxy("127.0.0.1", port), Proxy("proxy.invalid", 3128)):
        async with exchange(keys, proxy=gone) as backstage:
            with pytest.raises(TransientError, match=f"{THE_PROXY}.* cannot be reached") as failed:
                await backstage.calendar().delete("key id")  # type: ignore[arg-type]
            assert failed.value.reason is Reason.UNREACHABLE
            assert backstage.requests() == 0


@pytest.mark.parametrize("failure", [each for each in Failure if each.name.startswith("PROXY")])
def test_a_way_that_closes_between_two_legs_of_a_login_leaves_nothing_unknown(
    failure: Failure,
) -> None:
    """The legs before were refused with 401, and the one that would have counted was not sent."""
    sent = Attempt(time.monotonic() + 1, sent=True)
    error = translate(TransportError(failure, 503), sent, timedelta(seconds=30))
    assert not isinstance(error, OutcomeUnknownError)
    assert error.reason is Reason.UNREACHABLE


async def test_no_library_logs_the_proxy_s_password(
    backstage: ExchangeBackstage, proxy: ConnectProxy, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await backstage.check()
    proxy.fault = refusing(407)
    proxy.drop()
    await asyncio.sleep(0.02)
    with pytest.raises(PermanentError):
        await backstage.check()
    token = (proxy.proxy.authorization or "").partition(" ")[2]
    assert token
    for record in caplog.records:
        shown = record.getMessage() + repr(record.args)
        assert not any(secret in shown for secret in (token, "proxy-pa", "proxy-user"))
