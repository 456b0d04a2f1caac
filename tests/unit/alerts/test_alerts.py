"""The alerts as promtool plays them, and what must exist beside each of them."""

import re
from collections.abc import Mapping

import pytest
from prometheus_client import generate_latest

from figgosync.errors import Reason
from figgosync.metrics import Metrics
from figgosync.tenant_table import TENANT_GAUGES
from support.chart import ROOT
from support.promtool import ALERTS, CASES, SOURCE, Promtool, Rule, cases_of


def test_promtool_finds_nothing_wrong_with_the_rules(
    promtool: Promtool, ours: Mapping[str, Rule]
) -> None:
    assert list(ours) == ALERTS
    assert promtool.check(ours) == ""


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_fires_and_is_silent_as_its_cases_say(
    promtool: Promtool, ours: Mapping[str, Rule], second: Mapping[str, Rule], alert: str
) -> None:
    alone = {"rules.yaml": {alert: ours[alert]}, "second.yaml": {alert: second[alert]}}
    assert promtool.play(cases_of(alert), {"as it is": alone}) == {"as it is": ""}


@pytest.mark.parametrize("alert", ALERTS)
def test_no_rule_and_no_case_speaks_of_another_alert(ours: Mapping[str, Rule], alert: str) -> None:
    """So that a rule may be played alone, which takes a tenth of the time of all."""
    assert "ALERTS" not in ours[alert]["expr"]
    cases = cases_of(alert)
    assert set(re.findall(r"alertname[:=] *\"?(\w+)", cases)) == {alert}
    for selector in re.findall(r"ALERTS\w*(.{11})", cases):
        assert selector == "{alertname="


def test_every_alert_has_its_cases_and_its_page_and_nothing_else_has() -> None:
    assert sorted(path.stem for path in CASES.iterdir()) == sorted(ALERTS)
    pages = (ROOT / "docs" / "runbooks").glob("*.md")
    assert sorted(path.stem for path in pages) == sorted(ALERTS)


def test_every_alert_stands_in_the_table_of_the_documentation(ours: Mapping[str, Rule]) -> None:
    table = (ROOT / "docs" / "alerts.md").read_text()
    row = r"^\| \[(\w+)\]\(runbooks/(\w+)\.md\) \| (\w+) \|"
    listed = re.findall(row, table, re.MULTILINE)
    assert listed == [(alert, alert, ours[alert]["labels"]["severity"]) for alert in ALERTS]


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_says_what_it_is_and_the_command_to_begin_with(
    ours: Mapping[str, Rule], alert: str
) -> None:
    rule = ours[alert]
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert re.fullmatch(r"[^{}]+\.", rule["annotations"]["summary"]), (
        "a sentence that never changes"
    )
    description = rule["annotations"]["description"]
    assert re.search(r"^  kubectl ", description, re.MULTILINE)
    if "tenant_namespace" in rule["expr"] and "operator_class" not in rule["expr"]:
        (what,) = set(re.findall(r"by \(tenant_namespace, (\w+)\)", rule["expr"]))
        assert f"{{{{ $labels.tenant_namespace }}}}/{{{{ $labels.{what} }}}}" in description


def test_no_alert_shows_a_secret_and_no_page_does() -> None:
    texts = [each["description"] for each in SOURCE]
    texts += [path.read_text() for path in (ROOT / "docs" / "runbooks").iterdir()]
    shown = re.compile(r"get secrets?\b[^\n|]*-o(?:utput)?[= ](?!name)|base64 (?:-d|--decode)")
    assert len(texts) == 2 * len(ALERTS)
    assert [text for text in texts if shown.search(text)] == []


def test_the_metrics_that_the_expressions_name_exist(ours: Mapping[str, Rule]) -> None:
    named = {
        metric
        for rule in ours.values()
        for metric in re.findall(r"\b(?:figgosync|process)_\w+", rule["expr"])
    }
    metrics = Metrics("1", "default")
    metrics.count_objects(dict)
    exported = {gauge.name for gauge in TENANT_GAUGES} | set(
        re.findall(r"^# TYPE (\w+)", generate_latest(metrics.registry).decode(), re.MULTILINE)
    )
    assert len(named) > len(ours) / 2
    assert named <= exported


def test_the_reasons_that_the_expressions_name_exist(ours: Mapping[str, Rule]) -> None:
    named = {
        reason
        for rule in ours.values()
        for text in re.findall(r'reason[!=]~"([^"]+)"', rule["expr"])
        for reason in text.split("|")
    }
    assert {"CredentialsRefused", "Pending", "Suspended"} <= named
    assert named <= {reason.value for reason in Reason}
