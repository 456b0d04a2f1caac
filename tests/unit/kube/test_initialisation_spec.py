"""The models of an initialisation: they refuse what the API server refuses, and read the rest."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from figgosync.core.absence import LegalEntityID
from figgosync.core.initialisation import Action, Adoption, InitialisationSpec, Mode
from figgosync.core.tenant import TenantName
from figgosync.kube import forms
from figgosync.kube.initialisation_spec import InitialisationSpecModel
from support.initialisations import A_DIGEST, BAD_SPECS, GOOD_SPECS, an_initialisation
from support.manifests import BadSpec


def _spec(changes: dict[str, object] | None = None) -> InitialisationSpec:
    return InitialisationSpecModel.model_validate(an_initialisation(changes)["spec"]).settings("hr")


def test_the_smallest_spec_gets_the_documented_defaults() -> None:
    assert _spec() == InitialisationSpec(
        tenant=TenantName("hr", "acme"),
        action=Action.SYNC,
        first_day=date(2026, 1, 1),
        legal_entities=frozenset({LegalEntityID(1)}),
        mode=Mode.APPLY,
        plan_digest=None,
        adoption=Adoption.NEVER,
        suspend=False,
        cancel=False,
        keep=None,
    )


def test_every_field_that_is_given_reaches_the_core() -> None:
    spec: dict[str, Any] = {
        "tenantRef": {"name": "acme-east"},
        "action": "Sync",
        "from": "2027-02-28",
        "legalEntities": None,
        "allLegalEntities": True,
        "mode": "Apply",
        "planDigest": A_DIGEST,
        "adopt": "Matching",
        "suspend": True,
        "cancel": True,
        "ttlSecondsAfterFinished": 604_800,
    }
    assert set(spec) == set(_properties())
    assert _spec(spec) == InitialisationSpec(
        tenant=TenantName("hr", "acme-east"),
        action=Action.SYNC,
        first_day=date(2027, 2, 28),
        legal_entities=None,
        mode=Mode.APPLY,
        plan_digest=A_DIGEST,
        adoption=Adoption.MATCHING,
        suspend=True,
        cancel=True,
        keep=timedelta(days=7),
    )


def _properties() -> dict[str, Any]:
    found: dict[str, Any] = InitialisationSpecModel.model_json_schema(by_alias=True)["properties"]
    return found


def test_the_undoing_of_a_range_can_be_planned() -> None:
    spec = _spec({"action": "Remove", "mode": "Plan"})
    assert (spec.action, spec.mode) == (Action.REMOVE, Mode.PLAN)


@pytest.mark.parametrize("changes", GOOD_SPECS.values(), ids=GOOD_SPECS)
def test_what_the_api_server_accepts_is_accepted(changes: dict[str, object]) -> None:
    assert isinstance(_spec(changes), InitialisationSpec)


@pytest.mark.parametrize("bad", BAD_SPECS.values(), ids=BAD_SPECS)
def test_what_the_api_server_refuses_is_refused_in_the_same_words(bad: BadSpec) -> None:
    with pytest.raises(ValidationError) as refused:
        InitialisationSpecModel.model_validate(an_initialisation(bad.changes)["spec"])
    said = [(_path(error["loc"]), error["msg"]) for error in refused.value.errors()]
    field, sentence = bad.our_words
    assert any(path == field and sentence in message for path, message in said), said


def _path(steps: tuple[int | str, ...]) -> str:
    return "spec" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


@pytest.mark.parametrize("field", ["until", "tenantRef.namespace"])
def test_a_field_that_this_version_does_not_know_is_refused(field: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        _spec({field: "2026-12-31"})


@pytest.mark.parametrize("value", ["30", 30.0, True])
def test_a_number_must_be_a_number(value: object) -> None:
    with pytest.raises(ValidationError, match="ttlSecondsAfterFinished"):
        _spec({"ttlSecondsAfterFinished": value})


@pytest.mark.parametrize("value", [yaml.safe_load("2026-01-01"), 20260101])
def test_a_day_must_be_a_text_as_the_api_server_gives_it(value: object) -> None:
    with pytest.raises(ValidationError, match="from"):
        _spec({"from": value})


@given(st.text())
def test_no_text_makes_the_checks_fail_otherwise_than_by_refusing(text: str) -> None:
    for check in (forms.day, forms.plan_digest, forms.tenant_name):
        with suppress(ValueError):
            assert check(text) == text


@given(st.dates())
def test_every_day_of_the_century_is_taken_and_no_other(day: date) -> None:
    if 2000 <= day.year <= 2099:
        assert forms.day(day.isoformat()) == day.isoformat()
    else:
        with pytest.raises(ValueError, match="between the years 2000 and 2099"):
            forms.day(day.isoformat())
