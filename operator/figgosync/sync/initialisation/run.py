"""One initialisation at work: its phase, its counts, and how it ends."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from figgosync.core.absence import EmployeeID, LegalEntityID, Reading
from figgosync.core.adoption import adopted, learned, look_alikes, merged
from figgosync.core.conditions import Status
from figgosync.core.foresight import Entries, Foresight, digest_of
from figgosync.core.initialisation import (
    Action,
    Adoption,
    Checkpoint,
    InitialisationSpec,
    Mode,
    Phase,
    Plan,
    Progress,
    Shortfall,
    Sighting,
    Tally,
)
from figgosync.errors import Reason, SyncError
from figgosync.kube.initialisations import Initialisation
from figgosync.sync.employee import Report
from figgosync.sync.initialisation.course import Course

MOST_SHORTFALLS = 20
"""How many employees the status names; the counts are exact."""

MOST_FAILED = 1000
"""How many the tenant's own sync is told of; whoever is beyond needs another initialisation."""

SOON = timedelta(seconds=5)
"""How long a phase goes on before its end is estimated."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended; `message` is a sentence for people."""

    status: Status
    reason: Reason
    message: str


class Run:
    """Goes on from what its object's status keeps."""

    def __init__(self, subject: Initialisation) -> None:
        status = subject.status
        kept = status.checkpoint or Checkpoint(_first_phase(subject.spec))
        resumed = status.checkpoint is not None
        self.subject = subject
        self.phase = kept.phase
        self.started_at = status.start_time
        self.entities = status.legal_entities
        self.tally = status.progress.tally if status.progress and resumed else Tally()
        self.plan = (status.plan or Plan()) if resumed else Plan()
        self.makers = kept.fingerprints
        self.foundation = kept.foundation
        self.failed = set(kept.failed)
        self.shortfalls = list(status.shortfalls) if resumed else []
        self.course: Course | None = None
        self.readings: dict[EmployeeID, Reading] = {}
        self.ending: Ending | None = None
        self._found = status.progress
        self._kept = kept
        self._entries = Entries.from_hex(kept.entered)
        self._sightings: tuple[Sighting, ...] = kept.sightings
        self._phase_began: datetime | None = None
        self._done_before = 0
        self._begun: dict[EmployeeID, int] = {}
        self._gone = False
        self.moved_at: datetime | None = None

    @property
    def spec(self) -> InitialisationSpec:
        """What is wished."""
        return self.subject.spec

    @property
    def is_over(self) -> bool:
        """Whether it came to an end, be it in another life of the process."""
        return self.ending is not None or self.subject.status.completion_time is not None

    @property
    def has_begun(self) -> bool:
        """Whether anything was done, be it in another life of the process."""
        return self.started_at is not None

    @property
    def is_done(self) -> bool:
        """Whether all of it is done, and only to be written down: too late to cancel anything."""
        return self.phase is Phase.RUNNING and self.course is not None and self.course.is_over

    @property
    def plan_is_known(self) -> bool:
        """Whether anybody was looked at to foresee what would be done."""
        return self.phase is Phase.PLANNING or self.plan.digest is not None

    @property
    def reads(self) -> bool:
        """Whether it needs to know what Figgo says."""
        return self.spec.action is Action.SYNC

    @property
    def goes_on(self) -> bool:
        """Whether one more event may be written; asked before each, so that a stop is heard."""
        stopped = self.spec.cancel or self.spec.suspend or self.subject.deleting or self._gone
        return self.ending is None and not stopped

    def abandon(self) -> None:
        """Hear that the object is no more."""
        self._gone = True

    def set_out(
        self, employees: Collection[EmployeeID], entities: frozenset[LegalEntityID], now: datetime
    ) -> None:
        """Begin with the employees, or go on with them."""
        self.started_at = self.started_at or now.replace(microsecond=0)
        self.entities = entities
        self.course = Course(employees, (self._kept.up_to, self._kept.still_open))
        self._phase_began, self._done_before = now, self.tally.employees
        self.moved_at = now

    def begin_anew(self) -> None:
        """Do all of it once more: what is known of any calendar counts no longer."""
        self.phase, self.tally, self.plan = _first_phase(self.spec), Tally(), Plan()
        self.makers, self.foundation, self.entities = frozenset(), "", frozenset()
        self.failed.clear()
        self.shortfalls.clear()
        self.readings.clear()
        self.course, self._kept = None, Checkpoint(self.phase)
        self._entries, self._sightings = Entries(), ()
        self._begun.clear()

    def enter_phase(self, phase: Phase, employees: Collection[EmployeeID], now: datetime) -> None:
        """Begin with everybody anew, to do something else."""
        self.phase, self.tally = phase, Tally()
        self.failed.clear()
        self.shortfalls.clear()
        self.readings.clear()
        self._kept = Checkpoint(phase)
        self.set_out(employees, self.entities, now)

    def foresaw(self, seen: Foresight, sightings: tuple[Sighting, ...]) -> None:
        """Note what would be done with one employee's calendar."""
        plan, self._entries = self.plan, self._entries + seen.entries
        self._sightings = merged(self._sightings, sightings)
        self.plan = replace(
            plan,
            create=plan.create + seen.create,
            update=plan.update + seen.update,
            delete=plan.delete + seen.delete,
            unchanged=plan.unchanged + seen.unchanged,
            disclosing=plan.disclosing + seen.discloses,
            look_alikes=look_alikes(self._sightings),
        )
        self.tally += Tally(employees=1)

    def did(self, employee: EmployeeID, report: Report, *, whole: bool) -> None:
        """Note what was done with one employee's calendar; `whole` if nothing is left to do."""
        written = report.created + report.updated + report.adopted
        before = self._begun.pop(employee, 0)
        if not whole:
            self._begun[employee] = before + written
        self.tally += Tally(
            employees=int(whole),
            created=report.created,
            updated=report.updated,
            deleted=report.deleted,
            adopted=report.adopted,
            # What an attempt before this one wrote was found by this one, and is counted already.
            unchanged=max(report.unchanged - before, 0) if whole else 0,
            blocked=report.blocked if whole else 0,
        )

    def failed_with(self, employee: EmployeeID, error: SyncError) -> None:
        """Note that one employee cannot be served."""
        self.tally += Tally(employees=1, failed=1)
        self._begun.pop(employee, None)
        if len(self.failed) < MOST_FAILED:
            self.failed.add(employee)
        if len(self.shortfalls) < MOST_SHORTFALLS:
            self.shortfalls.append(Shortfall(employee, error.reason, error.message))

    def conclude_plan(self, host: str) -> None:
        """Learn what all that was foreseen means together."""
        if self.spec.adoption is Adoption.MATCHING:
            self.makers = learned(self._sightings)
        taken = adopted(self._sightings, self.makers)
        self.plan = replace(
            self.plan,
            create=self.plan.create - taken,
            adopt=taken,
            digest=digest_of(self._entries, self.spec, host),
        )

    def checkpoint(self) -> Checkpoint | None:
        """Return what is to be kept, None before it began and after it ended."""
        if self.course is None or self.ending is not None:
            return self._kept if self.has_begun and not self.is_over else None
        planning = self.phase is Phase.PLANNING
        return Checkpoint(
            self.phase,
            self.course.up_to,
            self.course.still_open,
            self._entries.hex() if planning else "",
            self._sightings if planning else (),
            self.makers,
            frozenset(self.failed),
            self.foundation,
        )

    def progress(self, now: datetime, *, moves: bool) -> Progress | None:
        """Return how far the phase has come; None before it was known whom it is about."""
        if self.course is None:
            return self._found and replace(self._found, remaining=None)
        left = self.course.left
        remaining = self._remaining(left, now) if moves else None
        return Progress(self.tally.employees + left, self.tally, remaining)

    def _remaining(self, left: int, now: datetime) -> timedelta | None:
        done = self.tally.employees - self._done_before
        if self._phase_began is None or done <= 0:
            return None
        gone = now - self._phase_began
        return gone / done * left if gone >= SOON else None


def _first_phase(spec: InitialisationSpec) -> Phase:
    """Return PLANNING also where a plan was approved, or is to tell who left events."""
    planned_first = (
        spec.mode is Mode.PLAN or spec.plan_digest is not None or spec.adoption is Adoption.MATCHING
    )
    return Phase.PLANNING if planned_first else Phase.RUNNING
