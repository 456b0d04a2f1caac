"""docs/syncinitialisation.md shows what can be run, and explains what a run says."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from figgosync.core.conditions import ConditionType, Status
from figgosync.core.foresight import Entries, digest_of
from figgosync.core.initialisation import Action, InitialisationSpec, Phase, Plan, Tally
from figgosync.errors import PermanentError, Reason
from figgosync.kube.initialisation_status import InitialisationStatus
from figgosync.kube.initialisations import Initialisation, parse_initialisation
from figgosync.kube.names import API_VERSION
from figgosync.metrics import ENDS
from figgosync.sync.initialisation import endings
from figgosync.sync.initialisation.report import ended, waiting
from figgosync.sync.initialisation.run import Ending
from support.initialisations import a_stored_initialisation
from support.resource_page import INITIALISATION_PAGE as PAGE
from support.resource_page import ROOT

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
BEFORE_ITS_END = {
    Reason.WAITING_FOR_TENANT,
    Reason.QUEUED,
    Reason.SUSPENDED,
    Reason.PLANNING,
    Reason.RUNNING,
}
_STORED = {
    "uid": "6f0c1a2e-0000-4000-8000-000000000001",
    "generation": 1,
    "resourceVersion": "1",
    "creationTimestamp": "2026-11-20T08:31:07Z",
}


def _parsed(body: dict[str, Any]) -> Initialisation:
    return parse_initialisation({**body, "metadata": {**body["metadata"], **_STORED}})


def _spec(name: str) -> InitialisationSpec:
    (body,) = (each for each in PAGE.manifests(PAGE.kind) if each["metadata"]["name"] == name)
    return _parsed(body).spec


def test_every_manifest_of_the_page_can_be_run() -> None:
    bodies = PAGE.manifests(PAGE.kind)
    assert len(bodies) == 5
    for body in bodies:
        assert body["apiVersion"] == API_VERSION
        assert _parsed(body).tenant is not None


def test_every_part_of_a_spec_fits_into_the_example_and_says_something() -> None:
    parts = PAGE.fragments("spec")
    assert len(parts) >= 1
    for part in parts:
        assert _parsed(PAGE.completed(part)) != _parsed(PAGE.completed({}))


def test_a_part_that_does_not_fit_would_be_found() -> None:
    with pytest.raises(PermanentError) as refusal:
        _parsed(PAGE.completed({"allLegalEntities": True}))
    assert refusal.value.reason is Reason.INVALID_SPEC


def test_all_that_is_yaml_was_looked_at() -> None:
    looked_at = PAGE.manifests(PAGE.kind), PAGE.fragments("spec"), PAGE.fragments("status")
    assert sum(map(len, looked_at)) == len(PAGE.documents())


def test_the_apply_of_the_page_asks_for_what_its_plan_asks() -> None:
    """Otherwise the digest of the one could never approve the other."""
    plan, apply = _spec("acme-2025-plan"), _spec("acme-2025")
    assert plan != apply
    digests = {digest_of(Entries(), spec, "acme.ilucca.net") for spec in (plan, apply)}
    assert len(digests) == 1


def test_the_status_of_the_page_is_one_that_the_operator_writes() -> None:
    (status,) = PAGE.fragments("status")
    assert InitialisationStatus.from_body(status).to_body() == status


def test_every_condition_and_every_reason_is_explained_and_no_other() -> None:
    conditions = {ConditionType.SUCCEEDED, ConditionType.RECONCILING, ConditionType.STALLED}
    assert set(PAGE.words()) == {each.value for each in (*conditions, *ENDS, *BEFORE_ITS_END)}
    section = (ROOT / "docs" / "conditions.md").read_text()
    section = section[section.index("## Reasons of an initialisation") :]
    section = section[: section.index("\n## ")]
    listed = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
    assert listed == {each.value for each in (*ENDS, *BEFORE_ITS_END - {Reason.SUSPENDED})}


def _endings() -> list[Ending]:
    """Every way in which a run can end, as the code says it."""
    spec = _spec("acme-2026")
    everybody = Tally(employees=3)
    some, all_failed = Tally(employees=3, failed=1), Tally(employees=3, failed=3)
    return [
        *(endings.done(spec, tally, spec.first_day) for tally in (everybody, some, all_failed)),
        *(endings.planned(Action.SYNC, Plan(), tally) for tally in (everybody, some, all_failed)),
        endings.cancelled(Action.SYNC, everybody, Phase.RUNNING),
        endings.foreign(spec, frozenset()),
        endings.unseen(spec, frozenset()),
        endings.plan_changed(Plan()),
    ]


def _said(status: InitialisationStatus) -> tuple[str, str, str]:
    """Return the reason, the status of Succeeded, and the condition beside it."""
    first, *beside = status.conditions
    assert first.type is ConditionType.SUCCEEDED
    assert {(each.status, each.reason) for each in beside} <= {(Status.TRUE, first.reason)}
    return first.reason.value, first.status.value, "".join(each.type.value for each in beside)


def test_the_table_of_reasons_says_what_the_operator_says() -> None:
    subject = parse_initialisation(a_stored_initialisation())
    at_the_end = {_said(ended(subject, ending, NOW)) for ending in _endings()}
    before = _said(waiting(subject, "It waits.", NOW))
    wanted = at_the_end | {(reason.value, *before[1:]) for reason in BEFORE_ITS_END}
    row = r"^\| `(\w+)` \| (\w+) \| `?(\w*)`? ?\|"
    assert set(re.findall(row, PAGE.text, re.MULTILINE)) == wanted


def test_every_column_is_explained() -> None:
    path = ROOT / "crds" / f"{PAGE.definition}.yaml"
    columns = yaml.safe_load(path.read_text())["spec"]["versions"][0]["additionalPrinterColumns"]
    usual = {each["name"].upper() for each in columns if not each.get("priority")}
    table = PAGE.text.partition("| column | meaning |\n")[2].partition("\n\n")[0]
    listed = re.findall(r"^\| ([A-Z%, ]+) \|", table, re.MULTILINE)
    assert {name for cell in listed for name in cell.split(", ")} == usual
    (wide,) = re.findall(r"With `-o wide` come ([^.]+)\.", PAGE.text)
    named = re.findall(r"[A-Z]{2,}(?: [A-Z]+)*", wide)
    assert set(named) == {each["name"].upper() for each in columns if each.get("priority")}
