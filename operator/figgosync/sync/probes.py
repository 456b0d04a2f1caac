"""Which mailboxes a connection is proved with."""

from collections.abc import Sequence

from figgosync.calendars.base import Mailbox
from figgosync.sync.access import PROBES
from figgosync.sync.people import People

CANDIDATES = 10 * PROBES
"""More than are asked, since not every address can be asked for."""


class Probes:
    """Begins with one that has been served, and tries others while that one fails."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._good: Mailbox | None = None

    def served(self, mailbox: Mailbox) -> None:
        """Note a mailbox that was served without trouble."""
        self._good = mailbox

    def candidates(self, attempts: int) -> Sequence[Mailbox]:
        """Return the mailboxes to try after `attempts` in a row failed, the best first."""
        others = self._people.mailboxes(attempts * PROBES, CANDIDATES)
        good = self._good if attempts == 0 else None
        return others if good is None else [good, *others]
