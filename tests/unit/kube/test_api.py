"""Requests to a server that is slow, silent, broken or not the one it claims to be."""

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import trustme
from kubernetes.client import Configuration

from figgosync.core.initialisation import InitialisationName
from figgosync.core.tenant import TenantName
from figgosync.errors import Reason, SyncError, TransientError
from figgosync.kube.api import ApiServer, Limits, PatchType
from figgosync.kube.client import KubeClient
from figgosync.kube.credentials import credentials_role
from figgosync.kube.kinds import INITIALISATION, TENANT
from figgosync.kube.preconditions import Preconditions
from support.loopback import (
    Behaviour,
    half_answering,
    hanging_up,
    loopback,
    saying,
    silent,
    trickling_body,
    trickling_headers,
)

_LIMITS = Limits(
    connect=timedelta(milliseconds=300),
    read=timedelta(milliseconds=300),
    total=timedelta(milliseconds=800),
)
_ACME = TenantName("hr", "acme")
_RUN = InitialisationName("hr", "backfill")


@asynccontextmanager
async def _server_at(port: int, *, ca: Path | None = None) -> AsyncIterator[ApiServer]:
    configuration = Configuration()
    configuration.host = f"{'http' if ca is None else 'https'}://127.0.0.1:{port}"
    configuration.ssl_ca_cert = None if ca is None else str(ca)
    configuration.api_key["BearerToken"] = "bearer the-token"
    api = ApiServer(configuration, _LIMITS)
    try:
        yield api
    finally:
        await api.close()


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [
        (silent, "fell silent"),
        (trickling_headers, "did not finish its answer within 0.8 s"),
        (trickling_body, "did not finish its answer within 0.8 s"),
        (half_answering, "broke off"),
        (hanging_up, "broke off"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_no_answer_is_a_passing_trouble_after_one_try_within_the_limit(
    behaviour: Behaviour, says: str, method: str
) -> None:
    with loopback(behaviour) as server:
        async with _server_at(server.port) as api:
            started = time.monotonic()
            asked = {
                "GET": lambda: api.get("/x"),
                "PATCH": lambda: api.patch("/x", PatchType.MERGE, {}),
                "DELETE": lambda: api.delete("/x", {}),
            }[method]
            with pytest.raises(TransientError, match=says) as lost:
                await asked()
            assert time.monotonic() - started < 2
        assert lost.value.reason is Reason.UNREACHABLE
        assert lost.value.tenant_wide
        assert len(server.requests) == 1
        assert server.requests[0].startswith(method.encode())


@pytest.mark.parametrize("behaviour", [trickling_headers, trickling_body])
async def test_a_server_that_trickles_holds_no_thread_for_longer_than_the_limit(
    behaviour: Behaviour,
) -> None:
    with loopback(behaviour) as bad:
        async with _server_at(bad.port) as api:
            for _ in range(2):  # four threads: a second round could not start if they were held
                asked = [api.get("/x") for _ in range(4)]
                answers = await asyncio.gather(*asked, return_exceptions=True)
                assert all(isinstance(answer, TransientError) for answer in answers)
            assert len(bad.requests) == 8


async def test_a_cancelled_request_gives_its_thread_back() -> None:
    with loopback(trickling_body) as bad:
        async with _server_at(bad.port) as api:
            for _ in range(2):
                tasks = [asyncio.create_task(api.get("/x")) for _ in range(4)]
                before = len(bad.requests)
                while len(bad.requests) < before + 4:  # noqa: ASYNC110 - counted by threads
                    await asyncio.sleep(0.01)
                for task in tasks:
                    task.cancel()
                ended = await asyncio.gather(*tasks, return_exceptions=True)
                assert all(isinstance(end, asyncio.CancelledError) for end in ended)


async def test_the_wait_for_a_free_thread_counts() -> None:
    with loopback(silent) as server:
        async with _server_at(server.port) as api:
            started = time.monotonic()
            asked = [api.get("/x") for _ in range(12)]
            answers = await asyncio.gather(*asked, return_exceptions=True)
            assert time.monotonic() - started < 2
    assert all(isinstance(answer, TransientError) for answer in answers)


async def test_a_refused_connection_is_a_passing_trouble() -> None:
    with loopback(hanging_up) as server:
        port = server.port
    async with _server_at(port) as api:
        with pytest.raises(TransientError, match="cannot be reached"):
            await api.get("/x")


async def test_a_redirection_is_not_followed_with_our_token() -> None:
    with loopback(silent) as elsewhere:
        location = f"Location: http://127.0.0.1:{elsewhere.port}/x\r\n"
        with loopback(saying(status="302 Found", headers=location)) as server:
            async with _server_at(server.port) as api:
                assert (await api.get("/x")).status == 302
        assert elsewhere.requests == []
        assert b"the-token" in server.requests[0]


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


async def test_a_certificate_of_somebody_else_is_refused(
    authority: trustme.CA, tmp_path: Path
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    with loopback(saying(body="{}"), tls=tls) as server:
        async with _server_at(server.port, ca=ca) as api:
            with pytest.raises(TransientError, match="certificate") as refused:
                await api.get("/x")
    assert refused.value.reason is Reason.TLS_FAILED
    assert server.requests == []


@pytest.mark.parametrize("behaviour", [trickling_headers, trickling_body])
async def test_a_line_under_tls_is_cut_too(
    authority: trustme.CA, tmp_path: Path, behaviour: Behaviour
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    with loopback(behaviour, tls=tls) as server:
        async with _server_at(server.port, ca=ca) as api:
            for _ in range(2):
                asked = [api.get("/x") for _ in range(4)]
                answers = await asyncio.gather(*asked, return_exceptions=True)
                assert all(isinstance(answer, TransientError) for answer in answers)
            assert len(server.requests) == 8


@pytest.mark.parametrize(
    "body",
    [
        "<html>Welcome to the proxy</html>",
        "",
        "[]",
        "{}",
        '{"kind": "Status", "status": "Success"}',
        '{"kind": "CalendarSync',
    ],
)
async def test_a_success_that_is_none_is_not_believed(body: str) -> None:
    with loopback(saying(body=body)) as server:
        async with _server_at(server.port) as api:
            client = KubeClient(api, credentials_role("default"))
            for call in (
                client.list_tenants(),
                client.get_tenant(_ACME),
                client.secret("hr", "acme-figgo"),
                client.apply_status(_ACME, "1", {}),
                Preconditions(api, ()).check(),
                client.add_finalizer(_ACME),
                client.list_initialisations(),
                client.get_initialisation(_RUN),
                client.apply_initialisation_status(_RUN, "1", {}),
                client.own_initialisation(_RUN, "7", _ACME, "8"),
            ):
                with pytest.raises(TransientError) as refused:
                    await call
                assert refused.value.reason is Reason.SERVER_ERROR


@pytest.mark.parametrize(
    "metadata", ["null", "{}", '{"name": "x", "namespace": "hr", "uid": "7", "generation": 1}']
)
async def test_half_an_object_is_not_believed(metadata: str) -> None:
    def body(kind: str) -> str:
        return f'{{"kind": "{kind}", "metadata": {metadata}}}'

    with loopback(saying(body=body("CalendarSyncTenant"))) as server:
        async with _server_at(server.port) as api:
            client = KubeClient(api, credentials_role("default"))
            for tenants in (client.get_tenant(_ACME), client.apply_status(_ACME, "1", {})):
                with pytest.raises(TransientError, match="nothing that can be read"):
                    await tenants
    with loopback(saying(body=body("SyncInitialisation"))) as server:
        async with _server_at(server.port) as api:
            client = KubeClient(api, credentials_role("default"))
            for runs in (
                client.get_initialisation(_RUN),
                client.apply_initialisation_status(_RUN, "1", {}),
                client.own_initialisation(_RUN, "7", _ACME, "8"),
                client.delete_initialisation(_RUN, "7"),
            ):
                with pytest.raises(TransientError, match="nothing that can be read"):
                    await runs


@pytest.mark.parametrize(
    "body",
    [
        "<html>Welcome to the proxy</html>",
        "",
        "{}",
        '{"kind": "Status"}',
        '{"kind": "Status", "status": "Failure"}',
        '{"kind": "CalendarSyncTenant", "status": "Success"}',
    ],
)
async def test_a_deletion_is_believed_only_when_the_api_server_says_so(body: str) -> None:
    with loopback(saying(body=body)) as server:
        async with _server_at(server.port) as api:
            with pytest.raises(TransientError) as refused:
                await KubeClient(api, None).delete_initialisation(_RUN, "7")
    assert refused.value.reason is Reason.SERVER_ERROR
    (asked,) = server.requests
    assert asked.startswith(b"DELETE /apis/figgosync.io/v1alpha1/namespaces/hr/syncinitialisations")
    with loopback(saying(body='{"kind": "Status", "status": "Success"}')) as server:
        async with _server_at(server.port) as api:
            await KubeClient(api, None).delete_initialisation(_RUN, "7")


@pytest.mark.parametrize(
    ("status", "kind", "reason", "retry_after"),
    [
        ("401 Unauthorized", "CredentialError", Reason.CREDENTIALS_REFUSED, 60),
        ("403 Forbidden", "PermanentError", Reason.REQUEST_REFUSED, 60),
        ("409 Conflict", "ConflictError", Reason.CONFLICT, 1),
        ("410 Gone", "TransientError", Reason.INCOMPLETE_READ, 5),
        ("422 Unprocessable Entity", "PermanentError", Reason.REQUEST_REFUSED, 3600),
        ("429 Too Many Requests", "TransientError", Reason.THROTTLED, 7),
        ("500 Internal Server Error", "TransientError", Reason.SERVER_ERROR, 7),
        ("503 Service Unavailable", "TransientError", Reason.SERVER_ERROR, 7),
    ],
)
async def test_every_refusal_says_what_to_do_next(
    status: str, kind: str, reason: Reason, retry_after: int
) -> None:
    answer = saying(status=status, headers="Retry-After: 7\r\n", body='{"message": "because"}')
    with loopback(answer) as server:
        async with _server_at(server.port) as api:
            with pytest.raises(SyncError) as refused:
                await KubeClient(api, credentials_role("default")).list_tenants()
    error = refused.value
    assert (type(error).__name__, error.reason) == (kind, reason)
    assert error.retry_after == timedelta(seconds=retry_after)
    assert error.tenant_wide


async def test_a_delay_beyond_all_measure_is_cut() -> None:
    headers = f"Retry-After: {'9' * 5000}\r\n"
    answer = saying(status="503 Service Unavailable", headers=headers, body="{}")
    with loopback(answer) as server:
        async with _server_at(server.port) as api:
            with pytest.raises(TransientError) as refused:
                await KubeClient(api, credentials_role("default")).list_tenants()
    assert refused.value.retry_after == timedelta(hours=1)


@pytest.mark.parametrize(
    "half",
    [
        '{"metadata": {}}',
        '{"metadata": {}, "items": null}',
        '{"items": []}',
        '{"metadata": null, "items": []}',
        '{"metadata": {}, "items": [null]}',
    ],
)
async def test_half_a_list_is_none(half: str) -> None:
    """Believed, it would say that every tenant is gone."""
    body = '{"kind": "CalendarSyncTenantList", ' + half.removeprefix("{")
    with loopback(saying(status="200 OK", body=body)) as server:
        async with _server_at(server.port) as api:
            with pytest.raises(TransientError, match="nothing that can be read") as refused:
                await KubeClient(api, credentials_role("default")).list_tenants()
    assert refused.value.reason is Reason.SERVER_ERROR


@pytest.mark.parametrize(
    "body",
    ["404 page not found", '{"reason": "NotFound"}', '{"reason": "NotFound", "details": null}'],
)
async def test_a_missing_crd_is_not_mistaken_for_a_missing_object(body: str) -> None:
    with loopback(saying(status="404 Not Found", body=body)) as server:
        async with _server_at(server.port) as api:
            client = KubeClient(api, credentials_role("default"))
            for call in (
                client.list_tenants(),
                client.get_tenant(_ACME),
                client.apply_status(_ACME, "1", {}),
            ):
                with pytest.raises(SyncError, match=f"{TENANT.crd} is not installed") as refused:
                    await call
                assert refused.value.reason is Reason.CRD_OUTDATED
            for call in (
                client.list_initialisations(),
                client.get_initialisation(_RUN),
                client.apply_initialisation_status(_RUN, "1", {}),
                client.own_initialisation(_RUN, "7", _ACME, "8"),
                client.delete_initialisation(_RUN, "7"),
            ):
                said = f"{INITIALISATION.crd} is not installed"
                with pytest.raises(SyncError, match=said) as refused:
                    await call
                assert refused.value.reason is Reason.CRD_OUTDATED


async def test_no_proxy_of_the_environment_stands_before_the_api_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with loopback(saying(body="{}")) as server:
        kubeconfig = tmp_path / "config"
        kubeconfig.write_text(
            json.dumps(
                {
                    "current-context": "x",
                    "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
                    "clusters": [
                        {"name": "x", "cluster": {"server": f"http://127.0.0.1:{server.port}"}}
                    ],
                    "users": [{"name": "x", "user": {"token": "t"}}],
                }
            )
        )
        api = ApiServer.from_kubeconfig(kubeconfig, _LIMITS)
        try:
            answer = await api.get("/version")
        finally:
            await api.close()
    assert answer.status == 200
    assert server.requests[0].startswith(b"GET /version HTTP/1.1\r\n")
