"""The simulated Exchange Server: one web application, its store and its knobs."""

import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

from aiohttp import web

from figgosync_sim.ews import soap
from figgosync_sim.ews.access import Door, ManagementScope
from figgosync_sim.ews.accounts import Accounts
from figgosync_sim.ews.authentication import Authentication, Caller, Scheme
from figgosync_sim.ews.browsing import find_item, get_folder
from figgosync_sim.ews.calls import EWSCall, EWSLog
from figgosync_sim.ews.errors import EWSError, SOAPFaultError
from figgosync_sim.ews.misbehaviour import Refuse
from figgosync_sim.ews.operations import (
    Call,
    Rules,
    create_item,
    delete_item,
    get_item,
    update_item,
)
from figgosync_sim.ews.schema import OPERATIONS, check
from figgosync_sim.ews.soap import Element, M
from figgosync_sim.ews.zones import zone_of
from figgosync_sim.faults import MISBEHAVIOUR, Fault, Faults
from figgosync_sim.mailboxes import MailboxStore
from figgosync_sim.server import serve

PATH = "/EWS/Exchange.asmx"

_OPERATIONS: Mapping[str, Callable[[Call], Iterator[Element]]] = {
    "GetFolder": get_folder,
    "FindItem": find_item,
    "GetItem": get_item,
    "CreateItem": create_item,
    "UpdateItem": update_item,
    "DeleteItem": delete_item,
}

# Verified [types schema]: the versions that RequestServerVersion may name, less those of the cloud.
_VERSIONS = frozenset(
    [
        "Exchange2007",
        "Exchange2007_SP1",
        "Exchange2010",
        "Exchange2010_SP1",
        "Exchange2010_SP2",
        "Exchange2013",
        "Exchange2013_SP1",
        "Exchange2015",
        "Exchange2016",
    ]
)


