"""Remembers what a simulator was asked, so that tests can hold it against expectations."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Handler

_CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie"})


@dataclass(slots=True)
class LoggedRequest:
    """One request as it arrived; what carries credentials is left out.

    `path` is as sent. `query` joins repeated parameters with commas. `status` is None while the
    request is under way and stays None when its connection was cut on purpose. `started` is in
    seconds of `time.monotonic`, and so is `ended`, which is None while it is under way.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    started: float
    status: int | None = None
    ended: float | None = None


class RequestLog:
    """Every request to one simulator, in the order of arrival.

    `peak` is the largest number of requests that were ever under way at the same time.
    """

    def __init__(self) -> None:
        self.requests: list[LoggedRequest] = []
        self.peak = 0
        self._under_way = 0

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(self.requests)

    def __len__(self) -> int:
        return len(self.requests)

    def to(self, path: str) -> list[LoggedRequest]:
        """Return the requests to a path, compared without case."""
        return [r for r in self.requests if r.path.lower() == path.lower()]

    def clear(self) -> None:
        """Forget what was asked so far."""
        self.requests.clear()
        self.peak = self._under_way

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Log each request when it comes and its status when it is answered; the outermost one."""
        entry = LoggedRequest(
            method=request.method,
            path=request.path,
            query={name: ",".join(request.query.getall(name)) for name in request.query},
            headers={k: v for k, v in request.headers.items() if k.lower() not in _CREDENTIALS},
            started=time.monotonic(),
        )
        self.requests.append(entry)
        self._under_way += 1
        self.peak = max(self.peak, self._under_way)
        try:
            response = await handler(request)
        except web.HTTPException as refusal:
            entry.status = refusal.status
            raise
        finally:
            self._under_way -= 1
            entry.ended = time.monotonic()
        if request.transport is not None and not request.transport.is_closing():
            entry.status = response.status
        return response
