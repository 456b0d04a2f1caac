"""Which employees are due, and when: a tenant's memory between two looks at a calendar."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from figgosync.core.absence import EmployeeID, Reading
from figgosync.core.scope import REMOVAL_TOLERANCE, last_change
from figgosync.errors import OutcomeUnknownError, Reason, SyncError
from figgosync.sync.employee import Report
from figgosync.sync.line import WaitingLine

LONGEST_BACK_OFF = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an employee cannot be served at the moment; `message` holds the remedy.

    `next_attempt` is None where only a change in Figgo or of the spec can help.
    """

    reason: Reason
    message: str
    since: datetime
    next_attempt: datetime | None


@dataclass(slots=True)
class Entry:
    """What is remembered of one employee.

    `due` is None while the employee cannot be served at all. `reading` is there only while it is
    unused; `since` is how far back the absences must be read until what was heard of is made.
    `wanted` is the digest of what the employee's calendar should show, `shown` that of what was
    last made of it; `outdated` tells that the company wants something else since. `told_at` is
    when a change was heard of that has not been made yet, `again_at` when one more look is wanted.
    `changed_at` is when something of what was last delivered was changed in Figgo.
    """

    employee: EmployeeID
    due: datetime | None
    reading: Reading | None = None
    since: date | None = None
    wanted: int = 0
    shown: int | None = None
    outdated: bool = False
    running: bool = False
    changed_while_running: bool = False
    told_at: datetime | None = None
    again_at: datetime | None = None
    changed_at: datetime | None = None
    failure: Failure | None = None
    attempts: int = 0
    managed: int = 0
    tentative: int = 0
    blocked: int = 0

    def waits(self, now: datetime) -> bool:
        """Tell whether its turn has come, or is awaited by a change that was heard of."""
        if self.running or self.due is None:
            return False
        return self.told_at is not None or self.due <= now

    def is_behind(self, now: datetime) -> bool:
        """Tell whether it waits, or is being served with what its calendar does not show yet."""
        changing = self.told_at is not None or self.outdated or self.shown is None
        return self.due is not None and (self.due <= now if not self.running else changing)

    @property
    def in_sync(self) -> bool:
        """Whether the calendar shows what is wanted, as far as is known."""
        return self.failure is None and self.shown is not None and not self.outdated


class Agenda:
    """The employees of one tenant; times are aware instants given by the caller."""

    def __init__(self, drift_interval: timedelta) -> None:
        self._drift_interval = drift_interval
        self._entries: dict[EmployeeID, Entry] = {}
        self._line = WaitingLine()

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
        self._line_up(entry)
        return True

    def look(self, employee: EmployeeID, now: datetime, *, outdated: bool = False) -> None:
        """Look at this employee's calendar now: where or how it is to be served has changed.

        `outdated` is for wishes of the company, which are not fulfilled before that.
        """
        entry = self._entries.setdefault(employee, Entry(employee, due=now))
        entry.reading, entry.due, entry.attempts = None, now, 0
        entry.outdated = entry.outdated or outdated
        entry.changed_while_running = entry.running
        self._line_up(entry)

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
            self._line_up(entry)

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
            self._line.place(employee, None)

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
                self._line_up(entry)

    def start(self, entry: Entry) -> None:
        """Note that the entry is being worked on."""
        entry.running, entry.changed_while_running = True, False
        self._line_up(entry)

    def finish(self, entry: Entry, report: Report, digest: int, now: datetime) -> None:
        """Note a reconcile that came to its end, made for the wishes of `digest`."""
        entry.running = False
        entry.managed, entry.tentative = report.managed, report.tentative
        entry.blocked = report.blocked
        if entry.due is None:
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
        self._line_up(entry)

    def came_back(self, entry: Entry, report: Report | None) -> None:
        """Undo `start` after an errand, and note how many events it left, if it touched any."""
        entry.running = False
        if report is not None:
            entry.managed, entry.tentative = report.managed, report.tentative
            entry.blocked = report.blocked
        self._line_up(entry)

    def fail(self, entry: Entry, error: SyncError, now: datetime) -> None:
        """Note a failure of this one employee, to be tried again later and later."""
        entry.running, entry.reading = False, None
        if entry.due is None:
            return  # refused meanwhile
        entry.attempts += 1
        wait = error.retry_after or LONGEST_BACK_OFF
        if not isinstance(error, OutcomeUnknownError):
            wait = min(wait * 2 ** min(entry.attempts - 1, 12), max(wait, LONGEST_BACK_OFF))
        entry.due = now + wait
        since = entry.failure.since if entry.failure else now
        entry.failure = Failure(error.reason, error.message, since, entry.due)
        self._line_up(entry)

    def put_back(self, entry: Entry) -> None:
        """Undo `start`: the work was given up for a reason that is not the employee's."""
        entry.running = False
        self._line_up(entry)

    def put_off(self, entry: Entry, until: datetime) -> None:
        """Wait: Figgo could not be read, which is not the employee's failure."""
        if entry.due is not None:
            entry.due = until
            self._line_up(entry)

    def refuse(self, employee: EmployeeID, reason: Reason, message: str, now: datetime) -> None:
        """Note an employee who cannot be served as long as Figgo or the spec says what it says."""
        entry = self._entries.setdefault(employee, Entry(employee, due=now))
        since = entry.failure.since if entry.failure else now
        entry.reading = entry.since = entry.told_at = entry.shown = entry.due = None
        entry.wanted = 0
        entry.failure = Failure(reason, message, since, next_attempt=None)
        self._line_up(entry)

    def look_again(self, employee: EmployeeID, at: datetime) -> None:
        """Ask for one more look at a calendar, at the latest at the given time."""
        entry = self._entries.get(employee)
        if entry is not None and entry.due is not None:
            entry.again_at = min(entry.again_at or at, at)
            entry.due = min(entry.due, at)
            self._line_up(entry)

    @property
    def all_seen(self) -> bool:
        """Whether every calendar that can be looked at has been."""
        return all(e.shown is not None or e.failure is not None for e in self)

    def _line_up(self, entry: Entry) -> None:
        """Have the entry wait as it says now; called after each change of it."""
        if self._entries.get(entry.employee) is entry:  # or it was forgotten while it was served
            self._line.place(entry.employee, None if entry.running else entry.due)

    def _spread(self, employee: EmployeeID) -> timedelta:
        """Return the time to the next check for drift, spread so that they never come at once."""
        share = (employee * 2654435761 % 1000) / 1000  # Knuth's multiplicative hash
        return self._drift_interval * (0.75 + share / 2)
