"""The operator's own HTTP server: alive, ready, and how it is doing."""

import socket
from collections.abc import Awaitable, Callable

from aiohttp import web

Check = Callable[[], str | None]
"""Returns None when all is well, else what is wrong."""

Page = Callable[[str], tuple[bytes, str]]
"""Returns the metrics as the header `Accept` wants them, and their content type."""


class Server:
    """Serves /healthz, /readyz and /metrics on all interfaces, without a log line per request."""

    def __init__(self, port: int, metrics: Page, alive: Check, ready: Check) -> None:
        self._port = port
        self._page = metrics
        app = web.Application()
        app.router.add_get("/healthz", _answering(alive))
        app.router.add_get("/readyz", _answering(ready))
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None)

    async def start(self) -> int:
        """Begin to serve; return the port, which the system chose where 0 was asked for."""
        await self._runner.setup()
        listening = _listen(self._port)
        await web.SockSite(self._runner, listening).start()
        port: int = listening.getsockname()[1]
        return port

    async def stop(self) -> None:
        """End."""
        await self._runner.cleanup()

    async def _metrics(self, request: web.Request) -> web.Response:
        body, content_type = self._page(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})


def _listen(port: int) -> socket.socket:
    """Listen on one port for IPv4 and IPv6; apart, port 0 would become two ports."""
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    return socket.create_server(("", port))


def _answering(check: Check) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_: web.Request) -> web.Response:
        trouble = check()
        if trouble is None:
            return web.Response(text="ok\n")
        return web.Response(text=f"{trouble}\n", status=web.HTTPServiceUnavailable.status_code)

    return answer
