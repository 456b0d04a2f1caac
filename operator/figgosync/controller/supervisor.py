"""One task for each tenant: started, told, and ended as the objects in the cluster come and go."""

import asyncio
import logging
from collections.abc import Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any, Protocol

from figgosync.controller.census import Census
from figgosync.controller.initialisations import Book, Initialisations
from figgosync.core.tenant import TenantName
from figgosync.errors import PermanentError, SyncError
from figgosync.kube.claims import claim_of
from figgosync.kube.initialisations import Initialisation
from figgosync.kube.resources import (
    Tenant,
    TenantObject,
    parse_object,
    parse_tenant,
)
from figgosync.kube.status import TenantStatus
from figgosync.logs import origin
from figgosync.sync.gauges import refusal_record
from figgosync.sync.publisher import StatusStore, write_status
from figgosync.sync.refusal import refused
from figgosync.sync.services import Services
from figgosync.sync.tenant import TenantSync

log = logging.getLogger(__name__)

COMPARE_INTERVAL = timedelta(minutes=10)
"""How often the objects are listed and compared: a watch that broke may have lost a deletion."""

STUCK_AFTER = 3 * COMPARE_INTERVAL
"""How long without the end of a comparison: its calls have limits, so that it must hang."""

_MISSED = (
    "the watch had not told of all tenants that came, changed or went (not told: %d); they are "
    "followed now. If this repeats at the next comparison, the operator ends to be restarted"
)

RESTART_AFTER = timedelta(seconds=30)
"""After a fault of our own in one tenant's task."""


class Store(StatusStore, Book, Protocol):
    """Where our objects stand."""

    async def list_tenants(self, namespace: str | None = None) -> Sequence[Mapping[str, Any]]:
        """Return all of a namespace, or of the cluster, whole or an error. Raises SyncError."""


@dataclass(slots=True)
class Running:
    """One tenant at work."""

    tenant: Tenant
    sync: TenantSync
    task: asyncio.Task[None]


