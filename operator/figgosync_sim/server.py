"""Puts a simulator on a loopback port of the running event loop."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

# Far above what any simulated system accepts, so that the refusal of a long URL is the
# simulator's own (431, in its own words) and not aiohttp's.
_LONGEST_LINE = 256 * 1024

# A handler that an ordered fault still holds back must not hold back the end of a test.
_SHUTDOWN_SECONDS = 0.05


@asynccontextmanager
async def serve(
    app: web.Application, *, tls: ssl.SSLContext | None, port: int = 0
) -> AsyncIterator[str]:
    """Serve `app` on 127.0.0.1 while the context lasts; yield its base URL without a slash.

    The URL is `https://localhost:PORT`, or `http://...` when `tls` is None; port 0 takes a free
    one. asyncio sets TCP_NODELAY on each connection, and aiohttp sends an answer whose body is
    complete in one write, so no answer waits for the client's delayed acknowledgement.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=_SHUTDOWN_SECONDS,
        max_line_size=_LONGEST_LINE,
        max_field_size=_LONGEST_LINE,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls)
        await site.start()
        scheme = "http" if tls is None else "https"
        yield f"{scheme}://localhost:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
