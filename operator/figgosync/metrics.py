"""Every metric, declared once, with its labels. None carries a person, an address or a title."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from figgosync.core.initialisation import InitialisationName
from figgosync.core.traffic import Heard, Result, System, result_of
from figgosync.errors import Reason, SyncError
from figgosync.tenant_table import TenantTable


class _Numbers(Collector):
    """A gauge whose series are known only when it is asked; labels that are gone are gone."""

    def __init__(
        self,
        name: str,
        text: str,
        labels: Sequence[str],
        numbers: Callable[[], Mapping[tuple[str, ...], float]],
    ) -> None:
        self._name, self._text, self._labels, self._numbers = name, text, labels, numbers

    def collect(self) -> Iterable[GaugeMetricFamily]:
        family = GaugeMetricFamily(self._name, self._text, labels=self._labels)
        for labels, number in self._numbers().items():
            family.add_metric(labels, number)
        yield family


ENDS = (
    Reason.COMPLETED,
    Reason.COMPLETED_WITH_ERRORS,
    Reason.CANCELLED,
    Reason.VALIDATION_FAILED,
    Reason.PLAN_CHANGED,
)
"""How an initialisation can end; there from the start, or the first one would be no increase."""


class Metrics:
    """The metrics of one process: those of the tenants in a table, the others in a registry."""

    def __init__(self, version: str, operator_class: str) -> None:
        self.tenants = TenantTable()
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._constant("figgosync_build_info", "The running version.", version=version)
        self._constant(
            "figgosync_operator_class_info",
            "The class whose tenants this operator serves.",
            operator_class=operator_class,
        )
        self.at_work = self._gauge("figgosync_tenants", "Tenants at work.")
        self.ready = self._gauge("figgosync_ready", "Whether /readyz says so: 1 or 0.")
        self.last_comparison = self._gauge(
            "figgosync_last_comparison_timestamp_seconds",
            "When the tenant objects were last listed and compared; at first, the start.",
        )
        self._declare_work()
        self._declare_initialisations()
        self._declare_requests()
        self._declare_event_loop()

    def _declare_work(self) -> None:
        self.reconciles = self._counter(
            "figgosync_reconciles",
            "Employees whose calendar was compared, by ok or the reason of the failure.",
            "result",
        )
        self.reconcile = self._histogram(
            "figgosync_reconcile_seconds",
            "How long one employee took, from the first question to the last answer.",
            (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
        )
        self.reflect = self._histogram(
            "figgosync_reflect_seconds",
            "From the moment a change was read from Figgo to its event in the calendar.",
            (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
        )
        self.writes = self._counter(
            "figgosync_calendar_writes", "Events created, updated, deleted and adopted.", "action"
        )
        self.breaker_trips = self._counter(
            "figgosync_breaker_trips", "How often the breaker began to hold deletions back."
        )
        self.abandoned = self._counter(
            "figgosync_tenants_abandoned",
            "Tenants let go with their events, because no credentials were left.",
        )
        self.queue_depth = self._gauge(
            "figgosync_queue_depth", "Employees who wait, over all tenants."
        )
        self.active = self._gauge(
            "figgosync_active_reconciles", "Employees who are being served, over all tenants."
        )
        self.queue_depth.set_function(
            lambda: sum(record.pending_changes for _, record in self.tenants)
        )
        # Not a series of each tenant's own, of which eight are the most. Whoever suspends a tenant
        # may have gone back to the other synchronisation, and knows that it is at work.
        self._gauge(
            "figgosync_tenants_with_other_sync",
            "Tenants with the condition OtherSyncActive, but for those that are suspended.",
        ).set_function(
            lambda: sum(each.other_sync and not each.suspended for _, each in self.tenants)
        )

    def _declare_requests(self) -> None:
        self.requests = self._counter(
            "figgosync_requests",
            "Requests to the systems outside: ok, throttled, refused, failed, lost.",
            "system",
            "result",
        )
        self.throttled = self._counter(
            "figgosync_throttled", "Requests that were answered with: fewer, please.", "system"
        )
        for system in System:
            self.throttled.labels(system.value)
            for result in Result:
                self.requests.labels(system.value, result.value)

    def _declare_event_loop(self) -> None:
        self.loop_lag = self._gauge(
            "figgosync_event_loop_lag_seconds", "How late the event loop last was."
        )
        self.loop_late = self._counter(
            "figgosync_event_loop_late_seconds", "How late the event loop was, all in all."
        )

    def _declare_initialisations(self) -> None:
        self.initialisations_ended = self._counter(
            "figgosync_initialisations_ended",
            "Initialisations that came to an end, by the reason of their condition Succeeded.",
            "reason",
        )
        for reason in ENDS:
            self.initialisations_ended.labels(reason.value)
        self.initialisation_progress: dict[InitialisationName, float] = {}
        self._numbers(
            "figgosync_initialisation_last_progress_timestamp_seconds",
            "When an initialisation that is at work last was through with an employee.",
            ("tenant_namespace", "initialisation"),
            lambda: {
                (name.namespace, name.name): at for name, at in self.initialisation_progress.items()
            },
        )

    def count_objects(self, sizes: Callable[[], Mapping[str, int]]) -> None:
        """Say where the number of tenant objects of each class is known."""
        self._numbers(
            "figgosync_tenant_objects",
            "Tenant objects that were seen, of every operator class.",
            ("operator_class",),
            lambda: {(name,): number for name, number in sizes().items()},
        )

    def count_initialisations(self, reasons: Callable[[], Mapping[Reason, int]]) -> None:
        """Say where it is known what each SyncInitialisation is about."""
        self._numbers(
            "figgosync_initialisations",
            "SyncInitialisations that were seen, by the reason of their condition Succeeded.",
            ("reason",),
            lambda: {(reason.value,): number for reason, number in reasons().items()},
        )

    def listener(self, system: System) -> Heard:
        """Return who counts the requests to a system."""

        def heard(error: SyncError | None) -> None:
            result = result_of(error)
            self.requests.labels(system.value, result.value).inc()
            if result is Result.THROTTLED:
                self.throttled.labels(system.value).inc()

        return heard

    def _numbers(
        self,
        name: str,
        text: str,
        labels: Sequence[str],
        numbers: Callable[[], Mapping[tuple[str, ...], float]],
    ) -> None:
        self.registry.register(_Numbers(name, text, labels, numbers))

    def _constant(self, name: str, text: str, **labels: str) -> None:
        Gauge(name, text, list(labels), registry=self.registry).labels(**labels).set(1)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, text, buckets=buckets, registry=self.registry)
