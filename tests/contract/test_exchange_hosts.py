"""Whom we talk to, how we prove it is them, and what we tell of ourselves."""

import asyncio
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.calendar_cases import PARIS, a_key, an_event
from contract.exchange_backstage import JANE, LOGIN, PASSWORD, Keys, exchange
from contract.exchange_stub import connected, server_that
from figgosync.calendars.base import Mailbox
from figgosync.calendars.exchange.protocol import retry_after
from figgosync.calendars.exchange.transport import authority
from figgosync.errors import PermanentError, Reason, SyncError
from figgosync_sim.certificates import Authority
from figgosync_sim.ews import ews_simulator, redirect_to_owa
from figgosync_sim.faults import Answer


async def test_a_host_that_is_not_allowed_is_sent_nothing(keys: Keys) -> None:
    async with ews_simulator({LOGIN: PASSWORD}, tls=keys.server) as simulator:
        async with connected(
            keys, simulator.url, allowed_hosts=frozenset({"mail.societe.com", "localhost"})
        ) as connection:
            with pytest.raises(PermanentError) as refused:
                await connection.check(Mailbox(JANE, PARIS))

        assert refused.value.reason is Reason.HOST_NOT_ALLOWED
        assert refused.value.tenant_wide
        assert len(simulator.log) == 0


async def test_without_tls_nothing_is_sent(keys: Keys) -> None:
    async with ews_simulator({LOGIN: PASSWORD}) as simulator:
        with pytest.raises(PermanentError) as refused:
            async with connected(keys, simulator.url):
                pass

        assert refused.value.reason is Reason.TLS_FAILED
        assert len(simulator.log) == 0


@pytest.mark.parametrize(
    "answer",
    [
        redirect_to_owa(),
        Answer(302, {"Location": "/ews/genericerrorpage.htm?aspxerrorpath=/ews/exchange.asmx"}),
        Answer(307, {"Location": "ELSEWHERE"}),
        Answer(308, {"Location": "ELSEWHERE"}),
    ],
    ids=["OWA", "Exchange's error page", "another host", "another host for good"],
)
async def test_a_redirect_is_not_followed(keys: Keys, answer: Answer) -> None:
    async with (
        ews_simulator({LOGIN: PASSWORD}, tls=keys.server) as elsewhere,
        exchange(keys) as backstage,
    ):
        location = answer.headers["Location"].replace("ELSEWHERE", elsewhere.url)
        backstage.simulator.faults.order(Answer(answer.status, {"Location": location}))

        with pytest.raises(PermanentError) as refused:
            await backstage.check()

        assert refused.value.reason is Reason.WRONG_ENDPOINT
        assert len(backstage.simulator.log) == 1
        assert len(elsewhere.log) == 0


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "context",
    [
        lambda _: Authority().server_context(),
        lambda keys: keys.authority.server_context("mail.other.example"),
        lambda keys: keys.authority.server_context(
            not_before=LONG_AGO, not_after=LONG_AGO + timedelta(days=90)
        ),
    ],
    ids=["unknown authority", "another name", "expired"],
)
async def test_a_certificate_that_proves_nothing_is_refused_before_anything_is_sent(
    keys: Keys, context: Callable[[Keys], ssl.SSLContext]
) -> None:
    async with ews_simulator({LOGIN: PASSWORD}, tls=context(keys)) as simulator:
        async with connected(keys, simulator.url, timedelta(seconds=5)) as connection:
            with pytest.raises(PermanentError) as refused:
                await connection.check(Mailbox(JANE, PARIS))
        await asyncio.sleep(0.01)

        assert refused.value.reason is Reason.TLS_FAILED
        assert refused.value.tenant_wide
        assert len(simulator.log) == 0


async def test_the_environment_has_no_say(
    keys: Keys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login thief password thief\n")
    for name, value in {
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "NO_PROXY": "",
        "no_proxy": "",
        "ALL_PROXY": "http://127.0.0.1:1",
        "REQUESTS_CA_BUNDLE": "/nonexistent",
        "CURL_CA_BUNDLE": "/nonexistent",
        "NETRC": str(netrc),
        "TZ": "Pacific/Apia",
    }.items():
        monkeypatch.setenv(name, value)
    time.tzset()
    try:
        async with exchange(keys) as backstage:
            ref = await backstage.calendar().create(a_key(), an_event())
            (owned,) = await backstage.calendar().owned_events()
            assert (owned.ref, owned.event) == (ref, an_event())
    finally:
        monkeypatch.undo()
        time.tzset()


async def test_each_request_names_us_our_version_and_the_mailbox(keys: Keys) -> None:
    async def answer_old(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = (
            b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>'
            b'<h:ServerVersionInfo xmlns:h="http://schemas.microsoft.com/exchange/services/2006/'
            b'types" MajorVersion="14" MinorVersion="0" MajorBuildNumber="1" MinorBuildNumber="1"'
            b' Version="Exchange2010"/></s:Header><s:Body/></s:Envelope>'
        )
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    async with server_that(answer_old, keys) as (calendar, heard):
        for _ in range(2):
            with pytest.raises(SyncError):
                await calendar.owned_events()

    assert len(heard) == 2
    for request in heard:
        assert b"User-Agent: figgo-calendar-sync\r\n" in request
        assert b'RequestServerVersion Version="Exchange2016"' in request
        assert b"X-AnchorMailbox: jane.doe@societe.com\r\n" in request
        assert b"<t:PrimarySmtpAddress>jane.doe@societe.com</t:PrimarySmtpAddress>" in request


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Mail.Societe.com/ews/exchange.asmx", "mail.societe.com"),
        ("https://mail.societe.com:443/", "mail.societe.com"),
        ("https://mail.societe.com:8443/", "mail.societe.com:8443"),
        ("https://user:secret@mail.societe.com/", "mail.societe.com"),
        ("https://mail.societe.com@evil.example/", "evil.example"),
        ("https://[2001:DB8::1]:444/", "[2001:db8::1]:444"),
        ("http://mail.societe.com/", "mail.societe.com:80"),
    ],
)
def test_hosts_are_compared_in_one_spelling(url: str, host: str) -> None:
    assert authority(url) == host


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("17", 17),
        (" 17 ", 17),
        ("0", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None),
        ("99999999999999999999", 86400),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400),
    ],
)
def test_retry_after_is_read_with_care(header: str | None, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(header) == expected


def test_retry_after_may_be_a_date() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=90)
    delay = retry_after(soon.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    assert delay is not None
    assert timedelta(seconds=80) < delay <= timedelta(seconds=90)
