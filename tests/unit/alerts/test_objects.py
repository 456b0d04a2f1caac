"""When the chart brings a PodMonitor and a PrometheusRule, and what its values change in them."""

from typing import Any, NamedTuple

import pytest

from figgosync_controlplane.helm import Helm, HelmError
from support.chart import container, of_kind, render, the_only
from support.promtool import ALERTS, KIND_EXISTS, SOURCE, rule_object, rules

POD_MONITOR_EXISTS = "--api-versions=monitoring.coreos.com/v1/PodMonitor"
BOTH = ("podMonitor", "PodMonitor"), ("prometheusRule", "PrometheusRule")


@pytest.mark.parametrize(("key", "kind"), BOTH)
@pytest.mark.parametrize(
    ("mode", "exists", "rendered"),
    [
        (None, True, True),
        (None, False, False),
        ("Auto", True, True),
        ("Auto", False, False),
        ("Always", False, True),
        ("Never", True, False),
    ],
)
def test_an_object_is_there_if_it_is_wanted_and_by_default_if_its_kind_exists(
    helm: Helm, key: str, kind: str, mode: str | None, *, exists: bool, rendered: bool
) -> None:
    values = {key: {"mode": mode}} if mode else {}
    values.setdefault("prometheusRule", {})["job"] = "x"
    options = [f"--api-versions=monitoring.coreos.com/v1/{kind}"] if exists else []
    assert len(of_kind(render(helm, values, *options), kind)) == rendered


def test_an_older_version_of_a_kind_is_not_taken_for_it(helm: Helm) -> None:
    older = "--api-versions=monitoring.coreos.com/v1alpha1/PodMonitor"
    assert of_kind(render(helm, {}, older), "PodMonitor") == []


