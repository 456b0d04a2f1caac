"""The API server asked directly, where there is none, or one that behaves badly."""

import json
import socket
import ssl
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from figgosync_controlplane.certificates import Certificates, make_certificates
from figgosync_controlplane.errors import ControlPlaneError
from figgosync_controlplane.ports import LOOPBACK, ReservedPort
from figgosync_controlplane.rest import Rest, RestError
from support.loopback import Behaviour, Loopback, loopback


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return make_certificates(tmp_path)


@pytest.fixture
def tls(certificates: Certificates) -> ssl.SSLContext:
    """A server that lets in only whom its authority knows."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificates.ca))
    context.load_cert_chain(certificates.serving_certificate, certificates.serving_key)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _rest(certificates: Certificates, server: Loopback, seconds: float = 5) -> Rest:
    url, limit = f"https://{LOOPBACK}:{server.port}", timedelta(seconds=seconds)
    return Rest(url, certificates.ca, certificates.admin_identity, limit)


def _answers(status: int, body: object) -> Behaviour:
    text = body if isinstance(body, str) else json.dumps(body)
    head = f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(text)}\r\n\r\n"

    def behave(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall((head + text).encode())

    return behave


def test_an_object_is_returned_to_whom_the_server_knows(
    certificates: Certificates, tls: ssl.SSLContext
) -> None:
    with loopback(_answers(200, {"kind": "Namespace"}), tls=tls) as server:
        assert _rest(certificates, server).get("/api/v1/namespaces/hr") == {"kind": "Namespace"}
    assert server.requests[0].startswith(b"GET /api/v1/namespaces/hr HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("method", "kind"),
    [("POST", b"application/json"), ("PATCH", b"application/merge-patch+json")],
)
def test_a_body_is_sent_as_what_the_method_takes(
    certificates: Certificates, tls: ssl.SSLContext, method: str, kind: bytes
) -> None:
    with loopback(_answers(201, {}), tls=tls) as server:
        _rest(certificates, server).ask(method, "/apis", {"spec": {"suspend": True}})
    (request,) = server.requests
    assert b"Content-Type: " + kind + b"\r\n" in request
    assert request.endswith(b'{"spec": {"suspend": true}}')


def test_a_refusal_says_what_was_asked_why_not_and_which_fields_are_wrong(
    certificates: Certificates, tls: ssl.SSLContext
) -> None:
    causes = [{"field": "spec.from", "message": "Required value", "reason": "FieldValueRequired"}]
    answer = {"message": "it is invalid", "details": {"causes": causes}}
    with (
        loopback(_answers(422, answer), tls=tls) as server,
        pytest.raises(
            RestError, match="POST /apis was answered with 422: it is invalid"
        ) as refusal,
    ):
        _rest(certificates, server).ask("POST", "/apis", {})
    assert refusal.value.status == 422
    assert refusal.value.causes == ["spec.from: Required value"]


def test_a_refusal_without_causes_has_none(certificates: Certificates, tls: ssl.SSLContext) -> None:
    with (
        loopback(_answers(404, {"message": "not found"}), tls=tls) as server,
        pytest.raises(RestError) as refusal,
    ):
        _rest(certificates, server).get("/apis")
    assert (refusal.value.status, refusal.value.causes) == (404, [])


@pytest.mark.parametrize("body", ["[]", "{", "<html>"], ids=["a list", "half", "a page"])
def test_what_is_no_object_is_an_error(
    certificates: Certificates, tls: ssl.SSLContext, body: str
) -> None:
    with (
        loopback(_answers(200, body), tls=tls) as server,
        pytest.raises(ControlPlaneError, match="GET /apis was"),
    ):
        _rest(certificates, server).get("/apis")


def test_a_server_that_never_answers_ends_in_an_error_and_not_in_a_wait(
    certificates: Certificates, tls: ssl.SSLContext
) -> None:
    def silent(_: socket.socket, over: threading.Event) -> None:
        over.wait(5)

    with (
        loopback(silent, tls=tls) as server,
        pytest.raises(ControlPlaneError, match=r"GET /apis was not answered: .*timed out"),
    ):
        _rest(certificates, server, seconds=0.2).get("/apis")


def test_a_server_of_another_authority_is_told_nothing(
    certificates: Certificates, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    others = make_certificates(tmp_path / "other")
    with (
        loopback(_answers(200, {}), tls=tls) as server,
        pytest.raises(ControlPlaneError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        _rest(others, server).get("/apis")
    assert server.requests == []
    assert certificates.ca.read_bytes() != others.ca.read_bytes()


def test_where_nobody_listens_that_is_said(certificates: Certificates) -> None:
    with (
        ReservedPort() as nobody,
        pytest.raises(ControlPlaneError, match=r"not answered: .*efused"),
    ):
        _rest(certificates, Loopback(nobody.number)).get("/apis")


def test_where_the_server_wants_to_be_asked_later_it_is(
    certificates: Certificates, tls: ssl.SSLContext
) -> None:
    answers = iter([_answers(429, {"message": "Not yet."})] * 2 + [_answers(200, {"kind": "List"})])

    def behave(connection: socket.socket, over: threading.Event) -> None:
        next(answers)(connection, over)

    with loopback(behave, tls=tls) as server:
        assert _rest(certificates, server).get("/apis") == {"kind": "List"}
    assert len(server.requests) == 3


def test_a_server_that_is_never_ready_is_not_asked_for_ever(
    certificates: Certificates, tls: ssl.SSLContext
) -> None:
    with (
        loopback(_answers(429, {"message": "Not yet."}), tls=tls) as server,
        pytest.raises(RestError, match="429: Not yet"),
    ):
        _rest(certificates, server, seconds=0.1).get("/apis")
