"""Tells the cluster how a tenant is doing: its status, and an Event where something turned."""

import logging
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from figgosync.core.conditions import Condition, ConditionType, Status, turned
from figgosync.core.tenant import TenantName
from figgosync.errors import ConflictError
from figgosync.kube.events import EventType, Occurrence, Subject
from figgosync.kube.resources import Tenant, TenantObject, parse_object
from figgosync.kube.status import TenantStatus

log = logging.getLogger(__name__)

BREATH = timedelta(seconds=2)
"""Counts that run up during a burst of work are written at most this often."""

HEARTBEAT = timedelta(minutes=10)
"""How often the time of the last sync is written while nothing else changes."""

_ECHOES = 16
"""How many of our own writes are recognised when they come back over the watch."""

_ANNOUNCED = frozenset(
    {
        ConditionType.FIGGO_READY,
        ConditionType.CALENDAR_READY,
        ConditionType.SYNCHRONISED,
        ConditionType.DELETIONS_BLOCKED,
        ConditionType.OTHER_SYNC_ACTIVE,
    }
)
"""The others only repeat, in short or for tools, what these say."""


class StatusStore(Protocol):
    """Where a status is kept."""

    async def apply_status(
        self, name: TenantName, resource_version: str, status: Mapping[str, Any]
    ) -> str | None:
        """Write the whole status; return the new resourceVersion, None when the object is gone.

        Raises ConflictError when the object changed since `resource_version`.
        """

    async def get_tenant(self, name: TenantName) -> Mapping[str, Any] | None:
        """Read the object again; None when it is gone."""


class Recorder(Protocol):
    """Where Kubernetes Events go."""

    def record(self, occurrence: Occurrence) -> None:
        """Have one written soon; never raises."""


class Publisher:
    """The one writer of a tenant's status. A turn that changed nothing writes nothing."""

    def __init__(self, store: StatusStore, recorder: Recorder) -> None:
        self._store = store
        self._recorder = recorder
        self._written: TenantStatus | None = None
        self._written_at: datetime | None = None
        self._versions: deque[str] = deque(maxlen=_ECHOES)
        self._waiting = False

    def last(self, tenant: Tenant) -> TenantStatus:
        """Return the status as last written, or as it was found."""
        return self._written or tenant.status

    @property
    def due(self) -> datetime | None:
        """Return when a change that waits for its turn may be written."""
        return self._written_at + BREATH if self._waiting and self._written_at else None

    async def publish(self, tenant: Tenant, status: TenantStatus, now: datetime) -> Tenant:
        """Write `status` if it is time; return the object as it is then. Raises SyncError."""
        before = self.last(tenant)
        if not self._is_due(before, status, now):
            return tenant
        version = await write_status(self._store, tenant, status)
        self._written, self._written_at, self._waiting = status, now, False
        if version is None:
            return tenant  # it is gone, and we shall be told
        self._versions.append(version)
        self._announce(tenant, before.conditions, status.conditions)
        return replace(tenant, resource_version=version)

    def saw(self, tenant: Tenant) -> None:
        """Note the object as the watch shows it: another hand may have changed its status.

        What we wrote comes back as well, perhaps after we wrote again.
        """
        if self._written is None or tenant.resource_version in self._versions:
            return
        if _lasting(tenant.status) != _lasting(self._written):
            self._written = self._written_at = None

    def _is_due(self, before: TenantStatus, status: TenantStatus, now: datetime) -> bool:
        if self._written_at is None:
            return before != status
        waited = now - self._written_at
        if turned(before.conditions, status.conditions):
            return True
        if _lasting(status) != _lasting(before):
            self._waiting = waited < BREATH
            return not self._waiting
        return status != before and waited >= HEARTBEAT

    def _announce(
        self, tenant: Tenant, before: Sequence[Condition], after: Sequence[Condition]
    ) -> None:
        for condition in turned(before, after):
            log.info(
                "condition %s is %s: %s",
                condition.type.value,
                condition.status.value,
                condition.reason.value,
                extra={"tenant": str(tenant.name)},
            )
            if condition.type not in _ANNOUNCED or condition.status is Status.UNKNOWN:
                continue
            self._recorder.record(
                Occurrence(
                    Subject.of_tenant(tenant),
                    EventType.NORMAL if _is_good(condition) else EventType.WARNING,
                    reason=condition.reason.value,
                    action=condition.type.value,
                    note=condition.message,
                )
            )


async def write_status(
    store: StatusStore, tenant: TenantObject, status: TenantStatus
) -> str | None:
    """Write a status to this very object; return its new resourceVersion, None when it is gone.

    An object that changed meanwhile is read again, for its version alone: of the status we are
    the only writer. Raises SyncError.
    """
    try:
        return await store.apply_status(tenant.name, tenant.resource_version, status.to_body())
    except ConflictError:
        body = await store.get_tenant(tenant.name)
        if body is None:
            return None
        current = parse_object(body)
        if current.uid != tenant.uid:
            return None  # a namesake, which has a sync of its own
        return await store.apply_status(tenant.name, current.resource_version, status.to_body())


def _lasting(status: TenantStatus) -> TenantStatus:
    """Return the status without what moves at every poll."""
    return replace(status, last_sync_time=None, watermark=None)


def _is_good(condition: Condition) -> bool:
    if condition.type in {ConditionType.DELETIONS_BLOCKED, ConditionType.OTHER_SYNC_ACTIVE}:
        return condition.status is not Status.TRUE
    return condition.status is not Status.FALSE
