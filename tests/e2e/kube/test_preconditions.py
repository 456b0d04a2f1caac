"""Rights and definitions, checked as the operator's own ServiceAccount on a real API server."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import kopf
import pytest

from figgosync.controller import informer
from figgosync.controller.informer import Informer
from figgosync.errors import PermanentError, Reason
from figgosync.kube.api import ApiServer
from figgosync.kube.crds import REQUIRED_CRD_VERSIONS
from figgosync.kube.names import TENANT_PLURAL
from figgosync.kube.preconditions import Notice, Preconditions
from figgosync_controlplane.plane import ControlPlane
from support.cluster import Cluster
from support.comes_true import comes_true
from support.roles import RolesOnly

_ANNOTATION = "figgosync.io/crd-version"


@contextmanager
def crd_version(plane: ControlPlane, crd: str, version: str | None) -> Iterator[None]:
    """Have a definition say that it is of another version."""

    def annotate(value: str) -> None:
        plane.kubectl("annotate", "crd", crd, "--overwrite", value)

    annotate(f"{_ANNOTATION}-" if version is None else f"{_ANNOTATION}={version}")
    try:
        yield
    finally:
        annotate(f"{_ANNOTATION}={REQUIRED_CRD_VERSIONS[crd]}")


@contextmanager
def without(plane: ControlPlane, role: str, *, resource: str, verb: str) -> Iterator[None]:
    """Take a right out of a ClusterRole for a while, and leave all others in it."""
    original: list[dict[str, Any]] = json.loads(
        plane.kubectl("get", "clusterrole", role, "--output=json")
    )["rules"]
    changed = [
        rule | {"resources": [each], "verbs": verbs}
        for rule in original
        for each in rule["resources"]
        if (verbs := [v for v in rule["verbs"] if (each, v) != (resource, verb)])
    ]
    assert _granted(original) - _granted(changed) == {(resource, verb)}
    _replace_rules(plane, role, changed)
    try:
        yield
    finally:
        _replace_rules(plane, role, original)


def _granted(rules: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(each, verb) for rule in rules for each in rule["resources"] for verb in rule["verbs"]}


def _replace_rules(plane: ControlPlane, role: str, rules: object) -> None:
    patch = json.dumps({"rules": rules})
    plane.kubectl("patch", "clusterrole", role, "--type=merge", f"--patch={patch}")


async def refusal(preconditions: Preconditions) -> PermanentError:
    """Wait for it: the API server's authorizer takes a moment to hear of a changed role."""

    async def check() -> PermanentError | None:
        try:
            await preconditions.check()
        except PermanentError as error:
            return error
        return None

    for _ in range(100):
        if (error := await check()) is not None:
            return error
        await asyncio.sleep(0.05)
    raise AssertionError("nothing was refused")


async def test_what_the_manifests_install_is_enough(api: ApiServer) -> None:
    assert await Preconditions(api, ()).check() == []


@pytest.mark.parametrize(
    ("resource", "verb"),
    [
        ("calendarsynctenants", "get"),
        ("calendarsynctenants", "list"),
        ("calendarsynctenants", "watch"),
        ("calendarsynctenants", "patch"),
        ("calendarsynctenants/status", "patch"),
        ("syncinitialisations", "get"),
        ("syncinitialisations", "list"),
        ("syncinitialisations", "watch"),
        ("syncinitialisations", "patch"),
        ("syncinitialisations", "delete"),
        ("syncinitialisations/status", "patch"),
        ("events", "create"),
        ("events", "patch"),
    ],
)
async def test_each_right_that_is_taken_away_is_named(
    api: ApiServer, control_plane: ControlPlane, resource: str, verb: str
) -> None:
    with without(control_plane, "figgosync-default", resource=resource, verb=verb):
        error = await refusal(Preconditions(api, ()))
    assert f"lacks rights: {verb} {resource}" in error.message
    assert ";" not in error.message, "and no other"


async def test_the_right_to_read_the_definitions_is_named_for_each_of_them(
    api: ApiServer, control_plane: ControlPlane
) -> None:
    resource = "customresourcedefinitions"
    with without(control_plane, "figgosync-default", resource=resource, verb="get"):
        error = await refusal(Preconditions(api, ()))
    for crd in REQUIRED_CRD_VERSIONS:
        assert f"get {resource}.apiextensions.k8s.io {crd} in all namespaces" in error.message
    assert error.message.count(";") == 1, "and no other"


