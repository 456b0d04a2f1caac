"""The status: read leniently, written within the limits of the schema, the same there and back."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.conditions import Condition, ConditionType, Status
from figgosync.core.initialised import Initialised, Step
from figgosync.errors import Reason
from figgosync.kube.status import (
    Activation,
    CatchUp,
    EmployeeCounts,
    EventCounts,
    Failure,
    StreamMode,
    TenantStatus,
)
from support.status_bodies import json_values, paths_in, paths_of, vandalised

_CRD = Path(__file__).parents[3] / "crds" / "calendarsynctenants.figgosync.io.yaml"
_NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

_NEW_YEAR = Step(date(2026, 1, 1))

FULL = TenantStatus(
    observed_generation=3,
    conditions=(
        Condition(ConditionType.READY, Status.TRUE, Reason.SYNCHRONISED, "All is well.", 3, _NOON),
    ),
    last_sync_time=_NOON,
    next_attempt_time=_NOON + timedelta(seconds=30),
    watermark=_NOON + timedelta(microseconds=250),
    stream_mode=StreamMode.POLLING,
    activations=(Activation(_NOON, frozenset({LegalEntityID(4), LegalEntityID(1)})),),
    initialised=Initialised(
        {
            LegalEntityID(4): (_NEW_YEAR,),
            LegalEntityID(1): (_NEW_YEAR, Step(date(2026, 7, 1), removed_at=_NOON)),
        }
    ),
    catch_up=(
        CatchUp(
            date(2026, 1, 1), frozenset({EmployeeID(1207), EmployeeID(8)}), frozenset({"f9", "a0"})
        ),
    ),
    other_sync_seen=_NOON - timedelta(hours=1),
    employees=EmployeeCounts(total=42, in_sync=41, failing=1),
    events=EventCounts(managed=271, tentative=3),
    failures=(
        Failure(
            EmployeeID(1207),
            Reason.MAILBOX_NOT_FOUND,
            "No such mailbox.",
            _NOON,
            _NOON + timedelta(hours=1),
        ),
    ),
)


def test_the_status_is_written_in_the_words_of_the_crd() -> None:
    assert FULL.to_body() == {
        "observedGeneration": 3,
        "conditions": [
            {
                "type": "Ready",
                "status": "True",
                "reason": "Synchronised",
                "message": "All is well.",
                "observedGeneration": 3,
                "lastTransitionTime": "2026-11-24T12:00:00Z",
            }
        ],
        "lastSyncTime": "2026-11-24T12:00:00Z",
        "nextAttemptTime": "2026-11-24T12:00:30Z",
        "stream": {"watermark": "2026-11-24T12:00:00.000250Z", "mode": "Polling"},
        "activations": [{"at": "2026-11-24T12:00:00Z", "legalEntities": [1, 4]}],
        "initialisedFrom": [{"from": "2026-01-01", "legalEntities": [1, 4]}],
        "removedFrom": [
            {"from": "2026-07-01", "at": "2026-11-24T12:00:00Z", "legalEntities": [1]},
        ],
        "catchUp": [
            {"from": "2026-01-01", "employees": [8, 1207], "fingerprints": ["a0", "f9"]},
        ],
        "otherSync": {"lastSeenTime": "2026-11-24T11:00:00Z"},
        "employees": {"total": 42, "inSync": 41, "failing": 1},
        "events": {"managed": 271, "tentative": 3},
        "failures": [
            {
                "employee": 1207,
                "reason": "MailboxNotFound",
                "message": "No such mailbox.",
                "since": "2026-11-24T12:00:00Z",
                "nextAttemptTime": "2026-11-24T13:00:00Z",
            }
        ],
    }


def test_a_full_status_fills_every_field_of_the_schema_and_no_other() -> None:
    crd = yaml.safe_load(_CRD.read_text())
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]
    assert paths_of(FULL.to_body()) == paths_in(schema)


def test_an_unknown_status_says_only_that() -> None:
    assert TenantStatus().to_body() == {"observedGeneration": -1}


def test_what_is_written_is_read_back_the_same() -> None:
    assert TenantStatus.from_body(json.loads(json.dumps(FULL.to_body()))) == FULL


_START = datetime(2000, 1, 2, tzinfo=UTC)
_moments = st.timedeltas(timedelta(), timedelta(days=36_000)).map(lambda after: _START + after)
_generations = st.integers(0, 2**40)
_counts = st.integers(0, 2**31 - 1)
_days = st.dates(date(1, 1, 1), date(9999, 12, 31))
_steps = st.dictionaries(_days, st.none() | _moments, min_size=1, max_size=3).map(
    lambda steps: tuple(Step(day, removed_at) for day, removed_at in sorted(steps.items()))
)
_statuses = st.builds(
    TenantStatus,
    observed_generation=st.integers(-1, 2**40),
    conditions=st.lists(
        st.builds(
            Condition,
            st.sampled_from(ConditionType),
            st.sampled_from(Status),
            st.sampled_from(Reason),
            st.text(max_size=50),
            _generations,
            _moments,
        ),
        unique_by=lambda condition: condition.type,
    ).map(tuple),
    last_sync_time=st.none() | _moments,
    next_attempt_time=st.none() | _moments,
    watermark=st.none() | _moments,
    stream_mode=st.none() | st.sampled_from(StreamMode),
    activations=st.lists(
        st.builds(
            Activation,
            _moments,
            st.frozensets(st.integers(1).map(LegalEntityID), min_size=1),
        ),
        max_size=5,
    ).map(tuple),
    initialised=st.builds(
        Initialised, st.dictionaries(st.integers(1, 9).map(LegalEntityID), _steps, max_size=5)
    ),
    catch_up=st.lists(
        st.builds(CatchUp, _days, st.frozensets(st.integers(1).map(EmployeeID), min_size=1)),
        max_size=3,
    ).map(tuple),
    other_sync_seen=st.none() | _moments,
    employees=st.none() | st.builds(EmployeeCounts, _counts, _counts, _counts),
    events=st.none() | st.builds(EventCounts, _counts, _counts),
    failures=st.lists(
        st.builds(
            Failure,
            st.integers(1).map(EmployeeID),
            st.sampled_from(Reason),
            st.text(max_size=50),
            _moments,
            st.none() | _moments,
        ),
        max_size=20,
    ).map(tuple),
)


@given(_statuses)
def test_every_status_survives_the_way_there_and_back(status: TenantStatus) -> None:
    assert TenantStatus.from_body(json.loads(json.dumps(status.to_body()))) == status


@given(json_values | vandalised(FULL.to_body()))
def test_no_edit_of_a_status_can_break_the_reading(body: object) -> None:
    status = TenantStatus.from_body(body)
    assert TenantStatus.from_body(json.loads(json.dumps(status.to_body()))) == status


@pytest.mark.parametrize("body", [None, "", [], 3, {"conditions": {"type": "Ready"}}])
def test_a_status_that_is_none_counts_as_never_written(body: object) -> None:
    assert TenantStatus.from_body(body) == TenantStatus()


def test_one_bad_entry_does_not_take_the_good_ones_along() -> None:
    body = FULL.to_body()
    body["conditions"].insert(0, {"type": "Ready", "status": "Maybe"})
    body["activations"].insert(0, {"at": "yesterday", "legalEntities": [1]})
    body["failures"].append("nonsense")
    body["initialisedFrom"].insert(0, {"from": "yesterday", "legalEntities": [9]})
    body["removedFrom"].append({"from": "2026-01-01", "at": "yesterday", "legalEntities": [9]})
    body["catchUp"].append({"from": "2026-01-01", "employees": "all"})
    body["catchUp"][0]["fingerprints"] += [7, "f" * 129]
    assert TenantStatus.from_body(body) == FULL


def test_a_second_condition_of_one_type_is_dropped() -> None:
    body = FULL.to_body()
    body["conditions"].append(body["conditions"][0] | {"status": "False"})
    assert TenantStatus.from_body(body) == FULL


def test_more_failures_than_the_schema_takes_are_cut() -> None:
    many = TenantStatus(failures=FULL.failures * 30)
    assert len(many.to_body()["failures"]) == 20


def test_of_a_day_on_which_one_was_initialised_and_removed_the_last_removal_counts() -> None:
    at = [_NOON + timedelta(hours=hours) for hours in (0, 2, 1)]
    body = {
        "initialisedFrom": [{"from": "2026-01-01", "legalEntities": [1, 2]}],
        "removedFrom": [
            {"from": "2026-01-01", "at": moment.isoformat(), "legalEntities": [1]} for moment in at
        ],
    }
    assert TenantStatus.from_body(body).initialised.steps == {
        LegalEntityID(1): (Step(date(2026, 1, 1), removed_at=at[1]),),
        LegalEntityID(2): (_NEW_YEAR,),
    }


def test_many_legal_entities_with_the_same_past_are_one_entry() -> None:
    steps = {LegalEntityID(number): (_NEW_YEAR,) for number in range(12_000, 0, -1)}
    (entry,) = TenantStatus(initialised=Initialised(steps)).to_body()["initialisedFrom"]
    assert entry == {"from": "2026-01-01", "legalEntities": list(range(1, 10_001))}


def test_of_too_many_steps_those_of_the_earliest_days_are_written() -> None:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(1200)]
    steps = {
        LegalEntityID(1): tuple(map(Step, days)),
        LegalEntityID(2): tuple(Step(day, removed_at=_NOON) for day in days),
    }
    body = TenantStatus(initialised=Initialised(steps)).to_body()
    for field in ("initialisedFrom", "removedFrom"):
        assert [entry["from"] for entry in body[field]] == [day.isoformat() for day in days[:1000]]


def test_of_too_many_who_are_to_catch_up_the_lowest_ids_are_written() -> None:
    early, late = date(2026, 1, 1), date(2026, 7, 1)
    even, odd = range(2, 1602, 2), range(1, 1601, 2)
    status = TenantStatus(
        catch_up=(
            CatchUp(early, frozenset(map(EmployeeID, even))),
            CatchUp(late, frozenset(map(EmployeeID, odd))),
            CatchUp(late, frozenset({EmployeeID(9999)})),
        )
    )
    assert status.to_body()["catchUp"] == [
        {"from": "2026-01-01", "employees": list(range(2, 1001, 2))},
        {"from": "2026-07-01", "employees": list(range(1, 1001, 2))},
    ]


def test_messages_are_cut_to_what_the_schema_takes() -> None:
    long = "é" * 40_000
    condition = Condition(ConditionType.READY, Status.FALSE, Reason.INTERNAL_ERROR, long, -1, _NOON)
    failure = Failure(EmployeeID(1), Reason.INTERNAL_ERROR, long, _NOON, None)
    body = TenantStatus(conditions=(condition,), failures=(failure,)).to_body()
    assert len(body["conditions"][0]["message"]) == 32_768
    assert body["conditions"][0]["observedGeneration"] == 0
    assert len(body["failures"][0]["message"]) == 1024


def test_moments_are_written_in_utc() -> None:
    east = _NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert TenantStatus(last_sync_time=east).to_body()["lastSyncTime"] == "2026-11-24T12:00:00Z"
