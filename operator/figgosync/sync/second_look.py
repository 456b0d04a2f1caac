"""Looks once more at the calendars that a killed predecessor may still be writing to."""

from datetime import datetime, timedelta

from figgosync.core.scope import changed_since
from figgosync.figgo.changes import Changes
from figgosync.sync.agenda import Agenda
from figgosync.sync.work import Outcome

LANDING = timedelta(seconds=30)
"""How long after a start a request of a predecessor that was killed may still be at work."""

PREDECESSORS_WORK = timedelta(minutes=10)
"""How long before its end a predecessor may have heard of what it was still writing."""


class SecondLook:
    """Of one tenant, in the first moments after a start; afterwards it does nothing.

    What lands after the first look is a double of what that look created. It is found by the
    second one, which comes when nothing can land any more.
    """

    def __init__(self, agenda: Agenda, started_at: datetime) -> None:
        self._agenda = agenda
        self._started_at = started_at

    def heard(self, changes: Changes, now: datetime) -> None:
        """Mark whose absences changed not long ago: whatever was on its way was theirs."""
        if self._is_over(now):
            return
        for employee, reading in changes.readings.items():
            if changed_since(reading.half_days, self._started_at - PREDECESSORS_WORK):
                self._agenda.look_again(employee, self._started_at + 2 * LANDING)

    def done(self, outcome: Outcome, now: datetime) -> None:
        """Mark whoever was given an event."""
        if outcome.report is not None and outcome.report.created and not self._is_over(now):
            employee = outcome.place.assignment.employee
            self._agenda.look_again(employee, self._started_at + 2 * LANDING)

    def _is_over(self, now: datetime) -> bool:
        return now - self._started_at >= LANDING
