"""The stream of what changed in one Figgo: where to look, looked at, handed over to be handled."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self

from figgosync.core.absence import EmployeeID, HalfDay, LegalEntityID, Reading
from figgosync.core.directory import Directory
from figgosync.errors import PermanentError, Reason, SyncError
from figgosync.figgo.client import FiggoClient
from figgosync.figgo.people import People, Registry
from figgosync.figgo.polls import Polls
from figgosync.figgo.reader import AbsenceReader
from figgosync.figgo.schedule import Pace, Schedule
from figgosync.figgo.scope import Selection, StreamScope
from figgosync.figgo.sweep import Sweeping, reach, read_members
from figgosync.figgo.timer import LoopTimer, Timer

UNEXPECTED_WAIT = timedelta(seconds=30)
"""After an exception that is not a SyncError: a fault of ours must not become a busy loop."""

OLDEST_SWEEP = timedelta(minutes=30)
"""A sweep that was interrupted goes on where it was, unless what it knows is older than that."""

NOBODY = Directory({}, {})


class ChangeKind(StrEnum):
    """How changes were found."""

    SWEEP = "Sweep"
    POLL = "Poll"


class StreamMode(StrEnum):
    """How the stream looks: a refused poll leaves it only sweeps."""

    POLLING = "Polling"
    SWEEPS_ONLY = "SweepsOnly"


@dataclass(frozen=True, slots=True)
class Changes:
    """What one look at Figgo brought.

    `readings` are complete: at a sweep those of everybody in scope (with no half-days where
    Figgo lists none), at a poll those of the employees concerned. Nobody of the `invisible`
    establishments is among them at a sweep: of these the API key sees nothing, so nothing may be
    concluded about their people. `directory` is always whole and current. `watermark` is to be
    stored once the changes are handled, and given to the stream that continues this one.
    """

    kind: ChangeKind
    directory: Directory
    readings: Mapping[EmployeeID, Reading]
    invisible: frozenset[LegalEntityID]
    watermark: datetime


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look found, and what becomes known once it is acknowledged.

    `swept` is the scope of a sweep; `people_at` when the directory was read, None where it was
    not.
    """

    changes: Changes
    news: tuple[HalfDay, ...]
    swept: StreamScope | None
    people_at: datetime | None


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A sweep that has begun: from which directory and scope, and what was polled first."""

    sweeping: Sweeping
    directory: Directory
    scope: StreamScope
    news: tuple[HalfDay, ...] | None


class ChangeStream:
    """An endless async iterator of Changes, for one Figgo host and one API key.

    It feeds every tenant object on that host: `scope` is asked anew at each look, and a scope
    that wants more brings a sweep about. An error raised by `__anext__` does not end the
    iteration: the next call waits before it tries again. One call at a time.

    What is not acknowledged is delivered again, in newer readings. `now` returns an aware
    datetime and is the only source of watermarks: Figgo's own timestamps may be local times.
    `watermark` is the one that was stored last, None for a Figgo never followed before.

    To be read by others: `watermark`, which also advances when nothing happens; `last_success`,
    when Figgo last answered all questions; `degradation`, a sentence where `mode` is not POLLING.
    """

    def __init__(  # noqa: PLR0913 - the last two, time and chance, are there for tests
        self,
        client: FiggoClient,
        reader: AbsenceReader,
        scope: Callable[[], StreamScope],
        now: Callable[[], datetime],
        pace: Pace,
        watermark: datetime | None,
        *,
        timer: Timer | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._scope = scope
        self._now = now
        self._timer = timer or LoopTimer()
        self._schedule = Schedule(pace, self._timer, chance)
        self._reader = reader
        self._registry = Registry(client)
        self._polls = Polls(client)
        self._sweeping: _UnderWay | None = None
        self._handed_over: _Look | None = None
        self._directory = NOBODY
        self._people_at: datetime | None = None
        self._swept: StreamScope | None = None
        self._last_days: dict[EmployeeID, date] = {}
        self._invisible: frozenset[LegalEntityID] = frozenset()
        self.watermark = watermark
        self.degradation: str | None = None
        self.last_success: datetime | None = None

    @property
    def mode(self) -> StreamMode:
        """How the stream looks at present; `degradation` says why it is not POLLING."""
        return StreamMode.POLLING if self._schedule.polls_work else StreamMode.SWEEPS_ONLY

    def change_pace(self, pace: Pace) -> None:
        """Look at this pace from now on."""
        self._schedule.pace = pace

    def wake(self) -> None:
        """Poll at once: somebody says that something changed. Waits after errors stand."""
        self._schedule.wake()

    def sweep_soon(self) -> None:
        """Look at everything, at most a minute from now. Waits after errors stand."""
        self._schedule.sweep_soon()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Changes:
        """Return the next changes, as soon as there are any. Raises SyncErrors."""
        while True:
            if self._swept is not None and self._scope().exceeds(self._swept):
                self._schedule.sweep_soon()
            await self._schedule.until_due()
            look = await self._looked(sweep=self._schedule.sweep_is_due())
            if look is not None:
                self._handed_over = look
                return look.changes

    def acknowledge(self, changes: Changes) -> None:
        """Note that `changes` are safely handled.

        Only then do the watermark and the memory of what is known advance. An acknowledgement
        of anything but the latest changes comes too late and changes nothing: the latest ones
        hold everything that was not acknowledged before.
        """
        look = self._handed_over
        if look is None or look.changes is not changes:
            return
        self._handed_over = None
        self._commit(look)

    async def _looked(self, *, sweep: bool) -> _Look | None:
        self._schedule.began(sweep=sweep)
        try:
            look = await (self._sweep() if sweep else self._poll())
        except SyncError as error:
            self._schedule.failed(error.retry_after or UNEXPECTED_WAIT)
            raise
        except Exception:
            self._schedule.failed(UNEXPECTED_WAIT)
            raise
        self._schedule.succeeded()
        self.last_success = self._now()
        return look

    async def _sweep(self) -> _Look | None:
        """Go on with a sweep; return what a poll found in between, or all that the sweep found.

        A sweep of a large company takes minutes, through which changes must not wait.
        """
        under_way = self._sweeping
        if under_way is None or self._now() - under_way.sweeping.began > OLDEST_SWEEP:
            under_way = await self._begin_sweep()
        while await under_way.sweeping.read_some():
            if self._swept is not None and self._schedule.poll_is_overdue():
                self._schedule.began(sweep=False)
                look = await self._poll()
                if look is not None:
                    under_way.sweeping.overtaken(look.changes.readings)
                    self._schedule.goes_on()
                    return look
        return await self._end_sweep(under_way)

    async def _begin_sweep(self) -> _UnderWay:
        scope, began = self._scope(), self._now()
        directory = await self._registry.whole()
        # What is polled first is in the readings that follow; the other way round, a change in
        # between would be taken for known without having been read.
        news = await self._news(scope.among(directory.establishments), began)
        sweeping = Sweeping(self._reader, directory, scope, news or (), self._last_days, began)
        self._sweeping = _UnderWay(sweeping, directory, scope, news)
        return self._sweeping

    async def _end_sweep(self, done: _UnderWay) -> _Look:
        sweep = await done.sweeping.concluded(self._registry, done.directory)
        self._sweeping = None
        changes = Changes(
            ChangeKind.SWEEP,
            sweep.directory,
            sweep.readings,
            sweep.invisible,
            self._watermark_after(done.news, done.sweeping.began),
        )
        return _Look(changes, done.news or (), done.scope, done.sweeping.began)

    async def _poll(self) -> _Look | None:
        scope, began = self._scope(), self._now()
        selection = scope.among(self._directory.establishments)
        news = await self._news(selection, began)
        if news is None:
            self._schedule.sweep_soon()
            return None
        touched = frozenset(row.owner for row in news)
        people = People(self._directory, frozenset())
        # Figgo lists them among the people of our establishments, the directory does not: it is
        # out of date.
        strangers = touched - selection.members(self._directory)
        look_at_people = bool(strangers) or self._people_are_due(began)
        if look_at_people:
            people = await self._registry.refreshed(self._directory, self._people_at or began)
        readings = await read_members(
            self._reader,
            people.directory,
            selection,
            touched | people.changed,
            reach(news, scope),
        )
        changes = Changes(ChangeKind.POLL, people.directory, readings, self._invisible, began)
        look = _Look(changes, news, None, began if look_at_people else None)
        if not readings and not people.changed:
            self._commit(look)
            return None
        return look

    async def _news(self, selection: Selection, began: datetime) -> tuple[HalfDay, ...] | None:
        """Return what changed, None where Figgo refuses such questions: then only sweeps help."""
        try:
            news = await self._polls.news(selection.entities, self.watermark or began, began)
        except PermanentError as refusal:
            if refusal.reason is not Reason.REQUEST_REFUSED:
                raise
            self._schedule.polls_work = False
            self.degradation = (
                "Figgo refuses to list absences by the time of their change. Changes are found by"
                " reading everything at a shorter interval. Ask Lucca's support why filters such"
                " as creationDate=since are refused."
            )
            return None
        self._schedule.polls_work = True
        self.degradation = None
        return news

    def _watermark_after(self, news: tuple[HalfDay, ...] | None, began: datetime) -> datetime:
        # Without polls nothing is proven about absences older than the window: once polls work
        # again they go back to where they ended.
        known = self.watermark or began
        return max(known, began) if news is not None else known

    def _people_are_due(self, now: datetime) -> bool:
        return (
            self._people_at is None
            or now - self._people_at >= self._schedule.pace.directory_interval
        )

    def _commit(self, look: _Look) -> None:
        changes = look.changes
        self.watermark = changes.watermark
        self._polls.remember(look.news, changes.watermark)
        if look.people_at is not None:
            self._directory, self._people_at = changes.directory, look.people_at
        if look.swept is not None:
            self._swept, self._invisible = look.swept, changes.invisible
            self._last_days = self._days_seen(changes)
            self._schedule.handled()

    def _days_seen(self, sweep: Changes) -> dict[EmployeeID, date]:
        """Return the last day listed of each person; of those not visible, what was known."""
        unseen = {
            who: day
            for who, day in self._last_days.items()
            if who in sweep.directory.employees and who not in sweep.readings
        }
        return unseen | {
            who: max(row.moment.day for row in reading.half_days)
            for who, reading in sweep.readings.items()
            if reading.half_days
        }
