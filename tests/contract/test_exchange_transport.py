"""What reaches the wire, and what a hostile or half-dead server can do to us."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.calendar_cases import PARIS, a_key, an_event
from contract.exchange_backstage import JANE, LOGIN, PASSWORD, Keys, exchange
from figgosync.calendars.base import Calendar, Mailbox
from figgosync.calendars.exchange import ExchangeConnection, ExchangeConnectionSettings
from figgosync.calendars.exchange.protocol import retry_after
from figgosync.calendars.exchange.transport import authority
from figgosync.core.tenant import Authentication
from figgosync.errors import OutcomeUnknownError, PermanentError, Reason, SyncError, TransientError
from figgosync_sim.certificates import Authority
from figgosync_sim.ews import ews_simulator, redirect_to_owa
from figgosync_sim.faults import Answer

LIMIT = timedelta(seconds=0.4)

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def connected(
    keys: Keys, url: str, call_limit: timedelta = LIMIT, **changes: object
) -> AsyncIterator[ExchangeConnection]:
    hosts = changes.pop("allowed_hosts", frozenset({authority(url)}))
    connection = ExchangeConnection(
        ExchangeConnectionSettings(
            url,
            LOGIN,
            PASSWORD,
            Authentication.BASIC,
            hosts,
            str(changes.pop("ca_bundle", keys.ca_file)),
            call_limit=call_limit,
        )
    )
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def server_that(
    talk: Talk, keys: Keys, *, tls: bool = True, call_limit: timedelta = LIMIT
) -> AsyncIterator[tuple[Calendar, list[bytes]]]:
    """Serve something that is no Exchange; yield a calendar on it, and what it was sent."""
    heard: list[bytes] = []
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        if tls:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split()[0])
            heard.append(head + await reader.readexactly(length))
        with suppress(ConnectionError):
            await talk(reader, writer)

    context = keys.server if tls else None
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    url = f"https://localhost:{port}/EWS/Exchange.asmx"
    async with connected(keys, url, call_limit) as connection:
        yield connection.calendar(Mailbox(JANE, PARIS)), heard
    for writer in writers:
        writer.transport.abort()
    server.close()
    await asyncio.sleep(0.01)


async def silence(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    await asyncio.sleep(1)


async def trickle(writer: asyncio.StreamWriter, start: bytes) -> None:
    writer.write(start)
    for _ in range(100):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


async def trickled_head(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await trickle(writer, b"HTTP/1.1 200 OK\r\nX-Endless: ")


async def trickled_body(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await trickle(writer, b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")


async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n")
    for _ in range(200):
        writer.write(b"<" * 2**17)
        await writer.drain()


# Time and size.


@pytest.mark.parametrize("talk", [silence, trickled_head, trickled_body])
async def test_a_server_that_never_finishes_costs_one_call_limit(keys: Keys, talk: Talk) -> None:
    async with server_that(talk, keys) as (calendar, heard):
        started = time.monotonic()
        with pytest.raises(TransientError) as failed:
            await calendar.owned_events()
        took = time.monotonic() - started

        assert took <= LIMIT.total_seconds() + 0.02
        assert not isinstance(failed.value, OutcomeUnknownError)
        assert failed.value.reason is Reason.SERVER_ERROR
        assert len(heard) == 1
        # The thread and the mailbox are free again: the next call gets as far as this one.
        with pytest.raises(TransientError):
            await calendar.owned_events()
        assert len(heard) == 2


@pytest.mark.parametrize("talk", [silence, trickled_head, trickled_body])
async def test_a_write_to_a_server_that_never_finishes_has_an_unknown_outcome(
    keys: Keys, talk: Talk
) -> None:
    async with server_that(talk, keys) as (calendar, heard):
        for write in (
            calendar.update("key id", a_key(), an_event()),  # type: ignore[arg-type]
            calendar.delete("key id"),  # type: ignore[arg-type]
        ):
            started = time.monotonic()
            with pytest.raises(OutcomeUnknownError):
                await write
            assert time.monotonic() - started <= LIMIT.total_seconds() + 0.02
        assert len(heard) == 2


async def test_an_endless_answer_is_not_read_to_its_end(keys: Keys) -> None:
    async with server_that(flood, keys, call_limit=timedelta(seconds=9)) as (calendar, _):
        started = time.monotonic()
        with pytest.raises(TransientError):
            await calendar.owned_events()
        assert time.monotonic() - started < 5


def found(*ids: str, total: int, offset: int, last: bool, end: str = "</s:Envelope>") -> Talk:
    """Answer one page of a listing, whatever was asked."""
    items = "".join(
        f'<t:CalendarItem><t:ItemId Id="{i}" ChangeKey="k"/><t:Subject>Absent</t:Subject>'
        "<t:Sensitivity>Normal</t:Sensitivity><t:ExtendedProperty><t:ExtendedFieldURI "
        'PropertySetId="dc56e31e-801a-4f18-b249-01c1b9978bb6" PropertyName="figgosync-absence" '
        f'PropertyType="String"/><t:Value>v1/acme.ilucca.net/1/{number}/0</t:Value>'
        "</t:ExtendedProperty><t:Start>2026-12-24T08:00:00Z</t:Start>"
        "<t:End>2026-12-24T11:00:00Z</t:End><t:IsAllDayEvent>false</t:IsAllDayEvent>"
        "<t:LegacyFreeBusyStatus>OOF</t:LegacyFreeBusyStatus></t:CalendarItem>"
        for number, i in enumerate(ids)
    )
    schema = "http://schemas.microsoft.com/exchange/services/2006"
    body = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<m:FindItemResponse xmlns:m="{schema}/messages" xmlns:t="{schema}/types">'
        '<m:ResponseMessages><m:FindItemResponseMessage ResponseClass="Success">'
        f'<m:ResponseCode>NoError</m:ResponseCode><m:RootFolder TotalItemsInView="{total}" '
        f'IndexedPagingOffset="{offset}" IncludesLastItemInRange="{str(last).lower()}">'
        f"<t:Items>{items}</t:Items></m:RootFolder></m:FindItemResponseMessage>"
        f"</m:ResponseMessages></m:FindItemResponse></s:Body>{end}"
    )

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()

    return talk


async def test_an_envelope_without_its_end_is_no_listing(keys: Keys) -> None:
    async with server_that(found(total=0, offset=0, last=True), keys) as (calendar, _):
        assert list(await calendar.owned_events()) == []
    talk = found(total=0, offset=0, last=True, end="")
    async with server_that(talk, keys) as (calendar, _):
        with pytest.raises(TransientError):
            await calendar.owned_events()


async def test_the_page_that_the_following_tests_spoil_is_a_good_one(keys: Keys) -> None:
    async with server_that(found("a", "b", total=2, offset=2, last=True), keys) as (calendar, _):
        assert len(await calendar.owned_events()) == 2


@pytest.mark.parametrize(
    "talk",
    [
        found("a", total=2, offset=1, last=True),
        found(total=2, offset=0, last=True),
        found("a", "b", "c", total=2, offset=3, last=True),
        found("a", total=2, offset=7, last=False),
        found(total=2, offset=0, last=False),
    ],
    ids=["a row short", "empty", "a row too many", "a gap", "no end"],
)
async def test_a_page_that_contradicts_itself_is_no_listing(keys: Keys, talk: Talk) -> None:
    async with server_that(talk, keys) as (calendar, heard):
        with pytest.raises(TransientError) as failed:
            await calendar.owned_events()
        assert failed.value.reason is Reason.INCOMPLETE_READ
        assert len(heard) == 1


async def test_a_write_that_was_never_sent_has_a_known_outcome(keys: Keys) -> None:
    # The TLS handshake never comes about.
    async with server_that(silence, keys, tls=False) as (calendar, _):
        with pytest.raises(TransientError) as failed:
            await calendar.update("key id", a_key(), an_event())  # type: ignore[arg-type]

        assert not isinstance(failed.value, OutcomeUnknownError)
        assert failed.value.reason is Reason.UNREACHABLE
        assert failed.value.tenant_wide


async def test_a_server_that_is_not_there_is_unreachable_not_a_refused_login(keys: Keys) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    async with connected(keys, f"https://localhost:{port}/EWS/Exchange.asmx") as connection:
        with pytest.raises(TransientError) as failed:
            await connection.calendar(Mailbox(JANE, PARIS)).delete("key id")  # type: ignore[arg-type]

    assert failed.value.reason is Reason.UNREACHABLE
    assert failed.value.tenant_wide
    assert not isinstance(failed.value, OutcomeUnknownError)


async def test_a_thread_stuck_in_name_resolution_keeps_its_place_until_it_comes_back(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved = threading.Event()
    resolve = socket.getaddrinfo

    def stuck(*args: object, **kwargs: object) -> object:
        resolved.wait(5)
        return resolve(*args, **kwargs)  # type: ignore[arg-type]

    async with exchange(keys, call_limit=timedelta(seconds=0.1)) as backstage:
        calendar = backstage.calendar()
        with monkeypatch.context() as patch:
            patch.setattr(socket, "getaddrinfo", stuck)
            with pytest.raises(TransientError) as first:
                await calendar.delete("key id")  # type: ignore[arg-type]
            with pytest.raises(TransientError) as second:
                await calendar.delete("key id")  # type: ignore[arg-type]
            resolved.set()
            await asyncio.sleep(0.02)
        assert (first.value.reason, second.value.reason) == (
            Reason.UNREACHABLE,
            Reason.PROGRESSING,
        )
        # Too late to be sent, it was not sent.
        assert len(backstage.simulator.log) == 0
        assert list(await calendar.owned_events()) == []


# Whom we talk to.


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


async def test_the_authorities_of_the_installation_replace_the_built_in_ones(keys: Keys) -> None:
    # With certifi's bundle, the tests' own authority is nobody's.
    async with ews_simulator({LOGIN: PASSWORD}, tls=keys.server) as simulator:
        connection = ExchangeConnection(
            ExchangeConnectionSettings(
                simulator.url,
                LOGIN,
                PASSWORD,
                Authentication.BASIC,
                frozenset({authority(simulator.url)}),
            )
        )
        with pytest.raises(PermanentError) as refused:
            await connection.check(Mailbox(JANE, PARIS))
        await connection.close()
        await asyncio.sleep(0.01)
        assert refused.value.reason is Reason.TLS_FAILED


async def test_nothing_adds_to_the_authorities_of_the_installation(keys: Keys) -> None:
    async with exchange(keys) as backstage:
        await backstage.check()

        context = backstage.connection._protocol._tls  # noqa: SLF001 - nobody else knows
        assert context.cert_store_stats()["x509_ca"] == 1


@pytest.mark.parametrize("content", [None, "no certificate"], ids=["missing", "garbage"])
async def test_a_bundle_that_cannot_be_read_is_said_at_once(
    keys: Keys, tmp_path: Path, content: str | None
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content:
        bundle.write_text(content)

    with pytest.raises(PermanentError) as refused:
        async with connected(keys, "https://localhost/", ca_bundle=bundle):
            pass
    assert refused.value.reason is Reason.TLS_FAILED


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


# Small rules.


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
