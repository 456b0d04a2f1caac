"""A worker with everything around it: jobs that obey, an agenda, and absences to be read."""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from figgosync.calendars.base import Calendar, CalendarConnection, Mailbox
from figgosync.core.absence import EmployeeID, Reading
from figgosync.sync.access import CalendarAccess
from figgosync.sync.agenda import Agenda
from figgosync.sync.credentials import SecretWatch
from figgosync.sync.employee import Report
from figgosync.sync.entry import Entry
from figgosync.sync.roster import Place
from figgosync.sync.work import Outcome
from figgosync.sync.worker import Worker, digest_of
from support.comes_true import comes_true
from support.memory_cluster import NAMESPACE, MemoryCluster
from syncing import NOW, Clock, a_place, a_reading_of, tenant

DEFAULT = date(2026, 10, 25)


class Obedient:
    """A job that does what a test told it for an employee: return, fail, or wait to be let go."""

    reads = True

    def __init__(self) -> None:
        self.answers: dict[EmployeeID, Report | Exception] = {}
        self.held: dict[EmployeeID, asyncio.Event] = {}
        self.begun: list[tuple[EmployeeID, Reading | None]] = []
        self.under_way: set[EmployeeID] = set()
        self.peak = 0

    def hold(self, employee: EmployeeID) -> asyncio.Event:
        self.held[employee] = asyncio.Event()
        return self.held[employee]

    async def __call__(self, place: Place, reading: Reading | None) -> Report:
        employee = place.assignment.employee
        assert employee not in self.under_way, "one job at a time for an employee"
        self.begun.append((employee, reading))
        self.under_way.add(employee)
        self.peak = max(self.peak, len(self.under_way))
        try:
            if employee in self.held:
                await self.held[employee].wait()
            await asyncio.sleep(0)
        finally:
            self.under_way.discard(employee)
        answer = self.answers.get(employee, Report())
        if isinstance(answer, Exception):
            raise answer
        return answer

    def begun_for(self) -> list[EmployeeID]:
        return [employee for employee, _ in self.begun]


class NoConnection(CalendarConnection):
    """Lets everybody in; nobody works on its calendars here."""

    async def check(self, mailbox: Mailbox) -> None:
        """Agree."""

    def calendar(self, mailbox: Mailbox) -> Calendar:
        raise NotImplementedError

    async def close(self) -> None:
        """Do nothing."""


@dataclass
class Office:
    """A worker with everything around it."""

    clock: Clock = field(default_factory=Clock)
    agenda: Agenda = field(default_factory=lambda: Agenda(timedelta(hours=6)))
    job: Obedient = field(default_factory=Obedient)
    places: dict[EmployeeID, Place] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    wakes: int = 0
    asked: list[tuple[list[EmployeeID], date | None]] = field(default_factory=list)
    read_trouble: Exception | None = None
    rows: dict[EmployeeID, tuple[Any, ...]] = field(default_factory=dict)
    reading_held: asyncio.Event | None = None
    access: CalendarAccess = field(init=False)
    worker: Worker = field(init=False)

    async def open(self, concurrency: int = 2) -> "Office":
        cluster = MemoryCluster()
        cluster.put_secret("acme-exchange", accountLogin="me", accountPass="pw")
        watch = SecretWatch(cluster, NAMESPACE, "acme-exchange", "accountLogin", "accountPass")
        self.access = CalendarAccess(
            tenant().spec.exchange, watch, lambda *_: NoConnection(), timedelta(seconds=20)
        )
        assert await self.access.tend(NOW, [a_place().mailbox], hold_on=False)
        self.worker = Worker(
            self.agenda,
            self.access,
            concurrency=concurrency,
            now=self.clock,
            done=self.outcomes.append,
            wake=self.woken,
        )
        return self

    def woken(self) -> None:
        self.wakes += 1

    def employ(self, *employees: EmployeeID) -> None:
        for employee in employees:
            self.places[employee] = a_place(employee)

    def tell(self, employee: EmployeeID, *rows: Any, since: str = "2026-10-25") -> None:  # noqa: ANN401 - half-days
        """Let Figgo say something of an employee, as the stream does."""
        if employee not in self.places:
            self.employ(employee)
        reading = a_reading_of(employee, *rows, since=since, read_at=self.clock())
        self.agenda.deliver(reading, digest_of(self.places[employee], reading), self.clock())

    async def read(
        self, owners: Collection[EmployeeID], since: date | None
    ) -> Mapping[EmployeeID, Reading]:
        self.asked.append((list(owners), since))
        read_at = self.clock()
        if self.reading_held is not None:
            await self.reading_held.wait()
        if self.read_trouble is not None:
            raise self.read_trouble
        return {
            owner: a_reading_of(
                owner, *self.rows.get(owner, ()), since=f"{since or DEFAULT}", read_at=read_at
            )
            for owner in owners
        }

    def turn(self) -> None:
        self.worker.turn(self.places, self.job, self.read)

    async def until(self, check: Callable[[], object]) -> None:
        await comes_true(lambda: bool(check()), within=timedelta(seconds=5))

    async def done(self, count: int) -> None:
        await self.until(lambda: len(self.outcomes) >= count and not self.worker.is_full)

    def entry(self, employee: EmployeeID) -> Entry:
        (found,) = (entry for entry in self.agenda if entry.employee == employee)
        return found