class ExchangeSimulator:
    """An Exchange Server on a loopback port; see `ews_simulator`.

    `log` is what was asked, `faults` what shall go wrong, `scope` whom the service account may
    impersonate, `accounts` who may log in, `store` the mailboxes, `rules` the server's limits.
    `max_concurrency` is EWSMaxConcurrency: calls of one account at the same time.
    """

    def __init__(
        self, accounts: Accounts, store: MailboxStore, schemes: tuple[Scheme, ...]
    ) -> None:
        self.url = ""
        self.store = store
        self.accounts = accounts
        self.scope = ManagementScope()
        self.rules = Rules()
        self.log = EWSLog()
        self.faults = Faults()
        self.max_concurrency = 27
        self.authentication = Authentication(accounts, schemes)
        self._in_flight: dict[str, int] = {}

    def application(self) -> web.Application:
        """Return the web application; one per simulator."""
        app = web.Application(
            middlewares=[self.log.middleware, self.faults.middleware],
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

        Requests that only open an NTLM login are no calls, and never take the fault.
        """

        async def wanted(request: web.Request) -> bool:
            if not self.authentication.carries_login(request):
                return False
            try:
                asked = soap.parse(await request.read())
            except SOAPFaultError:
                return operation is None and mailbox is None
            if operation not in {None, asked.name}:
                return False
            identity = _identity(asked)
            return mailbox is None or (identity or "").lower() == mailbox.lower()

        self.faults.order(fault, when=wanted, times=times)

    def drop_connections(self) -> None:
        """Close every connection: whoever comes again must log in again."""
        self.authentication.drop_connections()

    async def _serve(self, request: web.Request) -> web.Response:
        body = await request.read()
        caller = self.authentication.caller(request)
        if isinstance(caller, web.Response):
            return caller
        if request.path.lower() != PATH.lower():
            return web.Response(status=404, text="404 - File or directory not found.")
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
        if request.content_type != "text/xml":
            # Verified by the protocol: SOAP 1.1 is text/xml; .NET answers others with 415.
            return web.Response(status=415)
        return self._answered(body, caller, request.get(MISBEHAVIOUR))

    def _answered(self, body: bytes, caller: Caller, order: object) -> web.Response:
        operation, identity, outcome, status = "", None, "NoError", 200
        try:
            asked = soap.parse(body)
            operation, identity = asked.name, _identity(asked)
            messages = self._messages(asked, caller, order)
            content = soap.answer(operation, messages)
            codes = (message.findtext(f"{M}ResponseCode") for message in messages)
            outcome = next((code for code in codes if code and code != "NoError"), outcome)
        except SOAPFaultError as fault:
            # Verified [throttling page, exchangelib]: a fault comes with HTTP 500.
            content, outcome, status = soap.fault(fault), fault.code, 500
        self.log.calls.append(
            EWSCall(operation, identity, caller.account.login, caller.scheme, outcome)
        )
        return web.Response(status=status, body=content, content_type="text/xml", charset="utf-8")

    def _messages(self, asked: soap.Request, caller: Caller, order: object) -> list[Element]:
        call = self._call(asked, caller)
        if isinstance(order, Refuse) and not order.after:
            return self._refused(call, order)
        try:
            messages = list(_OPERATIONS[asked.name](call))
        except SOAPFaultError:
            raise
        except EWSError as error:
            messages = [soap.failure(asked.name, error)]
        if isinstance(order, Refuse):
            return self._refused(call, order)
        return messages

    def _refused(self, call: Call, order: Refuse) -> list[Element]:
        error = order.error()
        if isinstance(error, SOAPFaultError):
            raise error
        parts = 1 if call.name == "FindItem" else len(call.operation[-1])
        return [soap.failure(call.name, error) for _ in range(parts)]

    def _call(self, asked: soap.Request, caller: Caller) -> Call:
        """Hold the request against the schema and find out on whose behalf it comes."""
        version = asked.headers.get("RequestServerVersion")
        # Assumed: without the header Exchange takes its oldest schema, which we do not simulate.
        if version is None or version.get("Version") not in _VERSIONS:
            raise SOAPFaultError("ErrorInvalidServerVersion")
        if asked.name not in OPERATIONS:
            raise SOAPFaultError("ErrorInvalidOperation", f"Not simulated: {asked.name}.")
        impersonation = asked.headers.get("ExchangeImpersonation")
        context = asked.headers.get("TimeZoneContext")
        for element in (impersonation, context, asked.operation):
            if element is not None:
                check(element)
        door = Door(self.store, self.scope)
        owner = door.owner(impersonation, caller.account)
        return Call(asked.operation, owner, door, _zone(context), self.rules)


def _zone(context: Element | None) -> ZoneInfo | None:
    if context is None:
        return None
    try:
        return zone_of(context[0].get("Id") or "")
    except EWSError as error:
        raise SOAPFaultError("ErrorTimeZone") from error


def _identity(asked: soap.Request) -> str | None:
    header = asked.headers.get("ExchangeImpersonation")
    return None if header is None else "".join(header.itertext()).strip()


@asynccontextmanager
async def ews_simulator(
    accounts: Mapping[str, str],
    *,
    tls: ssl.SSLContext | None = None,
    store: MailboxStore | None = None,
    schemes: Iterable[Scheme] = (Scheme.NTLM, Scheme.BASIC),
    lock_out_after: int | None = None,
    port: int = 0,
) -> AsyncIterator[ExchangeSimulator]:
    """Serve a simulated Exchange while the context lasts.

    `accounts` are logins and passwords. Its `url` is `https://localhost:PORT/EWS/Exchange.asmx`,
    or http without `tls`.
    """
    simulator = ExchangeSimulator(
        Accounts(accounts, lock_out_after=lock_out_after), store or MailboxStore(), tuple(schemes)
    )
    async with serve(simulator.application(), tls=tls, port=port) as base:
        simulator.url = f"{base}{PATH}"
        yield simulator
