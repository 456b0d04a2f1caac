"""The tenant's CRD on a real API server: what it refuses, in which words, and what it fills in."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from figgosync_controlplane.kubectl import KubectlError
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.rest import RestError
from support.api_objects import Objects
from support.definitions import changed_definition
from support.eventually import eventually
from support.tenants import BAD_SPECS, GOOD_SPECS, BadSpec, a_tenant

_PUBLISHED_WITHIN = timedelta(seconds=20)


@pytest.fixture(scope="module")
def shared(control_plane: ControlPlane) -> Objects:
    """For questions that leave nothing behind (dry runs)."""
    return Objects(control_plane, "default", "calendarsynctenants")


@pytest.fixture
def tenants(control_plane: ControlPlane, namespace: str) -> Objects:
    return Objects(control_plane, namespace, "calendarsynctenants")


@pytest.mark.parametrize("bad", BAD_SPECS.values(), ids=BAD_SPECS)
def test_a_bad_spec_is_refused_with_the_field_and_a_sentence_for_people(
    shared: Objects, bad: BadSpec
) -> None:
    with pytest.raises(RestError) as refused:
        shared.try_out(a_tenant(bad.changes))
    about_the_field = [each for each in refused.value.causes if each.startswith(f"{bad.field}: ")]
    assert any(bad.says in line for line in about_the_field), refused.value.causes
    for jargon in ("no such key", "type conversion", "cost limit", "failed rule", "google."):
        assert jargon not in str(refused.value)


@pytest.mark.parametrize("changes", GOOD_SPECS.values(), ids=GOOD_SPECS)
def test_a_good_spec_is_accepted_as_it_was_written(
    shared: Objects, changes: Mapping[str, object]
) -> None:
    wanted = a_tenant(changes)["spec"]
    stored = shared.try_out(a_tenant(changes))["spec"]
    assert _within(wanted, stored)


def _within(part: object, whole: object) -> bool:
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and _within(value, whole[key]) for key, value in part.items())
    return part == whole


def test_a_name_longer_than_a_label_is_refused(shared: Objects) -> None:
    shared.try_out(a_tenant(name="a" * 63))
    with pytest.raises(RestError, match="the name may have at most 63 characters"):
        shared.try_out(a_tenant(name="a" * 64))


def test_a_field_that_is_not_offered_yet_is_refused_by_its_name(shared: Objects) -> None:
    with pytest.raises(RestError, match=r'unknown field "spec\.calendar\.microsoft365"'):
        shared.try_out(a_tenant({"calendar.microsoft365": {"tenantID": "x"}}))


def test_a_new_tenant_is_filled_in_with_the_documented_defaults(tenants: Objects) -> None:
    stored = tenants.create(a_tenant())
    assert stored["spec"] == {
        "operatorClass": "default",
        "figgo": {
            "url": "https://acme.ilucca.net",
            "apiKeySecretRef": {"name": "acme-figgo", "key": "apiKey"},
            "pollInterval": "20s",
            "requestsPerMinute": 30,
        },
        "legalEntities": [1, 4],
        "calendar": {
            "exchange": {
                "serverURL": "https://mail.acme.example/EWS/Exchange.asmx",
                "credentialsSecretRef": {"name": "acme-exchange"},
                "authentication": "NTLM",
            }
        },
        "events": {
            "title": "Absent",
            "remoteWorkTitle": "Working remotely",
            "showAbsenceType": False,
            "remoteWork": "Ignore",
            "fullDay": "AllDay",
            "workingHours": {
                "morning": {"from": "09:00", "to": "12:30"},
                "afternoon": {"from": "14:00", "to": "18:00"},
            },
            "timeZone": "Europe/Paris",
            "visibility": "Default",
        },
        "mailbox": {"attribute": "Mail"},
        "maxDeletions": {"percent": 30, "atLeast": 20},
        "deletionPolicy": "Orphan",
        "suspend": False,
    }
    assert stored["status"] == {"observedGeneration": -1}


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        (
            {"morning": {"from": "08:00"}},
            {
                "morning": {"from": "08:00", "to": "12:30"},
                "afternoon": {"from": "14:00", "to": "18:00"},
            },
        ),
        (
            {"afternoon": {"to": "17:00"}},
            {
                "morning": {"from": "09:00", "to": "12:30"},
                "afternoon": {"from": "14:00", "to": "17:00"},
            },
        ),
    ],
)
def test_one_changed_hour_leaves_the_others_at_their_defaults(
    shared: Objects, given: object, filled: object
) -> None:
    stored = shared.try_out(a_tenant({"events.workingHours": given}))
    assert stored["spec"]["events"]["workingHours"] == filled


def test_the_figgo_url_cannot_be_changed_in_any_way(tenants: Objects) -> None:
    stored = tenants.create(a_tenant())
    with pytest.raises(RestError, match="cannot be changed, because every calendar event"):
        tenants.patch("acme", {"figgo": {"url": "https://other.ilucca.net"}})
    with pytest.raises(RestError, match=r"spec\.figgo\.url: Required value"):
        tenants.patch("acme", {"figgo": {"url": None}})
    with pytest.raises(RestError, match=r"spec\.figgo: Required value"):
        tenants.patch("acme", {"figgo": None})
    changed = stored | {"spec": a_tenant({"figgo.url": "https://other.ilucca.net"})["spec"]}
    with pytest.raises(RestError, match="cannot be changed, because every calendar event"):
        tenants.replace(changed)


def test_the_class_cannot_be_changed_in_any_way(tenants: Objects) -> None:
    why = "two operators would work at once while it moves"
    stored = tenants.create(a_tenant({"operatorClass": "team-a"}))
    with pytest.raises(RestError, match=why):
        tenants.patch("acme", {"operatorClass": "team-b"})
    with pytest.raises(RestError, match=why):  # gone means the default, which is another one
        tenants.patch("acme", {"operatorClass": None})
    with pytest.raises(RestError, match=why):
        tenants.replace(stored | {"spec": a_tenant()["spec"]})
    tenants.create(a_tenant(name="plain"))
    tenants.patch("plain", {"operatorClass": None})
    tenants.patch("plain", {"operatorClass": "default"})


def test_an_object_from_before_the_class_is_of_the_default_one_and_stays_so(
    tenants: Objects, control_plane: ControlPlane
) -> None:
    def of_an_earlier_release(_: dict[str, Any], spec: dict[str, Any]) -> None:
        del spec["operatorClass"]

    with changed_definition(control_plane, of_an_earlier_release):
        assert "operatorClass" not in tenants.create(a_tenant())["spec"]
    stored = tenants.stored("acme")
    assert stored["spec"]["operatorClass"] == "default"
    with pytest.raises(RestError, match="two operators would work at once"):
        tenants.patch("acme", {"operatorClass": "team-a"})
    tenants.patch("acme", {"suspend": True})


def test_the_rest_of_the_spec_can_be_changed(tenants: Objects) -> None:
    tenants.create(a_tenant())
    tenants.patch(
        "acme",
        {
            "legalEntities": None,
            "allLegalEntities": True,
            "figgo": {"pollInterval": "1m"},
            "calendar": {"exchange": {"serverURL": "https://new.acme.example/EWS/Exchange.asmx"}},
        },
    )


def test_a_list_of_legal_entities_that_is_lost_never_means_all_of_them(
    tenants: Objects,
) -> None:
    tenants.create(a_tenant())
    with pytest.raises(RestError, match="give either legalEntities"):
        tenants.patch("acme", {"legalEntities": None})


def test_the_same_legal_entity_twice_is_refused(shared: Objects) -> None:
    with pytest.raises(RestError, match=r"spec\.legalEntities\[1\]: Duplicate value: 1"):
        shared.try_out(a_tenant({"legalEntities": [1, 1]}))


def test_the_longest_lists_are_within_the_cost_that_the_server_allows(
    shared: Objects,
) -> None:
    manifest = a_tenant(
        {
            "legalEntities": list(range(1, 1001)),
            "employees.only": list(range(1, 2001)),
            "employees.except": list(range(2001, 4001)),
            "mailbox.allowedDomains": [f"d{n}.example" for n in range(100)],
            "mailbox.rewrite": [
                {"from": f"o{n}.example", "to": f"d{n}.example"} for n in range(100)
            ],
        }
    )
    assert len(shared.try_out(manifest)["spec"]["employees"]["except"]) == 2000


def test_kubectl_explains_the_whole_spec(control_plane: ControlPlane) -> None:
    def explained() -> bool:
        manual = control_plane.kubectl("explain", "cst.spec", "--recursive")
        for field in ("requestsPerMinute", "serverURL", "remoteWorkTitle", "allowedDomains"):
            assert field in manual
        return True

    # The server publishes the schemas of a definition seconds after it begins to serve it.
    eventually(explained, within=_PUBLISHED_WITHIN, not_yet=(AssertionError, KubectlError))


def test_the_columns_show_state_reason_counts_and_times(tenants: Objects) -> None:
    tenants.create(a_tenant())
    status = {
        "observedGeneration": 1,
        "conditions": [
            {
                "type": "Ready",
                "status": "False",
                "reason": "SecretNotFound",
                "message": "Create the Secret acme-figgo.",
                "lastTransitionTime": "2026-11-24T10:00:00Z",
            }
        ],
        "lastSyncTime": "2026-11-24T10:00:00Z",
        "employees": {"total": 42},
        "events": {"managed": 271},
    }
    tenants.patch_status("acme", status)
    heading, row = tenants.run("get", "cst").splitlines()
    assert heading.split() == (
        ["NAME", "READY", "REASON", "EMPLOYEES", "EVENTS", "LAST", "SYNC", "AGE"]
    )
    name, ready, reason, employees, events, last_sync, age = row.split()
    assert (name, ready, reason) == ("acme", "False", "SecretNotFound")
    assert (employees, events) == ("42", "271")
    assert last_sync[-1] in "smhd"
    assert age[-1] in "smhd"
    wide_heading, wide_row = tenants.run("get", "cst", "--output=wide").splitlines()
    assert wide_heading.endswith("MESSAGE")
    assert wide_row.endswith("Create the Secret acme-figgo.")


def test_tenants_are_found_by_short_name_and_category(tenants: Objects) -> None:
    tenants.create(a_tenant())
    assert tenants.run("get", "cst", "--output=name").strip() == (
        "calendarsynctenant.figgosync.io/acme"
    )
    assert "calendarsynctenant.figgosync.io/acme" in tenants.run(
        "get", "figgosync", "--output=name"
    )


def test_a_change_of_the_status_leaves_the_generation_alone(tenants: Objects) -> None:
    tenants.create(a_tenant())
    tenants.patch_status("acme", {"employees": {"total": 1}})
    stored = tenants.stored("acme")
    assert stored["metadata"]["generation"] == 1
    assert stored["status"]["employees"] == {"total": 1}
