"""Paging, sorting, counting and projection of lists."""

from datetime import date

import pytest

from figgosync_sim.company import PAID_LEAVE, RECUPERATION
from figgosync_sim.figgo import CANARY_COMMENT
from unit.sim.figgo.asking import Asker, OpenFiggo

LEAVES = "/api/v3/leaves"
USERS = "/api/v3/users"
AWA, BRUNO = 1202, 1203
DEC_1, DEC_2 = date(2026, 12, 1), date(2026, 12, 2)


@pytest.fixture
async def two_days(figgo: Asker) -> Asker:
    figgo.state.book(AWA, (DEC_1, "AM"), (DEC_2, "PM"), PAID_LEAVE)
    return figgo


async def test_a_page_is_the_part_that_was_asked_for(figgo: Asker) -> None:
    everybody = await figgo.get(USERS, {"orderBy": "id,asc"})
    part = await figgo.get(USERS, {"orderBy": "id,asc", "paging": "5,7"})
    assert part.column("id") == everybody.column("id")[5:12]
    beyond = await figgo.get(USERS, {"orderBy": "id,asc", "paging": "24,7"})
    assert beyond.items == []


@pytest.mark.parametrize("paging", ["1", None])
async def test_without_paging_a_page_has_a_thousand_rows(figgo: Asker, paging: str | None) -> None:
    for number in range(1000):
        figgo.state.hire("First", f"Last{number}", 1, mail=None)
    answer = await figgo.get(USERS, {} if paging is None else {"paging": paging})
    assert len(answer.items) == 1000


@pytest.mark.parametrize(
    "paging", ["-1,10", "0,0", "0,-5", "0,1001", "10", "a,b", "0,10,20", "0;10", "", "0, 10x"]
)
@pytest.mark.parametrize("path", [USERS, "/api/v3/departments", "/api/v3/leaveRequests"])
async def test_impossible_paging_is_refused(figgo: Asker, path: str, paging: str) -> None:
    assert (await figgo.get(path, {"paging": paging})).status == 400


async def test_too_large_a_page_is_refused_with_the_limit(figgo: Asker) -> None:
    answer = await figgo.leaves(paging="0,1001")
    assert answer.status == 400
    assert answer.body["detail"] == "Paging limit should be between 1 and 1000"


async def test_a_capped_server_serves_tiny_pages_and_refuses_larger_ones(
    open_figgo: OpenFiggo,
) -> None:
    figgo = await open_figgo(page_cap=2)
    assert len((await figgo.get(USERS)).items) == 2
    assert (await figgo.get(USERS, {"paging": "0,3"})).status == 400
    places = "/organization/structure/api/establishments"
    assert (await figgo.get(places, {"limit": "3"})).status == 400


async def test_the_count_is_of_all_pages(figgo: Asker) -> None:
    answer = await figgo.get(USERS, {"fields": "id,collection.count", "paging": "0,5"})
    assert answer.body["data"]["count"] == 24
    assert len(answer.items) == 5


async def test_the_count_alone_leaves_the_items_out(figgo: Asker) -> None:
    for fields in ("collection.count", "collection[count]"):
        answer = await figgo.get(USERS, {"fields": fields})
        assert answer.body == {"data": {"count": 24}}


async def test_a_collection_has_nothing_but_a_count(figgo: Asker) -> None:
    for fields in ("collection.sum", "collection", "collection[count,sum]"):
        assert (await figgo.get(USERS, {"fields": fields})).status == 400


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ("id,asc", 1201),
        ("id,desc", 1225),
        ("legalEntityId,desc,id,asc", 1217),
        ("legalEntityId,asc,id,desc", 1215),
        ("LASTNAME,ASC", 1207),
        ("legalEntity.name,desc,lastName,asc", 1222),
        ("mail,asc", 1224),
    ],
)
async def test_lists_are_sorted_as_asked(figgo: Asker, order: str, first: int) -> None:
    answer = await figgo.get(USERS, {"orderBy": order})
    assert len(answer.items) == 24
    assert answer.items[0]["id"] == first


@pytest.mark.parametrize("order", ["id", "id,up", "id,asc,name", "nothing,asc", "legalEntity,asc"])
async def test_an_order_that_makes_no_sense_is_refused(figgo: Asker, order: str) -> None:
    assert (await figgo.get(USERS, {"orderBy": order})).status == 400


async def test_rows_come_in_another_order_each_time_when_none_is_asked_for(figgo: Asker) -> None:
    answers = [(await figgo.get(USERS)).column("id") for _ in range(3)]
    assert len({tuple(ids) for ids in answers}) == 3
    assert len({frozenset(ids) for ids in answers}) == 1


