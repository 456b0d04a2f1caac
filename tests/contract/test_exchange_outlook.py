"""What people see in Outlook of our events, and what we see of what they do there."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.calendar_cases import PARIS, ZONES, a_key, all_day, an_event, only_event, timed
from contract.exchange_backstage import JANE, MARKER, ExchangeBackstage, Keys, exchange
from figgosync.calendars.base import Calendar
from figgosync.core.event import AllDay, Availability, Timed
from figgosync.errors import PermanentError, Reason, TransientError
from figgosync_sim.faults import Delay
from figgosync_sim.mailboxes import FreeBusy, Item, Sensitivity


@pytest.fixture
async def backstage(keys: Keys) -> AsyncIterator[ExchangeBackstage]:
    async with exchange(keys) as backstage:
        yield backstage


@pytest.fixture
def calendar(backstage: ExchangeBackstage) -> Calendar:
    return backstage.calendar()


def ours(backstage: ExchangeBackstage) -> Item:
    (item,) = (i for i in backstage.simulator.store.items(JANE) if MARKER in i.properties)
    return item


def change(backstage: ExchangeBackstage, **fields: Any) -> None:  # noqa: ANN401 - an item's fields
    """Let the owner change our event."""
    backstage.simulator.store.edit(JANE, ours(backstage).id, **fields)


@pytest.mark.parametrize("zone", ZONES)
async def test_outlook_shows_whole_days_as_they_are_meant(
    backstage: ExchangeBackstage, zone: str
) -> None:
    backstage.simulator.store.mailbox(JANE).time_zone = zone
    for when in (all_day("2026-12-24"), all_day("2027-03-12", "2027-04-05")):
        await backstage.calendar(zone).create(a_key(when.first.month), an_event(when=when))

    shown = backstage.simulator.store.outlook_view(JANE)
    assert [(entry.first, entry.last, entry.starts) for entry in shown] == [
        (date(2026, 12, 24), date(2026, 12, 24), None),
        (date(2027, 3, 12), date(2027, 4, 5), None),
    ]


async def test_outlook_shows_a_slot_a_pending_absence_and_a_private_one(
    backstage: ExchangeBackstage, calendar: Calendar
) -> None:
    event = an_event(
        when=timed("2026-12-24 08:00", "2026-12-24 11:30"),
        availability=Availability.TENTATIVE,
        private=True,
    )
    await calendar.create(a_key(), event)

    (shown,) = backstage.simulator.store.outlook_view(JANE)
    assert (shown.starts, shown.ends) == (time(9), time(12, 30))
    assert (shown.status, shown.private) == ("Tentative", True)


async def test_days_anchored_in_another_zone_are_seen_as_the_owner_sees_them_and_put_right(
    backstage: ExchangeBackstage, calendar: Calendar
) -> None:
    await calendar.create(a_key(), an_event())
    tokyo = backstage.calendar("Asia/Tokyo")

    seen = await only_event(tokyo)
    assert seen.event == an_event(when=all_day("2026-12-24", "2026-12-25"))

    await tokyo.update(seen.ref, a_key(), an_event())
    assert (await only_event(tokyo)).event == an_event()
    backstage.simulator.store.mailbox(JANE).time_zone = "Asia/Tokyo"
    (shown,) = backstage.simulator.store.outlook_view(JANE)
    assert (shown.first, shown.days) == (date(2026, 12, 24), 1)


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_server_with_other_rules_of_the_same_zone_is_not_corrected_for_ever(
    backstage: ExchangeBackstage, calendar: Calendar, hours: int
) -> None:
    await calendar.create(a_key(), an_event())
    item, shift = ours(backstage), timedelta(hours=hours)
    change(backstage, start=item.start + shift, end=item.end + shift)

    assert (await only_event(calendar)).event == an_event()


UNLIKE_ANY = [
    {"free_busy": FreeBusy.FREE},
    {"free_busy": FreeBusy.BUSY},
    {"free_busy": FreeBusy.NO_DATA},
    {"sensitivity": Sensitivity.PERSONAL},
    {"sensitivity": Sensitivity.CONFIDENTIAL},
]
UNLIKE_WANTED = [
    *UNLIKE_ANY,
    {"free_busy": FreeBusy.TENTATIVE},
    {"free_busy": FreeBusy.WORKING_ELSEWHERE},
    {"sensitivity": Sensitivity.PRIVATE},
    {"subject": "At the sea"},
    {"subject": ""},
    {"is_all_day": False},
    {"start": datetime(2026, 12, 22, 23, tzinfo=UTC)},
    {"end": datetime(2026, 12, 25, 23, tzinfo=UTC)},
]


@pytest.mark.parametrize("fields", UNLIKE_WANTED, ids=str)
async def test_whatever_the_owner_changes_of_what_shows_is_seen_and_put_right(
    backstage: ExchangeBackstage, calendar: Calendar, fields: dict[str, object]
) -> None:
    await calendar.create(a_key(), an_event())
    change(backstage, **fields)

    found = await only_event(calendar)
    assert found.event != an_event()
    await calendar.update(found.ref, a_key(), an_event())
    assert (await only_event(calendar)).event == an_event()


@pytest.mark.parametrize("fields", UNLIKE_ANY, ids=str)
async def test_what_we_never_write_equals_nothing_that_we_could_want(
    backstage: ExchangeBackstage, calendar: Calendar, fields: dict[str, object]
) -> None:
    await calendar.create(a_key(), an_event())
    change(backstage, **fields)

    found = (await only_event(calendar)).event
    wanted = {
        an_event(availability=availability, private=private)
        for availability in Availability
        for private in (True, False)
    }
    assert found not in wanted
    with pytest.raises(PermanentError):
        await calendar.create(a_key(part=1), found)


async def test_what_the_owner_adds_besides_is_kept(
    backstage: ExchangeBackstage, calendar: Calendar
) -> None:
    await calendar.create(a_key(), an_event())
    change(backstage, categories=("Family",), body="Pack the skis", attendees=("joe@x.example",))
    found = await only_event(calendar)
    assert found.event == an_event()

    await calendar.update(found.ref, a_key(), an_event("Changed"))
    kept = ours(backstage)
    assert (kept.categories, kept.body) == (("Family",), "Pack the skis")
    assert kept.attendees == ("joe@x.example",)
    await calendar.delete((await only_event(calendar)).ref)
    assert backstage.notifications() == 0


async def test_a_reminder_that_the_owner_sets_stays_until_the_absence_changes(
    backstage: ExchangeBackstage, calendar: Calendar
) -> None:
    await calendar.create(a_key(), an_event())
    change(backstage, reminder_is_set=True)
    found = await only_event(calendar)
    assert found.event == an_event()

    await calendar.update(found.ref, a_key(), an_event("Changed"))
    assert not ours(backstage).reminder_is_set


@pytest.mark.parametrize("marker", ["", "v2/acme.ilucca.net/1207/90211/0", "nonsense"])
async def test_a_marker_that_is_not_ours_to_read_is_nobody_s_event(
    backstage: ExchangeBackstage, calendar: Calendar, marker: str
) -> None:
    backstage.adds("Dentist")
    backstage.simulator.store.edit(
        JANE, backstage.titled("Dentist").id, properties={MARKER: marker}
    )
    await calendar.create(a_key(), an_event())

    assert (await only_event(calendar)).key == a_key()


@pytest.mark.parametrize("character", ["\ufffe", "\uffff", "\ufdd0"])
async def test_what_xml_cannot_carry_is_refused_not_replaced(
    backstage: ExchangeBackstage, calendar: Calendar, character: str
) -> None:
    with pytest.raises(PermanentError) as refused:
        await calendar.create(a_key(), an_event(f"Absent{character}"))

    assert refused.value.reason is Reason.EVENT_REFUSED
    assert len(backstage.simulator.log) == 0


# Pages.


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 9, 10, 11, 13])
async def test_a_listing_is_whole_wherever_its_pages_end(
    backstage: ExchangeBackstage, calendar: Calendar, count: int
) -> None:
    for period in range(count):
        await calendar.create(a_key(period), an_event())

    found = await backstage.calendar().owned_events()
    assert sorted(owned.key.period for owned in found) == list(range(count))


@pytest.mark.parametrize("moved", ["deleted", "added", "both", "replaced"])
async def test_a_calendar_that_changes_between_two_pages_is_not_listed(
    backstage: ExchangeBackstage, calendar: Calendar, moved: str
) -> None:
    for period in range(8):
        start = date(2026, 12, 1 + period)
        await calendar.create(a_key(period), an_event(when=AllDay(start, start)))
    store = backstage.simulator.store
    items = store.items(JANE)
    seen = 0

    def between(_: object) -> bool:
        nonlocal seen
        seen += 1
        if seen == 2:
            if moved in {"deleted", "both"}:
                store.delete(JANE, items[1].id)
            if moved in {"added", "both"}:
                early = items[0].start - timedelta(days=9)
                late = items[7].start + timedelta(days=9)
                at = late if moved == "both" else early
                store.add_item(JANE, copy_of=items[0], start=at, end=at + timedelta(days=1))
            if moved == "replaced":
                store.delete(JANE, items[4].id)
                store.add_item(JANE, copy_of=items[4])
        return seen == 2

    backstage.simulator.faults.order(Delay(0), when=between)
    with pytest.raises(TransientError) as failed:
        await calendar.owned_events()
    assert failed.value.reason is Reason.INCOMPLETE_READ
    assert len(await calendar.owned_events()) == len(store.items(JANE))


# Whatever the day, the zone and the title.

NONCHARACTERS = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")

instants = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - hypothesis adds the zone
    lambda moment: moment.replace(second=0, microsecond=0)
)
days = st.dates(date(2020, 1, 1), date(2035, 1, 1))
spans = st.one_of(
    st.builds(lambda day, more: AllDay(day, day + timedelta(days=more)), days, st.integers(0, 99)),
    st.builds(
        lambda start, more: Timed(start, start + timedelta(minutes=more)),
        instants,
        st.integers(1, 9999),
    ),
)
titles = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=255
).filter(lambda title: title == title.strip() and not NONCHARACTERS.search(title))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    when=spans,
    title=titles,
    zone=st.sampled_from(sorted({*ZONES, "Africa/Casablanca", "Asia/Tehran", "Asia/Kathmandu"})),
    availability=st.sampled_from(Availability),
    private=st.booleans(),
)
async def test_whatever_was_written_reads_back_equal(
    keys: Keys,
    when: AllDay | Timed,
    title: str,
    zone: str,
    availability: Availability,
    *,
    private: bool,
) -> None:
    event = an_event(title, when, availability, private=private)
    async with exchange(keys) as backstage:
        calendar = backstage.calendar(zone)
        ref = await calendar.create(a_key(), event)
        assert (await only_event(calendar)).event == event

        other = an_event(when=all_day("2026-12-24"))
        ref = await calendar.update(ref, a_key(), other)
        assert (await only_event(calendar)).event == other
        await calendar.update(ref, a_key(), event)
        assert (await only_event(calendar)).event == event


def test_the_cases_cover_zones_far_apart() -> None:
    noon = datetime(2026, 12, 24, 12, tzinfo=UTC)
    offsets = [ZoneInfo(zone).utcoffset(noon) or timedelta(0) for zone in (*ZONES, PARIS)]
    assert (min(offsets), max(offsets)) == (timedelta(hours=-11), timedelta(hours=14))
