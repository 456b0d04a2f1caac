"""What a tenant object is told whose spec cannot be served."""

from datetime import datetime

from figgosync.core.conditions import Condition, ConditionType, Status, merged
from figgosync.errors import SyncError
from figgosync.kube.resources import TenantObject
from figgosync.kube.status import TenantStatus


def refused(tenant: TenantObject, error: SyncError, now: datetime) -> TenantStatus:
    """Return the status that says so, and keeps what must survive.

    That is what cannot be learned anew: since when the tenant is active and how far it has
    followed Figgo, and what initialisations decided and left to be done.
    """
    conditions = [
        Condition(kind, status, error.reason, error.message, tenant.generation, now)
        for kind, status in (
            (ConditionType.READY, Status.FALSE),
            (ConditionType.STALLED, Status.TRUE),
        )
    ]
    before = tenant.status
    return TenantStatus(
        observed_generation=tenant.generation,
        conditions=merged(before.conditions, conditions),
        last_sync_time=before.last_sync_time,
        watermark=before.watermark,
        activations=before.activations,
        initialised=before.initialised,
        catch_up=before.catch_up,
        other_sync_seen=before.other_sync_seen,
    )
