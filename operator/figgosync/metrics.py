"""Every metric, declared once, with its labels. None carries a person, an address or a title."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self, version: str) -> None:
        self.registry = CollectorRegistry()
        build = Gauge(
            "figgosync_build_info", "The running version.", ["version"], registry=self.registry
        )
        build.labels(version).set(1)
        self.tenants = Gauge("figgosync_tenants", "Tenant objects at work.", registry=self.registry)
        self.loop_lag = Gauge(
            "figgosync_event_loop_lag_seconds",
            "How late the event loop last was.",
            registry=self.registry,
        )
        self.reconciles = Counter(
            "figgosync_reconciles",
            "Employees whose calendar was compared, by how it ended.",
            ["result"],
            registry=self.registry,
        )
        self.writes = Counter(
            "figgosync_calendar_writes",
            "Events written to calendars, by kind of write.",
            ["action"],
            registry=self.registry,
        )
        self.reflect = Histogram(
            "figgosync_reflect_seconds",
            "From the moment a change was read from Figgo to its event in the calendar.",
            buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
            registry=self.registry,
        )
        self.abandoned = Counter(
            "figgosync_tenants_abandoned",
            "Tenants let go with their events, because no credentials were left.",
            registry=self.registry,
        )
