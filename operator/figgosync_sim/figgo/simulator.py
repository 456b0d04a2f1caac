"""The web application of a simulated Figgo tenant: who may ask, how often, and for what."""

import json
from collections.abc import Iterable
from email.utils import format_datetime

from aiohttp import web
from aiohttp.typedefs import Handler

from figgosync_sim.faults import MISBEHAVIOUR, Faults
from figgosync_sim.figgo.access import Rights
from figgosync_sim.figgo.projection import written
from figgosync_sim.figgo.readings import Readings
from figgosync_sim.figgo.refusal import Refusal, response_to
from figgosync_sim.figgo.state import FiggoState
from figgosync_sim.figgo.tenant import Question, TenantApi
from figgosync_sim.figgo.window import RequestWindow
from figgosync_sim.requestlog import RequestLog

_SCHEME = "lucca application="
_LARGEST_HEADERS = 8 * 1024
_REQUESTS_PER_MINUTE = 50


class FiggoSimulator:
    """A tenant's legacy server over HTTP; `app` is to be served, `state` to be acted upon.

    `readings` may be replaced at any time. `page_cap` replaces both the default and the largest
    page of every list. `requests_per_minute` None lifts the allowance, for load tests. `key`
    replaces the state's keys.
    """

    def __init__(
        self,
        state: FiggoState,
        *,
        key: str | None = None,
        readings: Readings | None = None,
        page_cap: int | None = None,
        requests_per_minute: int | None = _REQUESTS_PER_MINUTE,
    ) -> None:
        if key is not None:
            state.set_key(key)
        self.state = state
        self.readings = readings or Readings()
        self.page_cap = page_cap
        self.log = RequestLog()
        self.faults = Faults()
        self._asked = 0
        self._window = (
            None
            if requests_per_minute is None
            else RequestWindow(requests_per_minute, lambda: state.now().timestamp())
        )
        self.app = web.Application(
            middlewares=[self.log.middleware, self.faults.middleware, self._refusing]
        )
        self.app.router.add_route("*", "/{path:.*}", self._answer)

    @web.middleware
    async def _refusing(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await handler(request)
        except Refusal as refusal:
            response = response_to(refusal, self.readings.errors)
        # The tenant's own clock, which may run ahead or behind: a client may go by it.
        response.headers["Date"] = format_datetime(self.state.now(), usegmt=True)
        return response

    async def _answer(self, request: web.Request) -> web.Response:
        self._check_size(request)
        rights = self._authenticated(request)
        self._check_window()
        if request.method != "GET":
            # Of the real server's writes (cancel a leave, approve a request) none is simulated:
            # to whoever only keeps calendars they are as good as forbidden.
            raise Refusal(405, "The requested resource does not support this method.")
        self._asked += 1
        question = Question(
            parameters=_parameters(request.query.items()),
            rights=rights,
            base=f"{request.scheme}://{request.host}",
            misbehaviour=request.get(MISBEHAVIOUR),
            disorder=0 if self.readings.stable_without_order else self._asked,
        )
        answer = TenantApi(self.state, self.readings, self.page_cap).answer(request.path, question)
        return _json(self._with_header(answer))

    @staticmethod
    def _check_size(request: web.Request) -> None:
        """Refuse more than 8 KB of request line and headers [verified: 431]."""
        line = len(request.method) + len(request.raw_path)
        if line + sum(len(k) + len(v) for k, v in request.raw_headers) > _LARGEST_HEADERS:
            raise Refusal(431, "Request header fields too large.")

    def _authenticated(self, request: web.Request) -> Rights:
        """Return the key's rights, or refuse [verified: 401; the scheme in any case]."""
        header = request.headers.get("Authorization", "")
        known = header[: len(_SCHEME)].lower() == _SCHEME
        rights = self.state.rights_of(header[len(_SCHEME) :]) if known else None
        if rights is None:
            raise Refusal(401, "Unauthorized")
        return rights

    def _check_window(self) -> None:
        """Refuse what is above the allowance [verified: 429, Retry-After; seconds: assumed]."""
        wait = None if self._window is None else self._window.admit()
        if wait is not None:
            raise Refusal(429, "Too many requests.", {"Retry-After": str(wait)})

    def _with_header(self, answer: dict[str, object]) -> dict[str, object]:
        if not self.readings.header or "data" not in answer:
            return answer
        generated = written(self.state.now().astimezone(self.readings.server_zone))
        return {"header": {"generated": generated, "principal": "calendar sync"}, **answer}


def _parameters(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters by lower-case name; one that is repeated is joined by commas."""
    joined: dict[str, str] = {}
    for name, text in pairs:
        key = name.lower()
        joined[key] = f"{joined[key]},{text}" if key in joined else text
    return joined


def _json(answer: dict[str, object]) -> web.Response:
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return web.Response(text=text, content_type="application/json")
