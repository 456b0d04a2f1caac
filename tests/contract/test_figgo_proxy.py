"""Figgo behind the installation's proxy: the same questions, and every way a proxy can fail."""

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from figgo_world import (
    EVERYBODY,
    FakeTimer,
    World,
    authority,
    figgo_world,
    lived_in,
    trusting_session,
)
from figgosync.core.proxy import Proxy
from figgosync.errors import CredentialError, PermanentError, Reason, SyncError, TransientError
from figgosync.figgo.client import FiggoClient
from figgosync.figgo.limits import TokenBucket
from figgosync.figgo.transport import Transport
from figgosync_sim.certificates import Authority
from figgosync_sim.figgo import DEFAULT_KEY, FiggoSimulator, FiggoState
from figgosync_sim.server import serve
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

PROXY_LOGIN = "proxy-user:proxy-pa:ss"
THE_PROXY = r"proxy of the installation \(HTTPS_PROXY\)"
WITHIN = timedelta(milliseconds=200)
SLACK = 0.2  # seconds: what a busy machine may add

FAULTS: dict[str, tuple[Fault, type[SyncError]]] = {
    "wants a login": (refusing(407, "Proxy-Authenticate: Basic\r\n"), PermanentError),
    "refuses": (refusing(403), PermanentError),
    "is no proxy": (refusing(405), PermanentError),
    "sends elsewhere": (refusing(302, "Location: https://elsewhere/\r\n"), PermanentError),
    "is busy": (refusing(429), TransientError),
    "finds no server": (refusing(502), TransientError),
    "hangs up": (hanging_up, TransientError),
    "hangs up in mid-answer": (saying(b"HTTP/1.1 200 Conn"), TransientError),
    "speaks something else": (saying(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), TransientError),
    "goes on and on": (endless, TransientError),
    "is silent": (silent, TransientError),
    "trickles": (trickling, TransientError),
    "opens and hangs up": (saying(b"HTTP/1.1 200 OK\r\n\r\n"), TransientError),
    "opens and is silent": (open_and_silent, TransientError),
}


@pytest.fixture
async def proxy() -> AsyncIterator[ConnectProxy]:
    async with connect_proxy(PROXY_LOGIN) as proxy:
        yield proxy


def behind(world: World, proxy: Proxy, within: timedelta = timedelta(seconds=10)) -> FiggoClient:
    bucket = TokenBucket(30, timer=world.timer)
    transport = Transport(
        world.figgo.url, DEFAULT_KEY, world.session, bucket, timeout=within, proxy=proxy
    )
    return FiggoClient(transport)


async def test_all_questions_go_through_one_tunnel_and_the_proxy_sees_none_of_them(
    proxy: ConnectProxy,
) -> None:
    async with figgo_world() as world:
        lived_in(world)
        directly = await world.client().leaves(EVERYBODY)
        assert proxy.targets == []
        client = behind(world, proxy.proxy)

        assert await client.leaves(EVERYBODY) == directly
        assert await client.employees()
        assert await client.establishments()

        assert proxy.targets == [world.figgo.url.removeprefix("https://")]
        assert len(proxy.carried) > 2000
        for secret in (DEFAULT_KEY.encode(), b"lucca application", b"/api/v3", b"HTTP/1"):
            assert secret not in proxy.carried
        (head,) = proxy.heads
        assert DEFAULT_KEY not in head
        assert "\r\nauthorization" not in head.lower()


@pytest.mark.parametrize("consent", CONSENTS.values(), ids=CONSENTS.keys())
async def test_a_proxy_may_open_a_way_in_words_of_its_own(
    proxy: ConnectProxy, consent: Sequence[bytes]
) -> None:
    proxy.consent = consent
    async with figgo_world() as world:
        client = behind(world, proxy.proxy)
        assert await client.establishments()
        assert await client.establishments()
    assert len(proxy.targets) == 1


