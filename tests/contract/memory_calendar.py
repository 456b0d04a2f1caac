"""The reference calendar: all that the interface promises, strictly, without a network."""

import hashlib
import itertools
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from figgosync.calendars.base import Calendar, CalendarConnection, Mailbox
from figgosync.core.event import (
    BY_HAND,
    AllDay,
    Event,
    EventKey,
    OwnedEvent,
    Ref,
    Stranger,
    Timed,
)
from figgosync.errors import ConflictError, PermanentError, Reason

LONGEST_TITLE = 255
UNPRINTED = {"Cc", "Cs", "Zl", "Zp"}


LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Kept:
    """One stored event; `marker` is None for events that are not ours.

    `program` made it, or its owner by hand. `is_single` is false for series and meetings.
    """

    identity: int
    version: int
    marker: str | None
    event: Event
    program: str | None = None
    created_at: datetime = LONG_AGO
    is_single: bool = True

    @property
    def ref(self) -> Ref:
        return Ref(f"{self.identity}.{self.version}")


@dataclass(slots=True)
class MemoryMailbox:
    """What one mailbox holds, and what its owner can do to it with Outlook."""

    kept: dict[int, Kept] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def put(
        self,
        event: Event,
        marker: str | None = None,
        *,
        program: str | None = None,
        created_at: datetime = LONG_AGO,
        is_single: bool = True,
    ) -> Kept:
        number = next(self._numbers)
        return self._keep(Kept(number, 0, marker, event, program, created_at, is_single))

    def copy(self, kept: Kept) -> Kept:
        return self._keep(replace(kept, identity=next(self._numbers)))

    def change(self, kept: Kept, event: Event) -> Kept:
        return self._keep(replace(kept, version=kept.version + 1, event=event))

    def remove(self, identity: int) -> None:
        self.kept.pop(identity, None)

    def _keep(self, kept: Kept) -> Kept:
        self.kept[kept.identity] = kept
        return kept


class MemoryCalendar(Calendar):
    """The calendar of one mailbox."""

    def __init__(self, connection: "MemoryConnection", address: str) -> None:
        self._connection = connection
        self._address = address

    async def owned_events(self) -> Sequence[OwnedEvent]:
        return [
            OwnedEvent(key, kept.ref, kept.event)
            for kept in self._mailbox.kept.values()
            if kept.marker and (key := EventKey.from_marker(kept.marker))
        ]

    async def look_alikes(self, events: Sequence[Event]) -> Sequence[Stranger]:
        wanted = {(event.title, event.when) for event in events}
        return [
            Stranger(kept.ref, kept.event, _fingerprint(kept.program), kept.created_at)
            for kept in (self._mailbox.kept.values() if wanted else ())
            if kept.marker is None and kept.is_single
            if (kept.event.title, kept.event.when) in wanted
        ]

    async def create(self, key: EventKey, event: Event) -> Ref:
        _refuse_what_no_calendar_holds(event)
        for owned in await self.owned_events():
            if owned.key.marker() == key.marker():
                same = owned.event == event
                return owned.ref if same else await self.update(owned.ref, key, event)
        return self._mailbox.put(event, key.marker()).ref

    async def update(self, ref: Ref, key: EventKey, event: Event) -> Ref:
        _refuse_what_no_calendar_holds(event)
        kept = self._mailbox.kept.get(_identity(ref))
        if kept is None or kept.ref != ref:
            raise ConflictError(Reason.CONFLICT, "The event changed or went since it was read.")
        return self._mailbox.change(replace(kept, marker=key.marker()), event).ref

    async def delete(self, ref: Ref) -> None:
        self._mailbox.remove(_identity(ref))

    @property
    def _mailbox(self) -> MemoryMailbox:
        return self._connection.find(self._address)


class MemoryConnection(CalendarConnection):
    """One company's mailboxes, by address."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self.mailboxes = {address: MemoryMailbox() for address in addresses}

    async def check(self, mailbox: Mailbox) -> None:
        self.find(mailbox.address)

    def calendar(self, mailbox: Mailbox) -> MemoryCalendar:
        return MemoryCalendar(self, mailbox.address)

    async def close(self) -> None:
        self.mailboxes.clear()

    def find(self, address: str) -> MemoryMailbox:
        if address not in self.mailboxes:
            raise PermanentError(Reason.MAILBOX_NOT_FOUND, "There is no such mailbox.")
        return self.mailboxes[address]


def _fingerprint(program: str | None) -> str:
    return BY_HAND if program is None else hashlib.sha256(program.encode()).hexdigest()[:32]


def _identity(ref: Ref) -> int:
    return int(ref.partition(".")[0])


def _refuse_what_no_calendar_holds(event: Event) -> None:
    """Raise PermanentError for events that a server would refuse or silently alter."""
    if len(event.title) > LONGEST_TITLE:
        raise PermanentError(Reason.EVENT_REFUSED, "The title is longer than 255 characters.")
    if any(unicodedata.category(character) in UNPRINTED for character in event.title):
        raise PermanentError(Reason.EVENT_REFUSED, "The title holds a line break or control mark.")
    match event.when:
        case AllDay(first, last) if last < first:
            raise PermanentError(Reason.EVENT_REFUSED, "The event ends before it starts.")
        case Timed(start, end) if {start.utcoffset(), end.utcoffset()} != {timedelta(0)}:
            raise PermanentError(Reason.EVENT_REFUSED, "The event's times are not in UTC.")
        case Timed(start, end) if end <= start:
            raise PermanentError(Reason.EVENT_REFUSED, "The event ends before it starts.")
