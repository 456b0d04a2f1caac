"""What Exchange is asked about events that are not ours, and what is made of its answers."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from contract.calendar_cases import PARIS, a_key, all_day, an_event
from contract.exchange_backstage import JANE, ExchangeBackstage, Keys, exchange
from contract.exchange_stub import page, server_that
from figgosync.calendars.base import Calendar
from figgosync.calendars.exchange.questions import MOST_TITLES, questions_for
from figgosync.core.event import AllDay, Event, Stranger, Timed
from figgosync.errors import Reason, TransientError
from figgosync_sim.faults import Delay
from figgosync_sim.furnishing import furnish_by_hand, furnish_foreign
from raw_ews import NAMESPACES

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


# What is asked.


async def the_request(keys: Keys, *events: Event) -> etree._Element:
    async with server_that(page("", total=0, offset=0, last=True), keys) as (calendar, heard):
        await calendar.look_alikes(events)
        (sent,) = heard
    return etree.fromstring(sent.partition(b"\r\n\r\n")[2])


async def test_nothing_is_asked_of_what_is_written_in_an_event_or_of_who_was_invited(
    keys: Keys,
) -> None:
    sent = await the_request(keys, an_event())

    uris = {e.get("FieldURI") for e in sent.iterfind(".//m:ItemShape//t:FieldURI", NAMESPACES)}
    assert uris == {
        "item:ItemClass",
        "item:Subject",
        "item:Sensitivity",
        "item:Categories",
        "item:Importance",
        "item:DateTimeCreated",
        "item:ReminderIsSet",
        "calendar:Start",
        "calendar:End",
        "calendar:IsAllDayEvent",
        "calendar:LegacyFreeBusyStatus",
        "calendar:IsMeeting",
        "calendar:MeetingRequestWasSent",
        "calendar:IsResponseRequested",
        "calendar:CalendarItemType",
        "calendar:Organizer",
        "calendar:StartTimeZone",
    }
    properties = sent.findall(".//m:ItemShape//t:ExtendedFieldURI", NAMESPACES)
    assert [e.get("PropertyName") or e.get("PropertyTag") for e in properties] == [
        "figgosync-absence",
        "0x3ff8",
    ]
    assert sent.findtext(".//t:BaseShape", namespaces=NAMESPACES) == "IdOnly"


async def test_the_title_and_the_days_are_the_servers_to_compare(keys: Keys) -> None:
    sent = await the_request(keys, an_event(), an_event("Ferien", all_day("2027-02-01")))

    (condition,) = sent.findall(".//m:Restriction/*", NAMESPACES)
    kinds = [etree.QName(part).localname for part in condition]
    assert (etree.QName(condition).localname, kinds) == (
        "And",
        ["Not", "Or", "IsLessThan", "IsGreaterThan"],
    )
    constants = [e.get("Value") for e in condition.iterfind(".//t:Constant", NAMESPACES)]
    assert constants == ["Absent", "Ferien", "2027-02-03T00:00:00Z", "2026-12-23T00:00:00Z"]


async def test_one_title_needs_no_alternative(keys: Keys) -> None:
    sent = await the_request(keys, an_event(), an_event(when=all_day("2027-02-01")))

    assert sent.find(".//t:Or", NAMESPACES) is None
    assert len(sent.findall(".//t:IsEqualTo", NAMESPACES)) == 1


@pytest.mark.parametrize(
    ("titles", "requests"), [(1, 1), (MOST_TITLES, 1), (MOST_TITLES + 1, 2), (3 * MOST_TITLES, 3)]
)
async def test_more_titles_than_a_restriction_can_hold_are_asked_for_in_turns(
    backstage: ExchangeBackstage, calendar: Calendar, titles: int, requests: int
) -> None:
    events = [an_event(f"Type {number:03}") for number in range(titles)]
    backstage.leaves(events[0])
    backstage.leaves(events[-1])

    seen = await calendar.look_alikes(events)

    assert [each.event.title for each in seen] == [events[0].title, events[-1].title]
    assert backstage.simulator.log.operations() == ["FindItem"] * requests
    assert {call.outcome for call in backstage.simulator.log.calls} == {"NoError"}


whens = st.one_of(
    st.builds(
        lambda day, more: AllDay(day, day + timedelta(days=more)),
        st.dates(date(2020, 1, 1), date(2035, 1, 1)),
        st.integers(0, 99),
    ),
    st.builds(
        lambda hours, length: Timed(
            EIGHT + timedelta(hours=hours), EIGHT + timedelta(hours=hours + length)
        ),
        st.integers(-9999, 9999),
        st.integers(1, 99),
    ),
)


@given(st.lists(st.builds(an_event, st.sampled_from(["A", "a", "B"]), whens), max_size=9))
def test_every_event_lies_within_its_question_and_is_asked_for_once(events: list[Event]) -> None:
    questions = list(questions_for(events))

    assert len(questions) == bool(events)
    for question in questions:
        since, until = question.span
        assert list(question.titles) == sorted({event.title for event in events})
        for event in events:
            if isinstance(event.when, Timed):
                assert since <= event.when.start < event.when.end <= until
            else:
                # The earliest zone is 14 hours ahead, the latest 12 behind.
                first, last = (
                    datetime(d.year, d.month, d.day, tzinfo=UTC)
                    for d in (event.when.first, event.when.last)
                )
                assert since <= first - timedelta(hours=14)
                assert last + timedelta(hours=36) <= until


# What comes.


class Answers(logging.Handler):
    """Keeps what the library would log of requests and answers, if it were allowed to."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


