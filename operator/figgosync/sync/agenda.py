"""Which employees are due, and when: a tenant's memory between two looks at a calendar."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from figgosync.core.absence import EmployeeID, Reading
from figgosync.core.scope import REMOVAL_TOLERANCE, last_change
from figgosync.errors import OutcomeUnknownError, Reason, SyncError
from figgosync.sync.employee import Report
from figgosync.sync.entry import Entry, Failure
from figgosync.sync.headcount import Headcount, Share
from figgosync.sync.line import WaitingLine

LONGEST_BACK_OFF = timedelta(hours=1)


class Agenda:
    """The employees of one tenant; times are aware instants given by the caller."""

    def __init__(self, drift_interval: timedelta) -> None:
        self._drift_interval = drift_interval
        self._entries: dict[EmployeeID, Entry] = {}
        self._line = WaitingLine()
        self._untold = WaitingLine()
        self._headcount = Headcount()
        self._running: dict[EmployeeID, Entry] = {}
        self._failing: dict[EmployeeID, Entry] = {}

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over all entries."""
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def deliver(self, reading: Reading, digest: int, now: datetime) -> bool:
        """Note what Figgo says of an employee; tell whether the calendar must be looked at."""
        entry = self._entries.get(reading.owner)
        if entry is None:
            entry = self._entries[reading.owner] = Entry(reading.owner, due=now)
        entry.changed_at = last_change(reading.half_days)
        if entry.wanted == digest and (entry.running or entry.shown == digest):
            return False
        if entry.wanted == digest and entry.failure is not None:
            return False  # nothing is new: its turn comes at the next attempt
        entry.reading, entry.wanted = reading, digest
        entry.since = min(entry.since or reading.since, reading.since)
        entry.changed_while_running = entry.running
        entry.told_at = entry.told_at or now
        entry.due, entry.attempts = now, 0
        self._changed(entry)
        return True

    def look(self, employee: EmployeeID, now: datetime, *, outdated: bool = False) -> None:
        """Look at this employee's calendar now: where or how it is to be served has changed.

        `outdated` is for wishes of the company, which are not fulfilled before that.
        """
        entry = self._entries.setdefault(employee, Entry(employee, due=now))
        entry.reading, entry.due, entry.attempts = None, now, 0
        entry.outdated = entry.outdated or outdated
        entry.changed_while_running = entry.running
        self._changed(entry)

    def entry(self, employee: EmployeeID) -> Entry | None:
        """Return what is remembered of an employee, if anything is."""
        return self._entries.get(employee)

    def reach_back(self, employee: EmployeeID, since: date, now: datetime) -> None:
        """Look at this calendar now, with all absences from `since` on."""
        entry = self._entries.get(employee)
        if entry is not None and entry.due is not None:
            entry.since = min(entry.since or since, since)
            entry.due, entry.attempts = now, 0
            entry.changed_while_running = entry.running
            self._changed(entry)

    def look_if_changed(self, employee: EmployeeID, since: datetime, now: datetime) -> None:
        """Look at this calendar now if absences of its owner changed in Figgo since then."""
        entry = self._entries.get(employee)
        if entry is None or entry.due is None or entry.changed_at is None:
            return
        if entry.changed_at + REMOVAL_TOLERANCE >= since:
            self.look(employee, now)

    def keep_only(self, employees: frozenset[EmployeeID]) -> None:
        """Forget everybody else: they left the scope, their calendars stay as they are."""
        for employee in self._entries.keys() - employees:
            del self._entries[employee]
            for line in (self._line, self._untold):
                line.place(employee, None)
            self._headcount.leave(employee)
            for some in (self._running, self._failing):
                some.pop(employee, None)

    def due(self, now: datetime, limit: int) -> Sequence[Entry]:
        """Return the entries whose turn it is, the longest waiting first."""
        return [self._entries[employee] for employee in self._line.ready(now, limit)]

    def next_due(self) -> datetime | None:
        """Return when the next waiting entry is due."""
        return self._line.first()

    def everybody_now(self, now: datetime) -> None:
        """Look at every calendar that can be served, now: something else is to be done with it."""
        for entry in self._entries.values():
            if entry.due is not None and not entry.running:
                entry.due = min(entry.due, now)
                self._changed(entry)

    def start(self, entry: Entry) -> None:
        """Note that the entry is being worked on."""
        entry.running, entry.changed_while_running = True, False
        self._changed(entry)

    def finish(self, entry: Entry, report: Report, digest: int, now: datetime) -> None:
        """Note a reconcile that came to its end, made for the wishes of `digest`."""
        entry.running = False
        entry.managed, entry.tentative = report.managed, report.tentative
        entry.blocked = report.blocked
        if entry.due is None:
            self._changed(entry)
            return  # refused meanwhile
        entry.shown, entry.failure, entry.attempts = digest, None, 0
        if not entry.changed_while_running:
            entry.reading = entry.since = entry.told_at = None
            entry.outdated = False
            entry.due = now + self._spread(entry.employee)
            if entry.again_at is not None and entry.again_at <= now:
                entry.again_at = None
            if entry.again_at is not None:
                entry.due = min(entry.due, entry.again_at)
        self._changed(entry)

    def came_back(self, entry: Entry, report: Report | None) -> None:
        """Undo `start` after an errand, and note how many events it left, if it touched any."""
        entry.running = False
        if report is not None:
            entry.managed, entry.tentative = report.managed, report.tentative
            entry.blocked = report.blocked
        self._changed(entry)

    def fail(self, entry: Entry, error: SyncError, now: datetime) -> None:
        """Note a failure of this one employee, to be tried again later and later."""
        entry.running, entry.reading = False, None
        if entry.due is None:
            self._changed(entry)
            return  # refused meanwhile
        entry.attempts += 1
        wait = error.retry_after or LONGEST_BACK_OFF
        if not isinstance(error, OutcomeUnknownError):
            wait = min(wait * 2 ** min(entry.attempts - 1, 12), max(wait, LONGEST_BACK_OFF))
        entry.due = now + wait
        since = entry.failure.since if entry.failure else now
        entry.failure = Failure(error.reason, error.message, since, entry.due)
        self._changed(entry)

    def put_back(self, entry: Entry) -> None:
        """Undo `start`: the work was given up for a reason that is not the employee's."""
        entry.running = False
        self._changed(entry)

    def put_off(self, entry: Entry, until: datetime) -> None:
        """Wait: Figgo could not be read, which is not the employee's failure."""
        if entry.due is not None:
            entry.due = until
            self._changed(entry)

    def refuse(self, employee: EmployeeID, reason: Reason, message: str, now: datetime) -> None:
        """Note an employee who cannot be served as long as Figgo or the spec says what it says."""
        entry = self._entries.setdefault(employee, Entry(employee, due=now))
        since = entry.failure.since if entry.failure else now
        entry.reading = entry.since = entry.told_at = entry.shown = entry.due = None
        entry.wanted = 0
        entry.failure = Failure(reason, message, since, next_attempt=None)
        self._changed(entry)

    def look_again(self, employee: EmployeeID, at: datetime) -> None:
        """Ask for one more look at a calendar, at the latest at the given time."""
        entry = self._entries.get(employee)
        if entry is not None and entry.due is not None:
            entry.again_at = min(entry.again_at or at, at)
            entry.due = min(entry.due, at)
            self._changed(entry)

    @property
    def all_seen(self) -> bool:
        """Whether every calendar that can be looked at has been."""
        return not self.sum.unseen

    @property
    def sum(self) -> Share:
        """What all employees add up to."""
        return self._headcount.sum

    @property
    def failing(self) -> Sequence[Entry]:
        """Those who cannot be served at the moment, in no order."""
        return tuple(self._failing.values())

    def pending(self, now: datetime) -> int:
        """Return of how many the turn has come, or is awaited by a change that was heard of."""
        return self.sum.told + self._untold.count_ready(now)

    def is_behind(self, now: datetime) -> bool:
        """Tell whether anybody waits, or is served with what his calendar does not show yet."""
        first = self._line.first()
        if first is not None and first <= now:
            return True
        return any(entry.is_behind(now) for entry in self._running.values())

    def _changed(self, entry: Entry) -> None:
        """Have the entry wait and count as it says now; called after each change of it."""
        employee = entry.employee
        if self._entries.get(employee) is not entry:
            return  # forgotten while it was served
        due = None if entry.running else entry.due
        self._line.place(employee, due)
        self._untold.place(employee, None if entry.told_at else due)
        self._headcount.enter(employee, entry.share)
        if entry.running:
            self._running[employee] = entry
        else:
            self._running.pop(employee, None)
        if entry.failure is not None:
            self._failing[employee] = entry
        else:
            self._failing.pop(employee, None)

    def _spread(self, employee: EmployeeID) -> timedelta:
        """Return the time to the next check for drift, spread so that they never come at once."""
        share = (employee * 2654435761 % 1000) / 1000  # Knuth's multiplicative hash
        return self._drift_interval * (0.75 + share / 2)