class Supervisor:
    """Owns the tasks of all tenants of its class; its methods are called in the main event loop.

    Objects of other classes are seen, and never touched.
    """

    def __init__(
        self,
        store: Store,
        services: Services,
        namespaces: Sequence[str],
        operator_class: str,
    ) -> None:
        self._store = store
        self._namespaces = namespaces or (None,)
        self._services = services
        self._class = operator_class
        self.census = Census()
        self._running: dict[TenantName, Running] = {}
        self._all_are_known = False
        self.initialisations = Initialisations(
            store,
            self,
            self._namespaces,
            services.now,
            self._errand,
            lambda reason: services.metrics.initialisations_ended.labels(reason.value).inc(),
        )
        self._errands: set[asyncio.Task[None]] = set()
        self._gone: set[str] = set()
        self._ended = False
        self._attempted_at: float | None = None
        self._compared()

    def __len__(self) -> int:
        """How many tenants are at work."""
        return len(self._running)

    @property
    def is_stuck(self) -> bool:
        """Whether no comparison has come to an end for long, be it a failure."""
        since = self._attempted_at
        return since is not None and monotonic() - since > STUCK_AFTER.total_seconds()

    @property
    def active(self) -> int:
        """How many employees are being served."""
        return sum(running.sync.active for running in self._running.values())

    def seen(self, body: Mapping[str, Any]) -> None:
        """Follow an object as it is now; what a list says may be older than what is known."""
        if self._ended:
            return  # what the watch had still to say when it was stopped
        found = parse_object(body)
        if self.census.knows_newer(found):
            return
        hosts = self.census.note(found, claim_of(found, body))
        known = self._running.get(found.name)
        ours = found.operator_class == self._class
        if known is not None and (known.tenant.uid != found.uid or not ours):
            self._end(known)
        if ours:
            self._follow(found, body)
        else:
            self._services.metrics.tenants.forget(found.name)
        self._tell(hosts, found.name)
        self.initialisations.told(found.name)

    def gone(self, body: Mapping[str, Any]) -> None:
        """Let go of an object that is no more."""
        found = parse_object(body)
        self._gone.add(found.uid)
        self._lose(found.name, found.uid)

    async def compare(self) -> None:
        """List the objects now and every ten minutes, and follow them, until cancelled.

        So tenants are served even where the watch does not come about. It ends when the watch
        has told too little twice in a row: the process is better restarted then.
        """
        told_at_the_last_time: bool | None = None
        while True:
            self._attempted_at = monotonic()
            try:
                missed = await self.catch_up()
            except SyncError as error:
                log.warning("cluster: %s", error.message)
            except Exception as error:  # noqa: BLE001 - a fault of ours must not end the comparing
                log.error("comparing failed", extra={"fault": origin(error)})  # noqa: TRY400
            else:
                # The first list comes before the watch has had its time.
                told = told_at_the_last_time is None or not missed
                if not told:
                    log.warning(_MISSED, missed)
                    if told_at_the_last_time is False:
                        return
                told_at_the_last_time = told
            await asyncio.sleep(COMPARE_INTERVAL.total_seconds())

    async def catch_up(self) -> int:
        """List the objects and follow what the watch has lost; return how many. Raises SyncError.

        What comes and goes while the list is read is left to the watch, which knows it better.
        """
        before = self.census.names()
        self._gone.clear()
        found = [
            (parse_object(body).uid, body)
            for namespace in self._namespaces
            for body in await self._store.list_tenants(namespace)
        ]
        lost = before.keys() - {uid for uid, _ in found}
        for uid in lost:
            self._lose(before[uid], uid)
        news = 0
        for uid, body in found:
            if uid not in self._gone:
                news += self.census.is_news(parse_object(body))
                self.seen(body)
        self._all_are_known = True
        missed = await self.initialisations.catch_up()
        self._compared()
        return len(lost) + news + missed

    def initialise(self, tenant: TenantName, wished: Sequence[Initialisation]) -> bool:
        """Hand a tenant all that is wished of it; tell whether it is at work."""
        running = self._running.get(tenant)
        if running is None:
            return False
        running.sync.initialise(wished)
        return True

    def may_speak_for(self, tenant: TenantName) -> bool:
        """Tell whether a tenant is known to be no other operator's."""
        known = self._all_are_known and not self._ended
        return known and self.census.class_of(tenant) in {None, self._class}

    def absence_of(self, tenant: TenantName) -> str | None:
        """Say why a tenant is not at work here; None where that is another operator's matter."""
        if not self.may_speak_for(tenant):
            return None
        if not self.census.knows(tenant):
            return f"There is no CalendarSyncTenant {tenant.name} in this namespace: create it."
        return "Its spec cannot be served; its condition Ready says why and what to do."

    def _compared(self) -> None:
        self._services.metrics.last_comparison.set(self._services.now().timestamp())

    async def stop(self) -> None:
        """Give everything up; calls already sent end within their limit."""
        self._ended = True
        tasks = [running.task for running in self._running.values()]
        self._running.clear()
        for task in (*tasks, *self._errands):
            task.cancel()
        await asyncio.gather(*tasks, *self._errands, return_exceptions=True)

    def _follow(self, found: TenantObject, body: Mapping[str, Any]) -> None:
        try:
            tenant = parse_tenant(body)
        except PermanentError as error:
            self._refuse(found, body, error)
            return
        known = self._running.get(tenant.name)
        if known is None:
            self._start(tenant)
        else:
            known.tenant = tenant

    def _lose(self, name: TenantName, uid: str) -> None:
        known = self._running.get(name)
        if known is not None and known.tenant.uid == uid:
            self._end(known)
        hosts = self.census.forget(name, uid)
        if not self.census.knows(name):
            self._services.metrics.tenants.forget(name)
        self._tell(hosts)
        self.initialisations.told(name)

    def _start(self, tenant: Tenant) -> None:
        sync = TenantSync(tenant, self._services)
        log.info("tenant found", extra={"tenant": str(tenant.name)})
        task = asyncio.create_task(self._run(tenant, sync))
        self._running[tenant.name] = Running(tenant, sync, task)
        self.initialisations.told(tenant.name)

    async def _run(self, tenant: Tenant, sync: TenantSync) -> None:
        try:
            await sync.run()
        except Exception as error:  # noqa: BLE001 - whatever it is, the tenant must go on
            extra = {"tenant": str(tenant.name), "fault": origin(error)}
            log.error("tenant task failed", extra=extra)  # noqa: TRY400 - its text may name people
            await asyncio.sleep(RESTART_AFTER.total_seconds())
            known = self._running.get(tenant.name)
            if known is not None and known.sync is sync:
                self._start(known.tenant)
                self._tell({tenant.spec.figgo.host}, tenant.name)

    def _end(self, running: Running) -> None:
        log.info("tenant gone", extra={"tenant": str(running.tenant.name)})
        self._running.pop(running.tenant.name, None)
        running.task.cancel()
        self._errand(_finished(running.task))

    def _tell(self, hosts: Collection[str], changed: TenantName | None = None) -> None:
        """Tell the tenants what is new: one its object, the others that somebody is in the way."""
        for host in hosts:
            for name, overlap in self.census.standing(host).items():
                running = self._running.get(name)
                if running is None:
                    continue
                if name == changed or running.sync.overlap != overlap:
                    running.sync.update(running.tenant, overlap)

    def _refuse(self, tenant: TenantObject, body: Mapping[str, Any], error: PermanentError) -> None:
        known = self._running.get(tenant.name)
        if known is not None:
            self._end(known)
        now = self._services.now()
        status = refused(tenant, error, now)
        record = refusal_record(tenant, body, status, now)
        self._services.metrics.tenants.enter(tenant.name, record)
        if status.conditions != tenant.status.conditions:
            self._errand(self._write_refusal(tenant, status))

    async def _write_refusal(self, tenant: TenantObject, status: TenantStatus) -> None:
        try:
            await write_status(self._store, tenant, status)
        except SyncError as trouble:
            log.warning("cluster: %s", trouble.message, extra={"tenant": str(tenant.name)})

    def _errand(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


async def _finished(task: asyncio.Task[None]) -> None:
    await asyncio.gather(task, return_exceptions=True)
