"""The CRD on a real API server: what it refuses and in which words, and what it fills in."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from figgosync_controlplane.kubectl import KubectlError
from figgosync_controlplane.plane import ControlPlane
from support.definitions import changed_definition
from support.tenants import BAD_SPECS, GOOD_SPECS, BadSpec, a_tenant

_DRY = "--dry-run=server"


class Tenants:
    """The tenants of one namespace, as kubectl sees them."""

    def __init__(self, plane: ControlPlane, namespace: str) -> None:
        self._plane = plane
        self._namespace = namespace

    def create(self, manifest: Mapping[str, Any], *options: str) -> dict[str, Any]:
        return self._write("create", manifest, *options)

    def replace(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        return self._write("replace", manifest)

    def patch(self, name: str, spec: Mapping[str, Any]) -> None:
        patch = json.dumps({"spec": spec})
        self.run("patch", "cst", name, "--type=merge", f"--patch={patch}")

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        return self._plane.kubectl(*arguments, "--namespace", self._namespace, stdin=stdin)

    def _write(self, verb: str, manifest: Mapping[str, Any], *options: str) -> dict[str, Any]:
        answer = self.run(
            verb, "--filename=-", "--output=json", *options, stdin=json.dumps(manifest)
        )
        stored: dict[str, Any] = json.loads(answer)
        return stored


@pytest.fixture(scope="module")
def shared(control_plane: ControlPlane) -> Tenants:
    """For questions that leave nothing behind (dry runs)."""
    return Tenants(control_plane, "default")


@pytest.fixture
def tenants(control_plane: ControlPlane, namespace: str) -> Tenants:
    return Tenants(control_plane, namespace)


@pytest.fixture(scope="module")
def definition(control_plane: ControlPlane) -> dict[str, Any]:
    answer = control_plane.kubectl(
        "get", "crd", "calendarsynctenants.figgosync.io", "--output=json"
    )
    found: dict[str, Any] = json.loads(answer)
    return found


def _without_quoting(complaint: str) -> str:
    """kubectl prints some refusals as Go string literals."""
    return complaint.replace('\\"', '"')


@pytest.mark.parametrize("bad", BAD_SPECS.values(), ids=BAD_SPECS)
def test_a_bad_spec_is_refused_with_the_field_and_a_sentence_for_people(
    shared: Tenants, bad: BadSpec
) -> None:
    with pytest.raises(KubectlError) as refused:
        shared.create(a_tenant(bad.changes), _DRY)
    lines = [line.strip("* ") for line in _without_quoting(refused.value.stderr).splitlines()]
    about_the_field = [line for line in lines if f"{bad.field}: " in line]
    assert any(bad.says in line for line in about_the_field), refused.value.stderr


@pytest.mark.parametrize("bad", BAD_SPECS.values(), ids=BAD_SPECS)
def test_no_refusal_speaks_of_the_rules_own_machinery(shared: Tenants, bad: BadSpec) -> None:
    with pytest.raises(KubectlError) as refused:
        shared.create(a_tenant(bad.changes), _DRY)
    for jargon in ("no such key", "type conversion", "cost limit", "failed rule", "google."):
        assert jargon not in refused.value.stderr


@pytest.mark.parametrize("changes", GOOD_SPECS.values(), ids=GOOD_SPECS)
def test_a_good_spec_is_accepted_as_it_was_written(
    shared: Tenants, changes: Mapping[str, object]
) -> None:
    wanted = a_tenant(changes)["spec"]
    stored = shared.create(a_tenant(changes), _DRY)["spec"]
    assert _within(wanted, stored)


def _within(part: object, whole: object) -> bool:
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and _within(value, whole[key]) for key, value in part.items())
    return part == whole


def test_a_name_longer_than_a_label_is_refused(shared: Tenants) -> None:
    shared.create(a_tenant(name="a" * 63), _DRY)
    with pytest.raises(KubectlError, match="the name may have at most 63 characters"):
        shared.create(a_tenant(name="a" * 64), _DRY)


def test_a_field_that_is_not_offered_yet_is_refused_by_its_name(shared: Tenants) -> None:
    with pytest.raises(KubectlError, match=r'unknown field "spec\.calendar\.microsoft365"'):
        shared.create(a_tenant({"calendar.microsoft365": {"tenantID": "x"}}), _DRY)


def test_a_new_tenant_is_filled_in_with_the_documented_defaults(tenants: Tenants) -> None:
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
    shared: Tenants, given: object, filled: object
) -> None:
    stored = shared.create(a_tenant({"events.workingHours": given}), _DRY)
    assert stored["spec"]["events"]["workingHours"] == filled


def test_the_figgo_url_cannot_be_changed_in_any_way(tenants: Tenants) -> None:
    stored = tenants.create(a_tenant())
    with pytest.raises(KubectlError, match="cannot be changed, because every calendar event"):
        tenants.patch("acme", {"figgo": {"url": "https://other.ilucca.net"}})
    with pytest.raises(KubectlError, match=r"spec\.figgo\.url: Required value"):
        tenants.patch("acme", {"figgo": {"url": None}})
    with pytest.raises(KubectlError, match=r"spec\.figgo: Required value"):
        tenants.patch("acme", {"figgo": None})
    changed = stored | {"spec": a_tenant({"figgo.url": "https://other.ilucca.net"})["spec"]}
    with pytest.raises(KubectlError, match="cannot be changed, because every calendar event"):
        tenants.replace(changed)


def test_the_class_cannot_be_changed_in_any_way(tenants: Tenants) -> None:
    why = "two operators would work at once while it moves"
    stored = tenants.create(a_tenant({"operatorClass": "team-a"}))
    with pytest.raises(KubectlError, match=why):
        tenants.patch("acme", {"operatorClass": "team-b"})
    with pytest.raises(KubectlError, match=why):  # gone means the default, which is another one
        tenants.patch("acme", {"operatorClass": None})
    with pytest.raises(KubectlError, match=why):
        tenants.replace(stored | {"spec": a_tenant()["spec"]})
    tenants.create(a_tenant(name="plain"))
    tenants.patch("plain", {"operatorClass": None})
    tenants.patch("plain", {"operatorClass": "default"})


def test_an_object_from_before_the_class_is_of_the_default_one_and_stays_so(
    tenants: Tenants, control_plane: ControlPlane
) -> None:
    def of_an_earlier_release(_: dict[str, Any], spec: dict[str, Any]) -> None:
        del spec["operatorClass"]

    with changed_definition(control_plane, of_an_earlier_release):
        assert "operatorClass" not in tenants.create(a_tenant())["spec"]
    stored = json.loads(tenants.run("get", "cst", "acme", "--output=json"))
    assert stored["spec"]["operatorClass"] == "default"
    with pytest.raises(KubectlError, match="two operators would work at once"):
        tenants.patch("acme", {"operatorClass": "team-a"})
    tenants.patch("acme", {"suspend": True})


def test_the_rest_of_the_spec_can_be_changed(tenants: Tenants) -> None:
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


def test_a_list_of_legal_entities_that_is_lost_never_means_all_of_them(tenants: Tenants) -> None:
    tenants.create(a_tenant())
    with pytest.raises(KubectlError, match="give either legalEntities"):
        tenants.patch("acme", {"legalEntities": None})


def test_the_same_legal_entity_twice_is_refused(shared: Tenants) -> None:
    with pytest.raises(KubectlError, match=r"spec\.legalEntities\[1\]: Duplicate value: 1"):
        shared.create(a_tenant({"legalEntities": [1, 1]}), _DRY)


def test_the_longest_lists_are_within_the_cost_that_the_server_allows(shared: Tenants) -> None:
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
    assert len(shared.create(manifest, _DRY)["spec"]["employees"]["except"]) == 2000


def test_every_field_has_an_explanation(
    control_plane: ControlPlane, definition: dict[str, Any]
) -> None:
    paths = dict(_paths(definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]))
    fields = [path for path in paths if path.partition(".")[0] in {"spec", "status"}]
    assert len(fields) > 60, "the walk over the schema found too little"
    undescribed = [path for path in fields if len(paths[path].get("description", "")) < 8]
    assert undescribed == []
    for path in ("", ".spec.figgo.url", ".spec.events.workingHours", ".status.failures.since"):
        explained = control_plane.kubectl("explain", f"cst{path}")
        assert "<empty>" not in explained


def test_kubectl_explains_the_whole_spec(control_plane: ControlPlane) -> None:
    explained = control_plane.kubectl("explain", "cst.spec", "--recursive")
    for field in ("requestsPerMinute", "serverURL", "remoteWorkTitle", "allowedDomains"):
        assert field in explained


def _paths(schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every property below the schema, `spec.figgo.url` and `status.failures[]` alike."""
    for name, child in schema.get("properties", {}).items():
        path = f"{prefix}.{name}" if prefix else name
        yield path, child
        yield from _paths(child, path)
        if "items" in child:
            yield f"{path}[]", child["items"]
            yield from _paths(child["items"], f"{path}[]")


