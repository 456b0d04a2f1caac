"""The one interface of all calendars: the only thing that reconciling knows of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from figgosync.core.event import Event, EventKey, OwnedEvent, Ref, Stranger


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Whose calendar to open.

    `time_zone` (IANA) only anchors all-day events where a provider needs an instant for them.
    """

    address: str
    time_zone: str


class Calendar(Protocol):
    """One mailbox's calendar. Every method raises only `figgosync.errors.SyncError`s.

    Calls on one calendar are made one after the other, never at the same time. No call lasts
    longer than the connection's call limit.
    """

    async def owned_events(self) -> Sequence[OwnedEvent]:
        """Return all events that carry our marker, whole or an error; never anybody else's.

        Several events may carry one key (a copy made by a user); all of them are returned.
        """

    async def look_alikes(self, events: Sequence[Event]) -> Sequence[Stranger]:
        """Return the events without our marker that have the title and the time of one of these.

        Single events only, to which nobody was invited; what they show besides may differ. Whole or
        an error. Nothing of any other event is asked for, and nothing at all for no events.
        """

    async def create(self, key: EventKey, event: Event) -> Ref:
        """Create the event, without telling anybody; a repeat for the same key is harmless.

        Raises OutcomeUnknownError when the answer was lost. A calendar that has no way to make
        a repeat harmless on the server looks before it creates whenever it cannot be sure.
        """

    async def update(self, ref: Ref, key: EventKey, event: Event) -> Ref:
        """Replace what stands under `ref`, keeping its identity, and mark it as ours.

        That is also how a stranger is adopted: from then on it is listed and deleted as ours.
        Raises ConflictError when the event changed or went since it was read.
        """

    async def delete(self, ref: Ref) -> None:
        """Delete the event for good, whatever changed in it; one already gone counts as deleted."""


class CalendarConnection(Protocol):
    """One company's access to its calendars with one set of credentials."""

    async def check(self, mailbox: Mailbox) -> None:
        """Prove with one cheap request that the credentials work on this mailbox."""

    def calendar(self, mailbox: Mailbox) -> Calendar:
        """Return the calendar of a mailbox; costs no request."""

    async def close(self) -> None:
        """Let go of connections and threads; calls still in flight end within the call limit."""
