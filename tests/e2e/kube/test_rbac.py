"""The operator's rights: all that it needs, and nothing beside."""

import json
from pathlib import Path
from typing import Any

import pytest

from figgosync_demo.installation import Release
from support.access import may
from support.cluster import Cluster

_TENANTS = "calendarsynctenants.figgosync.io"
_RUNS = "syncinitialisations.figgosync.io"
_CRDS = "customresourcedefinitions.apiextensions.k8s.io"
_EVENTS = "events.events.k8s.io"


class Operator:
    """The operator's ServiceAccount, and what it may do."""

    def __init__(self, installation: Release, kubeconfig: Path) -> None:
        self._plane = installation.plane
        self._account = f"{installation.namespace}:{installation.deployment}"
        self._kubeconfig = kubeconfig

    def may(
        self, verb: str, resource: str, *, namespace: str | None = None, name: str = ""
    ) -> bool:
        """Tell whether it may in a namespace, or (None) in all of them."""
        return may(self._plane, self._account, verb, resource, namespace=namespace, name=name)

    def rights(self, namespace: str) -> set[tuple[str, tuple[str, ...], str]]:
        """Everything that it may do in a namespace: (resource, names, verb)."""
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectRulesReview",
            "spec": {"namespace": namespace},
        }
        answer = self._plane.kubectl(
            "create", "--validate=false", "--filename=-", "--output=json",
            stdin=json.dumps(review), kubeconfig=self._kubeconfig,
        )  # fmt: skip
        status: dict[str, Any] = json.loads(answer)["status"]
        assert status["incomplete"] is False
        return {
            (f"{resource}.{group}".rstrip("."), tuple(rule.get("resourceNames", ())), verb)
            for rule in status["resourceRules"]
            for group in rule.get("apiGroups", [""])
            for resource in rule["resources"]
            for verb in rule["verbs"]
        }


@pytest.fixture
def operator(installation: Release, operator_kubeconfig: Path) -> Operator:
    return Operator(installation, operator_kubeconfig)


# What every authenticated user may do by Kubernetes' own bindings: ask about themselves.
_EVERYBODY = {
    ("selfsubjectaccessreviews.authorization.k8s.io", (), "create"),
    ("selfsubjectrulesreviews.authorization.k8s.io", (), "create"),
    ("selfsubjectreviews.authentication.k8s.io", (), "create"),
    ("clustertrustbundles.certificates.k8s.io", (), "get"),
    ("clustertrustbundles.certificates.k8s.io", (), "list"),
    ("clustertrustbundles.certificates.k8s.io", (), "watch"),
}
_OURS = {
    (_TENANTS, (), "get"),
    (_TENANTS, (), "list"),
    (_TENANTS, (), "watch"),
    (_TENANTS, (), "patch"),
    ("calendarsynctenants/status.figgosync.io", (), "patch"),
    (_RUNS, (), "get"),
    (_RUNS, (), "list"),
    (_RUNS, (), "watch"),
    (_RUNS, (), "patch"),
    (_RUNS, (), "delete"),
    ("syncinitialisations/status.figgosync.io", (), "patch"),
    (_EVENTS, (), "create"),
    (_EVENTS, (), "patch"),
    (_CRDS, (_TENANTS, _RUNS), "get"),
}


def test_in_an_ordinary_namespace_these_are_all_its_rights(
    operator: Operator, cluster: Cluster
) -> None:
    rights = operator.rights(cluster.namespace)
    assert rights >= _OURS
    assert rights - _EVERYBODY == _OURS


def test_in_a_tenants_namespace_it_may_read_secrets_by_name_as_well(
    operator: Operator, tenant_namespace: str
) -> None:
    assert operator.rights(tenant_namespace) - _EVERYBODY == _OURS | {("secrets", (), "get")}


@pytest.mark.parametrize(
    ("verb", "resource"),
    [
        ("list", "secrets"),
        ("watch", "secrets"),
        ("create", "secrets"),
        ("patch", "secrets"),
        ("delete", "secrets"),
        ("create", _TENANTS),
        ("update", _TENANTS),
        ("delete", _TENANTS),
        ("update", f"{_TENANTS}/status"),
        ("create", _RUNS),
        ("update", _RUNS),
        ("deletecollection", _RUNS),
        ("update", f"{_RUNS}/status"),
        ("get", "configmaps"),
        ("get", "pods"),
        ("create", "pods"),
        ("list", _EVENTS),
        ("delete", _EVENTS),
        ("create", "serviceaccounts/token"),
        ("create", "rolebindings.rbac.authorization.k8s.io"),
    ],
)
def test_even_in_a_tenants_namespace_it_may_not(
    operator: Operator, tenant_namespace: str, verb: str, resource: str
) -> None:
    assert operator.may("get", "secrets", namespace=tenant_namespace)
    assert not operator.may(verb, resource, namespace=tenant_namespace)


@pytest.mark.parametrize(
    ("verb", "resource"),
    [
        ("get", "secrets"),
        ("list", "secrets"),
        ("list", "namespaces"),
        ("list", _CRDS),
        ("watch", _CRDS),
        ("patch", _CRDS),
        ("get", "nodes"),
        ("impersonate", "users"),
        ("escalate", "clusterroles.rbac.authorization.k8s.io"),
    ],
)
def test_in_the_cluster_as_a_whole_it_may_not(operator: Operator, verb: str, resource: str) -> None:
    assert operator.may("list", _TENANTS)
    assert not operator.may(verb, resource)


def test_in_a_namespace_without_the_binding_it_may_not_read_secrets(
    operator: Operator, cluster: Cluster
) -> None:
    assert not operator.may("get", "secrets", namespace=cluster.namespace)


def test_of_the_definitions_it_may_read_only_ours(operator: Operator) -> None:
    assert operator.may("get", _CRDS, name=_TENANTS)
    assert not operator.may("get", _CRDS, name="others.example.com")
