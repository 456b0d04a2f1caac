"""One company's sync: keeps both connections, has the due employees served, and reports."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from figgosync.core.claims import Overlap
from figgosync.core.guard import Verdict
from figgosync.core.plan import Delete
from figgosync.core.scope import ScopeRules
from figgosync.errors import SyncError
from figgosync.figgo.changes import Changes
from figgosync.kube.initialisations import Initialisation
from figgosync.kube.resources import Tenant
from figgosync.sync import activation
from figgosync.sync.agenda import Agenda
from figgosync.sync.breaker import Breaker
from figgosync.sync.deliveries import Deliveries
from figgosync.sync.farewell import Farewell
from figgosync.sync.gauges import Gauges
from figgosync.sync.halt import halt_of
from figgosync.sync.herald import Herald
from figgosync.sync.initialisation.hands import Means
from figgosync.sync.initialisation.runs import Initialisations
from figgosync.sync.jobs import Clear, Reconcile
from figgosync.sync.ledger import Ledger
from figgosync.sync.lookout import Lookout
from figgosync.sync.memory import Memory
from figgosync.sync.people import People
from figgosync.sync.premises import Premises
from figgosync.sync.probes import Probes
from figgosync.sync.publisher import Publisher
from figgosync.sync.second_look import SecondLook
from figgosync.sync.services import Services
from figgosync.sync.source import Wish
from figgosync.sync.survey import Survey
from figgosync.sync.wishes import wish_of
from figgosync.sync.work import Job, Outcome

log = logging.getLogger(__name__)

LONGEST_REST = timedelta(seconds=30)


class TenantSync:
    """Runs as one task; its other methods are called from the same event loop."""

    def __init__(self, tenant: Tenant, services: Services) -> None:
        self._tenant = tenant
        self._now = services.now
        started_at = services.now()
        self._woken = asyncio.Event()
        self._overlap: Overlap | None = None
        self._gone = False
        self._memory = Memory(tenant.status)
        self._farewell = Farewell(services)
        self._ledger = Ledger(tenant.name, services.metrics)
        self._breaker = Breaker(services.now)
        publisher = Publisher(services.cluster, services.recorder)
        gauges = Gauges(tenant, services.metrics, started_at)
        self._herald = Herald(tenant, publisher, gauges, self._memory, started_at)
        self._agenda = Agenda(services.drift_interval)
        self._second_look = SecondLook(self._agenda, started_at)
        self._lookout = Lookout(tenant.status.other_sync_seen, self._agenda, services.now)
        self._deliveries = Deliveries(tenant.status.watermark)
        self._people = People(self._agenda, self._deliveries)
        self._probes = Probes(self._people)
        self._premises = Premises(tenant, services, self._agenda, self, self._done)
        self._survey = Survey(
            self._premises,
            self._people,
            self._agenda,
            self._deliveries,
            self._breaker,
            self._memory,
            self._lookout,
        )
        self._initialisations = Initialisations(
            services,
            self._means(),
            self._people,
            self._memory,
            heard=self._initialised,
            wake=self.wake,
        )

    @property
    def overlap(self) -> Overlap | None:
        """The older tenant that is in the way, as it was last told."""
        return self._overlap

    @property
    def active(self) -> int:
        """How many employees are being served."""
        return self._premises.worker.active

    @property
    def wish(self) -> Wish:
        """What it wants to hear from Figgo."""
        return wish_of(self._tenant.spec, self._deliveries.watermark)

    def receive(self, changes: Changes) -> None:
        """Take note of what Figgo says."""
        now = self._now()
        self._people.learn(changes)
        self._activate(now)
        self._people.follow(self._tenant.spec, self._scope, now)
        self._people.deliver(changes, now)
        self._second_look.heard(changes, now)
        self._initialisations.overtake(changes.readings)
        self._woken.set()

    def wake(self) -> None:
        """Take a turn soon: something may have changed."""
        self._woken.set()

    def update(self, tenant: Tenant, overlap: Overlap | None) -> None:
        """Follow the object as it is now; `overlap` names an older tenant that is in the way."""
        before, self._tenant, self._overlap = self._tenant, tenant, overlap
        self._herald.saw(tenant)
        if tenant.spec != before.spec:
            self._initialisations.heed(before.spec, tenant.spec)
        if tenant.requested_at != before.requested_at:
            self._premises.hurry()
        self._woken.set()

    def initialise(self, wished: Iterable[Initialisation]) -> None:
        """Follow the initialisations of this tenant: all that there are now."""
        self._initialisations.follow(wished)

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
            await self._initialisations.stop()
            await self._premises.close()

    async def _turn(self) -> timedelta:
        """Do what is due; return how long there is nothing to do unless somebody wakes it."""
        now = self._now()
        served = False
        try:
            asked = self._tenant
            self._take(await self._farewell.keep(asked), instead_of=asked)
            if self._farewell.begins(self._tenant):
                await self._premises.worker.stop()
                self._agenda.everybody_now(now)
            if halt_of(self._tenant, self._overlap) is None:
                await self._serve(now)
            else:
                await self._premises.close()
            served = True
            self._initialise(now)
            await self._initialisations.tell(self._tenant, now)
            if self._herald.may_tell(now):
                await self._tell(now)
                await self._let_go()
        except SyncError as error:
            wait = self._herald.troubled(self._tenant, error, self._now())
            if not served:
                return wait
        return self._rest(self._now())

    def _initialise(self, now: datetime) -> None:
        halt, leaving = halt_of(self._tenant, self._overlap), self._farewell.has_begun
        obstacle = self._survey.obstacle(halt, now, leaving=leaving)
        self._initialisations.turn(self._tenant, obstacle)

    async def _serve(self, now: datetime) -> None:
        premises = self._premises
        if await premises.follow(self._tenant):
            self._people.look_everywhere(now)
            self._initialisations.begin_anew()
        hold_on = self._farewell.has_begun
        await premises.feed.tend(now, hold_on=hold_on)
        self._activate(now)
        self._people.follow(self._tenant.spec, self._scope, now)
        self._catch_up(now)
        if not await self._remembered(now):
            return
        mailboxes = self._probes.candidates(premises.access.link.attempts)
        if await premises.access.tend(now, mailboxes, hold_on=hold_on):
            premises.worker.turn(self._people.roster.places, self._job, premises.read)

    async def _remembered(self, now: datetime) -> bool:
        """Tell whether it is safely written since when each legal entity is served.

        Nothing may be created before: a moment that is lost would leave absences out later.
        """
        if not self._memory.has_activations:
            await self._tell(now)
        return self._memory.has_activations

    def _activate(self, now: datetime) -> None:
        wanted = self._tenant.spec.legal_entities
        self._memory.activate(self._people.legal_entities if wanted is None else wanted, now)

    def _catch_up(self, now: datetime) -> None:
        """Have those served whom an initialisation could not serve."""
        for employee, since in self._memory.new_to_catch_up(self._people.roster.places):
            self._agenda.reach_back(employee, since, now)

    async def _let_go(self) -> None:
        """Let the object go when all is removed, or when nothing ever can be or must be."""
        if not self._farewell.has_begun:
            return
        claimed = self._overlap is not None
        complete = self._people.swept and self._farewell.is_complete(
            frozenset(self._people.roster.places)
        )
        if complete or claimed or self._premises.is_hopeless:
            await self._farewell.let_go(self._tenant, complete=complete, claimed=claimed)
            self._gone = True

    def _rest(self, now: datetime) -> timedelta:
        ends = [
            now + LONGEST_REST,
            self._herald.due(now),
            self._initialisations.due(now),
            *self._premises.due(now),
        ]
        soonest = min(end for end in ends if end is not None)
        return max(soonest - now, timedelta(milliseconds=20))

    @property
    def _scope(self) -> ScopeRules:
        spec = self._tenant.spec
        since = activation.known(self._memory.present.activations)
        return ScopeRules(spec.legal_entities, spec.employees, since, spec.active_since)

    @property
    def _job(self) -> Job:
        access = self._premises.access
        if self._farewell.has_begun:
            return Clear(access, self._now)
        leave_for = self._memory.leave_for
        job = Reconcile(access, self._premises.reread, self._judge, self._now, leave_for)
        return self._lookout.over(job, access, len(self._people.roster.places))

    def _means(self) -> Means:
        return Means(
            premises=self._premises,
            roster=lambda: self._people.roster,
            initialised=lambda: self._memory.initialised,
            gate=self._judge,
            reread=self._premises.reread,
            removed=lambda who, since: self._agenda.look_if_changed(who, since, self._now()),
            now=self._now,
        )

    def _judge(self, deletions: Sequence[Delete]) -> Verdict:
        managed = self._agenda.sum.managed if self._agenda.all_seen else None
        return self._breaker.judge(deletions, self._tenant.spec.max_deletions, managed)

    def _done(self, outcome: Outcome) -> None:
        now, employee = self._now(), outcome.place.assignment.employee
        put_back = outcome.error is not None and outcome.error.tenant_wide
        if not put_back and not outcome.overtaken:
            self._deliveries.attempted(employee)
        self._farewell.note(outcome)
        self._ledger.enter(outcome)
        self._second_look.done(outcome, now)
        self._lookout.done(outcome)
        if outcome.report is not None:
            self._probes.served(outcome.place.mailbox)
            self._initialisations.overtake([employee])
            if outcome.since is not None and not outcome.overtaken:
                self._memory.note_caught_up(employee, outcome.since)
        self._woken.set()

    def _initialised(self, outcome: Outcome) -> None:
        """Hear what an initialisation did with one employee's calendar."""
        self._ledger.enter(outcome)
        self._second_look.done(outcome, self._now())

    async def _tell(self, now: datetime) -> None:
        asked, was_kept = self._tenant, self._memory.is_kept
        view = self._survey.overview(asked, halt_of(asked, self._overlap), now)
        self._take(await self._herald.tell(view, now), instead_of=asked)
        if self._memory.is_kept and not was_kept:
            self._woken.set()  # somebody waits for it

    def _take(self, written: Tenant, *, instead_of: Tenant) -> None:
        """Know the object as our write left it, unless the watch told of it meanwhile."""
        if self._tenant is instead_of:
            self._tenant = written