def test_the_pod_monitor_finds_the_pod_and_its_port(helm: Helm) -> None:
    rendered = render(helm, {}, POD_MONITOR_EXISTS)
    monitor = the_only(rendered, "PodMonitor")["spec"]
    pod = the_only(rendered, "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert monitor["selector"]["matchLabels"].items() <= pod.items()
    assert "namespaceSelector" not in monitor, "its own namespace alone"
    assert "jobLabel" not in monitor, "the rules count on the job that comes of its name"
    (endpoint,) = monitor["podMetricsEndpoints"]
    assert endpoint == {"port": "http", "path": "/metrics", "interval": "30s"}
    assert endpoint["port"] in {port["name"] for port in container(rendered)["ports"]}


def test_the_values_of_the_pod_monitor_reach_it(helm: Helm) -> None:
    relabeling = {"sourceLabels": ["pod"], "targetLabel": "instance"}
    values = {
        "interval": "1m",
        "scrapeTimeout": "20s",
        "labels": {"release": "kube-prometheus-stack"},
        "annotations": {"team": "it"},
        "relabelings": [relabeling],
        "metricRelabelings": [relabeling],
    }
    monitor = the_only(render(helm, {"podMonitor": values}, POD_MONITOR_EXISTS), "PodMonitor")
    assert monitor["metadata"]["labels"]["release"] == "kube-prometheus-stack"
    assert monitor["metadata"]["annotations"] == {"team": "it"}
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    assert endpoint["interval"] == "1m"
    assert endpoint["scrapeTimeout"] == "20s"
    assert endpoint["relabelings"] == [relabeling]
    assert endpoint["metricRelabelings"] == [relabeling]


def test_the_rules_select_the_job_that_the_pod_monitor_makes(helm: Helm) -> None:
    options = (POD_MONITOR_EXISTS, KIND_EXISTS, "--namespace=prod")
    rendered = render(helm, {}, *options, release="acme")
    monitor = the_only(rendered, "PodMonitor")["metadata"]
    job = f"{monitor['namespace']}/{monitor['name']}"
    (group,) = the_only(rendered, "PrometheusRule")["spec"]["groups"]
    assert job == "prod/acme-figgo-calendar-sync"
    assert all(f'job="{job}"' in rule["expr"] for rule in group["rules"])


def test_another_job_can_be_said(helm: Helm) -> None:
    values = {"podMonitor": {"mode": "Never"}, "prometheusRule": {"job": "pods"}}
    changed = rules(helm, values)
    assert all('job="pods"' in rule["expr"] for rule in changed.values())
    assert all("sys/op" not in rule["expr"] for rule in changed.values())


def test_without_a_pod_monitor_and_a_job_the_rules_are_refused_with_the_way_out(helm: Helm) -> None:
    with pytest.raises(HelmError, match=r"Set prometheusRule\.job .* or prometheusRule\.mode"):
        rules(helm, {"podMonitor": {"mode": "Never"}})


def test_labels_annotations_and_the_interval_reach_the_rules(helm: Helm) -> None:
    values = {
        "labels": {"release": "kube-prometheus-stack"},
        "annotations": {"team": "it"},
        "interval": "15s",
        "alertLabels": {"team": "hr-it"},
    }
    found = rule_object(helm, {"prometheusRule": values})
    assert found["metadata"]["labels"]["release"] == "kube-prometheus-stack"
    assert found["metadata"]["annotations"] == {"team": "it"}
    (group,) = found["spec"]["groups"]
    assert group["interval"] == "15s"
    assert {rule["labels"]["team"] for rule in group["rules"]} == {"hr-it"}
    assert {rule["labels"]["namespace"] for rule in group["rules"]} == {"sys"}


def test_more_labels_do_not_replace_the_severity(helm: Helm) -> None:
    changed = rules(helm, {"prometheusRule": {"alertLabels": {"severity": "page"}}})
    assert changed["FiggosyncEmployeesFailing"]["labels"]["severity"] == "info"


@pytest.mark.parametrize(
    "base", ["https://wiki.acme.example/figgo", "https://wiki.acme.example/figgo/"]
)
def test_the_pages_are_linked_where_they_are_published(helm: Helm, base: str) -> None:
    changed = rules(helm, {"prometheusRule": {"runbookBaseURL": base}})
    for alert, rule in changed.items():
        assert rule["annotations"]["runbook_url"] == f"https://wiki.acme.example/figgo/{alert}.md"
        assert "runbook" not in rule["annotations"]


@pytest.mark.parametrize("source", SOURCE, ids=ALERTS)
def test_a_rule_is_left_out_or_tuned_by_its_values(helm: Helm, source: dict[str, str]) -> None:
    key, alert = source["values"], source["alert"]
    off = rules(helm, {"prometheusRule": {"rules": {key: {"enabled": False}}}})
    assert [each for each in ALERTS if each not in off] == [alert]
    tuned = rules(helm, {"prometheusRule": {"rules": {key: {"for": "7m", "severity": "page"}}}})
    assert tuned[alert]["for"] == "7m"
    assert tuned[alert]["labels"]["severity"] == "page"


class Threshold(NamedTuple):
    rule: str
    name: str
    value: float
    shown: str


THRESHOLDS = {
    "FiggosyncTenantStale": [
        Threshold("tenantStale", "intervals", 12, "12 * max by"),
        Threshold("tenantStale", "minimumSeconds", 3600, "3600\n)"),
    ],
    "FiggosyncEmployeesFailing": [Threshold("employeesFailing", "employees", 2, ") > 2\n")],
    "FiggosyncManyEmployeesFailing": [
        Threshold("manyEmployeesFailing", "employees", 50, ") > 50\n")
    ],
    "FiggosyncInitialisationStuck": [
        Threshold("initialisationStuck", "seconds", 3600, ") > 3600"),
    ],
    "FiggosyncThrottled": [Threshold("throttled", "answers", 100, ") > 100")],
    "FiggosyncOperatorRestarting": [Threshold("operatorRestarting", "restarts", 6, "> 6")],
    "FiggosyncEventLoopBlocked": [Threshold("eventLoopBlocked", "share", 0.25, ") > 0.25")],
    "FiggosyncWatchStale": [Threshold("watchStale", "seconds", 7200, ") > 7200")],
}


@pytest.mark.parametrize("alert", THRESHOLDS)
def test_a_threshold_stands_in_the_expression(helm: Helm, alert: str) -> None:
    for rule, name, value, shown in THRESHOLDS[alert]:
        changed = rules(helm, {"prometheusRule": {"rules": {rule: {name: value}}}})
        assert shown in changed[alert]["expr"]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a mode in small letters": ({"podMonitor": {"mode": "auto"}}, "/podMonitor/mode"),
    "an interval without a unit": ({"podMonitor": {"interval": "30"}}, "/podMonitor/interval"),
    "a label that is a number": ({"podMonitor": {"labels": {"a": 1}}}, "/podMonitor/labels/a"),
    "a job with a quotation mark": ({"prometheusRule": {"job": 'a"b'}}, "/prometheusRule/job"),
    "a base that is no URL": ({"prometheusRule": {"runbookBaseURL": "wiki"}}, "/runbookBaseURL"),
    "a typo in a rule": ({"prometheusRule": {"rules": {"tenantStale": {"fro": "5m"}}}}, "fro"),
    "an unknown rule": ({"prometheusRule": {"rules": {"tenantStall": {}}}}, "tenantStall"),
    "a strange delay": ({"prometheusRule": {"rules": {"tenantStale": {"for": "5 m"}}}}, "/for"),
    "a share of two": ({"prometheusRule": {"rules": {"eventLoopBlocked": {"share": 2}}}}, "/share"),
    "half an employee": (
        {"prometheusRule": {"rules": {"employeesFailing": {"employees": 0.5}}}},
        "/employees",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_value_is_refused_by_name(helm: Helm, case: str) -> None:
    values, named = REFUSED[case]
    with pytest.raises(HelmError, match=named):
        render(helm, values, KIND_EXISTS, POD_MONITOR_EXISTS)
