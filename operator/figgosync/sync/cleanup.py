"""Taking our events out of the calendars, when a tenant goes or an initialisation is undone."""

from collections.abc import Callable
from datetime import date

from figgosync.calendars.base import Calendar
from figgosync.core.absence import EmployeeID
from figgosync.core.event import Availability
from figgosync.core.removal import ending_from
from figgosync.errors import PermanentError, SyncError
from figgosync.sync.employee import Assignment, Report, own_events


class Removal:
    """How far the removal has come: who is done, and who can never be."""

    def __init__(self) -> None:
        self.removed = 0
        self.given_up = 0
        self._settled: set[EmployeeID] = set()

    def note(self, employee: EmployeeID, report: Report | None, error: SyncError | None) -> None:
        """Note how it went with one employee. A mailbox that is gone holds nothing to remove."""
        if report is not None:
            self.removed += report.deleted
        elif isinstance(error, PermanentError) and not error.tenant_wide:
            self.given_up += 1
        else:
            return
        self._settled.add(employee)

    def is_complete(self, employees: frozenset[EmployeeID]) -> bool:
        """Tell whether nobody is left."""
        return employees <= self._settled


async def remove_events(
    assignment: Assignment,
    calendar: Calendar,
    first_day: date,
    goes_on: Callable[[], bool] = lambda: True,
    report: Report | None = None,
) -> Report:
    """Delete this employee's events of ours that end on `first_day` or later.

    Nothing more once `goes_on` says no. Raises SyncError; a repeat goes on with what is left, and
    `report`, where one is given, counts what is done already.
    """
    report = report or Report()
    found = own_events(await calendar.owned_events(), assignment)
    staying = list(found)
    for event in ending_from(found, first_day, assignment.zone):
        if not goes_on():
            break
        await calendar.delete(event.ref)
        staying.remove(event)
        report.deleted += 1
    report.unchanged = report.managed = len(staying)
    report.tentative = sum(e.event.availability is Availability.TENTATIVE for e in staying)
    return report
