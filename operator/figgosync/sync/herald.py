"""When a tenant's status is told to the cluster, and what the cluster's own trouble may delay."""

import logging
from datetime import datetime, timedelta

from figgosync.errors import SyncError
from figgosync.kube.resources import Tenant
from figgosync.sync.gauges import Gauges
from figgosync.sync.memory import Memory
from figgosync.sync.publisher import Publisher
from figgosync.sync.summary import Overview, compose

log = logging.getLogger(__name__)

FIRST_PASS = timedelta(minutes=2)
"""How long after a start the status may speak of before it, while the first pass goes on."""

LONGEST_SILENCE = timedelta(seconds=30)


class Herald:
    """Composes and publishes one tenant's status."""

    def __init__(
        self, tenant: Tenant, publisher: Publisher, gauges: Gauges, memory: Memory, now: datetime
    ) -> None:
        self._publisher = publisher
        self._gauges = gauges
        self._started_at = self._again = now
        self._memory = memory
        self._last_sync = tenant.status.last_sync_time

    def saw(self, tenant: Tenant) -> None:
        """Note what stands in the cluster: another hand than ours may have changed it."""
        self._publisher.saw(tenant)

    def may_tell(self, now: datetime) -> bool:
        """Tell whether the cluster is worth a try."""
        return now >= self._again

    def troubled(self, tenant: Tenant, error: SyncError, now: datetime) -> timedelta:
        """Note the API server's trouble; return how long it is left alone.

        It is not the tenant's trouble: there is nobody else to tell, and the calendars do not
        wait for it.
        """
        log.warning("cluster: %s", error.message, extra={"tenant": str(tenant.name)})
        wait = min(error.retry_after or LONGEST_SILENCE, LONGEST_SILENCE)
        self._again = now + wait
        return wait

    def due(self, now: datetime) -> datetime | None:
        """Return when there is something to be told."""
        return self._publisher.due if self.may_tell(now) else self._again

    async def tell(self, view: Overview, now: datetime) -> Tenant:
        """Write the status if something is to be said; return the object. Raises SyncError."""
        if view.is_up_to_date:
            self._last_sync = now.replace(microsecond=0)
        before = self._publisher.last(view.tenant)
        if self._says_what_was(view, now):
            self._gauges.show(view, before, self._last_sync, now)
            return view.tenant
        status = compose(view, self._last_sync, before.conditions, now.replace(microsecond=0))
        self._gauges.show(view, status, self._last_sync, now)
        tenant = await self._publisher.publish(view.tenant, status, now)
        self._memory.was_written(self._publisher.last(tenant))
        return tenant

    def _says_what_was(self, view: Overview, now: datetime) -> bool:
        """Tell whether the status of before the start still stands: nothing is known yet.

        Otherwise every restart would turn all conditions to Unknown and back.
        """
        tenant = view.tenant
        return (
            now - self._started_at < FIRST_PASS
            and tenant.status.observed_generation == tenant.generation
            and self._memory.is_kept
            and view.halt is None
            and not (view.figgo.error or view.calendar.error)
            and not view.first_pass_is_over
        )
