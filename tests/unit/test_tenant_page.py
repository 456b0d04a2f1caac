"""docs/calendarsynctenant.md shows what can be served, and explains what a tenant says."""

from typing import Any

import pytest

from figgosync.core.conditions import ConditionType
from figgosync.errors import PermanentError, Reason
from figgosync.kube.credentials import secret_from
from figgosync.kube.names import API_VERSION
from figgosync.kube.resources import parse_tenant
from figgosync.kube.status import TenantStatus
from support.resource_page import TENANT_PAGE

_STORED = {
    "uid": "6f0c1a2e-0000-4000-8000-000000000001",
    "generation": 1,
    "resourceVersion": "1",
    "creationTimestamp": "2026-11-20T08:31:07Z",
}


def test_every_condition_of_a_tenant_is_explained() -> None:
    assert sorted(TENANT_PAGE.words()) == sorted(set(ConditionType) - {ConditionType.SUCCEEDED})


def _stored(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "metadata": {**body["metadata"], **_STORED}}


def test_every_manifest_of_the_page_can_be_served() -> None:
    tenants = TENANT_PAGE.manifests("CalendarSyncTenant")
    assert len(tenants) == 2
    for body in tenants:
        assert body["apiVersion"] == API_VERSION
        parse_tenant(_stored(body))


def test_the_tenants_of_the_page_use_the_secrets_of_the_page() -> None:
    secrets = {}
    for body in TENANT_PAGE.manifests("Secret"):
        secret = secret_from(_stored(body))
        secrets[secret.namespace, secret.name] = set(body["stringData"])
    assert len(secrets) == 2
    for body in TENANT_PAGE.manifests("CalendarSyncTenant"):
        tenant, namespace = parse_tenant(_stored(body)), body["metadata"]["namespace"]
        figgo, exchange = tenant.spec.figgo, tenant.spec.exchange
        assert figgo.api_key_field in secrets[namespace, figgo.api_key_secret]
        keys = {"accountLogin", "accountPass"}
        assert keys == secrets[namespace, exchange.credentials_secret]


def test_every_part_of_a_spec_fits_into_the_example() -> None:
    parts = TENANT_PAGE.fragments("spec")
    assert len(parts) >= 4
    for part in parts:
        body = TENANT_PAGE.completed(part)
        assert parse_tenant(_stored(body)) != parse_tenant(_stored(TENANT_PAGE.completed({})))


def test_a_part_that_does_not_fit_would_be_found() -> None:
    for part in ({"events": {"tittle": "Absent"}}, {"employees": {"only": []}}):
        with pytest.raises(PermanentError) as refusal:
            parse_tenant(_stored(TENANT_PAGE.completed(part)))
        assert refusal.value.reason is Reason.INVALID_SPEC


def test_the_status_of_the_page_is_one_that_the_operator_writes() -> None:
    (status,) = TENANT_PAGE.fragments("status")
    assert TenantStatus.from_body(status).to_body() == status


def test_all_that_is_yaml_was_looked_at() -> None:
    looked_at = (
        len(TENANT_PAGE.manifests("CalendarSyncTenant"))
        + len(TENANT_PAGE.manifests("Secret"))
        + len(TENANT_PAGE.fragments("spec"))
        + len(TENANT_PAGE.fragments("status"))
    )
    assert looked_at == len(TENANT_PAGE.documents())
    assert len(TENANT_PAGE.blocks("yaml")) == 7
