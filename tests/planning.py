"""What the tests of planning share: situations, and a calendar that does as it is told."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from builders import (
    HOST,
    OWNER,
    PERIOD,
    a_reading,
    all_day,
    an_event,
    an_owned_event,
    cancelled,
    day,
    event_rules,
    half_days,
)
from figgosync.core.absence import HalfDay, PeriodID
from figgosync.core.event import Event, EventKey, OwnedEvent, Ref
from figgosync.core.plan import Action, Create, Delete, Evidence, Situation, Update, plan
from figgosync.core.render import wanted_events
from figgosync.core.tenant import EventRules

PARIS = ZoneInfo("Europe/Paris")
TODAY = "2026-11-24"


def a_situation(
    rows: Iterable[HalfDay] = (),
    found: Sequence[OwnedEvent] = (),
    rules: EventRules | None = None,
    *,
    zone: ZoneInfo = PARIS,
    **changes: Any,  # noqa: ANN401 - a builder takes any field
) -> Situation:
    """Return a situation in which every period may be created, as the sync would make it."""
    rules = rules or event_rules()
    reading = a_reading(rows)
    wanted = wanted_events(reading, rules, zone)
    situation = Situation(
        host=HOST,
        reading=reading,
        wanted=wanted,
        creatable=frozenset(wanted),
        found=found,
        rules=rules,
        today=day(TODAY),
        zone=zone,
    )
    return replace(situation, **changes)


NOTHING_CREATABLE: frozenset[PeriodID] = frozenset()


def carried_out(actions: Iterable[Action], found: Sequence[OwnedEvent]) -> list[OwnedEvent]:
    """Return what stands in a calendar after `actions`; every action must find what it names."""
    calendar = {each.ref: each for each in found}
    assert len(calendar) == len(found), "refs are unique"
    for action in actions:
        match action:
            case Create():
                ref = Ref(f"new-{action.key.marker()}")
                assert ref not in calendar
                calendar[ref] = OwnedEvent(action.key, ref, action.event)
            case Update():
                before = calendar.pop(action.ref)
                assert (before.key, before.event) == (action.key, action.before)
                ref = Ref(f"{action.ref}'")
                calendar[ref] = OwnedEvent(action.key, ref, action.event)
            case Delete():
                gone = calendar.pop(action.ref)
                assert (gone.key, gone.event) == (action.key, action.event)
    return list(calendar.values())


ANOTHER_PERIOD = PeriodID(PERIOD + 1)
WEEK = half_days("2026-11-30 AM", "2026-12-04 PM")
WHOLE_WEEK = an_event(all_day("2026-11-30", "2026-12-04"))
WEDNESDAY = half_days("2026-12-02 AM", "2026-12-02 PM")
WITHOUT_WEDNESDAY = (*WEEK[:4], *cancelled(WEDNESDAY), *WEEK[6:])
UNTIL_TUESDAY = an_event(all_day("2026-11-30", "2026-12-01"))
FROM_THURSDAY = an_event(all_day("2026-12-03", "2026-12-04"))


def key(part: int = 0, period: PeriodID = PERIOD) -> EventKey:
    return EventKey(HOST, OWNER, period, part)


def updated(found: OwnedEvent, event: Event) -> Update:
    return Update(found.ref, found.key, event, found.event)


def deleted(found: OwnedEvent, evidence: Evidence) -> Delete:
    return Delete(found.ref, found.key, found.event, evidence)


def planned(situation: Situation) -> list[Action]:
    """Return the plan, after making sure that carrying it out leaves nothing to plan."""
    actions = plan(situation)
    after = replace(situation, found=carried_out(actions, situation.found))
    assert plan(after) == ()
    return list(actions)


STANDING = an_owned_event(WHOLE_WEEK)
