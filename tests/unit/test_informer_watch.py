"""The watch goes on with a token that was renewed, and over an object that is stumbled over."""

import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import certifi
import pytest
from aiohttp import web

from figgosync.controller import informer
from figgosync.controller.informer import Informer
from figgosync.kube.names import TENANT_PLURAL
from figgosync.kube.service_account import PodAccess
from figgosync_sim.server import serve
from support.comes_true import comes_true

_LIST = "/apis/figgosync.io/v1alpha1/namespaces/hr/calendarsynctenants"
_CORE = [("Namespace", "namespaces", False), ("Event", "events", True)]


@dataclass
class ApiServer:
    """As much of one as kopf asks for; `tokens` are those that it accepts, `shown` its objects."""

    tokens: set[str] = field(default_factory=lambda: {"token-1"})
    shown: list[Mapping[str, Any]] = field(default_factory=list)
    watched_with: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return web.json_response({"kind": "Status", "code": 401}, status=401)
        if request.path == _LIST and "watch" in request.query:
            self.watched_with.append(token)
            return await self._watch(request)
        return web.json_response(self._content(request.path))

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        """Show all there is, and end, as the API server ends every watch at some time."""
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):  # the watch is stopped at any moment
            for body in self.shown:
                event = {"type": "MODIFIED", "object": body}
                await response.write(json.dumps(event).encode() + b"\n")
        return response

    def _content(self, path: str) -> dict[str, Any]:
        version = {"groupVersion": "figgosync.io/v1alpha1", "version": "v1alpha1"}
        group = {"name": "figgosync.io", "versions": [version], "preferredVersion": version}
        ours = [("CalendarSyncTenant", "calendarsynctenants", True)]
        return {
            "/api": {"versions": ["v1"]},
            "/apis": {"groups": [group]},
            "/api/v1": {"resources": _resources(_CORE)},
            "/apis/figgosync.io/v1alpha1": {"resources": _resources(ours)},
            _LIST: {"metadata": {"resourceVersion": "1"}, "items": []},
        }[path]


def _resources(kinds: list[tuple[str, str, bool]]) -> list[dict[str, Any]]:
    return [
        {
            "name": plural,
            "kind": kind,
            "singularName": kind.lower(),
            "namespaced": namespaced,
            "verbs": ["list", "watch"],
        }
        for kind, plural, namespaced in kinds
    ]


def an_object(name: str, title: str = "Absent") -> dict[str, Any]:
    metadata = {"name": name, "namespace": "hr", "uid": name, "resourceVersion": "2"}
    return {
        "apiVersion": "figgosync.io/v1alpha1",
        "kind": "CalendarSyncTenant",
        "metadata": metadata,
        "spec": {"events": {"title": title}},
    }


@dataclass
class Listener:
    """Remembers the names of the objects; stumbles over one that is called broken."""

    names: set[str] = field(default_factory=set)

    def seen(self, body: Mapping[str, Any]) -> None:
        if body["metadata"]["name"] == "broken":
            raise ValueError(body["spec"]["events"]["title"])
        self.names.add(body["metadata"]["name"])

    def gone(self, _body: object) -> None:
        raise AssertionError


@dataclass
class Pod:
    """What Kubernetes has mounted at present."""

    token: str = "token-1"


@asynccontextmanager
async def watching(
    server: ApiServer, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Pod]:
    """Watch as a pod does; fails if the watch ends by itself."""
    app, pod, ended = web.Application(), Pod(), []
    app.router.add_get("/{path:.*}", server.answer)
    async with serve(app, tls=None) as url:
        monkeypatch.setattr(
            informer, "pod_access", lambda: PodAccess(url, certifi.where(), pod.token)
        )
        watch = Informer(
            {TENANT_PLURAL: listener},
            namespaces=["hr"],
            kubeconfig=None,
            failed=lambda: ended.append("ended"),
        )
        watch.start()
        try:
            yield pod
        finally:
            await watch.stop(within=20)
    assert ended == []


async def test_a_watch_goes_on_with_the_token_that_was_renewed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = ApiServer()
    async with watching(server, Listener(), monkeypatch) as pod:
        await comes_true(lambda: len(server.watched_with) >= 1)
        pod.token = "token-2"
        server.tokens = {"token-2"}
        await comes_true(lambda: "token-2" in server.watched_with)


async def test_an_object_that_is_stumbled_over_is_not_shown_and_hides_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    server, listener = ApiServer(), Listener()
    server.shown = [an_object("broken", "CANARY-TITLE"), an_object("acme")]
    async with watching(server, listener, monkeypatch):
        await comes_true(lambda: "acme" in listener.names)
    # The server of this test may have something to say, too: its watches end at any moment.
    ours = [record for record in caplog.records if record.name.startswith("figgosync.")]
    faults = [record for record in ours if record.levelno >= logging.ERROR]
    assert {record.getMessage() for record in faults} == {"an object was not taken in"}
    assert "ValueError in Listener.seen" in faults[0].fault  # type: ignore[attr-defined]  # it is extra
    assert "CANARY" not in caplog.text
