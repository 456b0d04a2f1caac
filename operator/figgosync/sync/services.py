"""What every tenant's sync is handed: the cluster, the sources, and the installation's choices."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from figgosync.core.tenant import TenantName
from figgosync.metrics import Metrics
from figgosync.sync.access import Connect
from figgosync.sync.credentials import SecretSource
from figgosync.sync.initialisation.scribe import InitialisationStore
from figgosync.sync.publisher import Recorder, StatusStore
from figgosync.sync.source import Sources


class Cluster(SecretSource, StatusStore, InitialisationStore, Protocol):
    """What a tenant's sync asks of Kubernetes."""

    async def add_finalizer(self, name: TenantName) -> None:
        """Add our finalizer, if it is not there. Raises SyncError."""

    async def remove_finalizer(self, name: TenantName) -> None:
        """Remove it, if it is there. Raises SyncError."""


@dataclass(frozen=True, slots=True)
class Services:
    """Shared by all tenants of the process. `now` gives aware instants."""

    cluster: Cluster
    recorder: Recorder
    sources: Sources
    connect: Connect
    metrics: Metrics
    now: Callable[[], datetime]
    drift_interval: timedelta
    concurrency: int
