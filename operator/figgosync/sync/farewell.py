"""What a tenant with deletionPolicy Delete does before it goes."""

import logging
from dataclasses import replace

from figgosync.core.absence import EmployeeID
from figgosync.core.tenant import DeletionPolicy
from figgosync.kube.names import FINALIZER
from figgosync.kube.resources import Tenant
from figgosync.sync.cleanup import Removal
from figgosync.sync.services import Services
from figgosync.sync.work import Outcome

log = logging.getLogger(__name__)


class Farewell:
    """Holds the object back from deletion exactly where there is something to do before."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._removal: Removal | None = None

    @property
    def has_begun(self) -> bool:
        """Whether our events are being removed."""
        return self._removal is not None

    def begins(self, tenant: Tenant) -> bool:
        """Tell whether the removal begins now, which it does once."""
        if self._removal is None and tenant.deleting and FINALIZER in tenant.finalizers:
            self._removal = Removal()
            return True
        return False

    async def keep(self, tenant: Tenant) -> Tenant:
        """Bring the finalizer in line with the policy; return the object. Raises SyncError."""
        has = FINALIZER in tenant.finalizers
        wants = tenant.spec.deletion_policy is DeletionPolicy.DELETE
        if tenant.deleting or wants == has:
            return tenant
        others = tuple(name for name in tenant.finalizers if name != FINALIZER)
        if wants:
            await self._services.cluster.add_finalizer(tenant.name)
            return replace(tenant, finalizers=(*others, FINALIZER))
        await self._services.cluster.remove_finalizer(tenant.name)
        return replace(tenant, finalizers=others)

    def note(self, outcome: Outcome) -> None:
        """Note how it went with one employee."""
        if self._removal is not None:
            employee = outcome.place.assignment.employee
            self._removal.note(employee, outcome.report, outcome.error)

    def is_complete(self, employees: frozenset[EmployeeID]) -> bool:
        """Tell whether everything is removed."""
        return self._removal is not None and self._removal.is_complete(employees)

    async def let_go(self, tenant: Tenant, *, complete: bool, claimed: bool) -> None:
        """Remove the finalizer: all is removed, or nothing must be, or nothing ever can be.

        `claimed` says that another tenant serves the same people. Raises SyncError.
        """
        removal = self._removal or Removal()
        extra = {
            "tenant": str(tenant.name),
            "removed": removal.removed,
            "given_up": removal.given_up,
        }
        if complete:
            log.info("events removed, the tenant may go", extra=extra)
        elif claimed:
            log.warning("another tenant serves its people: events stay, it may go", extra=extra)
        else:
            log.warning("no credentials are left: events stay, the tenant may go", extra=extra)
            self._services.metrics.abandoned.inc()
        await self._services.cluster.remove_finalizer(tenant.name)
