"""What an initialisation does with one employee's calendar: fill it, clear it, or only look."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime

from figgosync.calendars.base import Calendar
from figgosync.core.absence import EmployeeID, Reading
from figgosync.core.adoption import sightings_of
from figgosync.core.foresight import foresee, foresee_removal
from figgosync.core.initialisation import Action
from figgosync.core.initialised import Initialised, Step
from figgosync.core.removal import ending_from
from figgosync.errors import Reason, TransientError
from figgosync.sync.cleanup import remove_events
from figgosync.sync.employee import (
    Gate,
    Leave,
    Report,
    look_at,
    own_events,
    reconcile,
    strangers_to,
)
from figgosync.sync.initialisation.run import Run
from figgosync.sync.premises import Premises
from figgosync.sync.roster import Place, Roster

RereadFrom = Callable[[EmployeeID, date], Awaitable[Reading]]


@dataclass(frozen=True, slots=True)
class Means:
    """What the tenant lends to its initialisations; `now` gives aware instants.

    `removed` hears whose events were taken out, and since when: what changed since comes back.
    """

    premises: Premises
    roster: Callable[[], Roster]
    initialised: Callable[[], Initialised]
    gate: Gate
    reread: RereadFrom
    removed: Callable[[EmployeeID, datetime], None]
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Hands:
    """Of one run. They raise only SyncErrors, and a repeat goes on with what is left."""

    run: Run
    means: Means

    async def apply(self, place: Place, reading: Reading | None) -> Report:
        """Do what is wished with one calendar, and note it, to whatever end it comes."""
        report, employee = Report(), place.assignment.employee
        try:
            await self._apply(place, reading, report)
        except BaseException:
            self.run.did(employee, report, whole=False)
            raise
        self.run.did(employee, report, whole=self.run.goes_on)
        return report

    async def _apply(self, place: Place, reading: Reading | None, report: Report) -> None:
        spec, calendar, goes_on = self.run.spec, self._calendar(place), self._goes_on
        if spec.action is Action.REMOVE:
            await remove_events(place.assignment, calendar, spec.first_day, goes_on, report)
            return
        await reconcile(
            place.assignment,
            _needed(reading),
            calendar,
            Leave(self._initialised(place), self.run.makers, goes_on),
            gate=self.means.gate,
            reread=lambda since: self.means.reread(place.assignment.employee, since),
            today=self._today(place),
            report=report,
        )

    async def foresee(self, place: Place, reading: Reading | None) -> None:
        """Look at one calendar, and note what would be done, if that is still wished for then."""
        spec, calendar, wishes = self.run.spec, self._calendar(place), place.assignment
        course = self.run.course
        if spec.action is Action.REMOVE:
            found = own_events(await calendar.owned_events(), wishes)
            doomed = ending_from(found, spec.first_day, wishes.zone)
            if course is self.run.course:
                self.run.foresaw(foresee_removal(doomed, found), ())
            return
        look = await look_at(
            wishes,
            _needed(reading),
            calendar,
            self._initialised(place),
            reread=lambda since: self.means.reread(wishes.employee, since),
            today=self._today(place),
        )
        sightings = sightings_of(look.actions, await strangers_to(look.actions, calendar))
        if course is self.run.course:
            self.run.foresaw(foresee(look.actions, look.found, wishes.events), sightings)

    def _goes_on(self) -> bool:
        return self.run.goes_on

    def _calendar(self, place: Place) -> Calendar:
        return self.means.premises.access.calendar(place.mailbox)

    def _initialised(self, place: Place) -> Initialised:
        """Return the leave that there will be once this run is over."""
        step = Step(self.run.spec.first_day)
        return self.means.initialised().with_step([place.assignment.legal_entity], step)

    def _today(self, place: Place) -> date:
        return self.means.now().astimezone(place.assignment.zone).date()


def _needed(reading: Reading | None) -> Reading:
    if reading is None:
        raise TransientError(Reason.PENDING, "The absences have not been read yet.")
    return reading
