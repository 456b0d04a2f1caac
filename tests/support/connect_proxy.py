"""An HTTP proxy that opens tunnels and does nothing else: strict, and as bad as ordered."""

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from figgosync.core.proxy import Proxy

Fault = Callable[[asyncio.StreamWriter], Awaitable[None]]
"""What the proxy does to a CONNECT instead of opening the tunnel; the connection ends with it."""

_PACE = 0.01
_OPEN = (b"HTTP/1.1 200 Connection established\r\nVia: 1.1 acme\r\n\r\n",)
_TLS_HANDSHAKE = 0x16
_REQUEST = re.compile(r"CONNECT (\S+:\d+) HTTP/1\.[01]")
# What says nothing about the request that will go through the tunnel.
_HARMLESS = {"host", "user-agent", "accept", "accept-encoding", "proxy-authorization"}


@dataclass
class ConnectProxy:
    """The proxy as its test sees it.

    `targets` are those of all CONNECTs, refused ones too; `carried` is every byte that went
    through, either way; `violations` is what no client may do. `routes` are targets that the proxy
    finds elsewhere than their name says. `consent` is its answer when a tunnel stands, in packets.
    """

    login: str | None
    routes: Mapping[str, int]
    port: int = 0
    targets: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    carried: bytearray = field(default_factory=bytearray)
    fault: Fault | None = None
    consent: Sequence[bytes] = _OPEN
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def proxy(self) -> Proxy:
        """Return it as the settings name it, with the right login."""
        login, _, password = (self.login or "").partition(":")
        return Proxy("127.0.0.1", self.port, login or None, password)

    @property
    def url(self) -> str:
        """Return it as HTTPS_PROXY names it."""
        return f"http://{self.login}@127.0.0.1:{self.port}" if self.login else self.proxy.url

    def drop(self) -> None:
        """Cut every connection, as the restart of a proxy does."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client to its end."""
        self._writers.add(writer)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._answer(reader, writer)
        finally:
            writer.transport.abort()
            self._writers.discard(writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *lines = head.strip().split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (h.partition(":") for h in lines)
        }
        found = _REQUEST.fullmatch(line)
        # aiohttp leaves the port of https out of the header.
        places = {} if found is None else {found[1], found[1].removesuffix(":443")}
        if found is None or headers.get("host") not in places or not set(headers) <= _HARMLESS:
            self.violations.append(head)
            return await refusing(400)(writer)
        target = found[1]
        self.targets.append(target)
        self.heads.append(head)
        if self.fault is not None:
            return await self.fault(writer)
        if self.login is not None and headers.get("proxy-authorization") != _basic(self.login):
            return await refusing(407, 'Proxy-Authenticate: Basic realm="acme"\r\n')(writer)
        return await self._tunnel(target, reader, writer)

    async def _tunnel(
        self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        host, _, port = target.rpartition(":")
        try:
            there = await asyncio.open_connection(
                *(
                    ("127.0.0.1", self.routes[target])
                    if target in self.routes
                    else (host, int(port))
                )
            )
        except OSError:
            return await refusing(502)(writer)
        self._writers.add(there[1])
        try:
            for packet in self.consent:
                writer.write(packet)
                await asyncio.sleep(_PACE)
            hello = await reader.readexactly(1)
            if hello[0] != _TLS_HANDSHAKE:
                self.violations.append("not TLS")
            there[1].write(hello)
            ways = [
                asyncio.create_task(self._carry(reader, there[1])),
                asyncio.create_task(self._carry(there[0], writer)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        finally:
            there[1].transport.abort()
            self._writers.discard(there[1])
        return None

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while part := await source.read(65_536):
            self.carried += part
            sink.write(part)
            await sink.drain()


CONSENTS: Mapping[str, Sequence[bytes]] = {
    "in many packets": (b"HTTP", b"/1.1 2", b"00 OK\r", b"\nVia: acme\r\n\r", b"\n"),
    "without a reason": (b"HTTP/1.0 200\r\n\r\n",),
    "with bare line feeds": (b"HTTP/1.1 200 OK\nVia: acme\n\n",),
    "with a length that means nothing": (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",),
    "after another": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",),
    "after two others": (
        b"HTTP/1.1 102 Processing\r\nVia: acme\r\n\r\nHTTP/1.1 103 ",
        b"Early Hints\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
    ),
}
"""Unusual answers that open a tunnel all the same (RFC 9110, 9.3.6 and 15.2)."""


@asynccontextmanager
async def connect_proxy(
    login: str | None = None, routes: Mapping[str, int] | None = None
) -> AsyncIterator[ConnectProxy]:
    """Serve a proxy; `login` is `name:password`. Fails if a client did what none may do."""
    proxy = ConnectProxy(login, routes or {})
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(proxy.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert proxy.violations == []


def refusing(status: int, headers: str = "") -> Fault:
    """Answer with a status and a page, as proxies do."""
    page = b"<html>CANARY-PAGE of the proxy</html>"
    head = f"HTTP/1.1 {status} CANARY-REASON\r\n{headers}Content-Length: {len(page)}\r\n\r\n"
    return saying(head.encode() + page)


def saying(answer: bytes) -> Fault:
    """Answer with these bytes, and hang up."""

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return say


async def silent(_: asyncio.StreamWriter) -> None:
    """Say nothing."""
    await asyncio.Event().wait()


async def hanging_up(_: asyncio.StreamWriter) -> None:
    """Close the connection."""


async def trickling(writer: asyncio.StreamWriter) -> None:
    """Answer so slowly that no single byte is late, and never to the end."""
    writer.write(b"HTTP/1.1 200 Connection established\r\nX-Endless: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(_PACE)


async def endless(writer: asyncio.StreamWriter) -> None:
    """Answer with ever more headers, as fast as they are taken."""
    writer.write(b"HTTP/1.1 200 Connection established\r\n")
    while True:
        writer.write(b"X-Endless: yes\r\n" * 64)
        await writer.drain()


async def open_and_silent(writer: asyncio.StreamWriter) -> None:
    """Say that the tunnel stands, and carry nothing."""
    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    await asyncio.Event().wait()


def _basic(login: str) -> str:
    return f"Basic {b64encode(login.encode()).decode()}"
