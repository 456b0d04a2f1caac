"""The two things that can be done with one employee's calendar: keep it right, or clear it."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import ClassVar

from figgosync.core.absence import EmployeeID, Reading
from figgosync.errors import Reason, TransientError
from figgosync.sync.access import CalendarAccess
from figgosync.sync.cleanup import remove_events
from figgosync.sync.employee import Gate, Leave, Report, reconcile
from figgosync.sync.roster import Place

RereadFrom = Callable[[EmployeeID, date], Awaitable[Reading]]


class Reconcile:
    """Makes a calendar show what Figgo says."""

    reads: ClassVar[bool] = True

    def __init__(
        self,
        access: CalendarAccess,
        reread: RereadFrom,
        gate: Gate,
        now: Callable[[], datetime],
        leave: Callable[[EmployeeID], Leave],
    ) -> None:
        self._access, self._reread, self._gate, self._now = access, reread, gate, now
        self._leave = leave

    async def __call__(self, place: Place, reading: Reading | None) -> Report:
        """Reconcile one employee. Raises SyncError."""
        if reading is None:
            raise TransientError(Reason.PENDING, "The absences have not been read yet.")
        wishes = place.assignment
        return await reconcile(
            wishes,
            reading,
            self._access.calendar(place.mailbox),
            self._leave(wishes.employee),
            gate=self._gate,
            reread=lambda since: self._reread(wishes.employee, since),
            today=self._now().astimezone(wishes.zone).date(),
        )


class Clear:
    """Takes our events that end today or later out of a calendar."""

    reads: ClassVar[bool] = False

    def __init__(self, access: CalendarAccess, now: Callable[[], datetime]) -> None:
        self._access, self._now = access, now

    async def __call__(self, place: Place, reading: Reading | None) -> Report:  # noqa: ARG002 - a Job is told, whether it asks or not
        """Clear one employee's calendar. Raises SyncError."""
        wishes = place.assignment
        today = self._now().astimezone(wishes.zone).date()
        return await remove_events(wishes, self._access.calendar(place.mailbox), today)
