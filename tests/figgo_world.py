"""A simulated Figgo, and the product's side of the conversation with it, for as long as a test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from aiohttp import web

from figgosync.core.absence import EmployeeID, Half, HalfDay, LegalEntityID, Moment, PeriodID
from figgosync.errors import SyncError
from figgosync.figgo.changes import Changes, ChangeStream
from figgosync.figgo.client import FiggoClient
from figgosync.figgo.limits import TokenBucket
from figgosync.figgo.query import Entities, LeaveQuery
from figgosync.figgo.reader import AbsenceReader
from figgosync.figgo.schedule import Pace
from figgosync.figgo.scope import Rest, StreamScope
from figgosync.figgo.transport import Transport
from figgosync_sim.certificates import Authority
from figgosync_sim.company import (
    PAID_LEAVE,
    PARIS,
    RECUPERATION,
    REMOTE_WORK,
    REUNION,
    RTT,
    SICK,
)
from figgosync_sim.figgo import (
    DEFAULT_KEY,
    AccountForm,
    DateForm,
    ErrorForm,
    FiggoState,
    IdReuse,
    LeaveIdLead,
    Readings,
    RunningFiggo,
    figgo_simulator,
)
from figgosync_sim.organisation import Company
from figgosync_sim.requestlog import LoggedRequest
from figgosync_sim.server import serve

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
LEAVES = "/api/v3/leaves"
USERS = "/api/v3/users"
ESTABLISHMENTS = "/organization/structure/api/establishments"
PARIS_ONLY = frozenset({LegalEntityID(PARIS)})
BOTH = frozenset({LegalEntityID(PARIS), LegalEntityID(REUNION)})
NOBODY: frozenset[LegalEntityID] = frozenset()
POLL = timedelta(seconds=20)
EVERYBODY_SHOWN = StreamScope(NOBODY, BOTH, Rest.IGNORED, date(2026, 10, 24))


UTC_ZONE = ZoneInfo("UTC")

AWA, BRUNO, CHLOE, ROSE, THERESE = map(EmployeeID, (1202, 1203, 1204, 1219, 1221))
FIRST = date(2026, 11, 1)
EVERYBODY = LeaveQuery(Entities(tuple(sorted(BOTH))), FIRST)
NAMED = replace(EVERYBODY, names=True)
PAGES = [pytest.param(None, id="one page"), pytest.param(2, id="pages of two")]
DECEMBER = date(2026, 12, 7)
NEVER = timedelta(days=365)
HOUR = 3600

READINGS = {
    "likeliest": Readings(),
    "isAm": Readings(half_name="isAm"),
    "days without time": Readings(dates=DateForm.PLAIN),
    "UTC timestamps": Readings(timestamp_zone=UTC_ZONE, server_zone=UTC_ZONE),
    "UTC stored, Paris compared": Readings(timestamp_zone=UTC_ZONE),
    "timestamps with an offset": Readings(offsets=True),
    "header beside data": Readings(header=True),
    "null accounts": Readings(account=AccountForm.NULL),
    "no accounts": Readings(account=AccountForm.ABSENT),
    "inactive rows by default": Readings(lists_inactive=True),
    "refused without a date": Readings(denied_have_cancellation_date=False),
    "large pages": Readings(max_page=10_000),
    "ids by period": Readings(id_lead=LeaveIdLead.PERIOD),
    "ids taken over": Readings(id_reuse=IdReuse.INSTEAD),
    "ids by period taken over": Readings(id_lead=LeaveIdLead.PERIOD, id_reuse=IdReuse.INSTEAD),
    "ids never again": Readings(id_reuse=IdReuse.NEVER),
    "errors as messages": Readings(errors=ErrorForm.MESSAGE),
    "errors as text": Readings(errors=ErrorForm.PLAIN_TEXT),
    "stable order": Readings(stable_without_order=True),
}
reading = pytest.mark.parametrize("readings", READINGS.values(), ids=READINGS.keys())
"""Every way in which Lucca's documentation can be understood."""


@cache
def authority() -> Authority:
    return Authority()


MOST_WAITS = 5000


