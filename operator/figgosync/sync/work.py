"""What a worker is given to do, and how it tells what became of it."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from figgosync.core.absence import EmployeeID, Reading
from figgosync.errors import SyncError
from figgosync.sync.employee import Report
from figgosync.sync.roster import Place


class Job(Protocol):
    """What is done with one employee's calendar."""

    @property
    def reads(self) -> bool:
        """Whether it needs to know what Figgo says."""

    async def __call__(self, place: Place, reading: Reading | None) -> Report:
        """Do it. Raises SyncError."""


class AbsenceSource(Protocol):
    """Where the absences of some employees are read, whole or an error."""

    async def __call__(
        self, owners: Collection[EmployeeID], since: date | None
    ) -> Mapping[EmployeeID, Reading]:
        """Read them, at least from `since` on where that is given. Raises SyncError."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How serving one employee ended: either with a report or with an error.

    `overtaken` tells whether something else was heard of meanwhile, which is still to be made.
    `waited` is the time since the change was heard of that is made now, None where there was none;
    `took` are the seconds that serving took. `since` is how far back the absences were read, None
    where none were.
    """

    place: Place
    report: Report | None
    error: SyncError | None
    overtaken: bool
    waited: timedelta | None
    took: float
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """Work on one employee's calendar that the agenda did not ask for; `done` hears how it ended.

    `work` returns no report where nothing was done to the calendar. Whatever it did, the agenda's
    own looks are not spared by it: they compare less, and something else. `done` is told nothing
    where it was given up on the way.
    """

    place: Place
    work: Callable[[], Awaitable[Report | None]]
    done: Callable[[Outcome | None], None]