@pytest.fixture
def answers(backstage: ExchangeBackstage) -> Iterator[Answers]:
    assert backstage.connection  # which silences the library
    handler, library = Answers(), logging.getLogger("exchangelib")
    library.addHandler(handler)
    level = library.level
    library.setLevel(logging.DEBUG)
    yield handler
    library.removeHandler(handler)
    library.setLevel(level)


async def test_events_that_are_no_candidates_never_leave_the_server(
    backstage: ExchangeBackstage, calendar: Calendar, answers: Answers
) -> None:
    store = backstage.simulator.store
    furnish_by_hand(store, JANE, "Oncology", EIGHT, EIGHT + timedelta(hours=1), body="Fourth cycle")
    furnish_by_hand(store, JANE, "Absent", date(2026, 7, 14))
    backstage.leaves(an_event())

    assert len(await look(calendar)) == 1

    told = "".join(answers.texts)
    assert "Absent" in told
    for kept in ("Oncology", "Fourth cycle", "2026-07-1"):
        assert kept not in told


async def test_the_servers_comparison_without_case_is_not_ours(
    backstage: ExchangeBackstage, calendar: Calendar, answers: Answers
) -> None:
    backstage.leaves(an_event("ABSENT"))

    assert await look(calendar) == []
    assert "ABSENT" in "".join(answers.texts)


@pytest.mark.parametrize(
    ("zone", "first", "seen"),
    [
        ("Europe/Paris", EVE, EVE),
        ("Europe/Rome", EVE, EVE),  # the same midnight under another name
        ("Pacific/Auckland", EVE, None),  # there a day begins at noon here: two days
    ],
)
async def test_days_of_another_zone_are_the_days_that_the_owner_sees(
    backstage: ExchangeBackstage, calendar: Calendar, zone: str, first: date, seen: date | None
) -> None:
    furnish_foreign(backstage.simulator.store, JANE, "Absent", first, time_zone=zone)

    days = [each.event.when for each in await look(calendar)]
    assert days == ([] if seen is None else [AllDay(seen, seen)])


# Pages.


@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 9, 10, 11, 13])
async def test_look_alikes_are_whole_wherever_their_pages_end(
    backstage: ExchangeBackstage, calendar: Calendar, count: int
) -> None:
    for _ in range(count):
        backstage.leaves(an_event())
    backstage.repeats(an_event())

    assert len({each.ref for each in await look(calendar)}) == count


async def test_look_alikes_that_move_between_two_pages_are_an_error(
    backstage: ExchangeBackstage, calendar: Calendar
) -> None:
    for _ in range(8):
        backstage.leaves(an_event())
    store, seen = backstage.simulator.store, 0

    def between(_: object) -> bool:
        nonlocal seen
        seen += 1
        if seen == 2:
            store.delete(JANE, store.items(JANE)[0].id)
        return seen == 2

    backstage.simulator.faults.order(Delay(0), when=between)
    with pytest.raises(TransientError) as failed:
        await look(calendar)

    assert failed.value.reason is Reason.INCOMPLETE_READ
    assert len(await look(calendar)) == 7


# Whatever the day, the zone and the title.


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_whatever_we_would_write_is_found_where_another_program_wrote_it(
    data: st.DataObject, keys: Keys
) -> None:
    when = data.draw(whens)
    title = data.draw(st.sampled_from(["Absent", "Congés 🏖️", "R&D <b>", "CP: matin", "a\u00a0b"]))
    zone = data.draw(st.sampled_from([PARIS, "Pacific/Kiritimati", "America/St_Johns"]))

    async def story() -> None:
        async with exchange(keys) as backstage:
            backstage.lives_in(zone)
            backstage.leaves(an_event(title, when))
            calendar = backstage.calendar(zone)
            (seen,) = await look(calendar, an_event(title, when))
            assert (seen.event.title, seen.event.when) == (title, when)
            await calendar.update(seen.ref, a_key(), an_event(title, when))
            (owned,) = await calendar.owned_events()
            assert owned.event == an_event(title, when)

    asyncio.run(story())
