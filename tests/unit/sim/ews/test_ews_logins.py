import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import requests
from requests_ntlm import HttpNtlmAuth

from figgosync_sim.certificates import Authority
from figgosync_sim.ews import AccountState, ExchangeSimulator, Scheme, ews_simulator
from raw_ews import MESSAGES, SOAP, TYPES, find

LOGIN, PASSWORD = "ACME\\svc-figgo", "correct:horse"
BODY = (
    f'<s:Envelope xmlns:s="{SOAP}" xmlns:m="{MESSAGES}" xmlns:t="{TYPES}"><s:Header>'
    '<t:RequestServerVersion Version="Exchange2016"/><t:ExchangeImpersonation><t:ConnectingSID>'
    "<t:PrimarySmtpAddress>jane@acme.fr</t:PrimarySmtpAddress></t:ConnectingSID>"
    f"</t:ExchangeImpersonation></s:Header><s:Body>{find()}</s:Body></s:Envelope>"
)


class Client:
    """One HTTP session of requests, as exchangelib has."""

    def __init__(
        self, url: str, auth: requests.auth.AuthBase | None, ca_file: str | None = None
    ) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = auth
        self.session.verify = ca_file or True
        self.url = url

    async def status(self, method: str = "POST", path: str | None = None, **more: object) -> int:
        return (await self.response(method, path, **more)).status_code

    async def response(
        self, method: str = "POST", path: str | None = None, **more: object
    ) -> requests.Response:
        url = self.url if path is None else self.url.replace("/EWS/Exchange.asmx", path)
        headers = {"Content-Type": "text/xml"}
        arguments = {"data": BODY, "headers": headers, "timeout": 10, **more}
        return await asyncio.to_thread(lambda: self.session.request(method, url, **arguments))


def basic(password: str = PASSWORD, login: str = LOGIN) -> requests.auth.AuthBase:
    return requests.auth.HTTPBasicAuth(login, password)


def ntlm(password: str = PASSWORD, login: str = LOGIN) -> requests.auth.AuthBase:
    return HttpNtlmAuth(login, password)


Auth = Callable[..., requests.auth.AuthBase]
BOTH = pytest.mark.parametrize("auth", [basic, ntlm])


@pytest.fixture
async def exchange() -> AsyncIterator[ExchangeSimulator]:
    async with _exchange() as simulator:
        yield simulator


@asynccontextmanager
async def _exchange(**more: object) -> AsyncIterator[ExchangeSimulator]:
    async with ews_simulator({LOGIN: PASSWORD, "svc@acme.fr": "ünïcode"}, **more) as simulator:
        simulator.store.add("jane@acme.fr")
        yield simulator


@BOTH
@pytest.mark.parametrize(
    ("login", "password", "status"),
    [
        (LOGIN, PASSWORD, 200),
        (LOGIN.lower(), PASSWORD, 200),
        ("svc@acme.fr", "ünïcode", 200),
        (LOGIN, "wrong", 401),
        (LOGIN, PASSWORD.upper(), 401),
        ("ACME\\nobody", PASSWORD, 401),
        ("OTHER\\svc-figgo", PASSWORD, 401),
        ("svc-figgo", PASSWORD, 401),
    ],
)
async def test_only_the_right_password_of_a_known_account_gets_in(
    exchange: ExchangeSimulator, auth: Auth, login: str, password: str, status: int
) -> None:
    client = Client(exchange.url, auth(password.encode() if auth is basic else password, login))

    assert await client.status() == status
    ((attempt),) = exchange.accounts.attempts
    assert (attempt.login, attempt.succeeded) == (login, status == 200)
    assert len(exchange.log.calls) == (status == 200)


async def test_basic_logs_in_with_each_request(exchange: ExchangeSimulator) -> None:
    client = Client(exchange.url, basic())

    assert [await client.status() for _ in range(3)] == [200] * 3
    assert len(exchange.accounts.attempts) == 3
    assert len(exchange.log) == 3


async def test_ntlm_logs_in_once_for_a_connection(exchange: ExchangeSimulator) -> None:
    client = Client(exchange.url, ntlm())

    assert [await client.status() for _ in range(3)] == [200] * 3
    assert len(exchange.accounts.attempts) == 1
    # The bare request, the opening and the proof, and then only calls.
    assert [entry.status for entry in exchange.log] == [401, 401, 200, 200, 200]
    assert [(call.scheme, call.account) for call in exchange.log.calls] == [("NTLM", LOGIN)] * 3


async def test_another_connection_is_not_logged_in_by_the_first(
    exchange: ExchangeSimulator,
) -> None:
    first, second = Client(exchange.url, ntlm()), Client(exchange.url, None)

    assert await first.status() == 200
    assert await second.status() == 401


async def test_a_logged_in_connection_survives_a_new_password_until_it_is_closed(
    exchange: ExchangeSimulator,
) -> None:
    client = Client(exchange.url, ntlm())
    assert await client.status() == 200

    exchange.accounts.set_password(LOGIN, "another")
    assert await client.status() == 200
    exchange.drop_connections()

    try:
        status = await client.status()
    except requests.ConnectionError:  # the client may notice late that its connection is gone
        status = await client.status()
    assert status == 401
    assert [attempt.succeeded for attempt in exchange.accounts.attempts] == [True, False]


