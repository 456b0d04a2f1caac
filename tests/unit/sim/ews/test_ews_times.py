from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from figgosync_sim.ews import ExchangeSimulator
from raw_ews import RawEWS, create, field, get, item, set_field, update

JANE = "jane@acme.fr"
PARIS, NEW_YORK = "Romance Standard Time", "Eastern Standard Time"
ALL_DAY = "<t:IsAllDayEvent>true</t:IsAllDayEvent>"


def zones(windows_id: str) -> str:
    return f'<t:StartTimeZone Id="{windows_id}"/><t:EndTimeZone Id="{windows_id}"/>'


def stored_times(exchange: ExchangeSimulator) -> tuple[str, str]:
    (stored,) = exchange.store.items(JANE)
    assert stored.start.tzinfo is UTC
    return (f"{stored.start:%Y-%m-%dT%H:%MZ}", f"{stored.end:%Y-%m-%dT%H:%MZ}")


@pytest.mark.parametrize(
    ("context", "own", "start", "expected"),
    [
        (PARIS, "", "2026-12-24T09:00:00", "2026-12-24T08:00Z"),
        (PARIS, zones(NEW_YORK), "2026-12-24T09:00:00", "2026-12-24T14:00Z"),
        (None, zones(NEW_YORK), "2026-12-24T09:00:00", "2026-12-24T14:00Z"),
        (None, "", "2026-12-24T09:00:00", "2026-12-24T09:00Z"),
        (PARIS, zones(NEW_YORK), "2026-12-24T09:00:00Z", "2026-12-24T09:00Z"),
        (PARIS, zones(NEW_YORK), "2026-12-24T09:00:00.000+05:30", "2026-12-24T03:30Z"),
    ],
)
async def test_a_time_is_read_in_its_own_zone_then_the_items_then_the_requests(
    ews: RawEWS,
    exchange: ExchangeSimulator,
    context: str | None,
    own: str,
    start: str,
    expected: str,
) -> None:
    await ews.call(create(item("", own, start=start, end="2026-12-30T00:00:00Z")), zone=context)

    assert stored_times(exchange)[0] == expected


@pytest.mark.parametrize(
    ("zone", "start", "end", "expected"),
    [
        (
            PARIS,
            "2026-12-23T23:00:00Z",
            "2026-12-24T23:00:00Z",
            ("2026-12-23T23:00Z", "2026-12-24T23:00Z"),
        ),
        (
            PARIS,
            "2026-12-24T13:00:00Z",
            "2026-12-24T17:00:00Z",
            ("2026-12-23T23:00Z", "2026-12-24T23:00Z"),
        ),
        (
            PARIS,
            "2026-12-24T00:00:00Z",
            "2026-12-25T00:00:00Z",
            ("2026-12-23T23:00Z", "2026-12-25T23:00Z"),
        ),
        (
            NEW_YORK,
            "2026-12-23T23:00:00Z",
            "2026-12-24T23:00:00Z",
            ("2026-12-23T05:00Z", "2026-12-25T05:00Z"),
        ),
        # The clocks change on 25 October 2026 and 28 March 2027.
        (
            PARIS,
            "2026-10-24T22:00:00Z",
            "2026-10-25T23:00:00Z",
            ("2026-10-24T22:00Z", "2026-10-25T23:00Z"),
        ),
        (
            PARIS,
            "2027-03-28T10:00:00Z",
            "2027-03-28T11:00:00Z",
            ("2027-03-27T23:00Z", "2027-03-28T22:00Z"),
        ),
        # On 24 April 2026 Cairo goes from 23:59 to 01:00.
        (
            "Egypt Standard Time",
            "2026-04-23T22:00:00Z",
            "2026-04-24T21:00:00Z",
            ("2026-04-23T22:00Z", "2026-04-24T21:00Z"),
        ),
        (
            "Egypt Standard Time",
            "2026-04-24T08:00:00Z",
            "2026-04-24T09:00:00Z",
            ("2026-04-23T22:00Z", "2026-04-24T21:00Z"),
        ),
        (
            PARIS,
            "2026-12-23T23:00:00Z",
            "2026-12-23T23:00:00Z",
            ("2026-12-23T23:00Z", "2026-12-24T23:00Z"),
        ),
    ],
)
async def test_an_all_day_item_reaches_outwards_to_midnight_of_its_zone(
    ews: RawEWS,
    exchange: ExchangeSimulator,
    zone: str,
    start: str,
    end: str,
    expected: tuple[str, str],
) -> None:
    answer = await ews.call(create(item("", ALL_DAY + zones(zone), start=start, end=end)))

    assert answer.codes == ["NoError"]
    assert stored_times(exchange) == expected


async def test_making_an_item_all_day_moves_the_times_that_it_has(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    made = await ews.call(create(item("", zones(PARIS))))

    change = set_field(field("calendar:IsAllDayEvent"), ALL_DAY)
    await ews.call(update(made.ids[0], change, change_key=made.change_keys[0]))

    assert stored_times(exchange) == ("2026-12-23T23:00Z", "2026-12-24T23:00Z")


async def test_another_zone_alone_keeps_the_clock_on_the_wall(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    made = await ews.call(create(item("", zones(PARIS))))

    change = "".join(
        set_field(field(f"calendar:{name}"), f'<t:{name} Id="{NEW_YORK}"/>')
        for name in ("StartTimeZone", "EndTimeZone")
    )
    await ews.call(update(made.ids[0], change, change_key=made.change_keys[0]))

    assert stored_times(exchange) == ("2026-12-24T19:00Z", "2026-12-24T23:00Z")


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (
            "2026-12-24T13:00:00Z",
            "2026-12-24T12:59:59Z",
            "ErrorCalendarEndDateIsEarlierThanStartDate",
        ),
        ("2026-12-24T13:00:00Z", "2026-12-24T13:00:00Z", "NoError"),
        ("2026-01-01T00:00:00Z", "2031-01-02T00:00:00Z", "NoError"),
        ("2026-01-01T00:00:00Z", "2031-01-04T00:00:00Z", "ErrorCalendarDurationIsTooLong"),
    ],
)
async def test_an_item_lasts_from_nothing_to_five_years(
    ews: RawEWS, exchange: ExchangeSimulator, start: str, end: str, code: str
) -> None:
    answer = await ews.call(create(item(start=start, end=end)))

    assert answer.codes == [code]
    assert len(exchange.store.items(JANE)) == (code == "NoError")


async def test_an_unknown_zone_of_the_request_is_a_fault(ews: RawEWS) -> None:
    answer = await ews.call(create(item()), zone="Europe/Paris")

    assert (answer.status, answer.fault) == (500, "ErrorTimeZone")


@pytest.mark.parametrize(
    ("context", "expected"),
    [(None, "2026-12-24T13:00:00Z"), (NEW_YORK, "2026-12-24T08:00:00-05:00")],
)
async def test_times_come_back_in_the_zone_of_the_request_or_in_utc(
    ews: RawEWS, context: str | None, expected: str
) -> None:
    made = await ews.call(create(item("", zones(PARIS))))

    answer = await ews.call(
        get(made.ids[0], field("calendar:Start"), field("calendar:StartTimeZone")), zone=context
    )

    assert answer.texts(".//t:Start") == [expected]
    assert [zone.get("Id") for zone in answer.all(".//t:StartTimeZone")] == [PARIS]


def test_the_examples_are_where_the_clocks_change() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    assert datetime(2026, 4, 23, 22, tzinfo=UTC).astimezone(cairo).hour == 1
    assert datetime(2026, 4, 23, 21, 59, tzinfo=UTC).astimezone(cairo).hour == 23
