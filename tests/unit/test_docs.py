"""The pages that list what the code defines: neither may know something that the other does not."""

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from figgosync.controller.exposition import exposition
from figgosync.core.conditions import ConditionType
from figgosync.core.initialisation import InitialisationName
from figgosync.core.tenant import TenantName
from figgosync.errors import Reason
from figgosync.metrics import Metrics
from figgosync.settings import Settings
from syncing import A_RECORD

DOCS = Path(__file__).parents[2] / "docs"


def test_every_reason_and_condition_is_explained() -> None:
    page = (DOCS / "conditions.md").read_text()
    listed = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    assert listed == {each.value for each in (*Reason, *ConditionType)}


def test_every_setting_is_explained() -> None:
    page = (DOCS / "settings.md").read_text()
    listed = set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE))
    with pytest.raises(ValueError, match="known are") as refusal:
        Settings.from_environment({"FIGGOSYNC_NO_SUCH_THING": "1"})
    known = set(str(refusal.value).partition("known are ")[2].split(", "))
    assert listed == known


def _declared() -> dict[str, set[str]]:
    """Return the labels of every metric by the name under which Prometheus knows it."""
    metrics = Metrics("1", "default")
    metrics.count_objects(lambda: {"default": 1})
    metrics.count_initialisations(lambda: {Reason.RUNNING: 1})
    metrics.initialisation_progress[InitialisationName("hr", "backfill")] = 1.0
    metrics.tenants.enter(TenantName("hr", "acme"), A_RECORD)
    metrics.reconciles.labels("ok")
    metrics.writes.labels("created")
    page, _ = exposition(metrics, "")
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(page.decode()):
        for sample in family.samples:
            name = family.name if family.type == "histogram" else sample.name
            if not sample.name.endswith("_created"):
                found.setdefault(name, set()).update(sample.labels.keys() - {"le"})
    return found


def test_every_metric_and_its_labels_are_explained() -> None:
    page = (DOCS / "settings.md").read_text()
    listed = {
        name: set(filter(None, labels.split(",")))
        for name, labels in re.findall(
            r"^\| `(figgosync_\w+)(?:\{([\w,]+)\})?` \|", page, re.MULTILINE
        )
    }
    declared = {name: labels for name, labels in _declared().items() if name.startswith("figgo")}
    assert len(declared) >= 25, "too little was found"
    assert listed == declared


def test_no_metric_has_more_than_its_eight_series_for_a_tenant() -> None:
    of_tenants = [name for name, labels in _declared().items() if "tenant" in labels]
    assert len(of_tenants) == 8
