"""How many calls are under way at the same time: counted for tests, limited as Exchange limits."""

from collections import Counter

from aiohttp import web
from aiohttp.typedefs import Handler

from figgosync_sim.ews import soap
from figgosync_sim.ews.authentication import Authentication
from figgosync_sim.ews.dispatch import asked_in
from figgosync_sim.ews.errors import SOAPFaultError


class Traffic:
    """Counts the calls of each login and of each impersonated mailbox.

    `max_concurrency` is the policy's EWSMaxConcurrency for one login. Verified [throttling and
    ResponseCode pages]: 27 by default, and a call too many is ErrorExceededConnectionCount; that it
    is a SOAP fault is assumed. `peaks` has, for each mailbox (lower case), the most calls that were
    ever under way on it.
    """

    def __init__(self, authentication: Authentication) -> None:
        self.max_concurrency = 27
        self.peaks: Counter[str] = Counter()
        self._authentication = authentication
        self._logins: Counter[str] = Counter()
        self._mailboxes: Counter[str] = Counter()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count the request while it is under way, held back by an ordered delay included."""
        login = self._authentication.claimed_login(request)
        if login is None:
            return await handler(request)
        if self._logins[login] >= self.max_concurrency:
            content = soap.fault(SOAPFaultError("ErrorExceededConnectionCount"))
            return web.Response(status=500, body=content, content_type="text/xml")
        mailbox = await _mailbox(request)
        self._logins[login] += 1
        self._mailboxes[mailbox] += 1
        self.peaks[mailbox] = max(self.peaks[mailbox], self._mailboxes[mailbox])
        try:
            return await handler(request)
        finally:
            self._logins[login] -= 1
            self._mailboxes[mailbox] -= 1


async def _mailbox(request: web.Request) -> str:
    try:
        return ((await asked_in(request)).impersonated or "").lower()
    except SOAPFaultError:
        return ""
