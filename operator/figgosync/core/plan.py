"""The difference between the events that we want and those of ours that are there."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import assert_never
from zoneinfo import ZoneInfo

from figgosync.core.absence import HalfDay, PeriodID, Reading
from figgosync.core.coverage import days, walls
from figgosync.core.event import Event, EventKey, OwnedEvent, Ref
from figgosync.core.evidence import Evidence, Witness
from figgosync.core.matching import Pairing, distance, paired
from figgosync.core.render import concealed
from figgosync.core.tenant import EventRules

__all__ = ["Action", "Adopt", "Create", "Delete", "Evidence", "Situation", "Update", "plan"]


@dataclass(frozen=True, slots=True)
class Create:
    """Put a new event into the calendar."""

    key: EventKey
    event: Event


@dataclass(frozen=True, slots=True)
class Update:
    """Make the event under `ref`, found as `before`, show `event`; its key stays."""

    ref: Ref
    key: EventKey
    event: Event
    before: Event


@dataclass(frozen=True, slots=True)
class Delete:
    """Take the event under `ref`, found as `event`, out of the calendar."""

    ref: Ref
    key: EventKey
    event: Event
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Adopt:
    """Take over the event under `ref`, found as `before`, which another program left.

    It is given our key and made to show `event`. Made only where somebody asked for it.
    """

    ref: Ref
    key: EventKey
    event: Event
    before: Event


Action = Create | Update | Delete | Adopt


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a plan for one employee is made from.

    `host` is the normalised Figgo host; with `reading.owner` it says which of `found` are ours.
    `wanted` is what the calendar should show of each period in `reading`; of a period that does
    not stand in the calendar yet, only if it is `creatable`. `today` and the days of timed events
    are days in `zone`.
    """

    host: str
    reading: Reading
    wanted: Mapping[PeriodID, tuple[Event, ...]]
    creatable: frozenset[PeriodID]
    found: Sequence[OwnedEvent]
    rules: EventRules
    today: date
    zone: ZoneInfo


def plan(situation: Situation) -> tuple[Action, ...]:
    """Return what turns the calendar into what is wanted: updates, creates, then deletions.

    Deletions come last: stopped half-way, somebody is shown as away too long rather than not at
    all. Events of another host or employee are left alone. Carried out in full, the plan leaves
    nothing to plan; the order of `found` is of no importance.
    """
    rows: dict[PeriodID, list[HalfDay]] = defaultdict(list)
    for row in situation.reading.half_days:
        rows[row.period].append(row)
    found: dict[PeriodID, list[OwnedEvent]] = defaultdict(list)
    for event in situation.found:
        if (event.key.host, event.key.employee) == (situation.host, situation.reading.owner):
            found[event.key.period].append(event)
    return tuple(
        sorted(
            (
                action
                for period in situation.wanted.keys() | found.keys()
                for action in _period_plan(situation, period, rows[period], found[period]).actions()
            ),
            key=_turn,
        )
    )


def _period_plan(
    situation: Situation,
    period: PeriodID,
    rows: Sequence[HalfDay],
    found: Sequence[OwnedEvent],
) -> "_PeriodPlan":
    rules, zone = situation.rules, situation.zone
    witness = Witness(rows, situation.reading, rules.working_hours, zone)
    wanted = sorted(situation.wanted.get(period, ()), key=lambda each: walls(each.when, zone))
    return _PeriodPlan(situation, period, witness, found, wanted)


def _turn(action: Action) -> tuple[int, EventKey, str]:
    match action:
        case Update():
            return 0, action.key, action.ref
        case Adopt():
            return 1, action.key, action.ref
        case Create():
            return 1, action.key, ""
        case Delete():
            return 2, action.key, action.ref
        case _:
            assert_never(action)


