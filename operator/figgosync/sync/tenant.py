"""One company's sync: keeps both connections, has the due employees served, and reports."""

import asyncio
import contextlib
import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from figgosync.core.absence import EmployeeID, Reading
from figgosync.core.claims import Overlap
from figgosync.core.guard import Verdict
from figgosync.core.plan import Delete
from figgosync.core.scope import ScopeRules
from figgosync.errors import SyncError
from figgosync.figgo.changes import Changes
from figgosync.kube.resources import Tenant
from figgosync.sync import activation
from figgosync.sync.agenda import Agenda
from figgosync.sync.breaker import Breaker
from figgosync.sync.connections import new_access, new_feed
from figgosync.sync.deliveries import Deliveries
from figgosync.sync.farewell import Farewell
from figgosync.sync.gauges import Gauges
from figgosync.sync.halt import halt_of
from figgosync.sync.herald import Herald
from figgosync.sync.jobs import Clear, Reconcile
from figgosync.sync.ledger import Ledger
from figgosync.sync.people import People
from figgosync.sync.probes import Probes
from figgosync.sync.publisher import Publisher
from figgosync.sync.second_look import SecondLook
from figgosync.sync.services import Services
from figgosync.sync.source import Wish
from figgosync.sync.summary import Overview
from figgosync.sync.wishes import wish_of
from figgosync.sync.worker import Job, Outcome, Worker

log = logging.getLogger(__name__)

LONGEST_REST = timedelta(seconds=30)


