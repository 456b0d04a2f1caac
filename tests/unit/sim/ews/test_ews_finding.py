import pytest

from figgosync_sim.ews import ExchangeSimulator
from raw_ews import KEY, SET_ID, RawEWS, create, field, find, get, item, key, page

JANE = "jane@acme.fr"
SUBJECT = field("item:Subject")


def path(set_id: str = SET_ID, name: str = "key") -> str:
    return KEY.replace(SET_ID, set_id).replace('"key"', f'"{name}"')


def constant(value: str) -> str:
    return f'<t:FieldURIOrConstant><t:Constant Value="{value}"/></t:FieldURIOrConstant>'


def equal(what: str, value: str) -> str:
    return f"<t:IsEqualTo>{what}{constant(value)}</t:IsEqualTo>"


def exists(what: str) -> str:
    return f"<t:Exists>{what}</t:Exists>"


def contains(what: str, value: str, mode: str = "Prefixed", comparison: str = "Exact") -> str:
    return (
        f'<t:Contains ContainmentMode="{mode}" ContainmentComparison="{comparison}">{what}'
        f'<t:Constant Value="{value}"/></t:Contains>'
    )


async def fill(ews: RawEWS, count: int) -> None:
    items = "".join(
        item(f"<t:Subject>{n}</t:Subject>", start=f"2026-12-24T13:{n:02}:00Z") for n in range(count)
    )
    answer = await ews.call(create(items))
    assert answer.codes == ["NoError"] * count


ANNA = item(f"<t:Subject>Anna</t:Subject>{key('v1/a/1')}")
BEN = item(
    f"<t:Subject>Ben</t:Subject>{key('V1/A/2')}",
    "<t:LegacyFreeBusyStatus>OOF</t:LegacyFreeBusyStatus>",
)
CARL = item(
    "<t:Subject>Carl</t:Subject>" + key("other").replace('"key"', '"Key"'),
    start="2026-12-20T00:00:00Z",
)
DORA = item("<t:Subject>Dora</t:Subject>")

SEARCHES = [
    ("", "Anna Ben Carl Dora"),
    (exists(path()), "Anna Ben"),
    (exists(path(SET_ID.upper())), "Anna Ben"),
    (exists(path(name="Key")), "Carl"),
    (exists(path(set_id="00000000-0000-0000-0000-000000000000")), ""),
    (equal(path(), "v1/a/1"), "Anna"),
    (equal(path(), "V1/A/1"), "Anna"),
    (equal(path(), "v1/a"), ""),
    (f"<t:IsNotEqualTo>{path()}{constant('v1/a/1')}</t:IsNotEqualTo>", "Ben"),
    (contains(path(), "v1/"), "Anna"),
    (contains(path(), "v1/", comparison="IgnoreCase"), "Anna Ben"),
    (contains(path(), "/a/", "Substring"), "Anna"),
    (contains(path(), "v1/a/1", "FullString"), "Anna"),
    (equal(field("item:Subject"), "dora"), "Dora"),
    (equal(field("calendar:LegacyFreeBusyStatus"), "OOF"), "Ben"),
    (f"<t:And>{exists(path())}{equal(SUBJECT, 'Ben')}</t:And>", "Ben"),
    (f"<t:Or>{equal(SUBJECT, 'Dora')}{equal(SUBJECT, 'Ben')}</t:Or>", "Ben Dora"),
    (f"<t:Not>{exists(path())}</t:Not>", "Carl Dora"),
    (
        f"<t:IsLessThan>{field('calendar:Start')}{constant('2026-12-24T13:00:00Z')}</t:IsLessThan>",
        "Carl",
    ),
    (
        "<t:IsGreaterThanOrEqualTo>{}{}</t:IsGreaterThanOrEqualTo>".format(
            field("calendar:Start"), constant("2026-12-24T14:00:00+01:00")
        ),
        "Anna Ben Dora",
    ),
]


@pytest.mark.parametrize(("restriction", "found"), SEARCHES)
async def test_a_restriction_finds_exactly_what_it_names(
    ews: RawEWS, restriction: str, found: str
) -> None:
    await ews.call(create(ANNA + BEN + CARL + DORA))

    answer = await ews.call(find(SUBJECT, restriction=restriction))

    assert answer.texts(".//t:Subject") == found.split()


