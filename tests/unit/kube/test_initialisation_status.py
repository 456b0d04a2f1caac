"""The status of an initialisation: read leniently, written within the limits of the schema."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.conditions import Condition, ConditionType, Status
from figgosync.core.initialisation import (
    Checkpoint,
    Phase,
    Plan,
    Progress,
    Shortfall,
    Sighting,
    Tally,
)
from figgosync.errors import Reason
from figgosync.kube import time_left
from figgosync.kube.initialisation_status import InitialisationStatus
from support.initialisations import A_DIGEST
from support.status_bodies import json_values, paths_in, paths_of, vandalised

_CRD = Path(__file__).parents[3] / "crds" / "syncinitialisations.figgosync.io.yaml"
_NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
_SUM = "0123456789abcdef" * 4

FULL = InitialisationStatus(
    observed_generation=2,
    conditions=(
        Condition(ConditionType.SUCCEEDED, Status.UNKNOWN, Reason.RUNNING, "At work.", 2, _NOON),
    ),
    queue_position=1,
    start_time=_NOON,
    completion_time=_NOON + timedelta(hours=1),
    progress=Progress(
        total=300,
        tally=Tally(
            employees=100,
            failed=2,
            created=41,
            updated=5,
            deleted=3,
            adopted=7,
            unchanged=400,
            blocked=9,
        ),
        remaining=timedelta(minutes=12),
    ),
    plan=Plan(
        create=41,
        update=5,
        delete=3,
        unchanged=400,
        adopt=7,
        look_alikes=8,
        disclosing=1,
        digest=A_DIGEST,
    ),
    checkpoint=Checkpoint(
        phase=Phase.PLANNING,
        up_to=EmployeeID(1207),
        still_open=frozenset({EmployeeID(1100), EmployeeID(8)}),
        entered=_SUM,
        sightings=(Sighting(("a1", "b2"), events=30, employees=12),),
        fingerprints=frozenset({"b2", "a1"}),
        failed=frozenset({EmployeeID(8), EmployeeID(7)}),
        foundation=_SUM[::-1],
    ),
    shortfalls=(Shortfall(EmployeeID(8), Reason.MAILBOX_NOT_FOUND, "No such mailbox."),),
    legal_entities=frozenset({LegalEntityID(4), LegalEntityID(1)}),
)


def test_the_status_is_written_in_the_words_of_the_crd() -> None:
    assert FULL.to_body() == {
        "observedGeneration": 2,
        "conditions": [
            {
                "type": "Succeeded",
                "status": "Unknown",
                "reason": "Running",
                "message": "At work.",
                "observedGeneration": 2,
                "lastTransitionTime": "2026-11-24T12:00:00Z",
            }
        ],
        "queuePosition": 1,
        "startTime": "2026-11-24T12:00:00Z",
        "completionTime": "2026-11-24T13:00:00Z",
        "progress": {
            "employeesTotal": 300,
            "employeesDone": 100,
            "percent": 33,
            "timeLeft": "12m",
            "created": 41,
            "updated": 5,
            "deleted": 3,
            "adopted": 7,
            "unchanged": 400,
            "failed": 2,
            "blocked": 9,
        },
        "plan": {
            "create": 41,
            "update": 5,
            "delete": 3,
            "unchanged": 400,
            "adopt": 7,
            "lookAlikes": 8,
            "disclosing": 1,
            "digest": A_DIGEST,
        },
        "checkpoint": {
            "phase": "Planning",
            "upTo": 1207,
            "stillOpen": [8, 1100],
            "entered": _SUM,
            "sightings": [{"fingerprints": ["a1", "b2"], "events": 30, "employees": 12}],
            "fingerprints": ["a1", "b2"],
            "failed": [7, 8],
            "foundation": _SUM[::-1],
        },
        "failures": [
            {"employee": 8, "reason": "MailboxNotFound", "message": "No such mailbox."},
        ],
        "legalEntities": [1, 4],
    }


def test_a_full_status_fills_every_field_of_the_schema_and_no_other() -> None:
    crd = yaml.safe_load(_CRD.read_text())
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]
    assert paths_of(FULL.to_body()) == paths_in(schema)


def test_an_unknown_status_says_only_that() -> None:
    assert InitialisationStatus().to_body() == {"observedGeneration": -1}


def test_what_is_not_known_of_a_run_at_work_is_left_out() -> None:
    status = InitialisationStatus(
        progress=Progress(total=0), plan=Plan(), checkpoint=Checkpoint(Phase.RUNNING)
    )
    body = status.to_body()
    assert body["progress"]["percent"] == 100
    assert "timeLeft" not in body["progress"]
    assert "digest" not in body["plan"]
    assert body["checkpoint"] == {"phase": "Running"}
    assert InitialisationStatus.from_body(body) == status


def test_an_estimate_is_read_back_as_it_was_written() -> None:
    status = InitialisationStatus(progress=Progress(300, remaining=timedelta(seconds=3 * 3600 + 1)))
    body = status.to_body()
    assert body["progress"]["timeLeft"] == "3h1m"
    assert InitialisationStatus.from_body(body).to_body() == body


_START = datetime(2000, 1, 2, tzinfo=UTC)
_moments = st.timedeltas(timedelta(), timedelta(days=36_000)).map(lambda after: _START + after)
_counts = st.integers(0, 2**31 - 1)
_employees = st.integers(1).map(EmployeeID)
_fingerprints = st.text("0123456789abcdef", min_size=1, max_size=64)
_estimates = st.timedeltas(timedelta(), time_left.LONGEST).map(
    lambda remaining: time_left.read(time_left.written(remaining))
)
_statuses = st.builds(
    InitialisationStatus,
    observed_generation=st.integers(-1, 2**40),
    conditions=st.lists(
        st.builds(
            Condition,
            st.sampled_from(ConditionType),
            st.sampled_from(Status),
            st.sampled_from(Reason),
            st.text(max_size=50),
            st.integers(0, 2**40),
            _moments,
        ),
        unique_by=lambda condition: condition.type,
    ).map(tuple),
    queue_position=st.none() | st.integers(1, 2**31 - 1),
    start_time=st.none() | _moments,
    completion_time=st.none() | _moments,
    progress=st.none()
    | st.builds(
        Progress,
        _counts,
        st.builds(Tally, *[_counts] * 8),
        st.none() | _estimates,
    ),
    plan=st.none() | st.builds(Plan, *[_counts] * 7, st.none() | st.just(A_DIGEST)),
    checkpoint=st.none()
    | st.builds(
        Checkpoint,
        st.sampled_from(Phase),
        st.none() | _employees,
        st.frozensets(_employees, max_size=5),
        st.text("0123456789abcdef", max_size=64),
        st.lists(
            st.builds(Sighting, st.lists(_fingerprints, max_size=10).map(tuple), _counts, _counts),
            max_size=3,
        ).map(tuple),
        st.frozensets(_fingerprints, max_size=20),
        st.frozensets(_employees, max_size=5),
        st.text("0123456789abcdef", max_size=64),
    ),
    shortfalls=st.lists(
        st.builds(Shortfall, _employees, st.sampled_from(Reason), st.text(max_size=50)),
        max_size=20,
    ).map(tuple),
    legal_entities=st.frozensets(st.integers(1).map(LegalEntityID), max_size=5),
)


@given(_statuses)
def test_every_status_survives_the_way_there_and_back(status: InitialisationStatus) -> None:
    assert InitialisationStatus.from_body(json.loads(json.dumps(status.to_body()))) == status


@given(json_values | vandalised(FULL.to_body()))
def test_no_edit_of_a_status_can_break_the_reading(body: object) -> None:
    status = InitialisationStatus.from_body(body)
    assert InitialisationStatus.from_body(json.loads(json.dumps(status.to_body()))) == status


@pytest.mark.parametrize("body", [None, "", [], 3, {"progress": [], "checkpoint": 7}])
def test_a_status_that_is_none_counts_as_never_written(body: object) -> None:
    assert InitialisationStatus.from_body(body) == InitialisationStatus()


_BROKEN: dict[str, dict[str, Any]] = {
    "an unknown phase": {"phase": "Resting"},
    "no phase": {"phase": None},
    "an id that is none": {"upTo": "1207"},
    "one open employee who cannot be read": {"stillOpen": [8, "x"]},
    "open employees that are no list": {"stillOpen": 8},
    "a sum that is none": {"entered": "XYZ"},
    "a foundation that is none": {"foundation": 7},
    "a sum too long": {"entered": "0" * 65},
    "half a sighting": {"sightings": [{"fingerprints": ["a1"], "events": 3}]},
    "a sighting less than nothing": {
        "sightings": [{"fingerprints": ["a1"], "events": -3, "employees": 1}]
    },
    "a fingerprint that is none": {"fingerprints": [7]},
    "a field of a later release": {"lap": 2},
}


@pytest.mark.parametrize("broken", _BROKEN.values(), ids=_BROKEN)
def test_a_checkpoint_that_is_not_whole_is_none(broken: dict[str, Any]) -> None:
    """Half of one would leave people out; without one everybody is looked at again."""
    body = FULL.to_body()
    body["checkpoint"] |= broken
    status = InitialisationStatus.from_body(body)
    assert status.checkpoint is None
    assert status.progress == FULL.progress, "and the rest is read all the same"


def test_of_too_many_open_employees_none_is_lost() -> None:
    still_open = frozenset(map(EmployeeID, range(10, 13_000, 10)))
    checkpoint = Checkpoint(Phase.RUNNING, EmployeeID(20_000), still_open)
    body = InitialisationStatus(checkpoint=checkpoint).to_body()
    read = InitialisationStatus.from_body(body).checkpoint
    assert read is not None
    assert read.up_to is not None
    assert len(read.still_open) == 1000
    for employee in still_open:
        assert employee in read.still_open or employee > read.up_to
    assert read.up_to == 10_009, "as far as is known"


def test_of_too_many_sightings_the_commonest_are_written_in_their_order() -> None:
    sightings = tuple(
        Sighting((f"{number:02x}",) * 12, events=number % 60, employees=1) for number in range(120)
    )
    body = InitialisationStatus(
        checkpoint=Checkpoint(Phase.PLANNING, sightings=sightings)
    ).to_body()
    written = body["checkpoint"]["sightings"]
    assert len(written) == 50
    assert [entry["events"] for entry in written] == [*range(35, 60), *range(35, 60)]
    assert {len(entry["fingerprints"]) for entry in written} == {10}


def test_more_than_the_schema_takes_is_cut() -> None:
    many = InitialisationStatus(
        shortfalls=(Shortfall(EmployeeID(1), Reason.INTERNAL_ERROR, "é" * 4000),) * 30,
        legal_entities=frozenset(map(LegalEntityID, range(1, 12_000))),
        checkpoint=Checkpoint(
            Phase.RUNNING,
            fingerprints=frozenset(f"{number:03}" for number in range(40)),
            failed=frozenset(map(EmployeeID, range(1, 1200))),
        ),
        progress=Progress(total=2**40, tally=Tally(created=2**31)),
    ).to_body()
    assert len(many["failures"]) == 20
    assert len(many["failures"][0]["message"]) == 1024
    assert many["legalEntities"] == list(range(1, 10_001))
    assert many["checkpoint"]["fingerprints"] == [f"{number:03}" for number in range(20)]
    assert many["checkpoint"]["failed"] == list(range(1, 1001))
    assert many["progress"]["employeesTotal"] == 2**31 - 1
    assert many["progress"]["created"] == 2**31 - 1


@pytest.mark.parametrize("position", [0, -1, None])
def test_who_goes_first_has_no_position(position: int | None) -> None:
    status = InitialisationStatus(queue_position=position)
    assert "queuePosition" not in status.to_body()


@pytest.mark.parametrize("digest", ["", "yes", f"sha256:{'A' * 64}", f"{A_DIGEST}0"])
def test_a_digest_that_is_none_is_not_believed(digest: str) -> None:
    body = FULL.to_body()
    body["plan"]["digest"] = digest
    plan = InitialisationStatus.from_body(body).plan
    assert plan is not None
    assert plan.digest is None
