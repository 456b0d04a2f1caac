"""The reference calendar keeps the contract."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from contract.calendar_cases import OTHER_PROGRAM, PARIS, Backstage, Stored, an_event
from contract.calendar_contract import CalendarContract
from contract.memory_calendar import Kept, MemoryCalendar, MemoryConnection
from figgosync.calendars.base import Mailbox
from figgosync.core.event import Event


class MemoryBackstage(Backstage):
    def __init__(self) -> None:
        self.connection = MemoryConnection(["jane@societe.com", "joe@societe.com"])
        self.mailbox = self.connection.find("jane@societe.com")

    def calendar(self, time_zone: str = PARIS) -> MemoryCalendar:
        return self.connection.calendar(Mailbox("jane@societe.com", time_zone))

    def another_calendar(self) -> MemoryCalendar:
        return self.connection.calendar(Mailbox("joe@societe.com", PARIS))

    def stored(self) -> Sequence[Stored]:
        return [
            Stored(str(kept.identity), kept.marker, kept.event.title)
            for kept in self.mailbox.kept.values()
        ]

    def notifications(self) -> int:
        return 0

    def lives_in(self, zone: str) -> None:
        """Days have no zone here."""

    def adds(self, title: str) -> None:
        self.mailbox.put(an_event(title))

    def enters(self, event: Event) -> None:
        self.mailbox.put(event, created_at=datetime.now(UTC))

    def invites(self, event: Event) -> None:
        self.mailbox.put(event, is_single=False)

    def repeats(self, event: Event) -> None:
        self.mailbox.put(event, is_single=False)

    def leaves(self, event: Event, program: str = OTHER_PROGRAM, days_ago: int = 9) -> None:
        created_at = datetime.now(UTC) - timedelta(days=days_ago)
        self.mailbox.put(event, program=program, created_at=created_at)

    def renames(self, title: str, new_title: str) -> None:
        self.mailbox.change(self._titled(title), an_event(new_title))

    def copies(self, title: str) -> None:
        self.mailbox.copy(self._titled(title))

    def deletes(self, title: str) -> None:
        self.mailbox.remove(self._titled(title).identity)

    def _titled(self, title: str) -> Kept:
        (found,) = (kept for kept in self.mailbox.kept.values() if kept.event.title == title)
        return found


class TestMemoryCalendar(CalendarContract):
    @pytest.fixture
    def backstage(self) -> Backstage:
        return MemoryBackstage()