class TenantSync:
    """Runs as one task; its other methods are called from the same event loop."""

    def __init__(self, tenant: Tenant, services: Services) -> None:
        self._tenant = tenant
        self._services = services
        self._now = services.now
        started_at = services.now()
        self._woken = asyncio.Event()
        self._overlap: Overlap | None = None
        self._gone = False
        self._activations = tenant.status.activations
        self._farewell = Farewell(services)
        self._ledger = Ledger(tenant.name, services.metrics)
        self._breaker = Breaker(services.now)
        publisher = Publisher(services.cluster, services.recorder)
        gauges = Gauges(tenant, services.metrics, started_at)
        self._herald = Herald(tenant, publisher, gauges, started_at)
        self._agenda = Agenda(services.drift_interval)
        self._second_look = SecondLook(self._agenda, started_at)
        self._deliveries = Deliveries(tenant.status.watermark)
        self._people = People(self._agenda, self._deliveries)
        self._probes = Probes(self._people)
        self._feed = new_feed(self._tenant, self._services, self)
        self._access = new_access(self._tenant, self._services)
        self._worker = self._new_worker()

    @property
    def overlap(self) -> Overlap | None:
        """The older tenant that is in the way, as it was last told."""
        return self._overlap

    @property
    def active(self) -> int:
        """How many employees are being served."""
        return self._worker.active

    @property
    def wish(self) -> Wish:
        """What it wants to hear from Figgo."""
        return wish_of(self._tenant.spec, self._deliveries.watermark)

    def receive(self, changes: Changes) -> None:
        """Take note of what Figgo says."""
        now = self._now()
        self._people.learn(changes)
        self._extend_activations(now)
        self._people.follow(self._tenant.spec, self._scope, now)
        self._people.deliver(changes, now)
        self._second_look.heard(changes, now)
        self._woken.set()

    def wake(self) -> None:
        """Take a turn soon: something may have changed."""
        self._woken.set()

    def update(self, tenant: Tenant, overlap: Overlap | None) -> None:
        """Follow the object as it is now; `overlap` names an older tenant that is in the way."""
        before, self._tenant, self._overlap = self._tenant, tenant, overlap
        self._herald.saw(tenant)
        if tenant.requested_at != before.requested_at:
            self._hurry()
        self._woken.set()

    def _hurry(self) -> None:
        """Look at once: somebody asks for it, or says that the trouble is over."""
        self._access.link.hurry()
        if self._feed.source is not None:
            self._feed.source.stream.wake()

    async def run(self) -> None:
        """Take turns until the object is gone, or the task is cancelled."""
        try:
            while True:
                self._woken.clear()
                rest = await self._turn()
                if self._gone:
                    return
                # Not wait_for: in Python 3.11 it swallows a cancellation that comes with a wake.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(rest.total_seconds()):
                        await self._woken.wait()
        finally:
            await self._close()

    async def _turn(self) -> timedelta:
        """Do what is due; return how long there is nothing to do unless somebody wakes it."""
        now = self._now()
        served = False
        try:
            asked = self._tenant
            self._take(await self._farewell.keep(asked), instead_of=asked)
            if self._farewell.begins(self._tenant):
                await self._worker.stop()
                self._agenda.everybody_now(now)
            if halt_of(self._tenant, self._overlap) is None:
                await self._serve(now)
            else:
                await self._close()
            served = True
            if self._herald.may_tell(now):
                await self._tell(now)
                await self._let_go()
        except SyncError as error:
            wait = self._herald.troubled(self._tenant, error, self._now())
            if not served:
                return wait
        return self._rest(self._now())

    async def _serve(self, now: datetime) -> None:
        await self._follow_spec()
        hold_on = self._farewell.has_begun
        await self._feed.tend(now, hold_on=hold_on)
        self._extend_activations(now)
        self._people.follow(self._tenant.spec, self._scope, now)
        if not await self._activated(now):
            return
        mailboxes = self._probes.candidates(self._access.link.attempts)
        if await self._access.tend(now, mailboxes, hold_on=hold_on):
            self._worker.turn(self._people.roster.places, self._job, self._read)

    async def _follow_spec(self) -> None:
        """Renew what was made for other wishes than the present ones."""
        spec = self._tenant.spec
        if not self._feed.serves(spec.figgo):
            await self._feed.close()
            self._feed = new_feed(self._tenant, self._services, self)
        if self._access.settings != spec.exchange:
            await self._worker.stop()
            await self._access.close()
            self._access = new_access(self._tenant, self._services)
            self._worker = self._new_worker()

    async def _activated(self, now: datetime) -> bool:
        """Tell whether it is safely written since when each legal entity is served.

        Nothing may be created before: a moment that is lost would leave absences out later.
        """
        if not self._herald.has_kept(self._activations):
            await self._tell(now)
        return self._herald.has_kept(self._activations)

    def _extend_activations(self, now: datetime) -> None:
        wanted = self._tenant.spec.legal_entities
        entities = self._people.legal_entities if wanted is None else wanted
        self._activations = activation.extended(self._activations, entities, now)

    async def _let_go(self) -> None:
        """Let the object go when all is removed, or when nothing ever can be or must be."""
        if not self._farewell.has_begun:
            return
        claimed = self._overlap is not None
        complete = self._people.swept and self._farewell.is_complete(
            frozenset(self._people.roster.places)
        )
        if complete or claimed or self._feed.is_hopeless or self._access.is_hopeless:
            await self._farewell.let_go(self._tenant, complete=complete, claimed=claimed)
            self._gone = True

    def _rest(self, now: datetime) -> timedelta:
        ends = [
            now + LONGEST_REST,
            self._herald.due(now),
            self._access.due(now),
            self._feed.due(now),
        ]
        if self._access.is_open(now) and not self._worker.is_full:
            ends.append(self._agenda.next_due())
        soonest = min(end for end in ends if end is not None)
        return max(soonest - now, timedelta(milliseconds=20))

    @property
    def _scope(self) -> ScopeRules:
        spec = self._tenant.spec
        since = activation.known(self._activations)
        return ScopeRules(spec.legal_entities, spec.employees, since, spec.active_since)

    @property
    def _job(self) -> Job:
        if self._farewell.has_begun:
            return Clear(self._access, self._now)
        return Reconcile(self._access, self._reread, self._judge, self._now)

    async def _read(
        self, owners: Collection[EmployeeID], since: date | None
    ) -> Mapping[EmployeeID, Reading]:
        return await self._feed.read(owners, now=self._now(), since=since)

    async def _reread(self, owner: EmployeeID, since: date) -> Reading:
        return (await self._feed.read([owner], now=self._now(), since=since))[owner]

    def _judge(self, deletions: Sequence[Delete]) -> Verdict:
        managed = sum(entry.managed for entry in self._agenda) if self._agenda.all_seen else None
        return self._breaker.judge(deletions, self._tenant.spec.max_deletions, managed)

    def _done(self, outcome: Outcome) -> None:
        now, employee = self._now(), outcome.place.assignment.employee
        put_back = outcome.error is not None and outcome.error.tenant_wide
        if not put_back and not outcome.overtaken:
            self._deliveries.attempted(employee)
        self._farewell.note(outcome)
        self._ledger.enter(outcome)
        self._second_look.done(outcome, now)
        if outcome.report is not None:
            self._probes.served(outcome.place.mailbox)
        self._woken.set()

    async def _tell(self, now: datetime) -> None:
        asked = self._tenant
        self._take(await self._herald.tell(self._overview(now), now), instead_of=asked)

    def _take(self, written: Tenant, *, instead_of: Tenant) -> None:
        """Know the object as our write left it, unless the watch told of it meanwhile."""
        if self._tenant is instead_of:
            self._tenant = written

    def _overview(self, now: datetime) -> Overview:
        source, halt = self._feed.source, halt_of(self._tenant, self._overlap)
        watermark = self._deliveries.watermark
        if source is not None and self._deliveries.is_settled:
            watermark = source.stream.watermark or watermark
        return Overview(
            tenant=self._tenant,
            figgo=self._feed.link,
            calendar=self._access.link,
            entries=tuple(self._agenda),
            swept=self._people.swept,
            invisible=self._people.invisible(self._tenant.spec.legal_entities),
            halt=halt,
            blocked=self._breaker.message if any(e.blocked for e in self._agenda) else "",
            degradation=source.stream.degradation if source is not None else None,
            activations=self._activations,
            watermark=watermark,
            stream_mode=source.stream.mode if source is not None else None,
            first_pass_is_over=self._people.swept and self._agenda.all_seen,
            is_up_to_date=(
                halt is None
                and self._people.swept
                and self._feed.link.error is None
                and not any(entry.is_behind(now) for entry in self._agenda)
            ),
        )

    def _new_worker(self) -> Worker:
        return Worker(
            self._agenda,
            self._access,
            concurrency=self._services.concurrency,
            now=self._now,
            done=self._done,
            wake=self.wake,
        )

    async def _close(self) -> None:
        """Give up what is under way and let go of both connections."""
        await self._worker.stop()
        await self._feed.close()
        await self._access.close()
