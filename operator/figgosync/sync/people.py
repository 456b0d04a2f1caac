"""Everybody a tenant serves, kept in step with Figgo's directory and the tenant's wishes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain, islice

from figgosync.calendars.base import Mailbox
from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.directory import Directory
from figgosync.core.scope import ScopeRules
from figgosync.core.tenant import TenantSpec
from figgosync.figgo.changes import ChangeKind, Changes
from figgosync.sync.agenda import Agenda
from figgosync.sync.deliveries import Deliveries
from figgosync.sync.roster import EMPTY, Roster, draw_up
from figgosync.sync.worker import digest_of


@dataclass(frozen=True, slots=True)
class Grounds:
    """All that a roster is drawn up from."""

    directory: Directory
    invisible: frozenset[LegalEntityID]
    spec: TenantSpec
    scope: ScopeRules
    today: date


class People:
    """Turns what Figgo says into entries of the agenda.

    `swept` tells whether Figgo has been read whole since the start.
    """

    def __init__(self, agenda: Agenda, deliveries: Deliveries) -> None:
        self._agenda = agenda
        self._deliveries = deliveries
        self._directory: Directory | None = None
        self._invisible: frozenset[LegalEntityID] = frozenset()
        self._drawn_from: Grounds | None = None
        self.roster: Roster = EMPTY
        self.swept = False

    @property
    def legal_entities(self) -> Collection[LegalEntityID]:
        """The establishments that Figgo shows; none before it was asked."""
        return () if self._directory is None else tuple(self._directory.establishments)

    def members(self, entities: Collection[LegalEntityID]) -> frozenset[EmployeeID]:
        """Return all in scope, served or refused, who belong to these legal entities."""
        if self._directory is None:
            return frozenset()
        employees = self._directory.employees
        return frozenset(
            who for who in self.roster.everybody if employees[who].legal_entity in entities
        )

    def mailboxes(self, start: int, count: int) -> list[Mailbox]:
        """Return some mailboxes, beginning at another place for another `start`."""
        places = self.roster.places
        first = start % max(len(places), 1)
        around = chain(islice(places.values(), first, None), islice(places.values(), first))
        return [place.mailbox for place in islice(around, count)]

    def invisible(self, wanted: frozenset[LegalEntityID] | None) -> frozenset[LegalEntityID]:
        """Return those of the wanted legal entities (None: all) of which Figgo shows nothing."""
        return self._invisible if wanted is None else self._invisible & wanted

    def learn(self, changes: Changes) -> None:
        """Take over who there is, and who can be seen; it counts from the next `follow` on."""
        self._directory, self._invisible = changes.directory, changes.invisible

    def follow(self, spec: TenantSpec, scope: ScopeRules, now: datetime) -> None:
        """Draw the roster up again if the directory, the wishes or the day are others now."""
        if self._directory is None:
            return
        today = now.astimezone(UTC).date()
        before = self._drawn_from
        grounds = Grounds(self._directory, self._invisible, spec, scope, today)
        if grounds != before:
            self._drawn_from = grounds
            self._draw(grounds, now, new_wishes=before is not None and before.spec != spec)

    def deliver(self, changes: Changes, now: datetime) -> None:
        """Put on the agenda what was read of each employee, where it is news."""
        outstanding = []
        for employee, reading in changes.readings.items():
            place = self.roster.places.get(employee)
            if place is not None and self._agenda.deliver(reading, digest_of(place, reading), now):
                outstanding.append(employee)
        self._deliveries.arrived(changes.watermark, outstanding)
        self.swept = self.swept or changes.kind is ChangeKind.SWEEP

    def look_everywhere(self, now: datetime) -> None:
        """Put everybody on the agenda: what was made so far was made on another server."""
        for employee in self.roster.places:
            self._agenda.look(employee, now, outdated=True)

    def _draw(self, of: Grounds, now: datetime, *, new_wishes: bool) -> None:
        before = self.roster
        self.roster = draw_up(of.directory, of.invisible, of.spec, of.scope, of.today)
        for employee, refusal in self.roster.refusals.items():
            self._agenda.refuse(employee, refusal.reason, refusal.message, now)
        for employee, place in self.roster.places.items():
            if place != before.places.get(employee):
                self._agenda.look(employee, now, outdated=new_wishes)
        self._agenda.keep_only(self.roster.everybody)
        self._deliveries.forget_all_but(frozenset(self.roster.places))
