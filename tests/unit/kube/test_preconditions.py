"""What is asked before anything is watched, and what each answer leads to."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from kubernetes.client import Configuration

from figgosync.errors import PermanentError, Reason, SyncError, TransientError
from figgosync.kube.api import ApiServer
from figgosync.kube.crds import REQUIRED_CRD_VERSIONS
from figgosync.kube.preconditions import Preconditions
from figgosync_sim.server import serve

_CRDS = tuple(REQUIRED_CRD_VERSIONS)
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_SERVED = tuple(name.partition(".")[0] for name in _CRDS)
_Rule = Callable[[dict[str, Any]], bool]


@dataclass
class Cluster:
    """An API server that knows about rights and our definitions; `denied` are rights not given.

    What is said of a definition is said of `about`, or of all.
    """

    denied: _Rule = lambda _: False
    review_status: int = 201
    about: str = ""
    crd_status: int = 200
    crd_newer_by: int = 0
    discovery_status: int = 200
    groups: tuple[str, ...] = ("apps", "figgosync.io")
    groups_status: int = 200
    resources: tuple[str, ...] = _SERVED
    garbled: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def review(self, request: web.Request) -> web.Response:
        body = await request.json()
        attributes = body["spec"]["resourceAttributes"]
        self.asked.append(attributes)
        status = {"allowed": not self.denied(attributes)}
        answer = body | {"status": status} | self.garbled.get("review", {})
        return web.json_response(answer, status=self.review_status)

    async def crd(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        is_meant = self.about in {"", name}
        version = REQUIRED_CRD_VERSIONS[name] + (self.crd_newer_by if is_meant else 0)
        body = {
            "kind": "CustomResourceDefinition",
            "metadata": {"name": name, "annotations": {"figgosync.io/crd-version": str(version)}},
            "spec": {"versions": [{"name": "v1alpha1", "served": True}]},
            "status": {"conditions": [{"type": "Established", "status": "True"}]},
        }
        body |= self.garbled.get("definition", {}) if is_meant else {}
        return web.json_response(body, status=self.crd_status if is_meant else 200)

    async def group_list(self, _: web.Request) -> web.Response:
        versions = [{"version": "v1alpha1"}]
        groups = [{"name": name, "versions": versions} for name in self.groups]
        body: dict[str, Any] = {"kind": "APIGroupList", "groups": groups}
        body |= self.garbled.get("groups", {})
        return web.json_response(body, status=self.groups_status)

    async def discovery(self, _: web.Request) -> web.Response:
        listed = [{"name": name} for name in self.resources]
        body = {"kind": "APIResourceList", "resources": listed}
        body |= self.garbled.get("discovery", {})
        return web.json_response(body, status=self.discovery_status)

    @asynccontextmanager
    async def api(self) -> AsyncIterator[ApiServer]:
        app = web.Application()
        reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        app.router.add_post(reviews, self.review)
        app.router.add_get(f"{_DEFINITIONS}/{{name}}", self.crd)
        app.router.add_get("/apis", self.group_list)
        app.router.add_get("/apis/figgosync.io/v1alpha1", self.discovery)
        async with serve(app, tls=None) as url:
            configuration = Configuration()
            configuration.host = url
            api = ApiServer(configuration)
            try:
                yield api
            finally:
                await api.close()


async def refusal(cluster: Cluster, *namespaces: str) -> SyncError:
    async with cluster.api() as api:
        preconditions = Preconditions(api, namespaces)
        with pytest.raises(SyncError) as refused:
            await preconditions.check()
        assert not preconditions.doubt.is_set()
    return refused.value


async def notices(cluster: Cluster, *namespaces: str) -> list[tuple[bool, str]]:
    async with cluster.api() as api:
        preconditions = Preconditions(api, namespaces)
        found = [(n.is_warning, n.message) for n in await preconditions.check()]
        assert not preconditions.doubt.is_set(), "what it was refused itself raises no doubt"
        return found


async def test_nothing_is_to_be_said_where_all_is_there() -> None:
    cluster = Cluster()
    assert await notices(cluster) == []
    assert len(cluster.asked) == 15
    assert all("namespace" not in asked for asked in cluster.asked)


async def test_each_namespace_is_asked_about_by_itself() -> None:
    cluster = Cluster(denied=lambda right: right == right | {"namespace": "it", "verb": "watch"})
    error = await refusal(cluster, "hr", "it")
    assert "watch calendarsynctenants.figgosync.io in namespace it" in error.message
    assert "namespace hr" not in error.message
    assert len(cluster.asked) == 28


async def test_all_that_lacks_is_said_at_once() -> None:
    error = await refusal(Cluster(denied=lambda right: right["verb"] == "patch"))
    assert isinstance(error, PermanentError)
    for what in (
        "calendarsynctenants.figgosync.io",
        "calendarsynctenants/status",
        "syncinitialisations.figgosync.io",
        "syncinitialisations/status",
        "events",
    ):
        assert f"patch {what}" in error.message
    assert "list" not in error.message


async def test_who_may_not_ask_goes_on_and_says_so() -> None:
    ((is_warning, said),) = await notices(Cluster(review_status=403))
    assert is_warning
    assert "system:basic-user" in said


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_api_server_in_trouble_is_told_from_a_missing_right(status: int) -> None:
    error = await refusal(Cluster(review_status=status))
    assert isinstance(error, TransientError)
    assert error.message


@pytest.mark.parametrize(
    ("answer", "instead"),
    [
        ("review", {"status": None}),
        ("review", {"status": {}}),
        ("review", {"status": "yes"}),
        ("review", {"status": {"allowed": "no"}}),
        ("definition", {"metadata": None}),
        ("definition", {"metadata": {"name": "others.example.com"}}),
        ("definition", {"metadata": {"name": _CRDS[0], "annotations": 2}}),
        ("definition", {"spec": None}),
        ("definition", {"spec": {"versions": [{}]}}),
        ("definition", {"status": {"conditions": [{}]}}),
        ("discovery", {"resources": [{}]}),
        ("discovery", {"resources": "all"}),
        ("groups", {"groups": None}),
        ("groups", {"groups": [{"name": "figgosync.io"}]}),
    ],
)
async def test_a_success_that_cannot_be_read_is_the_api_server_s_trouble(
    answer: str, instead: dict[str, Any]
) -> None:
    error = await refusal(Cluster(garbled={answer: instead}), "hr")
    assert isinstance(error, TransientError), "another try may be answered better"
    assert error.reason is Reason.SERVER_ERROR
    assert "nothing that can be read" in error.message


@pytest.mark.parametrize("crd", _CRDS)
@pytest.mark.parametrize("without", ["annotations", "conditions", "status"])
async def test_a_definition_without_what_is_asked_of_it_is_outdated(crd: str, without: str) -> None:
    body: dict[str, dict[str, Any]] = {
        "annotations": {"metadata": {"name": crd, "annotations": None}},
        "conditions": {"status": {}},
        "status": {"status": None},
    }
    error = await refusal(Cluster(about=crd, garbled={"definition": body[without]}))
    assert error.reason is Reason.CRD_OUTDATED
    assert crd in error.message


@pytest.mark.parametrize("crd", _CRDS)
async def test_a_missing_definition_is_named_with_both_remedies(crd: str) -> None:
    error = await refusal(Cluster(about=crd, crd_status=404))
    assert error.reason is Reason.CRD_OUTDATED
    assert f"The CustomResourceDefinition {crd} is not installed" in error.message
    assert "`helm upgrade`" in error.message
    assert "`kubectl apply --server-side -f crds/`" in error.message
    assert error.retry_after == timedelta(seconds=5)


@pytest.mark.parametrize(("crd", "known"), REQUIRED_CRD_VERSIONS.items())
async def test_an_older_definition_is_refused_and_a_newer_one_is_a_warning(
    crd: str, known: int
) -> None:
    older = await refusal(Cluster(about=crd, crd_newer_by=-1))
    assert f"{crd} is of version {known - 1}, but {known} is needed" in older.message
    ((is_warning, said),) = await notices(Cluster(about=crd, crd_newer_by=1))
    assert is_warning
    assert f"{crd} is of version {known + 1}" in said
    assert "upgrade the operator" in said
    assert "no object of that kind that has a field which it does not know" in said


async def test_with_roles_alone_the_definitions_are_found_by_discovery() -> None:
    found = await notices(Cluster(crd_status=403), "hr")
    assert [is_warning for is_warning, _ in found] == [False, False]
    for crd, (_, said) in zip(_CRDS, found, strict=True):
        assert f"The version of the CustomResourceDefinition {crd} could not be checked" in said
        assert "customresourcedefinitions.apiextensions.k8s.io" in said


@pytest.mark.parametrize(
    ("crd_status", "said"), [(200, "does not serve what the"), (403, "is not installed")]
)
@pytest.mark.parametrize(
    ("missing", "crd"),
    [
        ({"discovery_status": 404}, _CRDS[0]),
        ({"groups": ("apps",)}, _CRDS[0]),
        ({"resources": ("others", _SERVED[1])}, _CRDS[0]),
        ({"resources": ("others", _SERVED[0])}, _CRDS[1]),
    ],
)
async def test_a_definition_that_is_not_served_yet_is_waited_for(
    missing: dict[str, Any], crd: str, crd_status: int, said: str
) -> None:
    """The watch looks there once: begun too early it would see nothing for ever."""
    error = await refusal(Cluster(crd_status=crd_status, **missing), "hr")
    assert error.reason is Reason.CRD_OUTDATED
    assert said in error.message
    assert crd in error.message
    assert error.retry_after == timedelta(seconds=5)


@pytest.mark.parametrize("forbidden", [{"discovery_status": 403}, {"groups_status": 403}])
async def test_who_may_not_discover_is_told_the_role_that_lets_it(
    forbidden: dict[str, int],
) -> None:
    error = await refusal(Cluster(**forbidden))
    assert isinstance(error, PermanentError)
    assert "system:discovery" in error.message


async def test_a_request_that_is_refused_raises_doubt() -> None:
    async with Cluster(crd_status=403).api() as api:
        preconditions = Preconditions(api, ())
        assert not preconditions.doubt.is_set()
        await api.get(f"{_DEFINITIONS}/{_CRDS[0]}")
        assert preconditions.doubt.is_set()
