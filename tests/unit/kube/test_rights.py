"""The table of rights: what is asked for in each mode, and what is said where one lacks."""

import pytest
import yaml

from figgosync.errors import Reason
from figgosync.kube.rights import RIGHTS, Need, Right, needs, rights_missing


def test_in_the_whole_cluster_secrets_are_the_namespaces_own_business() -> None:
    asked = needs(())
    assert {need.namespace for need in asked} == {None}
    assert {need.right.path for need in asked} == {
        "calendarsynctenants",
        "calendarsynctenants/status",
        "syncinitialisations",
        "syncinitialisations/status",
        "events",
        "customresourcedefinitions",
    }


def test_in_named_namespaces_nothing_of_the_whole_cluster_is_needed() -> None:
    asked = needs(("hr", "it"))
    assert {need.namespace for need in asked} == {"hr", "it"}
    assert "secrets" in {need.right.path for need in asked}
    assert "customresourcedefinitions" not in {need.right.path for need in asked}
    assert len(asked) == 2 * 14


def test_a_question_leaves_out_what_does_not_narrow_it() -> None:
    status = next(right for right in RIGHTS if right.subresource)
    assert status.review("hr")["spec"]["resourceAttributes"] == {
        "verb": "patch",
        "group": "figgosync.io",
        "resource": "calendarsynctenants",
        "subresource": "status",
        "namespace": "hr",
    }
    assert "namespace" not in status.review(None)["spec"]["resourceAttributes"]


@pytest.mark.parametrize("right", RIGHTS)
def test_what_lacks_is_named_with_its_purpose_and_the_rule_that_grants_it(right: Right) -> None:
    error = rights_missing([Need(right, None)])
    assert error.reason is Reason.REQUEST_REFUSED
    assert error.retry_after is not None
    assert error.retry_after.total_seconds() == 30
    assert f"{right.verb} {right.path}" in error.message
    assert f"(to {right.reason})" in error.message
    assert "`helm upgrade`" in error.message
    assert "in all namespaces" in error.message
    rule = error.message.partition("the rules [")[2].rpartition("]")[0]
    assert yaml.safe_load(rule) == {
        "apiGroups": [right.group],
        "resources": [right.path],
        "verbs": [right.verb],
    } | ({"resourceNames": [right.name]} if right.name else {})


def test_many_namespaces_are_counted_and_not_listed() -> None:
    named = [Need(RIGHTS[1], f"team-{number}") for number in range(50)]
    said = rights_missing([*named, Need(RIGHTS[4], "team-7")]).message
    assert "in namespaces team-0, team-1, team-2 and 47 more (to learn of the tenants)" in said
    assert "in namespace team-7 (to write the status)" in said
    assert "Role in that namespace" in said
    assert len(said) < 1000
