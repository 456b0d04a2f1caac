"""Ordered faults: what a simulator shall do wrong, on which request, how often."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from aiohttp import web
from aiohttp.typedefs import Handler


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer this instead of processing the request."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class HtmlError:
    """Answer an HTML page, as a proxy or a maintenance page in front of the system does."""

    status: int


@dataclass(frozen=True, slots=True)
class Delay:
    """Hold the request back for so many seconds, then process it."""

    seconds: float


@dataclass(frozen=True, slots=True)
class DropBefore:
    """Cut the connection before anything is processed."""


@dataclass(frozen=True, slots=True)
class DropAfter:
    """Process the request, then cut the connection without an answer."""


@dataclass(frozen=True, slots=True)
class Truncate:
    """Process the request, announce the full length, send half of the body, cut the connection."""


class Misbehaviour:
    """The base of faults that only one simulator knows: it finds them under `MISBEHAVIOUR`."""


Fault = Answer | HtmlError | Delay | DropBefore | DropAfter | Truncate | Misbehaviour

MISBEHAVIOUR = web.RequestKey("misbehaviour", Misbehaviour)

When = Callable[[web.Request], bool | Awaitable[bool]]


@dataclass(slots=True)
class _Order:
    fault: Fault
    when: When | None
    method: str | None
    path: str | None
    times: int

    async def wants(self, request: web.Request) -> bool:
        if self.method is not None and request.method != self.method:
            return False
        if self.path is not None and not request.path.lower().startswith(self.path.lower()):
            return False
        if self.when is None:
            return True
        verdict = self.when(request)
        return await verdict if inspect.isawaitable(verdict) else verdict


class Faults:
    """The faults ordered from one simulator.

    A request takes at most one: the oldest order that wants it and has times left.
    """

    def __init__(self) -> None:
        self._orders: list[_Order] = []

    def order(
        self,
        fault: Fault,
        *,
        when: When | None = None,
        method: str | None = None,
        path: str | None = None,
        times: int = 1,
    ) -> None:
        """Order `fault` for the next `times` requests that match every condition given.

        `path` is the beginning of a path, compared without case. `when` may be a coroutine
        function that reads the body.
        """
        if times < 1:
            raise ValueError("a fault is ordered at least once")
        self._orders.append(_Order(fault, when, method, path, times))

    @property
    def pending(self) -> list[Fault]:
        """What was ordered and has not happened yet, one entry for each time left."""
        return [order.fault for order in self._orders for _ in range(order.times)]

    def cancel(self) -> None:
        """Take all pending orders back."""
        self._orders.clear()

    async def _take(self, request: web.Request) -> Fault | None:
        for order in tuple(self._orders):
            # Evaluating `when` may suspend: another request may have used the order up meanwhile.
            if await order.wants(request) and order.times > 0:
                order.times -= 1
                if order.times == 0 and order in self._orders:
                    self._orders.remove(order)
                return order.fault
        return None

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Apply the fault that this request takes, if any."""
        fault = await self._take(request)
        response: web.StreamResponse
        match fault:
            case None:
                response = await handler(request)
            case Answer():
                response = _answer(fault)
            case HtmlError():
                response = _html(fault.status)
            case Delay():
                await asyncio.sleep(fault.seconds)
                response = await handler(request)
            case DropBefore():
                response = _cut(request)
            case DropAfter():
                await _processed(request, handler)
                response = _cut(request)
            case Truncate():
                response = await _cut_short(request, await _processed(request, handler))
            case Misbehaviour():
                request[MISBEHAVIOUR] = fault
                response = await handler(request)
            case _:
                assert_never(fault)
        return response


def _answer(fault: Answer) -> web.Response:
    return web.Response(
        status=fault.status,
        headers=dict(fault.headers),
        body=fault.body.encode(),
        content_type=fault.content_type,
        charset="utf-8",
    )


def _html(status: int) -> web.Response:
    page = "<!DOCTYPE html><html><body><h1>Service unavailable</h1></body></html>"
    return web.Response(status=status, text=page, content_type="text/html")


async def _processed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Return what the simulator would answer, its refusals included."""
    try:
        return await handler(request)
    except web.HTTPException as refusal:
        return refusal


def _cut(request: web.Request) -> web.Response:
    """Cut the connection; the response returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut_short(request: web.Request, whole: web.StreamResponse) -> web.StreamResponse:
    body = whole.body if isinstance(whole, web.Response) else None
    if not isinstance(body, bytes) or not body:
        raise TypeError("only an answer with a body can be cut short")
    part = web.StreamResponse(status=whole.status, headers=whole.headers)
    part.content_length = len(body)
    await part.prepare(request)
    await part.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return part