def test_every_text_and_every_list_has_a_limit(definition: dict[str, Any]) -> None:
    paths = dict(_paths(definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]))
    ours = {path: node for path, node in paths.items() if path.startswith(("spec", "status"))}
    texts = {p: n for p, n in ours.items() if n.get("type") == "string" and "enum" not in n}
    lists = {p: n for p, n in ours.items() if n.get("type") == "array"}
    numbers = {p: n for p, n in ours.items() if n.get("type") == "integer"}
    assert (len(texts) > 20, len(lists) >= 8, len(numbers) >= 12) == (True, True, True)
    assert [path for path, node in texts.items() if "maxLength" not in node] == []
    assert [path for path, node in lists.items() if "maxItems" not in node] == []
    assert [path for path, node in lists.items() if "x-kubernetes-list-type" not in node] == []
    assert [path for path, node in numbers.items() if "format" not in node] == []


def test_the_columns_show_state_reason_counts_and_times(tenants: Tenants) -> None:
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
    tenants.run(
        "patch", "cst/acme", "--subresource=status", "--type=merge",
        f"--patch={json.dumps({'status': status})}",
    )  # fmt: skip
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


def test_tenants_are_found_by_short_name_and_category(tenants: Tenants) -> None:
    tenants.create(a_tenant())
    assert tenants.run("get", "cst", "--output=name").strip() == (
        "calendarsynctenant.figgosync.io/acme"
    )
    assert "calendarsynctenant.figgosync.io/acme" in tenants.run(
        "get", "figgosync", "--output=name"
    )


def test_a_change_of_the_status_leaves_the_generation_alone(tenants: Tenants) -> None:
    tenants.create(a_tenant())
    tenants.run(
        "patch", "cst/acme", "--subresource=status", "--type=merge",
        '--patch={"status": {"employees": {"total": 1}}}',
    )  # fmt: skip
    stored = json.loads(tenants.run("get", "cst/acme", "--output=json"))
    assert stored["metadata"]["generation"] == 1
    assert stored["status"]["employees"] == {"total": 1}
