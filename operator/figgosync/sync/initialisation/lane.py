"""Takes one initialisation through the employees, in the room that the tenant's sync leaves."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

from figgosync.core.absence import EmployeeID, Reading
from figgosync.core.initialisation import Action, Phase, Tally
from figgosync.errors import PermanentError, Reason, SyncError, TransientError
from figgosync.logs import origin
from figgosync.sync.initialisation.course import Course
from figgosync.sync.initialisation.hands import Hands, Means
from figgosync.sync.initialisation.run import Run
from figgosync.sync.roster import Place
from figgosync.sync.work import Errand, Outcome
from figgosync.sync.worker import BATCH, FRESH

log = logging.getLogger(__name__)

BUSY = timedelta(seconds=1)
"""When to look again whether somebody whom the tenant's own sync serves is free."""

LONGEST_WAIT = timedelta(minutes=2)
"""For somebody who failed: the run shall come to an end, and the tenant's sync goes on trying."""

_OF_SINGLE_ROWS = frozenset({Reason.INCOMPLETE_READ, Reason.INTERNAL_ERROR})
"""What the rows of one employee may cause; everything else is the matter of the whole Figgo."""

TRIES = 3
"""How often a question to Figgo is repeated before it is asked about fewer people."""


class Lane:
    """Of one run, whose course is set. `heard` hears of what was done, `wake` that more can be."""

    def __init__(
        self, run: Run, means: Means, heard: Callable[[Outcome], None], wake: Callable[[], None]
    ) -> None:
        self.run = run
        self._means = means
        self._hands = Hands(run, means)
        self._heard = heard
        self._wake = wake
        self._reading: asyncio.Task[None] | None = None
        self._asked: list[EmployeeID] = []
        self._overtaken: set[EmployeeID] = set()
        self._batch = BATCH
        self._tries = 0
        self._read_at: datetime | None = None
        self.trouble: SyncError | None = None

    def due(self) -> Sequence[datetime | None]:
        """Return when there is something to do although nobody says so."""
        course = self.run.course
        return [self._read_at, course.aside_until() if course else None]

    def turn(self, course: Course) -> None:
        """Begin with as many employees as there is room for, and read ahead."""
        now = self._means.now()
        self._drop_old_readings(now)
        while (employee := _next(course, now)) is not None and self._begin(course, employee, now):
            pass
        if self.run.reads:
            self._read_ahead(course, now)

    def overtake(self, employees: Collection[EmployeeID]) -> None:
        """Do not use what was read of these: newer things are known."""
        self._overtaken.update(employees)
        for employee in employees:
            self.run.readings.pop(employee, None)

    def forget(self) -> None:
        """Read everything anew: something else is to be read."""
        self._overtaken.update(self._asked)
        self.run.readings.clear()

    async def stop(self) -> None:
        """Give up what is being read."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    def _begin(self, course: Course, employee: EmployeeID, now: datetime) -> bool:
        """Begin with one employee, and tell whether to go on with the next."""
        roster, worker = self._means.roster(), self._means.premises.worker
        refusal, place = roster.refusals.get(employee), roster.places.get(employee)
        if refusal is not None:
            course.begin(employee)
            self._fail(course, employee, PermanentError(refusal.reason, refusal.message))
            return True
        # Who left is history; who moved belongs to a legal entity that this is not about.
        if place is None or place.assignment.legal_entity not in self.run.entities:
            course.begin(employee)
            course.settle(employee)
            self.run.tally += Tally(employees=1)
            return True
        reading = self.run.readings.get(employee)
        if (self.run.reads and reading is None) or worker.is_crowded or not worker.has_room:
            return False
        course.begin(employee)
        if not worker.run(self._errand(course, place, reading)):
            course.put_aside(employee, now + BUSY, counts=False)
        return True

    def _drop_old_readings(self, now: datetime) -> None:
        readings = self.run.readings
        for employee in [who for who, each in readings.items() if now - each.read_at > FRESH]:
            del readings[employee]

    def _errand(self, course: Course, place: Place, reading: Reading | None) -> Errand:
        planning = self.run.phase is Phase.PLANNING
        work = self._hands.foresee if planning else self._hands.apply
        employee = place.assignment.employee
        return Errand(place, partial(work, place, reading), partial(self._ended, course, employee))

    def _ended(self, course: Course, employee: EmployeeID, outcome: Outcome | None) -> None:
        """Hear how an errand ended; with no outcome where it was given up on the way."""
        self.run.readings.pop(employee, None)
        self.run.moved_at = self._means.now()
        if outcome is None:
            course.put_aside(employee, self._means.now(), counts=False)
            return
        if outcome.report is not None or self.run.phase is Phase.RUNNING:
            self._heard(outcome)
        if course is not self.run.course:  # all of it is done once more
            self._wake()
            return
        if self.run.spec.action is Action.REMOVE and self.run.phase is Phase.RUNNING:
            self._means.removed(employee, self.run.started_at or self._means.now())
        if outcome.error is not None:
            self._failed(course, employee, outcome.error)
        elif self.run.goes_on or outcome.report is None:
            course.settle(employee)
        else:
            course.put_aside(employee, self._means.now(), counts=False)
        self._wake()

    def _failed(self, course: Course, employee: EmployeeID, error: SyncError) -> None:
        wait = min(error.retry_after or LONGEST_WAIT, LONGEST_WAIT)
        passes = isinstance(error, TransientError) or error.tenant_wide
        until = self._means.now() + wait
        if not passes or not course.put_aside(employee, until, counts=not error.tenant_wide):
            self._fail(course, employee, error)

    def _fail(self, course: Course, employee: EmployeeID, error: SyncError) -> None:
        course.settle(employee)
        self.run.failed_with(employee, error)

    def _read_ahead(self, course: Course, now: datetime) -> None:
        if self._reading is not None or (self._read_at is not None and now < self._read_at):
            return
        places, readings = self._means.roster().places, self.run.readings
        coming = [*course.waiting(now), *course.coming(2 * BATCH)]
        wanted = [who for who in coming if who in places]
        lacking = [who for who in wanted if who not in readings]
        # Whoever comes next is read however many are: those behind him wait for him.
        if lacking and (len(readings) < BATCH or lacking[0] == wanted[0]):
            self._overtaken.clear()
            self._asked = lacking[: self._batch]
            self._reading = asyncio.create_task(self._read(course, self._asked))

    async def _read(self, course: Course, employees: list[EmployeeID]) -> None:
        try:
            readings = await self._means.premises.feed.read(
                employees,
                now=self._means.now(),
                since=self.run.spec.first_day,
                patiently=True,
            )
        except SyncError as error:
            self._not_read(course, employees, error)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not end the run unheard
            log.error("reading ahead failed", extra={"fault": origin(error)})  # noqa: TRY400
            self._not_read(course, employees, _own_fault())
        else:
            self._tries, self.trouble, self._read_at = 0, None, None
            self._batch = min(self._batch * 10, BATCH)
            if course is self.run.course:
                self.run.readings |= {
                    who: each for who, each in readings.items() if who not in self._overtaken
                }
        finally:
            self._reading = None
            self._wake()

    def _not_read(self, course: Course, employees: list[EmployeeID], error: SyncError) -> None:
        """Try again, then with fewer people: one row that cannot be read must not stop them all."""
        self.trouble = error
        self._read_at = self._means.now() + min(error.retry_after or LONGEST_WAIT, LONGEST_WAIT)
        if error.reason not in _OF_SINGLE_ROWS:
            return
        self._tries += 1
        if self._tries < TRIES:
            return
        self._tries = 0
        if self._batch > 1:
            self._batch, self._read_at = max(1, self._batch // 10), None
        elif course is self.run.course:
            (employee,) = employees
            self.trouble = self._read_at = None
            if employee in course.coming(1) or employee in course.waiting(self._means.now()):
                course.begin(employee)
                self._fail(course, employee, error)


def _next(course: Course, now: datetime) -> EmployeeID | None:
    waiting = course.waiting(now)
    if waiting:
        return waiting[0]
    if course.is_full:
        return None
    return next(iter(course.coming(1)), None)


def _own_fault() -> TransientError:
    return TransientError(
        Reason.INTERNAL_ERROR,
        "The operator met a fault of its own while reading Figgo; its log says more. Please report "
        "it. It is tried again by itself.",
    )