@pytest.mark.parametrize("crd", REQUIRED_CRD_VERSIONS)
@pytest.mark.parametrize("version", ["0", "one", None])
async def test_an_older_crd_is_refused_with_the_remedies(
    api: ApiServer, control_plane: ControlPlane, crd: str, version: str | None
) -> None:
    with crd_version(control_plane, crd, version):
        with pytest.raises(PermanentError, match="kubectl apply --server-side") as refused:
            await Preconditions(api, ()).check()
        assert refused.value.reason is Reason.CRD_OUTDATED
        needed = REQUIRED_CRD_VERSIONS[crd]
        said = f"{crd} is of version {version or 'none'}, but {needed} is needed"
        assert said in refused.value.message
        assert "`helm upgrade`" in refused.value.message
    await Preconditions(api, ()).check()


@pytest.mark.parametrize("crd", REQUIRED_CRD_VERSIONS)
async def test_a_newer_crd_is_a_warning(
    api: ApiServer, control_plane: ControlPlane, crd: str
) -> None:
    with crd_version(control_plane, crd, "99"):
        (notice,) = await Preconditions(api, ()).check()
    assert notice == Notice(notice.message, is_warning=True)
    assert f"{crd} is of version 99" in notice.message


@asynccontextmanager
async def limited(roles: RolesOnly) -> AsyncIterator[Preconditions]:
    api = ApiServer.from_kubeconfig(roles.kubeconfig)
    try:
        yield Preconditions(api, [roles.namespace])
    finally:
        await api.close()


async def test_roles_alone_are_enough_for_one_namespace(
    control_plane: ControlPlane, cluster: Cluster
) -> None:
    async with limited(RolesOnly.install(control_plane, cluster.namespace)) as preconditions:
        notices = await preconditions.check()
    assert len(notices) == len(REQUIRED_CRD_VERSIONS)
    for crd, notice in zip(REQUIRED_CRD_VERSIONS, notices, strict=True):
        assert not notice.is_warning
        assert f"{crd} could not be checked" in notice.message


async def test_a_namespace_without_the_role_is_named(
    control_plane: ControlPlane, cluster: Cluster
) -> None:
    roles = RolesOnly.install(control_plane, cluster.namespace)
    api = ApiServer.from_kubeconfig(roles.kubeconfig)
    with pytest.raises(PermanentError) as refused:
        await Preconditions(api, [cluster.namespace, "default"]).check()
    await api.close()
    assert "list calendarsynctenants.figgosync.io in namespace default" in refused.value.message
    assert "delete syncinitialisations.figgosync.io in namespace default" in refused.value.message
    assert "get secrets in namespace default" in refused.value.message
    assert cluster.namespace not in refused.value.message


class Nobody:
    """Hears of tenants and does nothing."""

    def seen(self, _body: object) -> None:
        """Do nothing."""

    def gone(self, _body: object) -> None:
        """Do nothing."""


async def test_a_watch_that_is_refused_ends_and_tells_so(
    control_plane: ControlPlane,
    cluster: Cluster,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """kopf waits 54 s for the right to come back; here it is not that patient."""
    patient = informer._settings  # noqa: SLF001 - the patience is all that is changed

    def impatient() -> kopf.OperatorSettings:
        settings = patient()
        settings.networking.error_backoffs = [0.05]
        return settings

    monkeypatch.setattr(informer, "_settings", impatient)
    roles = RolesOnly.install(control_plane, cluster.namespace)
    monkeypatch.setenv("KUBECONFIG", str(roles.kubeconfig))  # where kopf looks for it
    ended: list[bool] = []
    watch = Informer(
        {TENANT_PLURAL: Nobody()},
        namespaces=["default"],
        kubeconfig=roles.kubeconfig,
        failed=lambda: ended.append(True),
    )
    watch.start()
    await comes_true(lambda: ended == [True])
    assert "HTTP 403" in caplog.text
    await watch.stop(within=5)
    assert not watch._thread.is_alive(), "nothing is left of it"  # noqa: SLF001 - the point
