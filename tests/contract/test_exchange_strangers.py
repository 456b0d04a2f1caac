"""What is made of an event that is not ours: whose hand it shows, and when it is none at all."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest

from contract.calendar_cases import PARIS, an_event, timed
from contract.exchange_backstage import JANE, ExchangeBackstage, Keys, exchange
from contract.exchange_stub import Talk, found, page, server_that
from contract.remote_calendar_contract import telling
from figgosync.calendars.base import Calendar, Mailbox
from figgosync.core.event import BY_HAND, Event, Stranger
from figgosync.errors import Reason, TransientError
from figgosync_sim.furnishing import furnish_by_hand, furnish_foreign
from figgosync_sim.mailboxes import FreeBusy, ItemFields, Sensitivity

EVE = date(2026, 12, 24)
EIGHT = datetime(2026, 12, 24, 8, tzinfo=UTC)


@pytest.fixture
async def backstage(keys: Keys) -> AsyncIterator[ExchangeBackstage]:
    async with exchange(keys) as backstage:
        yield backstage


@pytest.fixture
def calendar(backstage: ExchangeBackstage) -> Calendar:
    return backstage.calendar()


async def look(calendar: Calendar, event: Event | None = None) -> list[Stranger]:
    return list(await calendar.look_alikes([event or an_event()]))


# How it was made.

TRAITS: dict[str, ItemFields] = {
    "its creator": {"creator": "Somebody else"},
    "its class": {"item_class": "IPM.Appointment.Leave"},
    "a reminder": {"reminder_is_set": True},
    "privacy": {"sensitivity": Sensitivity.PRIVATE},
    "what it shows as": {"free_busy": FreeBusy.BUSY},
    "a category": {"categories": ("Leave",)},
    "importance": {"importance": "High"},
    "an answer that is asked for": {"response_requested": True},
}

NO_TRAITS: dict[str, ItemFields] = {
    "a place": {"location": "Brest"},
    "a note": {"body": "Do not disturb"},
    "when it was made": {"created_at": EIGHT},
    "how long before it reminds": {"reminder_minutes": 5},
    "its zone": {"time_zone": "Europe/Rome", "end_time_zone": "Europe/Rome"},
}


@pytest.mark.parametrize("trait", [*TRAITS, *NO_TRAITS])
async def test_a_fingerprint_is_of_how_an_event_was_made(
    backstage: ExchangeBackstage, calendar: Calendar, trait: str
) -> None:
    store = backstage.simulator.store
    furnish_foreign(store, JANE, "Absent", EVE)
    furnish_foreign(store, JANE, "Absent", EVE, **{**TRAITS, **NO_TRAITS}[trait])

    first, second = await look(calendar)

    assert (first.fingerprint != second.fingerprint) == (trait in TRAITS)
    assert re.fullmatch("[0-9a-f]{32}", second.fingerprint)
    assert BY_HAND not in {first.fingerprint, second.fingerprint}


async def test_the_order_of_categories_is_no_trait(
    backstage: ExchangeBackstage, calendar: Calendar
) -> None:
    for categories in (("A", "B"), ("B", "A")):
        furnish_foreign(backstage.simulator.store, JANE, "Absent", EVE, categories=categories)

    assert len({each.fingerprint for each in await look(calendar)}) == 1


async def test_one_program_that_impersonates_everybody_has_one_fingerprint(
    backstage: ExchangeBackstage,
) -> None:
    prints = set()
    for number in range(3):
        address = f"e{number}@societe.com"
        backstage.simulator.store.add(address, display_name=f"Person {number}")
        furnish_foreign(
            backstage.simulator.store, address, "Absent", EVE, creator=f"Person {number}"
        )
        calendar = backstage.connection.calendar(Mailbox(address, PARIS))
        prints |= {each.fingerprint for each in await look(calendar)}

    assert len(prints) == 1
    assert prints != {BY_HAND}


@pytest.mark.parametrize(
    ("fields", "by_hand"),
    [
        ({}, True),
        ({"reminder_is_set": False}, True),  # it still shows as free
        ({"free_busy": FreeBusy.OUT_OF_OFFICE}, True),  # it still reminds
        ({"free_busy": FreeBusy.BUSY, "reminder_is_set": False}, True),
        ({"free_busy": FreeBusy.OUT_OF_OFFICE, "reminder_is_set": False}, False),
        ({"creator": ""}, True),  # nobody says who
        ({"creator": "A delegate"}, False),
    ],
)
async def test_what_outlook_proposes_to_an_owner_is_made_by_hand(
    backstage: ExchangeBackstage, calendar: Calendar, fields: ItemFields, *, by_hand: bool
) -> None:
    furnish_by_hand(backstage.simulator.store, JANE, "Absent", EVE, **fields)

    (seen,) = await look(calendar)

    assert (seen.fingerprint == BY_HAND) is by_hand


async def test_no_name_can_be_read_from_what_is_returned(
    backstage: ExchangeBackstage, calendar: Calendar
) -> None:
    backstage.leaves(an_event(), program="Jeanne Calment")

    assert "Calment" not in repr(await look(calendar))


# Answers that are none.

GOOD = (
    '<t:CalendarItem><t:ItemId Id="a" ChangeKey="k"/><t:ItemClass>IPM.Appointment</t:ItemClass>'
    "<t:Subject>Absent</t:Subject><t:DateTimeCreated>2026-11-20T08:00:00Z</t:DateTimeCreated>"
    "<t:Start>2026-12-24T08:00:00Z</t:Start><t:End>2026-12-24T11:30:00Z</t:End>"
    "<t:IsAllDayEvent>false</t:IsAllDayEvent><t:IsMeeting>false</t:IsMeeting>"
    "<t:CalendarItemType>Single</t:CalendarItemType></t:CalendarItem>"
)
NO_TAG = (
    '<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag="x" PropertyType="String"/>'
    "<t:Value>Absent</t:Value></t:ExtendedProperty>"
)
INVITED = "<t:MeetingRequestWasSent>true</t:MeetingRequestWasSent>"
MORNING = an_event(when=timed("2026-12-24 08:00", "2026-12-24 11:30"))


def alone(item: str) -> Talk:
    return page(item, total=1, offset=1, last=True)


async def test_the_answer_that_the_following_tests_spoil_is_a_good_one(keys: Keys) -> None:
    async with server_that(alone(GOOD), keys) as (calendar, _):
        (seen,) = await look(calendar, MORNING)

    assert (seen.event.when, seen.fingerprint) == (MORNING.when, seen.fingerprint)
    assert seen.created_at == datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "lacking",
    [
        *("ItemClass", "Subject", "DateTimeCreated", "Start", "End", "IsAllDayEvent"),
        *("IsMeeting", "CalendarItemType"),
    ],
)
async def test_an_answer_without_what_was_asked_for_is_an_error(keys: Keys, lacking: str) -> None:
    spoilt = re.sub(f"<t:{lacking}>.*?</t:{lacking}>", "", GOOD)
    assert spoilt != GOOD

    async with server_that(alone(spoilt), keys) as (calendar, _):
        with pytest.raises(TransientError) as failed:
            await look(calendar, MORNING)

    assert failed.value.reason is Reason.INCOMPLETE_READ
    assert not failed.value.tenant_wide
    assert "Absent" not in telling(failed.value)


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        (' ChangeKey="k"', ""),
        ("2026-11-20T08:00:00Z", "2026-11-20T08:00:00"),
        ("2026-11-20T08:00:00Z", "yesterday, at Absent"),
        ("2026-12-24T11:30:00Z", "2026-13-24T11:30:00Z"),
        (
            "<t:DateTimeCreated>",
            f"{NO_TAG}<t:DateTimeCreated>",
        ),
    ],
    ids=["no version", "no zone", "no time", "no month", "no tag"],
)
async def test_an_answer_that_cannot_be_read_is_an_error(
    keys: Keys, what: str, instead: str
) -> None:
    async with server_that(alone(GOOD.replace(what, instead)), keys) as (calendar, _):
        with pytest.raises(TransientError) as failed:
            await look(calendar, MORNING)

    assert not failed.value.tenant_wide
    assert "Absent" not in telling(failed.value)


@pytest.mark.parametrize(
    "talk",
    [
        page(GOOD, total=2, offset=1, last=True),
        page("", total=2, offset=0, last=False),
        page(GOOD + GOOD, total=1, offset=2, last=True),
        page(GOOD, total=2, offset=7, last=False),
    ],
    ids=["half a page", "empty", "a row too many", "a gap"],
)
async def test_a_page_that_contradicts_itself_is_an_error(keys: Keys, talk: Talk) -> None:
    async with server_that(talk, keys) as (calendar, _):
        with pytest.raises(TransientError) as failed:
            await look(calendar, MORNING)
    assert failed.value.reason is Reason.INCOMPLETE_READ


@pytest.mark.parametrize(
    "talk",
    [
        alone(GOOD.replace("Absent", "Dentist")),
        alone(GOOD.replace("IPM.Appointment", "IPM.Schedule.Meeting.Request")),
        alone(GOOD.replace("CalendarItem>", "MeetingRequest>")),
        alone(GOOD.replace("<t:IsMeeting>false", "<t:IsMeeting>true")),
        alone(GOOD.replace("<t:CalendarItemType>", f"{INVITED}<t:CalendarItemType>")),
        alone(GOOD.replace("Single", "Occurrence")),
        found("a", "b", total=2, offset=2, last=True),
    ],
    ids=["title", "class", "element", "meeting", "invited", "occurrence", "ours"],
)
async def test_what_was_not_asked_for_is_never_a_stranger(keys: Keys, talk: Talk) -> None:
    async with server_that(talk, keys) as (calendar, heard):
        assert await look(calendar, MORNING) == []
        assert len(heard) == 1