async def test_basic_notices_a_new_password_at_once(exchange: ExchangeSimulator) -> None:
    client = Client(exchange.url, basic())
    assert await client.status() == 200

    exchange.accounts.set_password(LOGIN, "another")

    assert await client.status() == 401


@BOTH
@pytest.mark.parametrize(
    "state", [AccountState.LOCKED, AccountState.EXPIRED, AccountState.DISABLED]
)
async def test_an_account_that_is_not_active_stays_outside(
    exchange: ExchangeSimulator, auth: Auth, state: AccountState
) -> None:
    exchange.accounts.set_state(LOGIN, state)
    assert await Client(exchange.url, auth()).status() == 401

    exchange.accounts.set_state(LOGIN, AccountState.ACTIVE)
    assert await Client(exchange.url, auth()).status() == 200


@BOTH
async def test_too_many_wrong_passwords_lock_the_account(auth: Auth) -> None:
    async with _exchange(lock_out_after=3) as exchange:
        for failures in (1, 2):
            assert await Client(exchange.url, auth("wrong")).status() == 401
            assert exchange.accounts[LOGIN].failures == failures
        assert await Client(exchange.url, auth()).status() == 200
        assert exchange.accounts[LOGIN].failures == 0

        for _ in range(3):
            await Client(exchange.url, auth("wrong")).status()

        assert exchange.accounts[LOGIN].state is AccountState.LOCKED
        assert await Client(exchange.url, auth()).status() == 401
        assert exchange.accounts.failures(LOGIN) == 6
        exchange.accounts.set_password(LOGIN, "fresh")
        assert await Client(exchange.url, auth("fresh")).status() == 200


@pytest.mark.parametrize(
    ("schemes", "offers", "basic_status", "ntlm_status"),
    [
        ((Scheme.NTLM, Scheme.BASIC), ["NTLM", 'Basic realm="mail"'], 200, 200),
        ((Scheme.NTLM,), ["NTLM"], 401, 200),
        ((Scheme.BASIC,), ['Basic realm="mail"'], 200, 401),
    ],
)
async def test_a_server_takes_only_the_schemes_that_it_offers(
    schemes: tuple[Scheme, ...], offers: list[str], basic_status: int, ntlm_status: int
) -> None:
    async with _exchange(schemes=schemes) as exchange:
        bare = await Client(exchange.url, None).response()
        assert bare.status_code == 401
        assert bare.raw.headers.getlist("WWW-Authenticate") == offers
        assert await Client(exchange.url, basic()).status() == basic_status
        assert await Client(exchange.url, ntlm()).status() == ntlm_status


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic",
        "Basic !!!",
        "Basic /w==",
        "NTLM",
        "NTLM !!!",
        "NTLM TlRMTVNTUAABAAAA",
        "Bearer x",
        "NTLM TlRMTVNTUAADAAAA",
    ],
)
async def test_a_broken_login_is_a_401_and_no_attempt(
    exchange: ExchangeSimulator, authorization: str
) -> None:
    client = Client(exchange.url, None)
    headers = {"Content-Type": "text/xml", "Authorization": authorization}

    assert await client.status(headers=headers) == 401
    assert exchange.accounts.failures() == 0


async def test_ntlm_works_over_tls_with_a_verified_certificate(tmp_path: Path) -> None:
    authority = Authority()
    ca_file = str(authority.ca_file(tmp_path / "ca.pem"))
    async with _exchange(tls=authority.server_context()) as exchange:
        assert exchange.url.startswith("https://localhost:")
        assert await Client(exchange.url, ntlm(), ca_file).status() == 200
        with pytest.raises(requests.exceptions.SSLError):
            await Client(exchange.url, ntlm()).status()


async def test_without_a_login_not_even_the_path_is_told(exchange: ExchangeSimulator) -> None:
    assert await Client(exchange.url, None).status(path="/nowhere") == 401


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/ews/exchange.asmx", {"Content-Type": "text/xml"}, 200),
        ("POST", "/EWS/EXCHANGE.ASMX", {"Content-Type": "text/xml; charset=utf-8"}, 200),
        ("POST", "/EWS/Other.asmx", {"Content-Type": "text/xml"}, 404),
        ("POST", "/", {"Content-Type": "text/xml"}, 404),
        ("PUT", "/EWS/Exchange.asmx", {"Content-Type": "text/xml"}, 405),
        ("POST", "/EWS/Exchange.asmx", {"Content-Type": "application/json"}, 415),
        ("POST", "/EWS/Exchange.asmx", {"Content-Type": "application/soap+xml"}, 415),
    ],
)
async def test_the_endpoint_takes_posts_of_xml_under_any_spelling_of_its_path(
    exchange: ExchangeSimulator, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    client = Client(exchange.url, basic())

    assert await client.status(method, path, headers=headers) == status


async def test_passwords_are_not_in_the_log(exchange: ExchangeSimulator) -> None:
    await Client(exchange.url, basic()).status()

    assert "Authorization" not in exchange.log.requests[0].headers
    assert PASSWORD not in repr(exchange.log.requests) + repr(exchange.accounts.attempts)
