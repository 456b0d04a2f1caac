"""Several releases in one cluster: each tenant has one operator, never two."""

from typing import Any

import pytest

from figgosync_controlplane.helm import HelmError
from support.releases import Releases

TENANTS = "calendarsynctenants.figgosync.io"


def test_two_classes_live_side_by_side(
    bare: Releases, namespace: str, other_namespace: str
) -> None:
    bare.install("acme", namespace)
    before = bare.definition()
    bare.install("canary", other_namespace, operatorClass="canary")
    assert bare.definition() == before
    for operator in (
        f"{namespace}:acme-figgo-calendar-sync",
        f"{other_namespace}:canary-figgo-calendar-sync",
    ):
        bare.expect_allowed(operator, "watch", TENANTS)
    bare.uninstall("acme", namespace)
    bare.expect_refused(f"{namespace}:acme-figgo-calendar-sync", "watch", TENANTS)
    bare.expect_allowed(f"{other_namespace}:canary-figgo-calendar-sync", "watch", TENANTS)
    assert bare.definition() == before


def test_one_class_may_be_divided_by_namespaces(
    applied: Releases, namespace: str, other_namespace: str
) -> None:
    applied.install("one", namespace, watchNamespaces=[namespace])
    applied.install("two", namespace, watchNamespaces=[other_namespace])
    one, two = f"{namespace}:one-figgo-calendar-sync", f"{namespace}:two-figgo-calendar-sync"
    applied.expect_allowed(one, "watch", TENANTS, namespace)
    applied.expect_allowed(two, "watch", TENANTS, other_namespace)
    applied.expect_refused(two, "watch", TENANTS, namespace)


MIXES = {
    "the cluster twice": (False, False, "the whole cluster"),
    "a namespace of the cluster": (False, True, "the whole cluster"),
    "the cluster around a namespace": (True, False, "namespace "),
    "a namespace twice": (True, True, "namespace "),
}


@pytest.mark.parametrize(("first", "second", "where"), MIXES.values(), ids=MIXES)
def test_a_second_release_that_could_serve_the_same_tenants_is_refused(
    applied: Releases,
    namespace: str,
    other_namespace: str,
    *,
    first: bool,
    second: bool,
    where: str,
) -> None:
    watched = [namespace] if first else []
    applied.install("first", namespace, watchNamespaces=watched)
    watched = [other_namespace, namespace] if second else []
    with pytest.raises(HelmError) as refusal:
        applied.install("second", other_namespace, watchNamespaces=watched)
    place = where + (namespace if where == "namespace " else "")
    sentence = f'operatorClass: release first in namespace {namespace} serves class "default" in '
    assert f"{sentence}{place} already" in refusal.value.stderr
    assert f"(helm uninstall first --namespace {namespace})" in refusal.value.stderr
    # Both ways out that the sentence names.
    values: dict[str, Any] = {"watchNamespaces": watched}
    applied.install("third", other_namespace, operatorClass="third", **values)
    applied.uninstall("first", namespace)
    applied.install("second", other_namespace, **values)


@pytest.mark.parametrize("second", [{}, {"watchNamespaces": True}], ids=["cluster", "namespaces"])
def test_a_release_with_rights_of_its_own_is_refused_too(
    applied: Releases, namespace: str, other_namespace: str, second: dict[str, Any]
) -> None:
    applied.install("first", namespace)
    values = {key: [other_namespace] for key in second}
    with pytest.raises(HelmError, match="release first in namespace"):
        applied.install("second", other_namespace, rbac={"create": False}, **values)


@pytest.mark.parametrize("watched", [False, True], ids=["cluster", "namespaces"])
def test_helm_itself_refuses_where_nobody_looks(
    applied: Releases, namespace: str, other_namespace: str, *, watched: bool
) -> None:
    """As where the manifests are rendered without a cluster: the names of the rights are taken."""
    values: dict[str, Any] = {"watchNamespaces": [namespace] if watched else []}
    applied.install("first", namespace, **values)
    with pytest.raises(HelmError, match="invalid ownership metadata") as refusal:
        applied.install("second", other_namespace, checkOtherReleases=False, **values)
    kind = "Role" if watched else "ClusterRole"
    assert f'{kind} "figgosync-' in refusal.value.stderr


def test_a_release_never_stands_in_its_own_way(
    applied: Releases, namespace: str, other_namespace: str
) -> None:
    applied.install("acme", namespace)
    operator = f"{namespace}:acme-figgo-calendar-sync"
    applied.upgrade("acme", namespace, watchNamespaces=[other_namespace])
    applied.expect_refused(operator, "watch", TENANTS)
    applied.expect_allowed(operator, "watch", TENANTS, other_namespace)
    # An empty list, as helm takes "no values" for "the values of before".
    applied.upgrade("acme", namespace, watchNamespaces=[])
    applied.expect_allowed(operator, "watch", TENANTS)
    applied.upgrade("acme", namespace, operatorClass="canary")
    applied.expect_allowed(operator, "watch", TENANTS)
    names = {each["metadata"]["name"] for each in applied.manifests("acme", namespace)}
    assert "figgosync-canary" in names
    assert "figgosync-default" not in names


@pytest.mark.parametrize("override", ["fullnameOverride", "nameOverride"])
def test_a_release_never_runs_under_two_names_at_once(
    applied: Releases, namespace: str, override: str
) -> None:
    applied.install("acme", namespace)
    with pytest.raises(HelmError) as refusal:
        applied.upgrade("acme", namespace, **{override: "renamed"})
    assert "as the Deployment acme-figgo-calendar-sync; as " in refusal.value.stderr
    assert f"(helm uninstall acme --namespace {namespace})" in refusal.value.stderr
    # Both ways out that the sentence names; another class is another operator's work.
    applied.upgrade("acme", namespace, logLevel="DEBUG")
    applied.uninstall("acme", namespace)
    applied.install("acme", namespace, **{override: "renamed"})
    applied.upgrade("acme", namespace, operatorClass="canary")
