"""Looks, now and then after a look at a calendar, whether another synchronisation is at work."""

import logging
from collections.abc import Callable
from datetime import datetime

from figgosync.calendars.base import Calendar
from figgosync.core.absence import Reading
from figgosync.core.event import Stranger
from figgosync.errors import SyncError
from figgosync.sync.access import CalendarAccess
from figgosync.sync.agenda import Agenda
from figgosync.sync.employee import Report, own_events
from figgosync.sync.other_sync import OtherSync
from figgosync.sync.roster import Place
from figgosync.sync.work import Job, Outcome

log = logging.getLogger(__name__)


class Lookout:
    """Of one tenant; `seen` is when its status says that another synchronisation was last seen."""

    def __init__(self, seen: datetime | None, agenda: Agenda, now: Callable[[], datetime]) -> None:
        self._other = OtherSync(seen)
        self._agenda = agenda
        self._now = now

    @property
    def last_seen(self) -> datetime | None:
        """When an event arrived that is surely another synchronisation's; None for never."""
        return self._other.last_seen

    @property
    def is_alarmed(self) -> bool:
        """Whether another synchronisation is taken to be at work."""
        return self._other.active(self._now())

    def done(self, outcome: Outcome) -> None:
        """Hear of a look at a calendar: what we create another one may create, too."""
        at = self._other.done(outcome, self._now())
        if at is not None:
            self._agenda.look_again(outcome.place.assignment.employee, at)

    def over(self, job: Job, access: CalendarAccess, served: int) -> Job:
        """Return `job`, followed by a look for others' events when it is time for one."""
        return _Watched(job, access, self, served)

    async def look(self, place: Place, calendar: Calendar, served: int) -> None:
        """Ask for events of others that double ours, if it is time. Raises tenant-wide errors."""
        wishes, now = place.assignment, self._now()
        since = wishes.scope.active_since or wishes.scope.activations.get(wishes.legal_entity)
        if since is None or not self._other.wants(wishes.employee, now):
            return
        strangers: tuple[Stranger, ...] = ()
        try:
            standing = own_events(await calendar.owned_events(), wishes)
            strangers = tuple(await calendar.look_alikes([each.event for each in standing]))
        except SyncError as error:
            if error.tenant_wide:
                raise
            # What we came for is done; the next creation brings another occasion.
            log.info("look-alikes not read", extra={"reason": error.reason.value})
        self._other.note(wishes.employee, strangers, since=since, served=served, now=now)


class _Watched:
    """A job, and the look that may follow it."""

    def __init__(self, job: Job, access: CalendarAccess, lookout: Lookout, served: int) -> None:
        self._job, self._access, self._lookout, self._served = job, access, lookout, served

    @property
    def reads(self) -> bool:
        """Whether it needs to know what Figgo says."""
        return self._job.reads

    async def __call__(self, place: Place, reading: Reading | None) -> Report:
        """Do it, and look. Raises SyncError."""
        report = await self._job(place, reading)
        await self._lookout.look(place, self._access.calendar(place.mailbox), self._served)
        return report
