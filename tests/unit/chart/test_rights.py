"""The rights that the chart gives, in both modes."""

import pytest

from figgosync.kube.rights import RIGHTS, Where
from figgosync_controlplane.helm import Helm
from support.chart import CHART, Manifest, of_kind, render, rules_of


def needed(where: Where) -> set[str]:
    """Return what the operator's code declares that it needs."""
    rights = [right for right in RIGHTS if right.where is where]
    return {"/".join(filter(None, (f"{r.verb} {r.group}", r.path, r.name))) for r in rights}


OBJECTS = needed(Where.EVERYWHERE)
DEFINITIONS = needed(Where.CLUSTER)
SECRETS = "get /secrets"
SUBJECT = {
    "kind": "ServiceAccount",
    "name": "acme-figgo-calendar-sync",
    "namespace": "figgo",
}
KINDS = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")


def named(rendered: list[Manifest], kind: str) -> dict[str, Manifest]:
    """Return the manifests of a kind by namespace and name."""
    return {
        f"{each['metadata'].get('namespace', '')}/{each['metadata']['name']}": each
        for each in of_kind(rendered, kind)
    }


def test_what_the_code_declares_is_what_these_tests_hold_the_chart_against() -> None:
    assert len(OBJECTS) == 13
    assert "patch figgosync.io/calendarsynctenants/status" in OBJECTS
    assert "delete figgosync.io/syncinitialisations" in OBJECTS
    assert len(DEFINITIONS) == 2
    assert needed(Where.NAMED) == {"get /secrets"}


def test_the_whole_cluster_is_served_without_a_right_to_its_secrets(helm: Helm) -> None:
    rendered = render(helm, {"rbac": {"aggregateRoles": False}})
    roles = named(rendered, "ClusterRole")
    assert {name: rules_of(role) for name, role in roles.items()} == {
        "/figgosync-default": OBJECTS | DEFINITIONS,
        "/figgosync-credentials-default": {SECRETS},
    }
    ((name, binding),) = named(rendered, "ClusterRoleBinding").items()
    assert name == "/figgosync-default"
    assert binding["roleRef"]["name"] == "figgosync-default"
    assert binding["subjects"] == [SUBJECT]
    assert named(rendered, "Role") == named(rendered, "RoleBinding") == {}


def test_secrets_are_read_in_the_namespaces_of_tenants(helm: Helm) -> None:
    bindings = named(render(helm, {"tenantNamespaces": ["hr", "hr2"]}), "RoleBinding")
    assert list(bindings) == [
        "hr/figgosync-credentials-default",
        "hr2/figgosync-credentials-default",
    ]
    for binding in bindings.values():
        assert binding["roleRef"]["kind"] == "ClusterRole"
        assert binding["roleRef"]["name"] == "figgosync-credentials-default"
        assert binding["subjects"] == [SUBJECT]


def test_watched_namespaces_have_all_the_rights_and_nothing_else_has_any(helm: Helm) -> None:
    rendered = render(helm, {"watchNamespaces": ["hr", "hr2"], "operatorClass": "canary"})
    roles = named(rendered, "Role")
    assert list(roles) == ["hr/figgosync-canary", "hr2/figgosync-canary"]
    for role in roles.values():
        assert rules_of(role) == OBJECTS | {SECRETS}
    bindings = named(rendered, "RoleBinding")
    assert list(bindings) == list(roles)
    for binding in bindings.values():
        assert binding["roleRef"] == {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "Role",
            "name": "figgosync-canary",
        }
        assert binding["subjects"] == [SUBJECT]
    assert named(rendered, "ClusterRole") == named(rendered, "ClusterRoleBinding") == {}
    of_the_cluster = {each["kind"] for each in rendered if "namespace" not in each["metadata"]}
    assert of_the_cluster == {"CustomResourceDefinition"}


def test_both_modes_give_the_same_rights_but_for_the_definitions(helm: Helm) -> None:
    """What the cluster has beyond a namespace cannot be given by a Role."""
    clusterwide = render(helm, {"rbac": {"aggregateRoles": False}})
    all_of_them = set[str]().union(*map(rules_of, of_kind(clusterwide, "ClusterRole")))
    (role,) = of_kind(render(helm, {"watchNamespaces": ["hr"]}), "Role")
    assert all_of_them - rules_of(role) == DEFINITIONS
    assert rules_of(role) <= all_of_them


def test_people_get_tenants_and_initialisations_by_the_usual_roles(helm: Helm) -> None:
    roles = named(render(helm), "ClusterRole")
    view, edit = roles["/figgosync-tenants-view-default"], roles["/figgosync-tenants-edit-default"]

    def joins(role: Manifest) -> set[str]:
        label = "rbac.authorization.k8s.io/aggregate-to-"
        labels = role["metadata"]["labels"]
        return {each.removeprefix(label) for each in labels if each.startswith(label)}

    assert joins(view) == {"view", "edit", "admin"}
    assert joins(edit) == {"edit", "admin"}

    def on_both(*verbs: str) -> set[str]:
        kinds = ("calendarsynctenants", "syncinitialisations")
        return {f"{verb} figgosync.io/{kind}" for verb in verbs for kind in kinds}

    assert rules_of(view) == on_both("get", "list", "watch")
    assert rules_of(edit) == on_both("create", "update", "patch", "delete", "deletecollection")


@pytest.mark.parametrize("values", [{}, {"watchNamespaces": ["hr"]}], ids=["cluster", "namespaces"])
def test_who_gives_the_rights_himself_gets_none(helm: Helm, values: dict[str, object]) -> None:
    rendered = render(helm, {**values, "rbac": {"create": False}})
    assert [each for each in rendered if each["kind"] in KINDS] == []


def test_an_account_that_exists_gets_the_rights(helm: Helm) -> None:
    rendered = render(helm, {"serviceAccount": {"create": False, "name": "mine"}})
    assert of_kind(rendered, "ServiceAccount") == []
    (binding,) = of_kind(rendered, "ClusterRoleBinding")
    assert binding["subjects"] == [{**SUBJECT, "name": "mine"}]


def test_every_rule_has_its_reason(helm: Helm) -> None:
    text = helm.run("template", "acme", str(CHART), "--show-only=templates/rights-cluster.yaml")
    lines = [line.strip() for line in text.splitlines()]
    rules = [number for number, line in enumerate(lines) if line.startswith("- apiGroups")]
    assert len(rules) == 7
    assert [lines[number] for number in rules if not lines[number - 1].startswith("# ")] == []
