"""One SOAP request on its way: envelope, schema, impersonation, operation, answer."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aiohttp import web

from figgosync_sim.ews import soap
from figgosync_sim.ews.access import Door
from figgosync_sim.ews.authentication import Caller
from figgosync_sim.ews.browsing import find_item, get_folder
from figgosync_sim.ews.calls import EWSCall, EWSLog
from figgosync_sim.ews.errors import EWSError, SOAPFaultError, not_simulated
from figgosync_sim.ews.misbehaviour import Refuse
from figgosync_sim.ews.operations import (
    Call,
    Rules,
    create_item,
    delete_item,
    get_item,
    update_item,
)
from figgosync_sim.ews.schema import check
from figgosync_sim.ews.soap import Element, M
from figgosync_sim.ews.zones import zone_of

_OPERATIONS: Mapping[str, Callable[[Call], Iterator[Element]]] = {
    "GetFolder": get_folder,
    "FindItem": find_item,
    "GetItem": get_item,
    "CreateItem": create_item,
    "UpdateItem": update_item,
    "DeleteItem": delete_item,
}

# Verified [types schema]: what RequestServerVersion may name.
_VERSIONS = frozenset(
    {
        *("Exchange2007", "Exchange2007_SP1", "Exchange2010", "Exchange2010_SP1"),
        *("Exchange2010_SP2", "Exchange2013", "Exchange2013_SP1", "Exchange2015", "Exchange2016"),
    }
)

_ASKED = web.RequestKey("asked", soap.Request)


async def asked_in(request: web.Request) -> soap.Request:
    """Return the SOAP request within, taken apart once; SOAPFaultError when there is none."""
    known = request.get(_ASKED)
    if known is None:
        known = request[_ASKED] = soap.parse(await request.read())
    return known


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """Carries requests to their operations."""

    door: Door
    rules: Rules
    log: EWSLog

    async def answer(
        self, request: web.Request, caller: Caller, order: Refuse | None
    ) -> web.Response:
        """Answer a request of somebody who is logged in; `order` is a fault to commit."""
        operation, identity, outcome, status = "", None, "NoError", 200
        try:
            asked = await asked_in(request)
            operation, identity = asked.name, asked.impersonated
            messages = self._messages(asked, caller, order)
            content = soap.answer(operation, messages)
            codes = (message.findtext(f"{M}ResponseCode") for message in messages)
            outcome = next((code for code in codes if code and code != "NoError"), outcome)
        except SOAPFaultError as fault:
            # Verified [Microsoft's throttling page]: a fault comes with HTTP 500.
            content, outcome, status = soap.fault(fault), fault.code, 500
        login, scheme = caller.account.login, caller.scheme
        self.log.calls.append(EWSCall(operation, identity, login, scheme, outcome))
        return web.Response(status=status, body=content, content_type="text/xml", charset="utf-8")

    def _messages(self, asked: soap.Request, caller: Caller, order: Refuse | None) -> list[Element]:
        call = self._call(asked, caller)
        if order is not None and not order.after:
            return _refused(call, order)
        try:
            messages = list(_OPERATIONS[call.name](call))
        except SOAPFaultError:
            raise
        except EWSError as error:
            messages = [soap.failure(call.name, error)]
        return messages if order is None else _refused(call, order)

    def _call(self, asked: soap.Request, caller: Caller) -> Call:
        """Hold the request against the schema, then find out on whose behalf it comes."""
        version = asked.headers.get("RequestServerVersion")
        # Assumed: without the header Exchange takes its oldest schema, which is not simulated.
        if version is None or version.get("Version") not in _VERSIONS:
            raise SOAPFaultError("ErrorInvalidServerVersion")
        if asked.name not in _OPERATIONS:
            raise not_simulated(asked.name)
        impersonation = asked.headers.get("ExchangeImpersonation")
        context = asked.headers.get("TimeZoneContext")
        for element in (impersonation, context, asked.operation):
            if element is not None:
                check(element)
        owner = self.door.owner(impersonation, caller.account)
        return Call(asked.operation, owner, self.door, _zone(context), self.rules)


def _refused(call: Call, order: Refuse) -> list[Element]:
    """Answer an ordered error once for each part of the request."""
    error = order.error()
    if isinstance(error, SOAPFaultError):
        raise error
    parts = 1 if call.name == "FindItem" else len(call.operation[-1])
    return [soap.failure(call.name, error) for _ in range(parts)]


def _zone(context: Element | None) -> ZoneInfo | None:
    """Return the TimeZoneContext's zone. Assumed: an unknown one is a fault with ErrorTimeZone."""
    if context is None:
        return None
    try:
        return zone_of(context[0].get("Id") or "")
    except EWSError as error:
        raise SOAPFaultError("ErrorTimeZone") from error
