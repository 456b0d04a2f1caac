"""HTTP logins as IIS does them for Exchange: Basic per request, NTLM per connection."""

import base64
import binascii
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from aiohttp import web

from figgosync_sim.ews.accounts import Account, Accounts
from figgosync_sim.ews.ntlm import Handshake, LoginRefusedError, login_in

if TYPE_CHECKING:
    from asyncio import Transport


class Scheme(StrEnum):
    """How a client may log in; the values are the words of WWW-Authenticate."""

    NTLM = "NTLM"
    BASIC = "Basic"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a request comes from."""

    account: Account
    scheme: Scheme


@dataclass(slots=True)
class _Connection:
    """What is known of one TCP connection: a login half done, or one that is done."""

    handshake: Handshake | None = None
    caller: Caller | None = None


# A request that was held back belongs to its connection even when the client has gone since.
_CONNECTION = web.RequestKey("connection", _Connection)


class Authentication:
    """Decides who sends a request.

    Verified [MS-NTHT and requests-ntlm]: NTLM authenticates a TCP connection; requests that follow
    on it carry no Authorization. Assumed: a connection once authenticated stays so when the
    password changes, until it is closed (`drop_connections`).
    """

    def __init__(
        self, accounts: Accounts, schemes: tuple[Scheme, ...] = (Scheme.NTLM, Scheme.BASIC)
    ) -> None:
        self.schemes = schemes
        self._accounts = accounts
        self._connections: WeakKeyDictionary[Transport, _Connection] = WeakKeyDictionary()

    def drop_connections(self) -> None:
        """Close every connection, as a restart of IIS or a load balancer does."""
        for transport in tuple(self._connections):
            transport.abort()

    def claimed_login(self, request: web.Request) -> str | None:
        """Return as whom a request wants to pass, unproven; None for one that cannot pass.

        Such are those without any login and those that only open one under NTLM.
        """
        connection = self._connection(request)
        scheme, token = _authorization(request)
        if not scheme:
            if connection is None or connection.caller is None:
                return None
            return connection.caller.account.login.lower()
        try:
            raw = base64.b64decode(token, validate=True)
            if scheme == Scheme.BASIC.lower():
                return raw.decode().partition(":")[0].lower()
            return login_in(raw).lower() if _is_authenticate(token) else None
        except ValueError:
            return None

    def caller(self, request: web.Request) -> Caller | web.Response:
        """Return who sends the request, or the 401 that asks for a login or its next step."""
        connection = self._connection(request)
        if connection is None:
            return self._refusal()
        scheme, token = _authorization(request)
        if scheme == Scheme.BASIC.lower() and Scheme.BASIC in self.schemes:
            return self._basic(token) or self._refusal()
        if scheme == Scheme.NTLM.lower() and Scheme.NTLM in self.schemes:
            return self._ntlm(connection, token)
        if not scheme and connection.caller is not None:
            return connection.caller
        return self._refusal()

    def _connection(self, request: web.Request) -> _Connection | None:
        transport = request.transport
        if _CONNECTION not in request and transport is not None:
            request[_CONNECTION] = self._connections.setdefault(transport, _Connection())
        return request.get(_CONNECTION)

    def _basic(self, token: str) -> Caller | None:
        try:
            login, colon, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        if not colon:
            return None
        known = self._accounts.find(login)
        proven = known is not None and known.password == password
        account = self._accounts.decide(login, Scheme.BASIC, proven=proven)
        return None if account is None else Caller(account, Scheme.BASIC)

    def _ntlm(self, connection: _Connection, token: str) -> Caller | web.Response:
        handshake, connection.handshake, connection.caller = connection.handshake, None, None
        try:
            message = base64.b64decode(token, validate=True)
            if not _is_authenticate(token):
                connection.handshake = Handshake()
                return _challenge(connection.handshake.challenge(message))
            if handshake is None:
                return self._refusal()
            login = handshake.login(message, self._password)
        except ValueError:
            return self._refusal()
        except LoginRefusedError as refusal:
            self._accounts.decide(refusal.login, Scheme.NTLM, proven=False)
            return self._refusal()
        account = self._accounts.decide(login, Scheme.NTLM, proven=True)
        if account is None:
            return self._refusal()
        connection.caller = Caller(account, Scheme.NTLM)
        return connection.caller

    def _password(self, login: str) -> str | None:
        account = self._accounts.find(login)
        return None if account is None else account.password

    def _refusal(self) -> web.Response:
        response = web.Response(status=401, text="401 - Unauthorized", content_type="text/html")
        offers = {Scheme.NTLM: "NTLM", Scheme.BASIC: 'Basic realm="mail"'}
        for scheme in self.schemes:
            response.headers.add("WWW-Authenticate", offers[scheme])
        return response


def _authorization(request: web.Request) -> tuple[str, str]:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower(), token.strip()


def _is_authenticate(token: str) -> bool:
    """Tell the third message of NTLM from the first by its type [MS-NLMP 2.2.1]."""
    try:
        return base64.b64decode(token)[8:9] == b"\x03"
    except binascii.Error:
        return False


def _challenge(message: bytes) -> web.Response:
    token = base64.b64encode(message).decode()
    return web.Response(status=401, headers={"WWW-Authenticate": f"NTLM {token}"})
