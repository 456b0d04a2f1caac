"""What the metrics show of each tenant: eight gauges, kept in a table."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from figgosync.core.tenant import TenantName
from figgosync.errors import Reason


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """What the metrics show of one tenant; moments are seconds since 1970.

    `reason` is that of the condition Ready, whose truth `ready` is; `other_sync` tells whether
    there is the condition OtherSyncActive.
    """

    last_success: float
    last_attempt: float
    sync_interval: float
    ready: bool
    reason: Reason
    suspended: bool
    pending_changes: int
    failing_employees: int
    blocked_deletions: int
    other_sync: bool


@dataclass(frozen=True, slots=True)
class TenantGauge:
    """One gauge that each tenant has, beside tenant_namespace and tenant with `labels`."""

    name: str
    help: str
    value: Callable[[TenantRecord], float]
    labels: Callable[[TenantRecord], Mapping[str, str]] = lambda _: {}


TENANT_GAUGES = (
    TenantGauge(
        "figgosync_tenant_last_successful_sync_timestamp_seconds",
        "When the calendars last were up to date with Figgo; before that, when the tenant came.",
        lambda record: record.last_success,
    ),
    TenantGauge(
        "figgosync_tenant_last_attempt_timestamp_seconds",
        "When the operator last looked after the tenant, whatever came of it.",
        lambda record: record.last_attempt,
    ),
    TenantGauge(
        "figgosync_tenant_sync_interval_seconds",
        "How often Figgo is to be asked (spec.figgo.pollInterval).",
        lambda record: record.sync_interval,
    ),
    TenantGauge(
        "figgosync_tenant_ready",
        "Whether the condition Ready is True; its reason is a label.",
        lambda record: record.ready,
        lambda record: {"reason": record.reason.value},
    ),
    TenantGauge(
        "figgosync_tenant_suspended",
        "Whether the tenant rests because spec.suspend says so.",
        lambda record: record.suspended,
    ),
    TenantGauge(
        "figgosync_tenant_pending_changes",
        "Employees whose turn has come, or who wait for a change that was heard of.",
        lambda record: record.pending_changes,
    ),
    TenantGauge(
        "figgosync_tenant_failing_employees",
        "Employees who cannot be served.",
        lambda record: record.failing_employees,
    ),
    TenantGauge(
        "figgosync_tenant_blocked_deletions",
        "Events that the breaker does not let be deleted.",
        lambda record: record.blocked_deletions,
    ),
)
"""The series of a tenant: eight for each, since there may be thousands of tenants."""


class TenantTable:
    """What is shown of each tenant at present; its series go with it."""

    def __init__(self) -> None:
        self._records: dict[TenantName, TenantRecord] = {}

    def enter(self, name: TenantName, record: TenantRecord) -> None:
        """Show this from now on."""
        self._records[name] = record

    def forget(self, name: TenantName) -> None:
        """Show nothing more of a tenant."""
        self._records.pop(name, None)

    def get(self, name: TenantName) -> TenantRecord | None:
        """Return what is shown of a tenant."""
        return self._records.get(name)

    def __iter__(self) -> Iterator[tuple[TenantName, TenantRecord]]:
        """Iterate over all tenants."""
        return iter(self._records.items())
