"""What Exchange tells of how an item came about."""

from datetime import UTC, date, datetime

import pytest

from figgosync_sim.ews import ExchangeSimulator
from figgosync_sim.furnishing import furnish_foreign
from raw_ews import RawEWS, create, field, find, get, item, set_field, update

JANE = "jane@acme.fr"
CREATOR = '<t:ExtendedFieldURI PropertyTag="0x3FF8" PropertyType="String"/>'
ORGANIZER = field("calendar:Organizer")
EVE = date(2026, 12, 24)


def constant(value: str) -> str:
    return f'<t:FieldURIOrConstant><t:Constant Value="{value}"/></t:FieldURIOrConstant>'


def tagged(tag: str, kind: str = "String") -> str:
    return f'<t:ExtendedFieldURI PropertyTag="{tag}" PropertyType="{kind}"/>'


async def test_finding_tells_class_time_and_kind(ews: RawEWS, exchange: ExchangeSimulator) -> None:
    made = datetime(2026, 11, 20, 8, 31, tzinfo=UTC)
    furnish_foreign(
        exchange.store, JANE, "Absent", EVE, created_at=made, item_class="IPM.Appointment.Leave"
    )
    uris = [
        "item:ItemClass",
        "item:DateTimeCreated",
        "calendar:CalendarItemType",
        "calendar:IsMeeting",
        "calendar:MeetingRequestWasSent",
        "calendar:IsResponseRequested",
    ]

    answer = await ews.call(find(*map(field, uris)))

    (found,) = answer.all(".//t:CalendarItem")
    assert [(e.tag.rpartition("}")[2], e.text) for e in found][1:] == [
        ("ItemClass", "IPM.Appointment.Leave"),
        ("DateTimeCreated", "2026-11-20T08:31:00Z"),
        ("IsMeeting", "false"),
        ("MeetingRequestWasSent", "false"),
        ("IsResponseRequested", "false"),
        ("CalendarItemType", "Single"),
    ]


async def test_a_series_is_told_by_its_kind(ews: RawEWS, exchange: ExchangeSimulator) -> None:
    furnish_foreign(exchange.store, JANE, "Absent", EVE, is_series=True)

    answer = await ews.call(find(field("calendar:CalendarItemType")))

    assert answer.texts(".//t:CalendarItemType") == ["RecurringMaster"]


async def test_what_is_created_over_ews_is_the_impersonated_owners_and_new(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    await ews.call(create(item()))

    answer = await ews.call(find(CREATOR, field("item:DateTimeCreated")))

    assert answer.texts(".//t:ExtendedProperty/t:Value") == ["Jane"]
    (created,) = answer.texts(".//t:DateTimeCreated")
    assert before <= datetime.fromisoformat(created) <= datetime.now(UTC)
    assert exchange.store.items(JANE)[0].creator == "Jane"


async def test_the_creator_is_told_under_its_tag_and_searched_by_it(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    furnish_foreign(exchange.store, JANE, "Absent", EVE, creator="Lucca")
    await ews.call(create(item()))
    equal = f"<t:IsEqualTo>{CREATOR}{constant('lucca')}</t:IsEqualTo>"

    answer = await ews.call(find(tagged("16376"), field("item:Subject"), restriction=equal))

    assert answer.texts(".//t:Subject") == ["Absent"]
    (uri,) = answer.all(".//t:ExtendedFieldURI")
    assert dict(uri.attrib) == {"PropertyTag": "0x3ff8", "PropertyType": "String"}


async def test_finding_names_the_organizer_and_getting_gives_the_address_too(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    furnish_foreign(exchange.store, JANE, "Absent", EVE)

    found = await ews.call(find(ORGANIZER))
    got = await ews.call(get(found.ids[0], ORGANIZER))

    assert found.texts(".//t:Organizer//t:Name") == ["Jane"]
    assert found.all(".//t:Organizer//t:EmailAddress") == []
    assert got.texts(".//t:Organizer//t:EmailAddress") == [JANE]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (tagged("0x8001"), "ErrorInvalidExtendedProperty"),
        (tagged("0x3FF8", "Object"), "ErrorUnsupportedMapiPropertyType"),
    ],
)
async def test_a_path_that_exchange_forbids_is_refused(ews: RawEWS, path: str, code: str) -> None:
    answer = await ews.call(find(path))

    assert answer.codes == [code]


@pytest.mark.parametrize("path", [tagged("0x3FFA"), tagged("0x3FF8", "Integer")])
async def test_a_path_that_is_not_simulated_is_refused_aloud(ews: RawEWS, path: str) -> None:
    answer = await ews.call(find(path))

    assert answer.fault == "ErrorInvalidOperation"


async def test_nobody_sets_the_creator(ews: RawEWS) -> None:
    told = f"<t:ExtendedProperty>{CREATOR}<t:Value>Somebody</t:Value></t:ExtendedProperty>"
    made = await ews.call(create(item()))
    (number,), (version,) = made.ids, made.change_keys

    creating = await ews.call(create(item(told)))
    changing = await ews.call(update(number, set_field(CREATOR, told), change_key=version))

    assert creating.codes == changing.codes == ["ErrorInvalidPropertySet"]


@pytest.mark.parametrize(
    "uri", ["calendar:IsMeeting", "calendar:CalendarItemType", "calendar:Organizer"]
)
async def test_what_is_computed_cannot_be_searched_for(ews: RawEWS, uri: str) -> None:
    equal = f"<t:IsEqualTo>{field(uri)}{constant('x')}</t:IsEqualTo>"

    answer = await ews.call(find(restriction=equal))

    assert answer.codes == ["ErrorUnsupportedPathForQuery"]
