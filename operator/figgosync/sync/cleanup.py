"""Taking our events out of the calendars, when a tenant goes and asked for that."""

from datetime import date

from figgosync.calendars.base import Calendar
from figgosync.core.absence import EmployeeID
from figgosync.core.coverage import days
from figgosync.errors import PermanentError, SyncError
from figgosync.sync.employee import Assignment, Report


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


async def remove_events(assignment: Assignment, calendar: Calendar, today: date) -> Report:
    """Delete this employee's events of ours that end today or later; the past stays history.

    Raises SyncError; a repeat goes on with what is left.
    """
    report = Report()
    for event in await calendar.owned_events():
        if event.key.host != assignment.host or event.key.employee != assignment.employee:
            continue
        _, last = days(event.event.when, assignment.zone)
        if last >= today:
            await calendar.delete(event.ref)
            report.deleted += 1
    return report
