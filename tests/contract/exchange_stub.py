"""A server under the same certificate that is no Exchange: it says whatever a test wants."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from contract.calendar_cases import PARIS
from contract.exchange_backstage import JANE, LOGIN, PASSWORD, Keys
from figgosync.calendars.base import Calendar, Mailbox
from figgosync.calendars.exchange import ExchangeConnection, ExchangeConnectionSettings
from figgosync.calendars.exchange.transport import authority
from figgosync.core.proxy import Proxy
from figgosync.core.tenant import Authentication

LIMIT = timedelta(seconds=0.4)

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def connected(
    keys: Keys,
    url: str,
    call_limit: timedelta = LIMIT,
    allowed_hosts: frozenset[str] | None = None,
    proxy: Proxy | None = None,
) -> AsyncIterator[ExchangeConnection]:
    """Connect to whatever listens at the URL."""
    connection = ExchangeConnection(
        ExchangeConnectionSettings(
            url,
            LOGIN,
            PASSWORD,
            Authentication.BASIC,
            allowed_hosts or frozenset({authority(url)}),
            keys.client,
            call_limit=call_limit,
            proxy=proxy,
        )
    )
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def server_that(
    talk: Talk,
    keys: Keys,
    *,
    tls: bool = True,
    call_limit: timedelta = LIMIT,
    proxy: Proxy | None = None,
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
    async with connected(keys, url, call_limit, proxy=proxy) as connection:
        yield connection.calendar(Mailbox(JANE, PARIS)), heard
    for writer in writers:
        writer.transport.abort()
    server.close()
    await asyncio.sleep(0.01)


async def silence(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


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
    for _chunk in range(200):
        writer.write(b"<" * 2**17)
        await writer.drain()


def found(*ids: str, total: int, offset: int, last: bool, end: str = "</s:Envelope>") -> Talk:
    """Answer one page of our events, whatever was asked."""
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
    return page(items, total=total, offset=offset, last=last, end=end)


def page(items: str, *, total: int, offset: int, last: bool, end: str = "</s:Envelope>") -> Talk:
    """Answer one page of whatever items, whatever was asked."""
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
