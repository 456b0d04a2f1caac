"""Shows in the metrics how one tenant is doing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from figgosync.core.conditions import ConditionType, Status
from figgosync.errors import Reason
from figgosync.kube.resources import Tenant, TenantObject, is_suspended, poll_interval_of
from figgosync.kube.status import TenantStatus
from figgosync.metrics import Metrics
from figgosync.sync.summary import Overview
from figgosync.tenant_table import TenantRecord


class Gauges:
    """Of one tenant. From the start they show what the status remembers of before."""

    def __init__(self, tenant: Tenant, metrics: Metrics, now: datetime) -> None:
        self._metrics = metrics
        self._blocked = 0
        self._enter(tenant, tenant.status, tenant.status.last_sync_time, now)

    def show(
        self, view: Overview, status: TenantStatus, last_sync: datetime | None, now: datetime
    ) -> None:
        """Show the state that `status` speaks of, whether it could be written or not."""
        blocked = view.sum.blocked
        if blocked and not self._blocked:
            self._metrics.breaker_trips.inc()
        self._blocked = blocked
        pending = view.pending if view.halt is None else 0
        self._enter(view.tenant, status, last_sync, now, pending=pending)

    def _enter(
        self,
        tenant: Tenant,
        status: TenantStatus,
        last_sync: datetime | None,
        now: datetime,
        *,
        pending: int = 0,
    ) -> None:
        ready, reason = _readiness(status)
        record = TenantRecord(
            last_success=(last_sync or tenant.created).timestamp(),
            last_attempt=now.timestamp(),
            sync_interval=tenant.spec.figgo.poll_interval.total_seconds(),
            ready=ready,
            reason=reason,
            suspended=tenant.spec.suspend,
            pending_changes=pending,
            failing_employees=status.employees.failing if status.employees else 0,
            blocked_deletions=self._blocked,
            other_sync=_has_other_sync(status),
        )
        self._metrics.tenants.enter(tenant.name, record)


def refusal_record(
    tenant: TenantObject, body: Mapping[str, Any], status: TenantStatus, now: datetime
) -> TenantRecord:
    """Return what to show of a tenant whose spec cannot be served, so that nothing is done.

    `body` is the whole object, of whose spec that much is read which can be.
    """
    ready, reason = _readiness(status)
    return TenantRecord(
        last_success=(status.last_sync_time or tenant.created).timestamp(),
        last_attempt=now.timestamp(),
        sync_interval=poll_interval_of(body).total_seconds(),
        ready=ready,
        reason=reason,
        suspended=is_suspended(body),
        pending_changes=0,
        failing_employees=0,
        blocked_deletions=0,
        other_sync=_has_other_sync(status),
    )


def _readiness(status: TenantStatus) -> tuple[bool, Reason]:
    """Return whether the condition Ready is True, and its reason."""
    for condition in status.conditions:
        if condition.type is ConditionType.READY:
            return condition.status is Status.TRUE, condition.reason
    return False, Reason.PENDING


def _has_other_sync(status: TenantStatus) -> bool:
    """Return whether there is the condition OtherSyncActive, which is present only while true."""
    return any(each.type is ConditionType.OTHER_SYNC_ACTIVE for each in status.conditions)
