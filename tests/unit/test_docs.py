"""The pages that list what the code defines: neither may know something that the other does not."""

import re
from pathlib import Path

import pytest

from figgosync.core.conditions import ConditionType
from figgosync.errors import Reason
from figgosync.metrics import Metrics
from figgosync.settings import Settings

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


def test_every_metric_is_explained() -> None:
    page = (DOCS / "settings.md").read_text()
    listed = {
        name.removesuffix("_total")
        for name in re.findall(r"^\| `(figgosync_\w+?)(?:\{\w+\})?` \|", page, re.MULTILINE)
    }
    assert listed == {family.name for family in Metrics("1").registry.collect()}
