"""The CRD of initialisations on a real API server: what it refuses, what never changes, columns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import yaml

from figgosync.core.conditions import Condition, ConditionType, Status
from figgosync.core.initialisation import Mode, Plan, Progress, Tally
from figgosync.errors import Reason
from figgosync.kube.initialisation_status import InitialisationStatus
from figgosync.kube.initialisations import parse_initialisation
from figgosync.kube.kinds import INITIALISATION
from figgosync_controlplane.kubectl import KubectlError
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.rest import RestError
from support.api_objects import Objects
from support.chart import ROOT
from support.initialisations import A_DIGEST, BAD_SPECS, GOOD_SPECS, an_initialisation
from support.manifests import GONE, BadSpec

_ANOTHER = "create a new SyncInitialisation with another name"
_EXAMPLE = ROOT / "docs" / "examples" / "initialisation.yaml"


@pytest.fixture(scope="module")
def shared(control_plane: ControlPlane) -> Objects:
    """For questions that leave nothing behind (dry runs)."""
    return Objects(control_plane, "default", "syncinitialisations")


@pytest.fixture
def runs(control_plane: ControlPlane, namespace: str) -> Objects:
    return Objects(control_plane, namespace, "syncinitialisations")


# What may be created.


@pytest.mark.parametrize("bad", BAD_SPECS.values(), ids=BAD_SPECS)
def test_a_bad_spec_is_refused_with_the_field_and_a_sentence_for_people(
    shared: Objects, bad: BadSpec
) -> None:
    with pytest.raises(RestError) as refused:
        shared.try_out(an_initialisation(bad.changes))
    about_the_field = [each for each in refused.value.causes if each.startswith(f"{bad.field}: ")]
    assert any(bad.says in line for line in about_the_field), refused.value.causes
    for jargon in ("no such key", "type conversion", "cost limit", "failed rule", "google."):
        assert jargon not in str(refused.value)


@pytest.mark.parametrize("changes", GOOD_SPECS.values(), ids=GOOD_SPECS)
def test_a_good_spec_is_accepted_as_it_was_written(
    shared: Objects, changes: Mapping[str, object]
) -> None:
    wanted = an_initialisation(changes)["spec"]
    stored = shared.try_out(an_initialisation(changes))["spec"]
    assert wanted.items() <= stored.items()


def test_a_new_one_is_filled_in_with_the_documented_defaults(runs: Objects) -> None:
    stored = runs.create(an_initialisation())
    assert stored["spec"] == {
        "tenantRef": {"name": "acme"},
        "action": "Sync",
        "from": "2026-01-01",
        "legalEntities": [1],
        "mode": "Apply",
        "adopt": "Never",
        "suspend": False,
        "cancel": False,
    }
    assert stored["status"] == {"observedGeneration": -1}


def test_a_name_longer_than_a_label_is_refused(shared: Objects) -> None:
    shared.try_out(an_initialisation(name="a" * 63))
    with pytest.raises(RestError, match="the name may have at most 63 characters"):
        shared.try_out(an_initialisation(name="a" * 64))


def test_a_field_that_is_not_offered_is_refused_by_its_name(shared: Objects) -> None:
    with pytest.raises(RestError, match=r'unknown field "spec\.until"'):
        shared.try_out(an_initialisation({"until": "2026-06-30"}))


def test_the_same_legal_entity_twice_is_refused(shared: Objects) -> None:
    with pytest.raises(RestError, match=r"spec\.legalEntities\[1\]: Duplicate value: 1"):
        shared.try_out(an_initialisation({"legalEntities": [1, 1]}))


def test_the_example_of_the_documentation_is_accepted_and_only_plans(runs: Objects) -> None:
    manifest = yaml.safe_load(_EXAMPLE.read_text())
    assert manifest["metadata"].pop("namespace") == "hr"
    spec = parse_initialisation(runs.create(manifest)).spec
    assert spec.mode is Mode.PLAN
    assert str(spec.first_day) == manifest["spec"]["from"]


def test_what_the_example_says_to_do_next_is_accepted(runs: Objects) -> None:
    manifest = yaml.safe_load(_EXAMPLE.read_text())
    del manifest["metadata"]["namespace"]
    runs.create(manifest)
    applied = {**manifest["spec"], "mode": "Apply", "planDigest": A_DIGEST}
    runs.create({**manifest, "metadata": {"name": "acme-2026"}, "spec": applied})
    undo = {**manifest["spec"], "mode": "Apply", "action": "Remove"}
    runs.create({**manifest, "metadata": {"name": "acme-2026-undo"}, "spec": undo})
    listed = runs.run("get", "syncinit", "--output=name").split()
    assert len(listed) == 3


# What may be changed.


@dataclass(frozen=True)
class Change:
    """Two specs, each as changes to the smallest one, and the field that may not differ in them."""

    before: Mapping[str, object]
    after: Mapping[str, object]
    field: str


_ALL = {"legalEntities": GONE, "allLegalEntities": True}
_APPROVED = {"planDigest": A_DIGEST}
_SHORT_LIVED = {"ttlSecondsAfterFinished": 60}

CHANGES: dict[str, Change] = {
    "another tenant": Change({}, {"tenantRef.name": "acme-east"}, "tenantRef.name"),
    "another action": Change({}, {"action": "Remove"}, "action"),
    "the default in place of an action": Change({"action": "Remove"}, {}, "action"),
    "another day": Change({}, {"from": "2025-01-01"}, "from"),
    "one more legal entity": Change({}, {"legalEntities": [1, 4]}, "legalEntities"),
    "another legal entity": Change({}, {"legalEntities": [4]}, "legalEntities"),
    "all in place of some": Change({}, _ALL, "legalEntities"),
    "some in place of all": Change(_ALL, {}, "allLegalEntities"),
    "another mode": Change({"mode": "Plan"}, {"mode": "Apply"}, "mode"),
    "the default in place of a mode": Change({"mode": "Plan"}, {}, "mode"),
    "another digest": Change(_APPROVED, {"planDigest": f"sha256:{'0' * 64}"}, "planDigest"),
    "a digest afterwards": Change({}, _APPROVED, "planDigest"),
    "a digest that is taken away": Change(_APPROVED, {}, "planDigest"),
    "an adoption afterwards": Change({}, {"adopt": "Matching"}, "adopt"),
    "an adoption that is taken away": Change({"adopt": "Matching"}, {}, "adopt"),
    "another time to live": Change(
        _SHORT_LIVED, {"ttlSecondsAfterFinished": 61}, "ttlSecondsAfterFinished"
    ),
    "a time to live afterwards": Change({}, _SHORT_LIVED, "ttlSecondsAfterFinished"),
    "a time to live that is taken away": Change(_SHORT_LIVED, {}, "ttlSecondsAfterFinished"),
    "a cancellation that is taken back": Change({"cancel": True}, {"cancel": False}, "cancel"),
    "a cancellation that is taken away": Change({"cancel": True}, {}, "cancel"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_it_is_about_cannot_be_changed_in_any_way(runs: Objects, change: Change) -> None:
    stored = runs.create(an_initialisation(change.before))
    with pytest.raises(RestError) as refused:
        runs.replace(stored | {"spec": an_initialisation(change.after)["spec"]})
    field = f"spec.{change.field}: "
    complaints = [each for each in refused.value.causes if each.startswith(field)]
    assert any(line.endswith(_ANOTHER) for line in complaints), refused.value.causes
    assert runs.stored("backfill")["spec"] == stored["spec"]
    # The twin: the same spec as it was, written again, is no change.
    runs.replace(stored | {"spec": an_initialisation(change.before)["spec"]})


def test_a_change_of_every_field_but_suspend_is_tried() -> None:
    crd = yaml.safe_load((ROOT / "crds" / f"{INITIALISATION.crd}.yaml").read_text())
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    fields = set(schema["properties"]["spec"]["properties"])
    assert {change.field.partition(".")[0] for change in CHANGES.values()} == fields - {"suspend"}


@pytest.mark.parametrize(
    ("optional", "value", "other"),
    [
        ("planDigest", A_DIGEST, f"sha256:{'0' * 64}"),
        ("ttlSecondsAfterFinished", 60, 61),
        ("action", "Remove", "Sync"),
        ("mode", "Plan", "Apply"),
    ],
)
def test_what_is_optional_cannot_be_changed_by_removing_and_adding_it(
    runs: Objects, optional: str, value: object, other: object
) -> None:
    runs.create(an_initialisation({optional: value}))
    with pytest.raises(RestError, match=_ANOTHER):
        runs.patch("backfill", {optional: None})
    with pytest.raises(RestError, match=_ANOTHER):
        runs.patch("backfill", {optional: other})
    assert runs.stored("backfill")["spec"][optional] == value


@pytest.mark.parametrize("required", ["tenantRef", "from"])
def test_what_is_required_cannot_be_taken_out_to_be_added_again(
    runs: Objects, required: str
) -> None:
    runs.create(an_initialisation())
    with pytest.raises(RestError, match=rf"spec\.{required}: Required value"):
        runs.patch("backfill", {required: None})


def test_the_order_of_the_legal_entities_says_nothing(runs: Objects) -> None:
    runs.create(an_initialisation({"legalEntities": [1, 4]}))
    runs.patch("backfill", {"legalEntities": [4, 1]})


def test_a_list_beside_which_false_is_said_is_the_same_list(runs: Objects) -> None:
    runs.create(an_initialisation())
    runs.patch("backfill", {"allLegalEntities": False})
    runs.patch("backfill", {"allLegalEntities": None})
    with pytest.raises(RestError, match=_ANOTHER):
        runs.patch("backfill", {"allLegalEntities": True, "legalEntities": None})


def test_it_is_suspended_and_resumed_at_will(runs: Objects) -> None:
    generation = runs.create(an_initialisation())["metadata"]["generation"]
    for number, value in enumerate((True, False, True, None), start=1):
        runs.patch("backfill", {"suspend": value})
        stored = runs.stored("backfill")
        assert stored["spec"]["suspend"] is bool(value)
        assert stored["metadata"]["generation"] == generation + number


def test_it_is_cancelled_once_and_for_good_and_may_be_suspended_then(runs: Objects) -> None:
    runs.create(an_initialisation())
    runs.patch("backfill", {"cancel": True})
    for value in (False, None):
        with pytest.raises(RestError, match=f"cannot be taken back; to go on {_ANOTHER}"):
            runs.patch("backfill", {"cancel": value})
    runs.patch("backfill", {"suspend": True})
    assert runs.stored("backfill")["spec"]["cancel"] is True


def test_the_longest_lists_are_within_the_cost_that_the_server_allows(runs: Objects) -> None:
    most = list(range(1, 1001))
    runs.create(an_initialisation({"legalEntities": most}))
    runs.patch("backfill", {"suspend": True, "legalEntities": most[::-1]})
    with pytest.raises(RestError, match=_ANOTHER):
        runs.patch("backfill", {"legalEntities": most[1:]})


# What is shown.


def _at_work(runs: Objects, now: datetime) -> InitialisationStatus:
    runs.create(an_initialisation({"action": "Sync"}))
    status = InitialisationStatus(
        observed_generation=1,
        conditions=(
            Condition(ConditionType.SUCCEEDED, Status.UNKNOWN, Reason.RUNNING, "At work.", 1, now),
            Condition(ConditionType.RECONCILING, Status.TRUE, Reason.RUNNING, "At work.", 1, now),
        ),
        start_time=now,
        progress=Progress(
            total=300,
            tally=Tally(
                employees=126,
                failed=2,
                created=811,
                updated=5,
                deleted=3,
                adopted=7,
                unchanged=400,
            ),
            remaining=timedelta(minutes=12),
        ),
        plan=Plan(create=1900, update=12, delete=9, digest=A_DIGEST),
    )
    runs.patch_status("backfill", status.to_body())
    return status


def test_the_columns_show_what_moves(runs: Objects) -> None:
    _at_work(runs, datetime.now(UTC).replace(microsecond=0))
    heading, row = runs.run("get", "syncinit").splitlines()
    assert heading.split() == [
        "NAME", "TENANT", "ACTION", "MODE", "STATUS", "%", "EMPLOYEES", "CREATED", "UPDATED",
        "DELETED", "FAILED", "LEFT", "AGE",
    ]  # fmt: skip
    *shown, age = row.split()
    assert shown == [
        "backfill", "acme", "Sync", "Apply", "Running", "42", "126", "811", "5", "3", "2", "12m",
    ]  # fmt: skip
    assert age[-1] in "smhd"


def test_the_wide_columns_show_the_plan_and_what_happened(runs: Objects) -> None:
    _at_work(runs, datetime.now(UTC).replace(microsecond=0))
    heading, row = runs.run("get", "syncinit", "--output=wide").splitlines()
    assert heading.split()[13:] == [
        "FROM", "ADOPTED", "UNCHANGED", "TO", "CREATE", "TO", "UPDATE", "TO", "DELETE", "MESSAGE",
    ]  # fmt: skip
    assert row.split(maxsplit=19)[13:] == [
        "2026-01-01", "7", "400", "1900", "12", "9", "At work.",
    ]  # fmt: skip


def test_before_the_operator_saw_it_the_columns_are_empty(runs: Objects) -> None:
    runs.create(an_initialisation({"mode": "Plan", "action": "Remove"}))
    row = runs.run("get", "syncinit", "--no-headers").split()
    assert row[:4] == ["backfill", "acme", "Remove", "Plan"]
    assert len(row) == 5, "and the age"


def test_they_are_found_by_short_name_and_category(runs: Objects) -> None:
    runs.create(an_initialisation())
    name = "syncinitialisation.figgosync.io/backfill"
    assert runs.run("get", "syncinit", "--output=name").split() == [name]
    assert runs.run("get", "figgosync", "--output=name").split() == [name]


def test_a_change_of_the_status_leaves_the_generation_alone(runs: Objects) -> None:
    _at_work(runs, datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert runs.stored("backfill")["metadata"]["generation"] == 1


@pytest.mark.parametrize(
    ("status", "reason"),
    [(Status.TRUE, Reason.COMPLETED), (Status.FALSE, Reason.CANCELLED)],
)
def test_kubectl_can_wait_for_its_end_however_it_ends(
    runs: Objects, status: Status, reason: Reason
) -> None:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    runs.create(an_initialisation())
    wait = ("wait", "syncinit/backfill", "--for=jsonpath={.status.completionTime}")
    with pytest.raises(KubectlError, match="timed out"):
        runs.run(*wait, "--timeout=100ms")
    ended = InitialisationStatus(
        observed_generation=1,
        conditions=(Condition(ConditionType.SUCCEEDED, status, reason, "Over.", 1, now),),
        completion_time=now,
    )
    runs.patch_status("backfill", ended.to_body())
    assert "condition met" in runs.run(*wait, "--timeout=20s")
