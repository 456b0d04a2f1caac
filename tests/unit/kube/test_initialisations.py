"""From a body of the API server to an initialisation."""

from datetime import UTC, date, datetime

import pytest

from figgosync.core.initialisation import InitialisationName
from figgosync.core.tenant import TenantName
from figgosync.errors import PermanentError, Reason
from figgosync.kube.events import Subject
from figgosync.kube.initialisation_status import InitialisationStatus
from figgosync.kube.initialisations import parse_initialisation, parse_initialisation_object
from support.initialisations import a_stored_initialisation
from support.manifests import GONE

_OWNERS = [
    {"kind": "CalendarSyncTenant", "name": "acme", "uid": "the-tenants"},
    {"kind": "ConfigMap", "name": "other", "uid": "another-ones"},
]


def test_an_initialisation_is_read_whole() -> None:
    body = a_stored_initialisation(ownerReferences=_OWNERS)
    body["status"] = {"observedGeneration": 2}
    found = parse_initialisation(body)
    assert found.name == InitialisationName("hr", "backfill")
    assert found.uid == "6f0c1a2e-0000-4000-8000-000000000001"
    assert (found.generation, found.resource_version) == (3, "4711")
    assert found.created == datetime(2026, 11, 20, 8, 31, 7, tzinfo=UTC)
    assert found.deleting is False
    assert found.owners == {"the-tenants", "another-ones"}
    assert found.tenant == found.spec.tenant == TenantName("hr", "acme")
    assert found.spec.first_day == date(2026, 1, 1)
    assert found.status == InitialisationStatus(observed_generation=2)


def test_an_initialisation_without_extras_has_none() -> None:
    found = parse_initialisation(a_stored_initialisation())
    assert found.owners == frozenset()
    assert found.status.observed_generation == -1


def test_an_initialisation_that_is_going_says_so() -> None:
    body = a_stored_initialisation(deletionTimestamp="2026-11-24T10:00:00Z")
    assert parse_initialisation(body).deleting


def test_a_refused_spec_names_the_field_and_the_remedy_but_not_the_value() -> None:
    body = a_stored_initialisation({"planDigest": "hidden", "from": GONE})
    with pytest.raises(PermanentError) as refused:
        parse_initialisation(body)
    error = refused.value
    assert error.reason is Reason.INVALID_SPEC
    assert error.tenant_wide
    assert "The resource cannot be used: spec." in error.message
    assert "(and 1 more)" in error.message
    assert "Create a new SyncInitialisation with another name" in error.message
    assert "kubectl explain syncinitialisation.spec" in error.message
    assert "hidden" not in error.message
    assert error.__cause__ is None


def test_a_field_that_only_a_later_release_knows_is_named_without_its_value() -> None:
    with pytest.raises(PermanentError) as refused:
        parse_initialisation(a_stored_initialisation({"until": "2026-06-30"}))
    assert refused.value.reason is Reason.INVALID_SPEC
    assert "This operator does not know spec.until: upgrade the operator" in refused.value.message
    assert "create a new SyncInitialisation with another name" in refused.value.message
    assert "2026-06-30" not in refused.value.message


@pytest.mark.parametrize(
    "spec", ["yes", None, {}, {"tenantRef": "acme"}, {"tenantRef": {"name": "../acme"}}]
)
def test_a_spec_without_a_tenant_can_still_be_read_to_report_it(spec: object) -> None:
    body = a_stored_initialisation() | {"spec": spec}
    around = parse_initialisation_object(body)
    assert (around.name, around.tenant) == (InitialisationName("hr", "backfill"), None)
    with pytest.raises(PermanentError, match="The resource cannot be used: spec"):
        parse_initialisation(body)


def test_whose_a_refused_spec_is_can_be_read_though_a_later_release_wrote_it() -> None:
    body = a_stored_initialisation({"tenantRef.class": "b", "until": "2026-06-30"})
    assert parse_initialisation_object(body).tenant == TenantName("hr", "acme")


@pytest.mark.parametrize("field", ["name", "namespace", "uid", "generation", "resourceVersion"])
def test_what_no_api_server_gives_is_refused_by_name(field: str) -> None:
    body = a_stored_initialisation()
    del body["metadata"][field]
    with pytest.raises(PermanentError, match=rf"metadata\.{field}"):
        parse_initialisation_object(body)


def test_events_about_it_name_kind_and_uid() -> None:
    found = parse_initialisation_object(a_stored_initialisation())
    assert Subject.of_initialisation(found) == Subject(
        "SyncInitialisation", "hr", "backfill", "6f0c1a2e-0000-4000-8000-000000000001"
    )
