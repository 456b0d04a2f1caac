"""From a body of the API server to a tenant."""

from datetime import UTC, datetime

import pytest

from figgosync.core.tenant import TenantName
from figgosync.errors import PermanentError, Reason
from figgosync.kube.resources import parse_object, parse_tenant
from support.tenants import GONE, a_stored_tenant


def test_a_tenant_is_read_whole() -> None:
    body = a_stored_tenant(
        finalizers=["figgosync.io/remove-events", "example.com/theirs"],
        annotations={"figgosync.io/requestedAt": "today", "other": "x"},
    )
    body["status"] = {"observedGeneration": 2}
    tenant = parse_tenant(body)
    assert tenant.name == TenantName("hr", "acme")
    assert tenant.uid == "6f0c1a2e-0000-4000-8000-000000000001"
    assert (tenant.generation, tenant.resource_version) == (3, "4711")
    assert tenant.created == datetime(2026, 11, 20, 8, 31, 7, tzinfo=UTC)
    assert tenant.deleting is False
    assert tenant.finalizers == ("figgosync.io/remove-events", "example.com/theirs")
    assert tenant.requested_at == "today"
    assert tenant.spec.figgo.host == "acme.ilucca.net"
    assert tenant.status.observed_generation == 2


def test_a_tenant_without_extras_has_none() -> None:
    tenant = parse_tenant(a_stored_tenant())
    assert (tenant.finalizers, tenant.requested_at) == ((), None)
    assert tenant.status.observed_generation == -1


def test_a_tenant_that_is_going_says_so() -> None:
    assert parse_tenant(a_stored_tenant(deletionTimestamp="2026-11-24T10:00:00Z")).deleting


def test_a_refused_spec_names_the_field_and_the_remedy_but_not_the_value() -> None:
    body = a_stored_tenant({"figgo.url": "https://hidden:word@acme.ilucca.net", "events": {}})
    with pytest.raises(PermanentError) as refused:
        parse_tenant(body)
    error = refused.value
    assert error.reason is Reason.INVALID_SPEC
    assert error.tenant_wide
    assert "spec.figgo.url: must not hold a user name or password" in error.message
    assert "(and 1 more)" in error.message
    assert "kubectl -n hr edit calendarsynctenant acme" in error.message
    assert "hidden" not in error.message
    assert error.__cause__ is None


def test_a_spec_that_is_no_mapping_is_refused() -> None:
    body = a_stored_tenant()
    body["spec"] = "yes"
    with pytest.raises(PermanentError, match="The resource cannot be used: spec: "):
        parse_tenant(body)


def test_an_object_with_a_refused_spec_can_still_be_read_to_report_it() -> None:
    body = a_stored_tenant({"figgo": GONE})
    body["status"] = {"observedGeneration": 1}
    around = parse_object(body)
    assert (around.name, around.generation) == (TenantName("hr", "acme"), 3)
    assert around.status.observed_generation == 1


@pytest.mark.parametrize("field", ["name", "namespace", "uid", "generation", "resourceVersion"])
def test_what_no_api_server_gives_is_refused_by_name(field: str) -> None:
    body = a_stored_tenant()
    del body["metadata"][field]
    with pytest.raises(PermanentError, match=rf"metadata\.{field}"):
        parse_tenant(body)


@pytest.mark.parametrize(
    "changes",
    [
        {"events.sensitiveTypes": ["Jeanne"]},
        {"events.sensitiveTypes": ["Jeanne"], "calendar.exchange": GONE},
        {"events.sensitiveTypes": ["Jeanne"], "figgo.pollInterval": "soon", "later": {}},
    ],
    ids=["alone", "beside a missing field", "beside a wrong one"],
)
def test_a_field_that_only_a_later_release_knows_is_named_without_its_value(
    changes: dict[str, object],
) -> None:
    with pytest.raises(PermanentError) as refused:
        parse_tenant(a_stored_tenant(changes))
    assert refused.value.reason is Reason.INVALID_SPEC
    assert "This operator does not know spec.events.sensitiveTypes" in refused.value.message
    assert ("spec.later" in refused.value.message) is ("later" in changes)
    assert "upgrade the operator" in refused.value.message
    assert "Jeanne" not in refused.value.message
    assert "soon" not in refused.value.message