async def test_a_property_asked_for_comes_back_with_its_name(ews: RawEWS) -> None:
    await ews.call(create(ANNA + DORA))

    answer = await ews.call(find(KEY, SUBJECT, restriction=""))

    assert answer.texts(".//t:ExtendedProperty/t:Value") == ["v1/a/1"]
    (uri,) = answer.all(".//t:ExtendedFieldURI")
    assert dict(uri.attrib) == {
        "PropertySetId": SET_ID,
        "PropertyName": "key",
        "PropertyType": "String",
    }


async def test_finding_cuts_texts_and_leaves_bodies_out_but_getting_does_not(ews: RawEWS) -> None:
    long = "x" * 300
    made = await ews.call(create(item(f'<t:Body BodyType="Text">{long}</t:Body>{key(long)}')))
    body = field("item:Body")

    found = await ews.call(find(KEY, body))
    got = await ews.call(get(made.ids[0], KEY, body))

    assert found.texts(".//t:Value") == ["x" * 255]
    assert found.all(".//t:Body") == []
    assert got.texts(".//t:Value") == [long]
    assert got.texts(".//t:Body") == [long]


@pytest.mark.parametrize(
    ("limit", "view", "subjects", "following", "last"),
    [
        (1000, "", "0 1 2 3 4", "5", "true"),
        (1000, page(2), "0 1", "2", "false"),
        (1000, page(2, 2), "2 3", "4", "false"),
        (1000, page(2, 4), "4", "5", "true"),
        (1000, page(5), "0 1 2 3 4", "5", "true"),
        (1000, page(2, 9), "", "9", "true"),
        (3, "", "0 1 2", "3", "false"),
        (3, page(100), "0 1 2", "3", "false"),
        (3, page(100, 3), "3 4", "5", "true"),
        (1000, page(2, 0, "End"), "3 4", "2", "false"),
        (1000, page(2, 4, "End"), "0", "5", "true"),
    ],
)
async def test_a_page_is_as_long_as_client_and_server_allow(
    ews: RawEWS,
    exchange: ExchangeSimulator,
    limit: int,
    view: str,
    subjects: str,
    following: str,
    last: str,
) -> None:
    await fill(ews, 5)
    exchange.rules.page_limit = limit

    answer = await ews.call(find(SUBJECT, view=view))

    assert answer.texts(".//t:Subject") == subjects.split()
    (root,) = answer.all(".//m:RootFolder")
    assert dict(root.attrib) == {
        "IndexedPagingOffset": following,
        "TotalItemsInView": "5",
        "IncludesLastItemInRange": last,
    }


async def test_a_deletion_between_two_pages_hides_an_item_from_the_second(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    await fill(ews, 4)
    first = await ews.call(find(SUBJECT, view=page(2)))
    exchange.store.delete(JANE, exchange.store.items(JANE)[0].id)

    second = await ews.call(find(SUBJECT, view=page(2, 2)))

    assert first.texts(".//t:Subject") + second.texts(".//t:Subject") == ["0", "1", "3"]


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (find(view=page(0)), "ErrorInvalidPagingMaxRows"),
        (find(view=page(-1)), "ErrorInvalidPagingMaxRows"),
        (find(view=page(1, -1)), "ErrorInvalidIndexedPagingParameters"),
        (find(restriction=exists(field("item:Body"))), "ErrorUnsupportedPathForQuery"),
        (
            find(restriction="<t:Or>" + equal(SUBJECT, "x") * 64 + "</t:Or>"),
            "ErrorRestrictionTooLong",
        ),
    ],
)
async def test_a_search_against_the_rules_is_refused(
    ews: RawEWS, operation: str, code: str
) -> None:
    answer = await ews.call(operation)

    assert (answer.status, answer.codes) == (200, [code])


async def test_what_is_found_can_be_sorted(ews: RawEWS) -> None:
    await ews.call(create(DORA + ANNA + CARL))
    order = f'<m:SortOrder><t:FieldOrder Order="Descending">{SUBJECT}</t:FieldOrder></m:SortOrder>'

    answer = await ews.call(find(SUBJECT, order=order))

    assert answer.texts(".//t:Subject") == ["Dora", "Carl", "Anna"]


async def test_the_elements_of_an_answer_stand_in_the_order_of_the_schema(ews: RawEWS) -> None:
    made = await ews.call(create(ANNA))
    uris = ["calendar:End", "calendar:Start", "item:Subject", "calendar:IsAllDayEvent"]

    answer = await ews.call(get(made.ids[0], *map(field, uris), KEY))

    (element,) = answer.all(".//t:CalendarItem")
    names = [child.tag.rpartition("}")[2] for child in element]
    assert names == ["ItemId", "Subject", "ExtendedProperty", "Start", "End", "IsAllDayEvent"]
