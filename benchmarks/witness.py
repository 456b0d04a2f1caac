"""A mailbox store that notes when each change of a calendar lands."""

import threading
import time
from dataclasses import dataclass
from enum import StrEnum

from figgosync_sim.mailboxes import Item, Mailbox, MailboxStore


class Write(StrEnum):
    """What was done to a calendar."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Landing:
    """One write as it was stored; `at` is in seconds of `time.monotonic`."""

    at: float
    address: str
    write: Write


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
    """The store of a simulator; only `landings` and `standing` are for other threads to read."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._landings: list[Landing] = []
        self._standing = 0

    @property
    def landings(self) -> list[Landing]:
        """All writes so far, in order."""
        with self._lock:
            return list(self._landings)

    @property
    def standing(self) -> int:
        """How many items there are in all mailboxes together."""
        with self._lock:
            return self._standing

    def insert(self, mailbox: Mailbox, item: Item) -> Item:
        """Store, and note it."""
        stored = super().insert(mailbox, item)
        self._note(mailbox, Write.CREATE, 1)
        return stored

    def put(self, mailbox: Mailbox, item: Item) -> Item:
        """Replace, and note it."""
        stored = super().put(mailbox, item)
        self._note(mailbox, Write.UPDATE, 0)
        return stored

    def take(self, mailbox: Mailbox, item_id: str) -> None:
        """Delete, and note it."""
        super().take(mailbox, item_id)
        self._note(mailbox, Write.DELETE, -1)

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

    def _note(self, mailbox: Mailbox, write: Write, more: int) -> None:
        with self._lock:
            self._landings.append(Landing(time.monotonic(), mailbox.address, write))
            self._standing += more
