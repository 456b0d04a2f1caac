"""What is remembered of one employee between two looks at his calendar."""

from dataclasses import dataclass
from datetime import date, datetime

from figgosync.core.absence import EmployeeID, Reading
from figgosync.errors import Reason
from figgosync.sync.headcount import Share


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

    def is_behind(self, now: datetime) -> bool:
        """Tell whether it waits, or is being served with what its calendar does not show yet."""
        changing = self.told_at is not None or self.outdated or self.shown is None
        return self.due is not None and (self.due <= now if not self.running else changing)

    @property
    def in_sync(self) -> bool:
        """Whether the calendar shows what is wanted, as far as is known."""
        return self.failure is None and self.shown is not None and not self.outdated

    @property
    def share(self) -> Share:
        """What it adds to the counts of all."""
        return Share(
            in_sync=int(self.in_sync),
            unseen=int(self.shown is None and self.failure is None),
            told=int(self.told_at is not None and self.due is not None and not self.running),
            managed=self.managed,
            tentative=self.tentative,
            blocked=self.blocked,
        )