async def test_a_list_shows_id_name_and_url_unless_told(two_days: Asker) -> None:
    answer = await two_days.leaves(fields="", paging="0,1")
    leave_id = f"{AWA}-20261201-AM"
    url = f"{two_days.figgo.url}{LEAVES}/{leave_id}"
    assert answer.items == [{"id": leave_id, "name": leave_id, "url": url}]


async def test_a_list_shows_what_was_asked_for_and_spells_it_in_its_own_way(
    two_days: Asker,
) -> None:
    fields = (
        "ID,date,isam,VALUE,leaveaccount[id,NAME],leavePeriod.ownerId,leavePeriod[isconfirmed],"
        "leavePeriod[owner[legalEntity.name],id],collection.count"
    )
    answer = await two_days.leaves(fields, paging="1,1")
    assert answer.body["data"]["count"] == 4
    assert answer.items == [
        {
            "id": f"{AWA}-20261201-PM",
            "date": "2026-12-01T00:00:00",
            "isAM": False,
            "value": None,
            "leaveAccount": {"id": PAID_LEAVE, "name": "Congés payés"},
            "leavePeriod": {
                "ownerId": AWA,
                "isConfirmed": False,
                "owner": {"legalEntity": {"name": "ACME Paris"}},
                "id": 90001,
            },
        }
    ]


async def test_a_nested_object_shows_id_name_and_url_unless_told(figgo: Asker) -> None:
    answer = await figgo.get(USERS, {"id": str(AWA), "fields": "legalEntity,department"})
    url = figgo.figgo.url
    assert answer.items == [
        {
            "legalEntity": {"id": 1, "name": "ACME Paris", "url": f"{url}/api/v3/legalEntities/1"},
            "department": {"id": 13, "name": "R&D", "url": f"{url}/api/v3/departments/13"},
        }
    ]


@pytest.mark.parametrize(
    "fields",
    [
        "id,",
        ",id",
        "id,,date",
        "leavePeriod[id",
        "leavePeriod[id]]",
        "leavePeriod.",
        "leavePeriod[id]date",
        "id[name]",
        "date.year",
        ".id",
    ],
)
async def test_fields_that_are_not_well_formed_are_refused(two_days: Asker, fields: str) -> None:
    assert (await two_days.leaves(fields)).status == 400


@pytest.mark.parametrize(
    ("fields", "name", "type_name"),
    [
        ("id,nothing", "nothing", "FiggoLeave"),
        ("leavePeriod[nothing]", "nothing", "LeavePeriod"),
        ("leavePeriod.owner.mail", "mail", "LeaveOwner"),
        ("lastModified", "lastModified", "FiggoLeave"),
    ],
)
async def test_an_unknown_property_is_refused_in_their_own_words(
    two_days: Asker, fields: str, name: str, type_name: str
) -> None:
    answer = await two_days.leaves(fields)
    assert answer.status == 400
    sentence = f"Selected property {name} does not exist on objet of type {type_name}"
    assert answer.body["detail"] == sentence


async def test_one_leave_shows_all_of_its_properties_unless_told(two_days: Asker) -> None:
    url = f"{LEAVES}/{AWA}-20261201-AM"
    everything = (await two_days.get(url)).body["data"]
    assert everything["isAM"] is True
    assert everything["leaveAccount"]["name"] == "Congés payés"
    assert everything["comment"] == CANARY_COMMENT
    assert set(everything["leavePeriod"]) == {"id", "name", "url"}
    less = (await two_days.get(url, {"fields": "isActive"})).body["data"]
    assert less == {"isActive": True}
    assert (await two_days.get(url.lower())).status == 200


@pytest.mark.parametrize("leave_id", ["1202-20261203-AM", "1202", "0", "%20"])
async def test_an_unknown_leave_is_not_found(two_days: Asker, leave_id: str) -> None:
    assert (await two_days.get(f"{LEAVES}/{leave_id}")).status == 404


async def test_comments_are_served_only_to_who_asks_for_them(two_days: Asker) -> None:
    fields = (
        "id,name,url,date,isAM,value,creationDate,isActive,cancellationDate,cancellationUserId,"
        "leaveAccountId,leaveAccount,leavePeriodId,leavePeriod[id,owner,isConfirmed,leaves]"
    )
    assert CANARY_COMMENT not in str((await two_days.leaves(fields)).body)
    assert CANARY_COMMENT in str((await two_days.leaves("comment")).body)
    assert CANARY_COMMENT in str((await two_days.leaves("leavePeriod.logs")).body)


async def test_hours_stand_in_the_value_of_an_account_in_hours(figgo: Asker) -> None:
    figgo.state.book(BRUNO, (DEC_1, "AM"), (DEC_1, "PM"), RECUPERATION)
    assert (await figgo.leaves("value")).column("value") == ["03:30:00", "03:30:00"]
