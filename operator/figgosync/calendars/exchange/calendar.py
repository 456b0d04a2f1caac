"""One mailbox's calendar on Exchange."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TypeVar

from exchangelib import Account

from figgosync.calendars.base import Calendar
from figgosync.calendars.exchange import services
from figgosync.calendars.exchange.calls import Calls
from figgosync.calendars.exchange.errors import is_gone
from figgosync.calendars.exchange.items import refuse_unshowable, to_item
from figgosync.calendars.exchange.listing import Identified, Page, read_whole
from figgosync.calendars.exchange.questions import questions_for
from figgosync.calendars.exchange.strangers import Sight
from figgosync.calendars.exchange.unsettled import UnsettledCreations
from figgosync.core.event import Event, EventKey, OwnedEvent, Ref, Stranger
from figgosync.errors import OutcomeUnknownError, Reason

T = TypeVar("T")
R = TypeVar("R", bound=Identified)

FRESH = timedelta(minutes=1)
"""How long a listing is trusted to say that an event is not there."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the calendars of one connection share. `clock` is monotonic, in seconds."""

    calls: Calls
    unsettled: UnsettledCreations
    settle_time: timedelta
    clock: Callable[[], float]


@dataclass(slots=True)
class _Listing:
    """What the last complete listing said, and what we created since; `at` is when it began."""

    at: float = float("-inf")
    markers: set[str] = field(default_factory=set)


class ExchangeCalendar(Calendar):
    """Knows its events by a named property, and holds one listing in memory at most.

    EWS has no way to make a repeated creation harmless. So `create` sends its one request only
    when a fresh listing has shown that the event is not there, and no earlier creation of it may
    still be at work; otherwise it looks first.
    """

    def __init__(self, desk: Desk, address: str, account: Callable[[], Account]) -> None:
        self._desk = desk
        self._address = address
        self._account = account
        self._listing = _Listing()

    async def owned_events(self) -> Sequence[OwnedEvent]:
        """List by the marker alone, page by page, proving that no row was missed."""
        return await self._list(self._desk.calls.deadline())

    async def look_alikes(self, events: Sequence[Event]) -> Sequence[Stranger]:
        """Ask by title and days, and compare title and time to the letter and to the second."""
        deadline = self._desk.calls.deadline()
        wanted = {(event.title, event.when) for event in events}
        sights: list[Sight] = []
        for question in questions_for(events):
            sights += await self._whole(partial(services.find_look_alikes, question), deadline)
        found = [sight.stranger for sight in sights if sight.stranger]
        return [each for each in found if (each.event.title, each.event.when) in wanted]

    async def create(self, key: EventKey, event: Event) -> Ref:
        """Create, or look first; see the class."""
        refuse_unshowable(event)
        deadline = self._desk.calls.deadline()
        self._wait_for_earlier(key)
        if not self._surely_absent(key):
            standing = await self._standing(key, deadline)
            if standing and standing.event == event:
                return standing.ref
            if standing:
                return await self._update(standing.ref, key, event, deadline)
        return await self._create(key, event, deadline)

    async def update(self, ref: Ref, key: EventKey, event: Event) -> Ref:
        """Replace under the change key of `ref`: Exchange refuses when it is not the latest."""
        refuse_unshowable(event)
        return await self._update(ref, key, event, self._desk.calls.deadline())

    async def delete(self, ref: Ref) -> None:
        """Delete by the id alone, which makes the version irrelevant."""

        def job() -> None:
            account = self._account()
            try:
                services.delete(account, ref)
            except Exception as error:
                if not is_gone(error):
                    raise

        await self._write(job, self._desk.calls.deadline())

    async def _list(self, deadline: float) -> Sequence[OwnedEvent]:
        began = self._desk.clock()
        rows = await self._whole(services.find_page, deadline)
        owned = [row.owned for row in rows if row.owned]
        self._listing = _Listing(began, {event.key.marker() for event in owned})
        return owned

    async def _whole(self, find: Callable[[Account, int], Page[R]], deadline: float) -> Sequence[R]:
        async def read(offset: int) -> Page[R]:
            return await self._desk.calls.run(
                self._address, lambda: find(self._account(), offset), deadline=deadline
            )

        return await read_whole(read)

    async def _standing(self, key: EventKey, deadline: float) -> OwnedEvent | None:
        marker = key.marker()
        owned = await self._list(deadline)
        return next((event for event in owned if event.key.marker() == marker), None)

    async def _create(self, key: EventKey, event: Event, deadline: float) -> Ref:
        unsettled, marker = self._desk.unsettled, key.marker()

        def job() -> Ref:
            account = self._account()
            return services.create(account, to_item(account, key, event))

        # Noted before it is sent: whoever is cancelled while waiting cannot note it any more.
        unsettled.begin(self._address, marker)
        try:
            ref = await self._write(job, deadline)
        except OutcomeUnknownError:
            unsettled.begin(self._address, marker)
            raise
        except Exception:
            unsettled.settle(self._address, marker)
            raise
        unsettled.settle(self._address, marker)
        self._listing.markers.add(marker)
        return ref

    async def _update(self, ref: Ref, key: EventKey, event: Event, deadline: float) -> Ref:
        def job() -> Ref:
            account = self._account()
            return services.update(account, ref, to_item(account, key, event))

        # A stranger that is adopted stands under our key from now on, or from soon.
        self._listing.markers.add(key.marker())
        return await self._write(job, deadline)

    async def _write(self, job: Callable[[], T], deadline: float) -> T:
        return await self._desk.calls.run(
            self._address, job, deadline=deadline, settle_time=self._desk.settle_time
        )

    def _wait_for_earlier(self, key: EventKey) -> None:
        """Raise OutcomeUnknownError while an earlier creation of the event may be at work."""
        settled_at = self._desk.unsettled.settled_at(self._address, key.marker())
        if settled_at is None or settled_at <= self._desk.clock():
            return
        raise OutcomeUnknownError(
            Reason.OUTCOME_UNKNOWN,
            "An earlier creation of the same event was not answered and may still happen; it is "
            "repeated when that can be ruled out.",
            retry_after=timedelta(seconds=settled_at - self._desk.clock()),
        )

    def _surely_absent(self, key: EventKey) -> bool:
        listing, marker = self._listing, key.marker()
        if listing.at + FRESH.total_seconds() < self._desk.clock() or marker in listing.markers:
            return False
        settled_at = self._desk.unsettled.settled_at(self._address, marker)
        return settled_at is None or settled_at <= listing.at
