"""The initialisations of one tenant: which of them is at work, which waits, and for what."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta

from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.foundation import drawn, foundation_of
from figgosync.core.initialisation import Action, Mode, Phase
from figgosync.core.initialised import Step
from figgosync.core.tenant import TenantSpec
from figgosync.core.turns import Applicant, ahead
from figgosync.errors import Reason
from figgosync.figgo.sweep import not_visible
from figgosync.kube.initialisations import Initialisation
from figgosync.kube.resources import Tenant
from figgosync.sync.initialisation import endings
from figgosync.sync.initialisation.custody import Custody
from figgosync.sync.initialisation.hands import Means
from figgosync.sync.initialisation.lane import Lane
from figgosync.sync.initialisation.report import compose, still_over
from figgosync.sync.initialisation.run import Ending, Run
from figgosync.sync.initialisation.scribe import PACE, Scribe
from figgosync.sync.initialisation.states import State, at_work, cancelling, held_back
from figgosync.sync.memory import Memory
from figgosync.sync.people import People
from figgosync.sync.services import Services
from figgosync.sync.work import Outcome

LAST_CALLS = timedelta(seconds=10)
"""How long one that is cancelled waits for the calls that were on their way, to count them."""


class Initialisations:
    """Lives as long as the tenant's sync, which calls `turn` and `tell` whenever it takes one.

    `memory` keeps what they decide; nothing is removed, and none has come to its end, before the
    tenant's status has it. `heard` hears of each calendar that was written, `wake` that the tenant
    should take a turn.
    """

    def __init__(
        self,
        services: Services,
        means: Means,
        people: People,
        memory: Memory,
        *,
        heard: Callable[[Outcome], None],
        wake: Callable[[], None],
    ) -> None:
        self._means = means
        self._people = people
        self._memory = memory
        self._metrics = services.metrics
        self._scribe = Scribe(services.cluster, services.recorder, services.metrics, services.now)
        self._custody = Custody(services.cluster)
        self._heard = heard
        self._wake = wake
        self._runs: dict[str, Run] = {}
        self._states: dict[str, State] = {}
        self._lanes: dict[str, Lane] = {}
        self._going: list[Lane] = []
        self._last_calls_until: dict[str, datetime] = {}

    @property
    def states(self) -> Sequence[Reason]:
        """What each that is not over is about."""
        return [state.reason for uid, state in self._states.items() if not self._runs[uid].is_over]

    def follow(self, subjects: Iterable[Initialisation]) -> None:
        """Take over which there are, and what is wished of them now."""
        known, self._runs = self._runs, {}
        for subject in subjects:
            run = self._runs[subject.uid] = known.get(subject.uid) or Run(subject)
            run.subject = subject
        for uid in known.keys() - self._runs.keys():
            known[uid].abandon()
            self._states.pop(uid, None)
            self._lanes.pop(uid, None)
            self._last_calls_until.pop(uid, None)
            self._metrics.initialisation_progress.pop(known[uid].subject.name, None)
        self._scribe.forget_all_but(frozenset(self._runs))
        self._going = [lane for lane in self._going if lane.run.subject.uid in self._runs]
        self._wake()

    def overtake(self, employees: Collection[EmployeeID]) -> None:
        """Hear whose absences were read anew by the tenant's own sync."""
        for lane in self._lanes.values():
            lane.overtake(employees)

    def heed(self, before: TenantSpec, now: TenantSpec) -> None:
        """Hear that the tenant wishes something else, so that something else is to be read.

        A plan is of one company and one way to draw it: of two it would be right for neither.
        """
        for lane in self._lanes.values():
            lane.forget()
        if drawn(before) != drawn(now):
            for run in self._runs.values():
                if run.phase is Phase.PLANNING and not run.is_over:
                    run.begin_anew()

    def begin_anew(self) -> None:
        """Hear that the calendars are on another server now, where nothing of it was done."""
        for run in self._runs.values():
            if not run.is_over:
                run.begin_anew()

    def turn(self, tenant: Tenant, obstacle: str | None) -> None:
        """Decide on each, and have those at work go on; `obstacle` keeps all from being served."""
        active = [run for run in self._runs.values() if not (run.is_over or run.subject.deleting)]
        first = ahead(
            Applicant(run.subject.name, run.subject.created, run.has_begun, run.spec.legal_entities)
            for run in active
        )
        going = [
            run for run in active if self._may_go(run, tenant, first[run.subject.name], obstacle)
        ]
        self._going = [lane for run in going if (lane := self._lane_of(run, tenant))]
        self._show()
        self._dispatch()
        if any(_is_over(lane) for lane in self._going):
            self._wake()

    async def tell(self, tenant: Tenant, now: datetime) -> None:
        """Write what there is to be said of each. Never raises."""
        for uid, run in tuple(self._runs.items()):
            await self._custody.own(run.subject, tenant, now)
            before = self._scribe.last(run.subject)
            if before.completion_time is not None:
                seen = still_over(before, run.subject.generation)
                await self._scribe.write(run.subject, seen, now)
                await self._custody.clear_away(run.subject, before.completion_time, now)
            elif uid in self._states:
                status = compose(run, self._states[uid], before.conditions, now)
                await self._scribe.write(run.subject, status, now)

    def due(self, now: datetime) -> datetime | None:
        """Return when to look after them again, though nobody says so.

        What is overdue waits for something else that will be heard of.
        """
        times = [self._custody.due(), *self._last_calls_until.values()]
        for lane in self._going:
            times += [now + PACE, *lane.due()]
        for run in self._runs.values():
            ended_at = self._scribe.last(run.subject).completion_time
            times.append(self._scribe.due(run.subject))
            if ended_at is not None and run.spec.keep is not None:
                times.append(ended_at + run.spec.keep)
        return min((time for time in times if time is not None and time > now), default=None)

    async def stop(self) -> None:
        """Give up what is being read; the calendars are the worker's."""
        self._going = []
        self._show()
        await asyncio.gather(*(lane.stop() for lane in self._lanes.values()))

    def _show(self) -> None:
        """Show in the metrics when each that is at work got on, so that a standstill is seen."""
        shown = self._metrics.initialisation_progress
        for run in self._runs.values():
            shown.pop(run.subject.name, None)
        for lane in self._going:
            if lane.run.moved_at is not None:
                shown[lane.run.subject.name] = lane.run.moved_at.timestamp()

    def _may_go(
        self, run: Run, tenant: Tenant, older: Sequence[Applicant], obstacle: str | None
    ) -> bool:
        """Tell whether a run may go on now; otherwise note what it is about, or its end."""
        if run.spec.cancel and not run.is_done:
            self._call_off(run)
            return False
        state = held_back(run, older, obstacle or self._blindness(run))
        if state is None and not run.has_begun:
            ending = self._fault_of(run, tenant)
            if ending is not None:
                self._end(run, ending)
                return False
        self._states[run.subject.uid] = state or self._at_work(run)
        return state is None

    def _blindness(self, run: Run) -> str | None:
        """Say which of its legal entities Figgo hides just now: their people would all fail."""
        hidden = self._people.invisible(run.entities or run.spec.legal_entities or frozenset())
        known = hidden & frozenset(self._people.legal_entities)
        return not_visible(known).message if known else None

    def _call_off(self, run: Run) -> None:
        """End a run, for which nothing new is begun, once what was on its way is counted."""
        now, uid = self._means.now(), run.subject.uid
        until = self._last_calls_until.setdefault(uid, now + LAST_CALLS)
        all_counted = run.course is None or not run.course.is_under_way
        if all_counted or now >= until:
            phase = run.phase if run.has_begun else None
            action = run.spec.action
            self._end(run, endings.cancelled(action, run.tally, phase, all_counted=all_counted))
        else:
            self._states[uid] = cancelling(run.phase)

    def _fault_of(self, run: Run, tenant: Tenant) -> Ending | None:
        """Say why a run cannot be begun with, if it cannot."""
        wished = run.spec.legal_entities or frozenset()
        served = tenant.spec.legal_entities
        if served is not None and (foreign := wished - served):
            return endings.foreign(run.spec, foreign)
        if unknown := wished - frozenset(self._people.legal_entities):
            return endings.unseen(run.spec, unknown)
        return None

    def _lane_of(self, run: Run, tenant: Tenant) -> Lane | None:
        """Return the lane of a run that may go on, once all that it depends on is written."""
        uid = run.subject.uid
        if run.course is None:
            self._set_out(run, tenant)
        if uid not in self._lanes:
            self._lanes[uid] = Lane(run, self._means, self._heard, self._go_on)
        if _is_over(self._lanes[uid]):
            self._conclude(run, tenant)
        removes = run.phase is Phase.RUNNING and run.spec.action is Action.REMOVE
        if run.is_over or _is_over(self._lanes[uid]) or (removes and not self._has_withdrawn(run)):
            return None
        return self._lanes[uid]

    def _set_out(self, run: Run, tenant: Tenant) -> None:
        """Begin, or go on from what is kept, unless that rests on something that is no more."""
        if run.foundation not in {"", foundation_of(tenant.spec, run.phase)}:
            run.begin_anew()
        run.foundation = foundation_of(tenant.spec, run.phase)
        entities = run.entities or run.spec.legal_entities or self._entities_of(tenant)
        run.set_out(self._people.members(entities), entities, self._means.now())

    def _entities_of(self, tenant: Tenant) -> frozenset[LegalEntityID]:
        served = tenant.spec.legal_entities
        return frozenset(self._people.legal_entities) if served is None else served

    def _has_withdrawn(self, run: Run) -> bool:
        """Tell whether it is written that what is removed must not come back."""
        self._memory.note_step(run.entities, Step(run.spec.first_day, run.started_at))
        return self._memory.is_kept

    def _conclude(self, run: Run, tenant: Tenant) -> None:
        """End a phase, of which everybody is settled."""
        spec, host = run.spec, tenant.spec.figgo.host
        if run.phase is Phase.RUNNING:
            if spec.action is Action.REMOVE or self._has_given_leave(run, tenant):
                self._end(run, endings.done(spec, run.tally, spec.first_day))
            return
        run.conclude_plan(host)
        if spec.mode is Mode.PLAN:
            self._end(run, endings.planned(spec.action, run.plan, run.tally))
        elif spec.plan_digest not in {None, run.plan.digest}:
            self._end(run, endings.plan_changed(run.plan))
        else:
            run.foundation = foundation_of(tenant.spec, Phase.RUNNING)
            run.enter_phase(Phase.RUNNING, self._people.members(run.entities), self._means.now())
            self._states[run.subject.uid] = self._at_work(run)
            self._wake()

    def _has_given_leave(self, run: Run, tenant: Tenant) -> bool:
        """Tell whether it is written that the tenant's own sync goes on from here."""
        # Of a legal entity that the tenant dropped meanwhile, not everybody was served.
        entities = run.entities & self._entities_of(tenant)
        self._memory.note_step(entities, Step(run.spec.first_day))
        served = run.course.employees if run.course is not None else frozenset()
        came = self._people.members(entities) - served
        self._memory.note_left_out(run.spec.first_day, came.union(run.failed), run.makers)
        return self._memory.is_kept

    def _end(self, run: Run, ending: Ending) -> None:
        run.ending = ending
        run.readings.clear()
        self._states[run.subject.uid] = State(ending.reason, ending.message)
        self._wake()

    def _at_work(self, run: Run) -> State:
        lane = self._lanes.get(run.subject.uid)
        return at_work(run.phase, lane.trouble if lane is not None else None)

    def _dispatch(self) -> None:
        """Begin with more employees, each run in its turn."""
        if not self._going or not self._means.premises.access.is_open(self._means.now()):
            return
        self._going.append(self._going.pop(0))
        for lane in self._going:
            if lane.run.course is not None:
                lane.turn(lane.run.course)

    def _go_on(self) -> None:
        """Begin with more employees, without a turn of the tenant unless it has to see to it."""
        self._dispatch()
        premises = self._means.premises
        blocked = premises.worker.is_crowded or not premises.access.is_open(self._means.now())
        if blocked or not self._going or any(_is_over(lane) for lane in self._going):
            self._wake()


def _is_over(lane: Lane) -> bool:
    return lane.run.course is not None and lane.run.course.is_over
