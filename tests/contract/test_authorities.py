"""Whom both sides believe: the usual authorities and the installation's, and nobody else."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from contract.calendar_cases import PARIS
from contract.exchange_backstage import JANE, LOGIN, PASSWORD
from figgo_world import client_of
from figgosync.authorities import trusting_context
from figgosync.calendars.base import Mailbox
from figgosync.calendars.exchange import (
    ExchangeConnection,
    ExchangeConnectionSettings,
    verifying_context,
)
from figgosync.calendars.exchange.transport import authority
from figgosync.core.tenant import Authentication
from figgosync.errors import PermanentError, Reason
from figgosync.settings import Settings, SettingsError
from figgosync.wiring import open_session
from figgosync_sim.certificates import Authority
from figgosync_sim.ews import ews_simulator
from figgosync_sim.figgo import FiggoSimulator, FiggoState
from figgosync_sim.server import serve

KEY = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n"


def revocations() -> str:
    """Return a list of revocations, which OpenSSL takes for a whole bundle without a word."""
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "acme")])
    builder = x509.CertificateRevocationListBuilder(name, now, now + timedelta(days=1))
    crl = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return crl.public_bytes(serialization.Encoding.PEM).decode()


Asked = tuple[Reason | None, int]
"""Why the server was not asked, and how many requests it got."""

BELIEVED: Asked = (None, 1)
NOT_BELIEVED: Asked = (Reason.TLS_FAILED, 0)


@dataclass(frozen=True, slots=True)
class Store:
    """A public authority in the system's store, a company's own in a bundle, and a stranger."""

    public: Authority
    company: Authority
    stranger: Authority
    bundle: Path


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    public, company = Authority(), Authority()
    (tmp_path / "certs").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(public.ca_file(tmp_path / "system.pem")))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "certs"))
    return Store(public, company, Authority(), company.ca_file(tmp_path / "bundle.pem"))


async def ask_figgo(server: ssl.SSLContext, bundle: Path | None) -> Asked:
    """Ask a Figgo with this certificate, in the session that the operator opens."""
    simulator = FiggoSimulator(FiggoState())
    environ = {} if bundle is None else {"FIGGOSYNC_CA_BUNDLE": str(bundle)}
    async with (
        serve(simulator.app, tls=server) as url,
        open_session(Settings.from_environment(environ)) as session,
    ):
        client = client_of(url, session)
        refused = None
        try:
            await client.establishments()
        except PermanentError as error:
            refused = error.reason
        return refused, len(simulator.log)


async def ask_exchange(server: ssl.SSLContext, bundle: Path | None) -> Asked:
    """Ask an Exchange with this certificate."""
    async with ews_simulator({LOGIN: PASSWORD}, tls=server) as simulator:
        simulator.store.add(JANE)
        settings = ExchangeConnectionSettings(
            simulator.url,
            LOGIN,
            PASSWORD,
            Authentication.BASIC,
            frozenset({authority(simulator.url)}),
            verifying_context(bundle),
        )
        connection = ExchangeConnection(settings)
        refused = None
        try:
            await connection.check(Mailbox(JANE, PARIS))
        except PermanentError as error:
            refused = error.reason
        await connection.close()
        requests = len(simulator.log)
        simulator.drop_connections()
        await asyncio.sleep(0.005)
        return refused, requests


Ask = Callable[[ssl.SSLContext, Path | None], Awaitable[Asked]]
both_sides = pytest.mark.parametrize("ask", [ask_figgo, ask_exchange], ids=["Figgo", "Exchange"])


@both_sides
async def test_the_bundle_is_trusted_besides_the_usual_authorities_and_nobody_else_is(
    store: Store, ask: Ask
) -> None:
    assert await ask(store.public.server_context(), store.bundle) == BELIEVED
    assert await ask(store.company.server_context(), store.bundle) == BELIEVED
    assert await ask(store.stranger.server_context(), store.bundle) == NOT_BELIEVED


@both_sides
async def test_without_a_bundle_the_usual_authorities_alone_are_trusted(
    store: Store, ask: Ask
) -> None:
    assert await ask(store.public.server_context(), None) == BELIEVED
    assert await ask(store.company.server_context(), None) == NOT_BELIEVED


@both_sides
async def test_a_trusted_authority_does_not_vouch_for_another_name(store: Store, ask: Ask) -> None:
    for trusted in (store.public, store.company):
        assert await ask(trusted.server_context("elsewhere.example"), store.bundle) == NOT_BELIEVED


def known(context: ssl.SSLContext) -> int:
    return context.cert_store_stats()["x509"]


def test_certifi_s_authorities_stand_in_where_the_system_has_none(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certifi_s = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    certifi_s.load_verify_locations(certifi.where())
    assert known(certifi_s) > 100
    assert known(trusting_context(None)) == 1
    assert known(trusting_context(store.bundle)) == 2

    # An image without ca-certificates: no file, and a directory that is empty, or not there.
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    assert known(trusting_context(None)) == known(certifi_s)
    assert known(trusting_context(store.bundle)) == known(certifi_s) + 1
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "gone"))
    assert known(trusting_context(None)) == known(certifi_s)


def test_a_directory_of_authorities_is_a_store_and_gets_no_other_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    (tmp_path / "README").touch()
    assert known(trusting_context(None)) > 100
    # Its certificates are read when one of them is looked for, by this kind of name.
    (tmp_path / "5ed36f99.0").touch()
    assert known(trusting_context(None)) == 0


def test_every_context_verifies(store: Store) -> None:
    for context in (trusting_context(None), trusting_context(store.bundle)):
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname


@pytest.mark.parametrize(
    "content",
    ["", "\n", "no certificate", KEY, revocations()],
    ids=["empty", "blank", "garbage", "a key", "a list of revocations"],
)
async def test_a_bundle_without_a_certificate_is_an_error_at_the_start(
    tmp_path: Path, content: str
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(content)
    settings = Settings.from_environment({"FIGGOSYNC_CA_BUNDLE": str(bundle)})
    with pytest.raises(SettingsError, match=f"FIGGOSYNC_CA_BUNDLE: {bundle} is no PEM file"):
        open_session(settings)


async def test_a_broken_certificate_spoils_the_bundle_even_after_a_good_one(
    store: Store,
) -> None:
    broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    store.bundle.write_text(store.company.pem() + broken)
    settings = Settings.from_environment({"FIGGOSYNC_CA_BUNDLE": str(store.bundle)})
    with pytest.raises(SettingsError):
        open_session(settings)
