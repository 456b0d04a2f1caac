"""People, places, and what a key with fewer rights sees of them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from figgosync_sim.company import (
    EMPLOYEE_WITHOUT_MAIL,
    FORMER_EMPLOYEE,
    PAID_LEAVE,
    PARIS,
    REUNION,
)
from figgosync_sim.figgo import FiggoState
from figgosync_sim.organisation import Establishment
from unit.sim.figgo.asking import Asker, Clock

USERS = "/api/v3/users"
ESTABLISHMENTS = "/organization/structure/api/establishments"
LEGAL_UNITS = "/organization/structure/api/legal-units"
AWA, PRISCILLA = 1202, 1217
DAY = date(2026, 12, 1)


async def user(
    figgo: Asker,
    employee: int,
    fields: str = "id,name,mail,login,legalEntityId,dtContractEnd,modifiedAt",
) -> dict[str, Any]:
    answer = await figgo.get(f"{USERS}/{employee}", {"fields": fields})
    data: dict[str, Any] = answer.body["data"]
    return data


@pytest.fixture
async def two_absences(figgo: Asker) -> Asker:
    """Awa in Paris and Priscilla on Réunion are absent for a day."""
    figgo.state.book(AWA, (DAY, "AM"), (DAY, "PM"), PAID_LEAVE)
    figgo.state.book(PRISCILLA, (DAY, "AM"), (DAY, "PM"), PAID_LEAVE)
    return figgo


async def owners_in(figgo: Asker, legal_entity: int | str) -> list[int]:
    people = {"leavePeriod.owner.legalEntityId": str(legal_entity)}
    answer = await figgo.leaves("leavePeriod.ownerId", **people)
    return [period["ownerId"] for period in answer.column("leavePeriod")]


async def test_a_user_has_the_documented_properties(figgo: Asker) -> None:
    fields = (
        "id,displayName,firstName,lastName,mail,login,dtContractStart,dtContractEnd,modifiedAt,"
        "legalEntityId,departmentId,managerId,manager[id],cultureid,employeeNumber,calendarID"
    )
    assert await user(figgo, AWA, fields) == {
        "id": AWA,
        "displayName": "Awa MERCIER",
        "firstName": "Awa",
        "lastName": "MERCIER",
        "mail": "awa.mercier@societe.example",
        "login": "amercier",
        "dtContractStart": "2023-03-01T00:00:00",
        "dtContractEnd": None,
        "modifiedAt": "2026-01-05T08:30:00",
        "legalEntityId": PARIS,
        "departmentId": 13,
        "managerId": 1201,
        "manager": {"id": 1201},
        "cultureID": 1036,
        "employeeNumber": "01202",
        "calendarId": 1,
    }


async def test_somebody_may_have_no_mail(figgo: Asker) -> None:
    assert (await user(figgo, EMPLOYEE_WITHOUT_MAIL))["mail"] is None
    answer = await figgo.get(USERS, {"mail": "null"})
    assert answer.column("id") == [EMPLOYEE_WITHOUT_MAIL]


async def test_former_employees_are_listed_only_when_asked_for(figgo: Asker) -> None:
    assert FORMER_EMPLOYEE not in (await figgo.get(USERS)).column("id")
    everybody = await figgo.get(USERS, {"formerEmployees": "true"})
    assert len(everybody.items) == 25
    assert FORMER_EMPLOYEE in everybody.column("id")
    ended = {"dtContractEnd": "notequal,null", "formerEmployees": "true"}
    assert (await figgo.get(USERS, ended)).column("id") == [FORMER_EMPLOYEE]
    assert (await user(figgo, FORMER_EMPLOYEE))["dtContractEnd"] == "2026-06-30T00:00:00"


async def test_the_last_day_of_a_contract_is_still_in_it(figgo: Asker, clock: Clock) -> None:
    figgo.state.end_contract(AWA, date(2026, 11, 24))
    assert AWA in (await figgo.get(USERS)).column("id")
    clock.advance(days=1)
    assert AWA not in (await figgo.get(USERS)).column("id")
    figgo.state.end_contract(AWA, None)
    assert AWA in (await figgo.get(USERS)).column("id")


@pytest.mark.parametrize("number", ["9999", "me", "12x"])
async def test_an_unknown_user_is_not_found(figgo: Asker, number: str) -> None:
    assert (await figgo.get(f"{USERS}/{number}")).status == 404


@pytest.mark.parametrize(
    ("act", "changed"),
    [
        (lambda s: s.move(AWA, REUNION), {"legalEntityId": REUNION}),
        (lambda s: s.change_mail(AWA, "new@societe.example"), {"mail": "new@societe.example"}),
        (lambda s: s.change_login(AWA, "new"), {"login": "new"}),
        (lambda s: s.rename(AWA, "Awa", "Diop"), {"name": "Awa DIOP"}),
        (
            lambda s: s.end_contract(AWA, date(2027, 1, 31)),
            {"dtContractEnd": "2027-01-31T00:00:00"},
        ),
    ],
    ids=["moved", "new mail", "new login", "new name", "contract ends"],
)
async def test_a_personnel_change_is_found_by_its_time(
    figgo: Asker, clock: Clock, act: Callable[[FiggoState], object], changed: dict[str, object]
) -> None:
    before = await user(figgo, AWA)
    clock.advance(hours=1)
    since = {"modifiedAt": f"since,{clock.now:%Y-%m-%dT%H:%M:%SZ}"}
    assert (await figgo.get(USERS, since)).items == []
    act(figgo.state)
    assert (await figgo.get(USERS, since)).column("id") == [AWA]
    assert await user(figgo, AWA) == {**before, **changed, "modifiedAt": "2026-11-24T11:00:00"}


async def test_who_is_hired_is_there(figgo: Asker) -> None:
    number = figgo.state.hire("Zoé", "Blanc", REUNION, mail="zoe.blanc@societe.example")
    hired = await user(figgo, number, "firstName,legalEntityId,dtContractStart,modifiedAt")
    assert hired == {
        "firstName": "Zoé",
        "legalEntityId": REUNION,
        "dtContractStart": "2026-11-24T00:00:00",
        "modifiedAt": "2026-11-24T10:00:00",
    }
    figgo.state.book(number, (DAY, "AM"), (DAY, "PM"), PAID_LEAVE)
    assert await owners_in(figgo, REUNION) == [number, number]


def test_nobody_is_moved_to_or_hired_for_a_place_that_does_not_exist(figgo: Asker) -> None:
    with pytest.raises(KeyError):
        figgo.state.move(AWA, 99)
    with pytest.raises(KeyError):
        figgo.state.hire("Zoé", "Blanc", 99, mail=None)
    assert len(figgo.state.people) == 25


async def test_leaves_are_found_by_the_owners_present_establishment(two_absences: Asker) -> None:
    assert await owners_in(two_absences, PARIS) == [AWA, AWA]
    two_absences.state.move(AWA, REUNION)
    assert await owners_in(two_absences, PARIS) == []
    assert await owners_in(two_absences, REUNION) == [AWA, AWA, PRISCILLA, PRISCILLA]


async def test_legal_units_find_nobody_where_establishments_are_meant(two_absences: Asker) -> None:
    units = (await two_absences.get(LEGAL_UNITS)).body["items"]
    assert [unit["id"] for unit in units] == [2, 7]
    for unit in units:
        assert await owners_in(two_absences, unit["id"]) == []


async def test_rows_that_a_key_may_not_see_vanish_silently(two_absences: Asker) -> None:
    two_absences.state.hide_rows_of(REUNION)
    assert await owners_in(two_absences, REUNION) == []
    assert await owners_in(two_absences, f"{PARIS},{REUNION}") == [AWA, AWA]
    leave = f"/api/v3/leaves/{PRISCILLA}-20261201-AM"
    assert (await two_absences.get(leave)).status == 404
    assert len((await two_absences.get("/api/v3/leaveRequests")).items) == 1
    places = (await two_absences.get(ESTABLISHMENTS)).body["items"]
    assert [place["id"] for place in places] == [PARIS, REUNION]
    assert (await two_absences.get(f"{USERS}/{PRISCILLA}")).status == 200


async def test_an_establishment_that_a_key_may_not_see_vanishes_with_its_people(
    two_absences: Asker,
) -> None:
    two_absences.state.hide_legal_entity(REUNION)
    assert await owners_in(two_absences, f"{PARIS},{REUNION}") == [AWA, AWA]
    places = (await two_absences.get(ESTABLISHMENTS)).body["items"]
    assert [place["id"] for place in places] == [PARIS]
    assert (await two_absences.get(f"{USERS}/{PRISCILLA}")).status == 404
    assert len((await two_absences.get(USERS)).items) == 15
    two_absences.state.show_legal_entity(REUNION)
    assert await owners_in(two_absences, REUNION) == [PRISCILLA, PRISCILLA]
    assert len((await two_absences.get(USERS)).items) == 24


async def test_a_renamed_account_shows_its_new_name_and_a_deleted_one_none(
    two_absences: Asker,
) -> None:
    fields = "leaveAccountId,leaveAccount.name,isRemoteWork"
    two_absences.state.rename_account(PAID_LEAVE, "Vacances")
    renamed = (await two_absences.leaves(fields)).items[0]
    assert renamed["leaveAccount"] == {"name": "Vacances"}
    two_absences.state.delete_account(PAID_LEAVE)
    deleted = (await two_absences.leaves(fields)).items[0]
    assert deleted == {"leaveAccountId": PAID_LEAVE, "leaveAccount": None, "isRemoteWork": False}


async def test_establishments_come_in_the_other_envelope_with_their_zone(figgo: Asker) -> None:
    answer = await figgo.get(ESTABLISHMENTS)
    assert set(answer.body) == {"items", "prev", "next"}
    assert answer.body["prev"] is answer.body["next"] is None
    described = [
        (p["id"], p["name"], p["timezoneId"], p["legalUnitId"], p["usersCount"], p["isArchived"])
        for p in answer.body["items"]
    ]
    assert described == [
        (1, "ACME Paris", "Europe/Paris", 2, 16, False),
        (4, "ACME Réunion", "Indian/Reunion", 7, 9, False),
    ]


@pytest.mark.parametrize(
    ("parameters", "ids"),
    [
        ({"id": "4"}, [4]),
        ({"id": "1,4"}, [1, 4]),
        ({"legalUnitId": "2"}, [1]),
        ({"search": "RÉU"}, [4]),
        ({"isArchived": "true"}, []),
        ({"isArchived": "true,false"}, [1, 4]),
        ({"whatever": "x"}, [1, 4]),
    ],
)
async def test_establishments_can_be_filtered(
    figgo: Asker, parameters: dict[str, str], ids: list[int]
) -> None:
    answer = await figgo.get(ESTABLISHMENTS, parameters)
    assert [place["id"] for place in answer.body["items"]] == ids


async def test_an_archived_establishment_is_shown_to_those_who_ask_for_it(figgo: Asker) -> None:
    figgo.state.open_establishment(Establishment(9, "ACME Lille", 2, None, archived=True))

    async def ids(**parameters: str) -> list[int]:
        answer = await figgo.get(ESTABLISHMENTS, parameters)
        return [place["id"] for place in answer.body["items"]]

    assert await ids() == [1, 4]
    assert await ids(isArchived="true") == [9]
    assert await ids(isArchived="true,false") == [1, 4, 9]


async def test_establishments_come_ten_to_a_page_counted_from_one(figgo: Asker) -> None:
    for number in range(10, 22):
        figgo.state.open_establishment(Establishment(number, f"ACME {number}", 2, None))
    first = (await figgo.get(ESTABLISHMENTS, {"fields.root": "count"})).body
    assert (len(first["items"]), first["count"], first["prev"]) == (10, 14, None)
    second = (await figgo.get(first["next"])).body
    assert (len(second["items"]), second["next"]) == (4, None)
    assert "count" not in second
    ids = [place["id"] for place in first["items"] + second["items"]]
    assert ids == [1, 4, *range(10, 22)]
    assert second["items"][-1]["timezoneId"] is None
    exactly = (await figgo.get(ESTABLISHMENTS, {"limit": "7", "page": "2"})).body
    assert (len(exactly["items"]), exactly["next"]) == (7, None)
    all_at_once = (await figgo.get(ESTABLISHMENTS, {"limit": "100"})).body
    assert len(all_at_once["items"]) == 14


@pytest.mark.parametrize(
    "parameters", [{"page": "0"}, {"page": "x"}, {"limit": "0"}, {"limit": "1001"}, {"id": "x"}]
)
async def test_an_impossible_page_of_establishments_is_refused(
    figgo: Asker, parameters: dict[str, str]
) -> None:
    assert (await figgo.get(ESTABLISHMENTS, parameters)).status == 400


async def test_departments_form_a_tree(figgo: Asker) -> None:
    answer = await figgo.get(
        "/api/v3/departments", {"orderBy": "id,asc", "fields": "id,parentId,level,hierarchy"}
    )
    assert answer.items[0] == {"id": 10, "parentId": None, "level": 0, "hierarchy": "/Direction"}
    assert answer.items[-1] == {
        "id": 14,
        "parentId": 12,
        "level": 2,
        "hierarchy": "/Direction/Ventes/Support",
    }
