"""Serves the employees of one tenant who are due, a few at a time and each to an end."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from time import monotonic

from figgosync.core.absence import EmployeeID, Reading
from figgosync.errors import OutcomeUnknownError, Reason, SyncError, TransientError
from figgosync.logs import origin
from figgosync.sync.access import CalendarAccess
from figgosync.sync.agenda import Agenda
from figgosync.sync.employee import Report
from figgosync.sync.entry import Entry
from figgosync.sync.roster import Place
from figgosync.sync.work import AbsenceSource, Errand, Job, Outcome

log = logging.getLogger(__name__)

FRESH = timedelta(minutes=15)
"""How old a reading of Figgo may be when it is acted on.

Long enough for the first pass of a big company over a slow Exchange, which would otherwise spend
Lucca's budget on reading everybody twice. A change meanwhile is delivered by the polls, and then
replaces the reading; only while Figgo cannot be reached is this age what counts.
"""

AGAIN = timedelta(minutes=1)
"""When to try to read once more, where the error does not say."""

LONGEST_PUT_OFF = timedelta(minutes=5)

BATCH = 100
"""How many employees are read from Figgo in one go."""


class Worker:
    """Runs jobs; the loop that owns it calls `turn` whenever something may be due.

    Only one job at a time runs for an employee, hence for a mailbox. `done` hears how each ended,
    `wake` that absences were read, so that another turn makes sense. `is_crowded` tells whether
    somebody who is due found no room: whoever has errands lets him go first.
    """

    def __init__(
        self,
        agenda: Agenda,
        access: CalendarAccess,
        *,
        concurrency: int,
        now: Callable[[], datetime],
        done: Callable[[Outcome], None],
        wake: Callable[[], None],
    ) -> None:
        self._agenda = agenda
        self._access = access
        self._concurrency = concurrency
        self._now = now
        self._done = done
        self._wake = wake
        self._jobs: set[asyncio.Task[None]] = set()
        self._reading: asyncio.Task[None] | None = None
        self._stopped = False
        self.is_crowded = False

    @property
    def active(self) -> int:
        """How many employees are being served."""
        return len(self._jobs)

    @property
    def is_full(self) -> bool:
        """Whether nothing more can be started before something ends."""
        return not self.has_room or self._reading is not None

    @property
    def has_room(self) -> bool:
        """Whether one more employee can be served now."""
        return len(self._jobs) < self._concurrency and not self._stopped

    def turn(self, places: Mapping[EmployeeID, Place], job: Job, read: AbsenceSource) -> None:
        """Start what is due and has room; read ahead for those whose reading is missing or old."""
        now = self._now()
        stale: list[Entry] = []
        self.is_crowded = False
        for entry in self._agenda.due(now, BATCH):
            place = places.get(entry.employee)
            if place is None:
                continue
            if job.reads and not _is_usable(entry, now):
                stale.append(entry)
            elif self.has_room:
                self._start(entry, place, job)
            else:
                self.is_crowded = True
        if stale and self._reading is None:
            alike = [entry for entry in stale if entry.since == stale[0].since]
            self._reading = asyncio.create_task(self._read(alike, places, read))

    async def stop(self) -> None:
        """Start nothing new and give up what is under way; calls already sent end by themselves.

        Another turn begins anew.
        """
        self._stopped = True
        # A task that is cancelled before its first step runs no `finally`: nobody would undo
        # `start`, and its employee would count as being served for ever.
        await asyncio.sleep(0)
        tasks = [*self._jobs, *([self._reading] if self._reading else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._stopped = False

    def run(self, errand: Errand) -> bool:
        """Begin an errand if there is room and its employee is not being served; tell whether."""
        entry = self._agenda.entry(errand.place.assignment.employee)
        if entry is None or entry.running or not self.has_room:
            return False
        self._agenda.start(entry)
        self._begin(self._do(errand, entry))
        return True

    def _start(self, entry: Entry, place: Place, job: Job) -> None:
        self._agenda.start(entry)
        self._begin(self._serve(entry, place, entry.reading, job))

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)

    async def _do(self, errand: Errand, entry: Entry) -> None:
        """Run an errand; what it fails at is told to `done`, and is no failure of the agenda."""
        began = monotonic()
        report: Report | None = None
        trouble: SyncError | None = None
        try:
            report = await errand.work()
        except SyncError as error:
            trouble = error
            if error.tenant_wide:
                self._access.link.failed(error, self._now())
        except asyncio.CancelledError:
            self._agenda.put_back(entry)
            errand.done(None)
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours must not stop the others
            trouble = _own_fault("initialising failed", error)
        if trouble is None and self._access.link.error is None:
            self._access.link.proved(self._now())
        overtaken = entry.changed_while_running
        self._agenda.came_back(entry, report)
        if (task := asyncio.current_task()) is not None:
            self._jobs.discard(task)  # or there would be no room yet when `done` looks for it
        took = monotonic() - began
        errand.done(Outcome(errand.place, report, trouble, overtaken, None, took))

    async def _serve(self, entry: Entry, place: Place, reading: Reading | None, job: Job) -> None:
        digest = digest_of(place, reading) if reading is not None else 0
        told_at = entry.told_at
        began = monotonic()
        try:
            report = await job(place, reading)
        except SyncError as error:
            self._failed(entry, place, error, monotonic() - began)
        except asyncio.CancelledError:
            self._agenda.put_back(entry)
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours must not stop the others
            error_of_ours = _own_fault("reconcile failed", error)
            self._failed(entry, place, error_of_ours, monotonic() - began)
        else:
            now = self._now()
            # Work is sent only over a sound connection: whatever ends after it failed was begun
            # before, and proves nothing of a login that was refused since.
            if self._access.link.error is None:
                self._access.link.proved(now)
            self._agenda.finish(entry, report, digest, now)
            waited = now - told_at if told_at else None
            overtaken = entry.changed_while_running
            took = monotonic() - began
            since = reading.since if reading is not None else None
            self._done(Outcome(place, report, None, overtaken, waited, took, since))

    def _failed(self, entry: Entry, place: Place, error: SyncError, took: float) -> None:
        now = self._now()
        if error.tenant_wide:
            self._access.link.failed(error, now)
        if error.tenant_wide and not isinstance(error, OutcomeUnknownError):
            self._agenda.put_back(entry)
        else:
            self._agenda.fail(entry, error, now)
        self._done(Outcome(place, None, error, entry.changed_while_running, None, took))

    async def _read(
        self, entries: list[Entry], places: Mapping[EmployeeID, Place], read: AbsenceSource
    ) -> None:
        """Read for entries that reach equally far back."""
        try:
            readings = await read([entry.employee for entry in entries], entries[0].since)
        except SyncError as error:
            self._put_off(entries, error)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not become a busy loop
            self._put_off(entries, _own_fault("reading failed", error))
        else:
            for entry in entries:
                reading, place = readings.get(entry.employee), places.get(entry.employee)
                if reading is not None and place is not None and _is_news(reading, entry):
                    entry.reading, entry.wanted = reading, digest_of(place, reading)
        finally:
            self._reading = None
            self._wake()

    def _put_off(self, entries: list[Entry], error: SyncError) -> None:
        # One row that cannot be read must not keep a hundred people waiting for long.
        until = self._now() + min(error.retry_after or AGAIN, LONGEST_PUT_OFF)
        for entry in entries:
            if not entry.running:
                self._agenda.put_off(entry, until)


def _is_usable(entry: Entry, now: datetime) -> bool:
    """Tell whether the reading is young, and goes back to all that was heard of."""
    reading = entry.reading
    if reading is None or now - reading.read_at > FRESH:
        return False
    return entry.since is None or reading.since <= entry.since


def _is_news(reading: Reading, entry: Entry) -> bool:
    """Tell whether nothing newer was delivered while this was read."""
    known = entry.reading
    return not entry.running and (known is None or known.read_at <= reading.read_at)


def digest_of(place: Place, reading: Reading) -> int:
    """Return a number that is another one as soon as the calendar may have to change."""
    wishes = place.assignment
    scope = wishes.scope
    since = scope.active_since or scope.activations.get(wishes.legal_entity)
    return hash((place.mailbox, wishes.zone.key, wishes.events, since, reading.half_days))


def _own_fault(what: str, error: Exception) -> SyncError:
    """Log a fault of ours and return what it means.

    Only the kind is logged: the text of a foreign exception may hold a name or a title.
    """
    log.error(what, extra={"fault": origin(error)})
    return TransientError(
        Reason.INTERNAL_ERROR,
        "The operator met a fault of its own with this employee; its log names the "
        "place (field fault). Please report it. It is tried again by itself.",
        retry_after=timedelta(minutes=5),
    )