async def test_a_dropped_tunnel_is_opened_again(proxy: ConnectProxy) -> None:
    async with figgo_world() as world:
        client = behind(world, proxy.proxy)
        await client.establishments()
        proxy.drop()
        await asyncio.sleep(0.02)
        assert await client.establishments()
        assert len(proxy.targets) == 2


@pytest.mark.parametrize(("fault", "kind"), FAULTS.values(), ids=FAULTS.keys())
async def test_a_proxy_that_opens_no_way_is_named_in_time_and_no_key_is_blamed(
    proxy: ConnectProxy, fault: Fault, kind: type[SyncError]
) -> None:
    async with figgo_world() as world:
        client = behind(world, proxy.proxy, WITHIN)
        proxy.fault = fault
        started = time.monotonic()
        with pytest.raises(SyncError, match=THE_PROXY) as failed:
            await client.establishments()
        assert time.monotonic() - started < WITHIN.total_seconds() + SLACK

        assert type(failed.value) is kind
        assert not isinstance(failed.value, CredentialError)
        assert (failed.value.reason, failed.value.tenant_wide) == (Reason.UNREACHABLE, True)
        assert failed.value.retry_after is not None
        assert failed.value.retry_after <= timedelta(minutes=5)
        for canary in ("CANARY", "proxy-pa", "proxy-user", DEFAULT_KEY):
            assert canary not in str(failed.value)
        assert failed.value.__cause__ is failed.value.__context__ is None
        assert len(proxy.targets) > 0
        assert len(world.figgo.log) == 0

        proxy.fault = None
        assert await behind(world, proxy.proxy).establishments()


async def test_a_wrong_login_of_the_proxy_is_told_with_its_remedy(proxy: ConnectProxy) -> None:
    async with figgo_world() as world:
        client = behind(world, replace(proxy.proxy, password="s3cret-too"))
        with pytest.raises(PermanentError, match="login and password into HTTPS_PROXY") as failed:
            await client.establishments()
        assert "407" in failed.value.message


async def test_a_proxy_that_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    async with figgo_world() as world:
        for gone in (Proxy("127.0.0.1", port), Proxy("proxy.invalid", 3128)):
            with pytest.raises(TransientError, match=f"{THE_PROXY} cannot be reached") as failed:
                await behind(world, gone).establishments()
            assert failed.value.reason is Reason.UNREACHABLE


@asynccontextmanager
async def impostor(name: str | None) -> AsyncIterator[tuple[FiggoSimulator, str]]:
    """Serve a Figgo with another's name, or of an authority that nobody knows."""
    simulator = FiggoSimulator(FiggoState())
    tls = authority().server_context(name) if name else Authority().server_context()
    async with serve(simulator.app, tls=tls) as url:
        yield simulator, url


@pytest.mark.parametrize("name", ["elsewhere.example", None])
async def test_a_proxy_that_leads_to_another_server_is_found_out_before_the_key_is_sent(
    name: str | None,
) -> None:
    async with impostor(name) as (simulator, url), connect_proxy() as proxy:
        async with trusting_session() as session:
            bucket = TokenBucket(30, timer=FakeTimer())
            transport = Transport(url, DEFAULT_KEY, session, bucket, proxy=proxy.proxy)
            with pytest.raises(PermanentError) as failed:
                await FiggoClient(transport).establishments()
        assert failed.value.reason is Reason.TLS_FAILED
        assert len(proxy.targets) == 1
        assert len(simulator.log) == 0


async def test_no_library_logs_the_proxy_s_password(
    proxy: ConnectProxy, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = (proxy.proxy.authorization or "").partition(" ")[2]
    assert token
    async with figgo_world() as world:
        await behind(world, proxy.proxy).establishments()
        assert token in proxy.heads[0]
        proxy.fault = refusing(407)
        proxy.drop()
        await asyncio.sleep(0.02)
        with pytest.raises(PermanentError):
            await behind(world, proxy.proxy).establishments()
    for record in caplog.records:
        shown = record.getMessage() + repr(record.args)
        assert not any(secret in shown for secret in (token, "proxy-pa", "proxy-user"))
