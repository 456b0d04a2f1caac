"""A company moves from another synchronisation: nothing doubles, and people's own work stays."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date
from functools import reduce

import pytest

from contract.calendar_cases import PARIS, a_key, all_day, an_event, timed
from contract.exchange_backstage import MARKER, ExchangeBackstage, Keys, ends, exchange
from figgosync.calendars.base import Calendar, Mailbox
from figgosync.core.absence import EmployeeID
from figgosync.core.adoption import adopted, adopting, learned, look_alikes, merged, sightings_of
from figgosync.core.event import Event, Stranger
from figgosync.core.plan import Action, Adopt, Create
from figgosync_sim.furnishing import furnish_by_hand, furnish_foreign

ABSENCES = [
    an_event(),
    an_event(when=timed("2026-12-28 08:00", "2026-12-28 11:30")),
    an_event(when=all_day("2027-02-01", "2027-02-05")),
]
PEOPLE = [f"e{number}@societe.com" for number in range(4)]


@pytest.fixture
async def backstage(keys: Keys) -> AsyncIterator[ExchangeBackstage]:
    async with exchange(keys) as backstage:
        for number, address in enumerate(PEOPLE):
            backstage.simulator.store.add(address, display_name=f"Person {number}")
        yield backstage


def calendar_of(backstage: ExchangeBackstage, address: str) -> Calendar:
    return backstage.connection.calendar(Mailbox(address, PARIS))


async def planned(backstage: ExchangeBackstage, address: str) -> tuple[Action, ...]:
    """Return what is missing in a calendar, as a plan would."""
    number = EmployeeID(PEOPLE.index(address))
    there = {owned.key for owned in await calendar_of(backstage, address).owned_events()}
    keys = [replace(a_key(period), employee=number) for period in range(len(ABSENCES))]
    return tuple(
        Create(key, event) for key, event in zip(keys, ABSENCES, strict=True) if key not in there
    )


async def strangers_in(backstage: ExchangeBackstage, address: str) -> Sequence[Stranger]:
    return await calendar_of(backstage, address).look_alikes(ABSENCES)


async def carry_out(backstage: ExchangeBackstage, address: str, actions: Sequence[Action]) -> None:
    calendar = calendar_of(backstage, address)
    for action in actions:
        if isinstance(action, Adopt):
            await calendar.update(action.ref, action.key, action.event)
        elif isinstance(action, Create):
            await calendar.create(action.key, action.event)


def left(backstage: ExchangeBackstage, address: str, event: Event, by: str) -> None:
    furnish_foreign(backstage.simulator.store, address, event.title, *ends(event.when), creator=by)


@pytest.mark.parametrize("impersonates", [True, False])
async def test_what_was_left_becomes_ours_and_what_was_entered_by_hand_stays(
    backstage: ExchangeBackstage, *, impersonates: bool
) -> None:
    store = backstage.simulator.store
    for number, address in enumerate(PEOPLE):
        maker = f"Person {number}" if impersonates else "Lucca"
        left(backstage, address, ABSENCES[0], by=maker)
        left(backstage, address, ABSENCES[1], by=maker)
        furnish_by_hand(store, address, "Absent", date(2027, 2, 1), date(2027, 2, 5))
    furnish_by_hand(store, PEOPLE[0], "Absent", date(2026, 12, 24))
    before = {item.id for address in PEOPLE for item in store.items(address)}

    plans = {address: await planned(backstage, address) for address in PEOPLE}
    there = {address: await strangers_in(backstage, address) for address in PEOPLE}
    seen = reduce(merged, (sightings_of(plans[who], there[who]) for who in PEOPLE), ())
    known = learned(seen)
    for address in PEOPLE:
        await carry_out(backstage, address, adopting(plans[address], there[address], known))

    assert (look_alikes(seen), adopted(seen, known)) == (12, 8)
    for address in PEOPLE:
        ours = [item for item in store.items(address) if MARKER in item.properties]
        owned = await calendar_of(backstage, address).owned_events()
        assert len(ours) == len(owned) == 3
        assert {each.event.when for each in owned} == {event.when for event in ABSENCES}
        assert len([item for item in ours if item.id in before]) == 2
        theirs = [item for item in store.items(address) if MARKER not in item.properties]
        assert all(item.reminder_is_set for item in theirs)
        assert len(theirs) == (2 if address == PEOPLE[0] else 1)
        assert await planned(backstage, address) == ()
    assert store.notifications() == 0


async def test_what_three_people_entered_by_hand_is_taken_from_nobody(
    backstage: ExchangeBackstage,
) -> None:
    for address in PEOPLE[:3]:
        furnish_by_hand(backstage.simulator.store, address, "Absent", date(2026, 12, 24))

    seen = reduce(
        merged,
        [
            sightings_of(await planned(backstage, who), await strangers_in(backstage, who))
            for who in PEOPLE
        ],
        (),
    )

    assert look_alikes(seen) == 3
    assert learned(seen) == frozenset()