@dataclass(frozen=True, slots=True)
class _PeriodPlan:
    """The plan for one leave period."""

    situation: Situation
    period: PeriodID
    witness: Witness
    found: Sequence[OwnedEvent]
    wanted: Sequence[Event]

    def actions(self) -> Iterator[Action]:
        survivors, copies = self._without_copies()
        history = [each for each in self.found if self._is_history(each)]
        pairing = paired(
            self.wanted, [each for each in survivors if each not in history], self.situation.zone
        )
        for copy in copies:
            if copy not in history:
                yield _delete(copy, Evidence.DUPLICATE)
        for wanted, found in pairing.pairs:
            yield from _update(found, self._next(wanted, found))
        for surplus in pairing.surplus:
            yield from self._removal(surplus, pairing)
        for old in history:
            yield from _update(old, concealed(old.event, self.situation.rules))
        yield from self._creations(pairing.missing)

    def _without_copies(self) -> tuple[Sequence[OwnedEvent], Sequence[OwnedEvent]]:
        """Tell one event of each key from its copies: the one nearest to what is wanted.

        Where nothing is wanted, one of the past stays rather than one of the future, which is
        more likely the copy that somebody made.
        """
        survivors: dict[EventKey, OwnedEvent] = {}
        copies: list[OwnedEvent] = []
        for each in sorted(self.found, key=self._claim):
            if each.key in survivors:
                copies.append(each)
            else:
                survivors[each.key] = each
        return list(survivors.values()), copies

    def _claim(self, found: OwnedEvent) -> tuple[Sequence[tuple[bool, int, float]], bool, Ref]:
        zone = self.situation.zone
        nearest = sorted(distance(wanted, found.event, zone) for wanted in self.wanted)[:1]
        return nearest, not self._is_past(found.event), found.ref

    def _is_history(self, found: OwnedEvent) -> bool:
        """Return whether the event lies before all that the read can speak of."""
        if self.witness.knows_the_period():
            return False
        return self._last_day(found.event) < self.situation.reading.since

    def _next(self, wanted: Event, found: OwnedEvent) -> Event:
        """Return what `found` should show from now on: `wanted`, unless the past is at rest."""
        if self._is_past(wanted) and self._is_at_rest(found):
            return concealed(found.event, self.situation.rules)
        return wanted

    def _removal(self, found: OwnedEvent, pairing: Pairing) -> Iterator[Action]:
        if self.wanted:
            evidence = Evidence.DUPLICATE
        else:
            evidence = self.witness.why_nothing_is_wanted(found.event)
        if not self._is_past(found.event) or self._may_vanish_from_the_past(
            found, evidence, pairing
        ):
            yield _delete(found, evidence)
        else:
            yield from _update(found, concealed(found.event, self.situation.rules))

    def _may_vanish_from_the_past(
        self, found: OwnedEvent, evidence: Evidence, pairing: Pairing
    ) -> bool:
        match evidence:
            case Evidence.CANCELLED | Evidence.REPLACED:
                return True
            case Evidence.UNWANTED | Evidence.UNEXPLAINED:
                return False
            case Evidence.DUPLICATE:
                return self.witness.gave_up(found.event) or (
                    not self._is_at_rest(found) and self._is_absorbed(found, pairing)
                )
            case _:
                assert_never(evidence)

    def _is_absorbed(self, found: OwnedEvent, pairing: Pairing) -> bool:
        """Return whether the other events of the period show the half-days of `found`, too."""
        shown = [self._next(wanted, partner) for wanted, partner in pairing.pairs]
        return self.witness.keeps(found.event, shown)

    def _is_past(self, event: Event) -> bool:
        return self._last_day(event) < self.situation.today

    def _is_at_rest(self, found: OwnedEvent) -> bool:
        """Return whether the event is past and its period did not change afterwards."""
        return self._is_past(found.event) and not self.witness.changed_since(
            self._last_day(found.event)
        )

    def _last_day(self, event: Event) -> date:
        return days(event.when, self.situation.zone)[1]

    def _creations(self, missing: Sequence[Event]) -> Iterator[Create]:
        """Create under the smallest parts that are free; a period that stands needs no leave."""
        if not self.found and self.period not in self.situation.creatable:
            return
        taken = {each.key.part for each in self.found}
        free = (part for part in count() if part not in taken)
        for event, part in zip(missing, free, strict=False):
            host, owner = self.situation.host, self.situation.reading.owner
            yield Create(EventKey(host, owner, self.period, part), event)


def _update(found: OwnedEvent, event: Event) -> Iterator[Update]:
    if event != found.event:
        yield Update(found.ref, found.key, event, found.event)


def _delete(found: OwnedEvent, evidence: Evidence) -> Delete:
    return Delete(found.ref, found.key, found.event, evidence)