class FakeTimer:
    """Time that passes only when somebody waits, and then at once.

    Whoever waits for ever fails: a test's own time limit cannot end a loop that never pauses.
    """

    def __init__(self) -> None:
        self.elapsed = 0.0
        self._waits = 0
        self._acts: list[tuple[float, Callable[[], object]]] = []

    def at(self, elapsed: float, act: Callable[[], object]) -> None:
        """Do something as soon as so many seconds have passed since the beginning."""
        self._acts.append((elapsed, act))

    def monotonic(self) -> float:
        return self.elapsed

    async def sleep(self, seconds: float) -> None:
        await self.wait(asyncio.Event(), seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        self._waits += 1
        assert self._waits < MOST_WAITS, "what is waited for does not come"
        end = self.elapsed + seconds
        while not event.is_set() and self.elapsed < end:
            due = [moment for moment, _ in self._acts if moment < end]
            self.elapsed = max(self.elapsed, min(due, default=end))
            acts = [entry for entry in self._acts if entry[0] <= self.elapsed]
            self._acts = [entry for entry in self._acts if entry not in acts]
            for _, act in acts:
                act()
        await asyncio.sleep(0)

    def now(self) -> datetime:
        return MONDAY + timedelta(seconds=self.elapsed)


@dataclass(slots=True)
class World:
    """One company's Figgo, its API client, and the clock of both."""

    figgo: RunningFiggo
    session: aiohttp.ClientSession
    timer: FakeTimer
    page_size: int
    scope: StreamScope = EVERYBODY_SHOWN
    skew: timedelta = timedelta(0)
    ends: list[SyncError | None] = field(default_factory=list)

    @property
    def state(self) -> FiggoState:
        return self.figgo.state

    def now(self) -> datetime:
        """Return our own clock, which may differ from Figgo's."""
        return self.timer.now() + self.skew

    def client(self, *, key: str = DEFAULT_KEY, timeout_ms: int = 10_000) -> FiggoClient:
        transport = Transport(
            self.figgo.url,
            key,
            self.session,
            TokenBucket(30, timer=self.timer),
            timeout=timedelta(milliseconds=timeout_ms),
            heard=self.ends.append,
        )
        return FiggoClient(transport, self.page_size)

    def reader(self) -> AbsenceReader:
        return AbsenceReader(self.client(), self.now)

    def stream(self, watermark: datetime | None = None, **pace: timedelta) -> ChangeStream:
        client = self.client()
        return ChangeStream(
            client,
            AbsenceReader(client, self.now),
            lambda: self.scope,
            self.now,
            replace(Pace(POLL), **pace),
            watermark,
            timer=self.timer,
            chance=lambda: 0.5,
        )

    def standing(self, owner: int) -> set[tuple[PeriodID, Moment, bool]]:
        """Return what stands of a person in Figgo's own books."""
        return {
            (
                PeriodID(leave.period.id),
                Moment(leave.day, Half.MORNING if leave.am else Half.AFTERNOON),
                leave.period.confirmed,
            )
            for leave in self.state.leave_book.of([owner])
            if leave.active
        }

    def requests(self, path: str = "") -> list[LoggedRequest]:
        return [request for request in self.figgo.log if request.path.startswith(path)]


def standing(rows: tuple[HalfDay, ...]) -> set[tuple[PeriodID, Moment, bool]]:
    """Return what stands according to rows that were read."""
    return {(row.period, row.moment, row.confirmed) for row in rows if row.active}


def ids(*numbers: int) -> frozenset[EmployeeID]:
    return frozenset(map(EmployeeID, numbers))


@asynccontextmanager
async def trusting_session() -> AsyncIterator[aiohttp.ClientSession]:
    """Open a session that trusts the authority of the simulators, and nobody else."""
    connector = aiohttp.TCPConnector(ssl=authority().client_context())
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:
        yield session


@asynccontextmanager
async def figgo_world(
    readings: Readings | None = None,
    *,
    company: Company | None = None,
    page: int | None = None,
    allowance: int | None = 50,
) -> AsyncIterator[World]:
    """Serve a company's Figgo; `page` makes it serve and us ask for pages of that many rows."""
    timer = FakeTimer()
    async with (
        figgo_simulator(
            FiggoState(company, now=timer.now),
            readings=readings,
            page_cap=page,
            requests_per_minute=allowance,
            authority=authority(),
        ) as figgo,
        trusting_session() as session,
    ):
        yield World(figgo, session, timer, page or 1000)


def lived_in(world: World) -> dict[str, int]:
    """Fill the books with every kind of absence; return the periods."""
    state, clock = world.state, world.timer
    periods = {
        "pending": state.book(AWA, (date(2026, 12, 1), "AM"), (date(2026, 12, 1), "PM"), RTT),
        "edited": state.book(
            BRUNO, (date(2026, 12, 7), "AM"), (date(2026, 12, 9), "PM"), PAID_LEAVE, confirmed=True
        ),
        "telework": state.book(
            CHLOE, (date(2026, 12, 2), "PM"), (date(2026, 12, 2), "PM"), REMOTE_WORK
        ),
        "hours": state.book(
            THERESE, (date(2026, 12, 3), "AM"), (date(2026, 12, 3), "AM"), RECUPERATION
        ),
        "refused": state.book(AWA, (date(2026, 12, 14), "AM"), (date(2026, 12, 14), "AM"), RTT),
        "by HR": state.book(
            THERESE, (date(2026, 11, 20), "AM"), (date(2026, 11, 22), "PM"), SICK,
            confirmed=True, by_hr=True,
        ),
    }  # fmt: skip
    clock.elapsed += 60
    state.approve(periods["hours"])
    state.refuse(periods["refused"])
    state.edit(periods["edited"], (date(2026, 12, 8), "AM"), (date(2026, 12, 10), "AM"))
    clock.elapsed += 60
    state.give_back(periods["edited"], date(2026, 12, 9))
    return periods


@asynccontextmanager
async def answering(response: Callable[[], web.StreamResponse]) -> AsyncIterator[FiggoClient]:
    """Serve one answer to every question."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return response()

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with (
        serve(app, tls=authority().server_context()) as url,
        trusting_session() as session,
    ):
        yield client_of(url, session)


def client_of(url: str, session: aiohttp.ClientSession) -> FiggoClient:
    """Return who asks at an address with the key that the simulator takes."""
    bucket = TokenBucket(60, timer=FakeTimer())
    return FiggoClient(Transport(url, DEFAULT_KEY, session, bucket))


def book(world: World, owner: int = AWA, day: date = DECEMBER, account: int = RTT) -> int:
    return world.state.book(owner, (day, "AM"), (day, "PM"), account)


async def next_of(stream: ChangeStream) -> Changes:
    """Return what comes next, and acknowledge it."""
    changes = await anext(stream)
    stream.acknowledge(changes)
    return changes


async def started(world: World, **pace: timedelta) -> ChangeStream:
    """Return a stream whose first sweep is handled, with nothing left in the log."""
    stream = world.stream(**pace)
    await next_of(stream)
    world.figgo.log.clear()
    return stream
