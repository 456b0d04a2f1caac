"""The page that Prometheus reads, judged by the readers of both formats."""

import time
from collections.abc import Iterable
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text
from prometheus_client.registry import Collector

from figgosync.controller.exposition import exposition
from figgosync.core.tenant import TenantName
from figgosync.errors import Reason
from figgosync.metrics import Metrics
from figgosync.tenant_table import TENANT_GAUGES
from syncing import A_RECORD

OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.3"
ACME, OTHER = TenantName("hr", "acme"), TenantName("hr", "acme.west")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics("1.2.3", "default")


def series(metrics: Metrics, accept: str = "") -> dict[tuple[str, frozenset[str]], float]:
    """Return the value of each series, by its name and its labels' values."""
    page, content_type = exposition(metrics, accept)
    read = read_openmetrics if "openmetrics" in content_type else read_text
    return {
        (sample.name, frozenset(sample.labels.values())): sample.value
        for family in read(page.decode())
        for sample in family.samples
    }


def of_tenants(metrics: Metrics, accept: str = "") -> dict[tuple[str, frozenset[str]], float]:
    names = {gauge.name for gauge in TENANT_GAUGES}
    return {key: value for key, value in series(metrics, accept).items() if key[0] in names}


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_both_formats_show_the_eight_series_of_a_tenant(metrics: Metrics, accept: str) -> None:
    metrics.tenants.enter(ACME, A_RECORD)
    tenant = frozenset({"hr", "acme"})
    assert of_tenants(metrics, accept) == {
        ("figgosync_tenant_last_successful_sync_timestamp_seconds", tenant): A_RECORD.last_success,
        ("figgosync_tenant_last_attempt_timestamp_seconds", tenant): A_RECORD.last_attempt,
        ("figgosync_tenant_sync_interval_seconds", tenant): 20.0,
        ("figgosync_tenant_ready", tenant | {"Synchronised"}): 1.0,
        ("figgosync_tenant_suspended", tenant): 0.0,
        ("figgosync_tenant_pending_changes", tenant): 2.0,
        ("figgosync_tenant_failing_employees", tenant): 1.0,
        ("figgosync_tenant_blocked_deletions", tenant): 0.0,
    }


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_a_page_without_tenants_is_whole(metrics: Metrics, accept: str) -> None:
    found = series(metrics, accept)
    assert found["figgosync_build_info", frozenset({"1.2.3"})] == 1.0
    assert found["figgosync_operator_class_info", frozenset({"default"})] == 1.0
    assert found["figgosync_requests_total", frozenset({"exchange", "lost"})] == 0.0
    assert any(name.startswith("process_resident_memory") for name, _ in found)


def test_the_content_type_is_the_format_that_was_asked_for(metrics: Metrics) -> None:
    assert "openmetrics-text" in exposition(metrics, OPENMETRICS)[1]
    assert exposition(metrics, OPENMETRICS)[0].endswith(b"\n# EOF\n")
    assert exposition(metrics, "")[1].startswith("text/plain")


@pytest.mark.parametrize(
    "accept",
    [
        "application/openmetrics-text;version=latest",
        "text/plain;version=1.x",
        "application/openmetrics-text;version",
        "text/html",
        ";;,q=,=",
    ],
)
def test_a_wish_that_nobody_understands_gets_a_page_all_the_same(
    metrics: Metrics, accept: str
) -> None:
    metrics.tenants.enter(ACME, A_RECORD)
    assert len(of_tenants(metrics, accept)) == 8


def test_another_reason_takes_the_place_of_the_last_one(metrics: Metrics) -> None:
    metrics.tenants.enter(ACME, A_RECORD)
    refused = replace(A_RECORD, ready=False, reason=Reason.CREDENTIALS_REFUSED)
    metrics.tenants.enter(ACME, refused)
    found = {key: v for key, v in series(metrics).items() if key[0] == "figgosync_tenant_ready"}
    assert found == {
        ("figgosync_tenant_ready", frozenset({"hr", "acme", "CredentialsRefused"})): 0.0
    }


def test_the_series_go_with_the_tenant_and_no_other_goes(metrics: Metrics) -> None:
    metrics.tenants.enter(ACME, A_RECORD)
    metrics.tenants.enter(OTHER, A_RECORD)
    metrics.tenants.forget(ACME)
    metrics.tenants.forget(ACME)
    assert len(of_tenants(metrics)) == 8
    assert all("acme.west" in labels for _, labels in of_tenants(metrics))


@pytest.mark.parametrize("accept", ["", OPENMETRICS])
def test_no_name_can_forge_a_line(metrics: Metrics, accept: str) -> None:
    strange = 'a"b\\c\nfiggosync_tenants 9'
    metrics.tenants.enter(TenantName("hr", strange), A_RECORD)
    found = of_tenants(metrics, accept)
    assert len(found) == 8
    assert all(strange in labels for _, labels in found)


def test_objects_are_counted_when_the_page_is_read(metrics: Metrics) -> None:
    sizes = {"default": 1}
    metrics.count_objects(lambda: sizes)
    assert series(metrics)["figgosync_tenant_objects", frozenset({"default"})] == 1.0
    sizes["team-a"] = 2
    assert series(metrics)["figgosync_tenant_objects", frozenset({"team-a"})] == 2.0


def test_the_queue_is_as_deep_as_the_tenants_say(metrics: Metrics) -> None:
    metrics.tenants.enter(ACME, A_RECORD)
    metrics.tenants.enter(OTHER, replace(A_RECORD, pending_changes=40))
    assert series(metrics)["figgosync_queue_depth", frozenset()] == 42.0


@pytest.mark.parametrize(("suspended", "counted"), [(False, 1.0), (True, 0.0)])
def test_tenants_with_another_sync_are_counted_unless_they_rest(
    metrics: Metrics, *, suspended: bool, counted: float
) -> None:
    metrics.tenants.enter(ACME, A_RECORD)
    metrics.tenants.enter(OTHER, replace(A_RECORD, other_sync=True, suspended=suspended))
    assert series(metrics)["figgosync_tenants_with_other_sync", frozenset()] == counted


class _TheLibrarysWay(Collector):
    """The same series, for the library to write."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[GaugeMetricFamily]:
        for gauge in TENANT_GAUGES:
            family = GaugeMetricFamily(gauge.name, gauge.help)
            for name, record in self._metrics.tenants:
                labels = {"tenant_namespace": name.namespace, "tenant": name.name}
                family.add_sample(
                    gauge.name, labels | dict(gauge.labels(record)), gauge.value(record)
                )
            yield family


def test_thousands_of_tenants_hold_the_event_loop_up_a_fraction_of_the_librarys_time() -> None:
    metrics = Metrics("1", "default")
    for number in range(2000):
        metrics.tenants.enter(TenantName("hr", f"acme-{number}"), A_RECORD)
    registry = CollectorRegistry()
    registry.register(_TheLibrarysWay(metrics))

    def fastest(write: object) -> float:
        took = []
        for _ in range(3):
            began = time.process_time()
            assert callable(write)
            write()
            took.append(time.process_time() - began)
        return min(took)

    theirs = fastest(lambda: generate_latest(registry))
    ours = fastest(lambda: exposition(metrics, ""))
    assert ours * 4 < theirs
    by_library = {
        (s.name, frozenset(s.labels.values())): s.value
        for family in read_text(generate_latest(registry).decode())
        for s in family.samples
    }
    assert of_tenants(metrics) == by_library
    assert len(by_library) == 16_000
