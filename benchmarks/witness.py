"""A mailbox store that notes when each change of a calendar lands."""

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from figgosync_sim.mailboxes import Item, Mailbox, MailboxStore


class Write(StrEnum):
    """What was done to a calendar."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Landing:
    """One write as it was stored; `at` is in seconds of `time.monotonic`.

    `begins` is when the absence begins that the item shows, in UTC.
    """

    at: float
    address: str
    write: Write
    begins: datetime


@dataclass(frozen=True, slots=True, order=True)
class Shown:
    """What an item shows, and where: all that two programs doing the same must agree on."""

    address: str
    start: str
    end: str
    all_day: bool
    free_busy: str
    subject: str


class WitnessStore(MailboxStore):
    """The store of a simulator; other threads may ask for landings, and how many items stand."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._landings: list[Landing] = []
        self._standing = 0

    @property
    def landings(self) -> list[Landing]:
        """All writes so far, in order."""
        return self.landings_after(0)

    def landings_after(self, count: int) -> list[Landing]:
        """Return all writes so far but the first `count`, in order."""
        with self._lock:
            return self._landings[count:]

    @property
    def standing(self) -> int:
        """How many items there are in all mailboxes together."""
        with self._lock:
            return self._standing

    def insert(self, mailbox: Mailbox, item: Item) -> Item:
        """Store, and note it."""
        stored = super().insert(mailbox, item)
        self._note(mailbox, stored, Write.CREATE, 1)
        return stored

    def put(self, mailbox: Mailbox, item: Item) -> Item:
        """Replace, and note it."""
        stored = super().put(mailbox, item)
        self._note(mailbox, stored, Write.UPDATE, 0)
        return stored

    def take(self, mailbox: Mailbox, item_id: str) -> None:
        """Delete, and note it."""
        taken = mailbox.stored[item_id]
        super().take(mailbox, item_id)
        self._note(mailbox, taken, Write.DELETE, -1)

    def shown(self) -> list[Shown]:
        """Return what stands in all calendars, sorted; for the simulator's own thread."""
        return sorted(
            Shown(
                box.address,
                item.start.isoformat(),
                item.end.isoformat(),
                item.is_all_day,
                item.free_busy,
                item.subject,
            )
            for box in self
            for item in box.stored.values()
        )

    def _note(self, mailbox: Mailbox, item: Item, write: Write, more: int) -> None:
        landing = Landing(time.monotonic(), mailbox.address, write, item.start)
        with self._lock:
            self._landings.append(landing)
            self._standing += more
