"""The simulated Exchange Server: one web application, its store and its knobs."""

import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import web

from figgosync_sim.control import control_app
from figgosync_sim.ews.access import Door, ManagementScope
from figgosync_sim.ews.accounts import Accounts
from figgosync_sim.ews.authentication import Authentication, Scheme
from figgosync_sim.ews.calls import EWSLog
from figgosync_sim.ews.dispatch import Dispatcher, asked_in
from figgosync_sim.ews.errors import SOAPFaultError
from figgosync_sim.ews.misbehaviour import Refuse
from figgosync_sim.ews.operations import Rules
from figgosync_sim.ews.traffic import Traffic
from figgosync_sim.ews.verbs import ews_verbs
from figgosync_sim.faults import MISBEHAVIOUR, Fault, Faults
from figgosync_sim.mailboxes import MailboxStore
from figgosync_sim.server import serve

PATH = "/EWS/Exchange.asmx"


class ExchangeSimulator:
    """An Exchange Server on a loopback port; see `ews_simulator`.

    `store` has the mailboxes, `accounts` who may log in, `scope` whom the service account may
    impersonate, `rules` and `traffic` the server's limits, `log` what was asked, `faults` what
    shall go wrong. `control_url` (plain http) is None unless a control token was given.
    """

    def __init__(
        self,
        accounts: Accounts,
        store: MailboxStore | None = None,
        schemes: Iterable[Scheme] = (Scheme.NTLM, Scheme.BASIC),
    ) -> None:
        self.url = ""
        self.control_url: str | None = None
        self.store = store or MailboxStore()
        self.accounts = accounts
        self.scope = ManagementScope()
        self.rules = Rules()
        self.log = EWSLog()
        self.faults = Faults()
        self.authentication = Authentication(accounts, tuple(schemes))
        self.traffic = Traffic(self.authentication)
        self._dispatcher = Dispatcher(Door(self.store, self.scope), self.rules, self.log)

    def application(self) -> web.Application:
        """Return the web application; one per simulator."""
        app = web.Application(
            # The log is outermost, so that it also has what the others answer.
            middlewares=[self.log.middleware, self.traffic.middleware, self.faults.middleware],
            client_max_size=16 * 1024**2,
        )
        app.router.add_route("*", "/{path:.*}", self._serve)
        return app

    def order(
        self,
        fault: Fault,
        *,
        operation: str | None = None,
        mailbox: str | None = None,
        times: int = 1,
    ) -> None:
        """Order a fault for the next calls of an operation, on a mailbox, or both, or any.

        `mailbox` is an impersonated identity. Requests that only open an NTLM login are no calls
        and never take the fault.
        """

        async def wanted(request: web.Request) -> bool:
            if self.authentication.claimed_login(request) is None:
                return False
            try:
                asked = await asked_in(request)
            except SOAPFaultError:
                return operation is None and mailbox is None
            if operation not in {None, asked.name}:
                return False
            return mailbox is None or (asked.impersonated or "").lower() == mailbox.lower()

        self.faults.order(fault, when=wanted, times=times)

    def drop_connections(self) -> None:
        """Close every connection: whoever comes again must log in again."""
        self.authentication.drop_connections()

    async def _serve(self, request: web.Request) -> web.Response:
        """Answer one HTTP request. Verified of IIS and .NET: 401 first, text/xml only (415)."""
        await request.read()
        caller = self.authentication.caller(request)
        if isinstance(caller, web.Response):
            return caller
        if request.path.lower() != PATH.lower():
            return web.Response(status=404, text="404 - File or directory not found.")
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
        if request.content_type != "text/xml":
            return web.Response(status=415)
        order = request.get(MISBEHAVIOUR)
        return await self._dispatcher.answer(
            request, caller, order if isinstance(order, Refuse) else None
        )


@asynccontextmanager
async def ews_simulator(  # noqa: PLR0913 - each is a choice of its own, and all have a default
    accounts: Mapping[str, str],
    *,
    tls: ssl.SSLContext | None = None,
    store: MailboxStore | None = None,
    schemes: Iterable[Scheme] = (Scheme.NTLM, Scheme.BASIC),
    lock_out_after: int | None = None,
    port: int = 0,
    control_token: str | None = None,
    control_port: int = 0,
) -> AsyncIterator[ExchangeSimulator]:
    r"""Serve a simulated Exchange while the context lasts.

    `accounts` are logins (`DOMAIN\name` or `name@domain`) and passwords. `url` becomes
    `https://localhost:PORT/EWS/Exchange.asmx`, or http without `tls`. With a `control_token` the
    verbs of `figgosync_sim.ews.verbs` are served too, on a port of their own.
    """
    directory = Accounts(accounts, lock_out_after=lock_out_after)
    simulator = ExchangeSimulator(directory, store, schemes)
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(serve(simulator.application(), tls=tls, port=port))
        simulator.url = f"{base}{PATH}"
        if control_token is not None:
            control = control_app(ews_verbs(simulator), control_token)
            simulator.control_url = await stack.enter_async_context(
                serve(control, tls=None, port=control_port)
            )
        yield simulator
