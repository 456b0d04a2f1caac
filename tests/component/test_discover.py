"""What `figgosync discover` tells of a company's Figgo, line by line."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from component.desk import Desk, a_desk
from figgo_world import AWA, BRUNO, CHLOE, LEAVES, ROSE, THERESE, USERS, book
from figgosync_sim.company import (
    EMPLOYEE_WITHOUT_MAIL,
    FORMER_EMPLOYEE,
    PAID_LEAVE,
    PARENTAL,
    PARIS,
    RECUPERATION,
    REMOTE_WORK,
    REUNION,
    RTT,
    SICK,
    believable_company,
)
from figgosync_sim.faults import Answer, Delay, HtmlError
from figgosync_sim.figgo import AccountForm, Readings
from figgosync_sim.organisation import Establishment
from support.tenants import GONE

UTC_ZONE = ZoneInfo("UTC")
TODAY = date(2026, 11, 23)
LILLE = 9


def entities(document: dict[str, Any]) -> dict[int, dict[str, Any]]:
    return {each["id"]: each for each in document["legalEntities"]}


def types(document: dict[str, Any]) -> dict[int | None, dict[str, Any]]:
    return {each["id"]: each for each in document["absences"]["types"]}


def addresses(document: dict[str, Any], attribute: str) -> dict[str, Any]:
    (found,) = (each for each in document["addresses"] if each["attribute"] == attribute)
    return dict(found)


def since(document: dict[str, Any]) -> dict[str, tuple[bool | None, int | None]]:
    return {each["field"]: (each["accepted"], each["status"]) for each in document["since"]}


async def test_each_legal_entity_is_listed_with_its_zone_and_its_people() -> None:
    async with a_desk(legalEntities=[PARIS]) as desk:
        desk.world.state.open_establishment(
            Establishment(LILLE, "ACME Lille", 2, None, archived=True)
        )
        book(desk.world, AWA)
        book(desk.world, BRUNO)
        book(desk.world, ROSE)
        found = entities(await desk.json())

    assert found == {
        PARIS: {
            "id": PARIS,
            "name": "ACME Paris",
            "timeZone": "Europe/Paris",
            "timeZoneKnown": True,
            "archived": False,
            "served": True,
            "current": 15,
            "former": 1,
            "absences": 2,
        },
        REUNION: {
            "id": REUNION,
            "name": "ACME Réunion",
            "timeZone": "Indian/Reunion",
            "timeZoneKnown": True,
            "archived": False,
            "served": False,
            "current": 9,
            "former": 0,
            "absences": None,
        },
        LILLE: {
            "id": LILLE,
            "name": "ACME Lille",
            "timeZone": None,
            "timeZoneKnown": True,
            "archived": True,
            "served": False,
            "current": 0,
            "former": 0,
            "absences": None,
        },
    }


async def test_a_zone_that_nobody_knows_is_told_before_it_stops_anybody() -> None:
    async with a_desk() as desk:
        desk.world.state.open_establishment(Establishment(REUNION, "ACME", 7, "Indian/Reunoin"))
        assert not entities(await desk.json())[REUNION]["timeZoneKnown"]
        assert "Indian/Reunoin (?)" in await desk.text()


async def test_a_legal_entity_that_is_not_to_be_seen_is_named() -> None:
    async with a_desk(legalEntities=[PARIS, REUNION, 77]) as desk:
        desk.world.state.hide_legal_entity(REUNION)
        document = await desk.json()
        text = await desk.text()
    assert document["notVisible"] == [REUNION, 77]
    assert entities(document).keys() == {PARIS}
    assert "spec.legalEntities names them: 4, 77" in text


async def test_all_legal_entities_are_all_that_the_key_sees() -> None:
    async with a_desk(legalEntities=GONE, allLegalEntities=True) as desk:
        document = await desk.json()
    assert [each["served"] for each in document["legalEntities"]] == [True, True]
    assert document["notVisible"] == []


async def test_where_nothing_is_to_be_seen_the_report_says_so_and_is_no_failure() -> None:
    async with a_desk(legalEntities=[77]) as desk:
        for entity in (PARIS, REUNION):
            desk.world.state.hide_legal_entity(entity)
        document = await desk.json()
        text = await desk.text()
    assert document["legalEntities"] == []
    assert document["notVisible"] == [77]
    assert document["employees"]["current"] == 0
    # It can be asked all the same, with the number of the spec.
    assert since(document)["creationDate"] == (True, None)
    assert "None. Give the role of the API key access" in text


async def test_absence_types_are_those_of_a_month_back_and_without_end() -> None:
    async with a_desk() as desk:
        state = desk.world.state
        first_day = TODAY - timedelta(days=30)  # a Saturday, of which calendar days are listed
        old = first_day - timedelta(days=1)
        state.book(AWA, (first_day, "AM"), (first_day, "AM"), SICK, confirmed=True)
        state.book(BRUNO, (old, "AM"), (old, "PM"), RECUPERATION, confirmed=True)
        far = date(2031, 3, 3)
        state.book(CHLOE, (far, "AM"), (far, "PM"), PARENTAL, confirmed=True)
        state.book(AWA, (date(2026, 12, 1), "AM"), (date(2026, 12, 4), "PM"), PAID_LEAVE)
        state.book(ROSE, (date(2026, 12, 1), "PM"), (date(2026, 12, 2), "AM"), PAID_LEAVE)
        state.book(THERESE, (date(2026, 12, 2), "AM"), (date(2026, 12, 2), "PM"), REMOTE_WORK)
        document = await desk.json()

    assert document["absences"]["from"] == "2026-10-24"
    assert document["absences"]["count"] == 5
    assert document["absences"]["halfDays"] == 1 + 2 + 8 + 2 + 2
    assert {
        number: (each["name"], each["absences"], each["remoteWork"])
        for number, each in types(document).items()
    } == {
        PAID_LEAVE: ("Congés payés", 2, False),
        SICK: ("Maladie", 1, False),
        REMOTE_WORK: ("Télétravail", 1, True),
        PARENTAL: ("Congé parental", 1, False),
    }


async def test_a_type_that_was_only_cancelled_is_known_and_counts_nothing() -> None:
    async with a_desk() as desk:
        desk.world.state.cancel(book(desk.world, account=RTT))
        document = await desk.json()
        text = await desk.text()
    assert types(document)[RTT]["absences"] == 0
    assert (document["absences"]["count"], document["absences"]["halfDays"]) == (0, 2)
    assert "0 stand; 2 half-days are listed" in text


@pytest.mark.parametrize("form", [AccountForm.NULL, AccountForm.ABSENT])
async def test_a_key_that_may_not_see_types_is_told_from_a_company_without_any(
    form: AccountForm,
) -> None:
    async with a_desk(Readings(account=form)) as desk:
        book(desk.world)
        document = await desk.json()
        text = await desk.text()
    assert types(document) == {None: {"id": None, "name": None, "remoteWork": False, "absences": 1}}
    assert "lacks the right 'Show details of leaves'" in " ".join(text.split())


async def test_addresses_are_judged_by_either_field_and_by_the_rules_of_the_spec() -> None:
    async with a_desk(
        legalEntities=[PARIS],
        mailbox__attribute="Login",
        mailbox__allowedDomains=["societe.example"],
    ) as desk:
        state = desk.world.state
        state.change_mail(AWA, None)
        shared = state.person(CHLOE).mail
        state.change_mail(BRUNO, shared)
        state.change_mail(1205, "david@elsewhere.example")
        state.change_mail(1206, "two@societe.example, addresses@societe.example")
        # The former employee's own address is nobody's trouble.
        state.change_mail(FORMER_EMPLOYEE, None)
        # Out of the legal entities served, and counted there alone.
        assert state.person(EMPLOYEE_WITHOUT_MAIL).legal_entity == REUNION
        document = await desk.json()

    assert addresses(document, "Mail") == {
        "attribute": "Mail",
        "chosen": False,
        "usable": 15 - 5,
        "missing": 2,
        "shared": 2,
        "notAllowed": 1,
    }
    assert addresses(document, "Login") == {
        "attribute": "Login",
        "chosen": True,
        "usable": 0,
        "missing": 15,
        "shared": 0,
        "notAllowed": 0,
    }


async def test_one_shared_with_somebody_who_left_stays_with_the_one_who_is_there() -> None:
    async with a_desk() as desk:
        state = desk.world.state
        state.change_mail(FORMER_EMPLOYEE, state.person(AWA).mail)
        assert addresses(await desk.json(), "Mail")["shared"] == 0


async def test_a_domain_that_is_rewritten_is_judged_by_the_new_one() -> None:
    async with a_desk(
        mailbox__allowedDomains=["acme.example"],
        mailbox__rewrite=[{"from": "societe.example", "to": "acme.example"}],
    ) as desk:
        found = addresses(await desk.json(), "Mail")
    assert (found["usable"], found["missing"], found["notAllowed"]) == (23, 1, 0)


async def test_employees_are_counted_and_those_unknown_to_figgo_named_by_their_number() -> None:
    async with a_desk(
        employees__only=[int(AWA), int(ROSE), 4711], employees__except=[815, int(BRUNO)]
    ) as desk:
        document = await desk.json()
        text = await desk.text()
    assert document["employees"] == {
        "current": 24,
        "former": 1,
        "served": 2,
        "withoutLegalEntity": 0,
        "unknown": [815, 4711],
    }
    # The addresses of a whole company are told, though only two are served at first.
    assert addresses(document, "Mail")["usable"] == 23
    assert "spec.employees, and not to be seen in Figgo: 815, 4711" in text


async def test_an_employee_without_a_legal_entity_is_counted_as_one_that_cannot_be_served() -> None:
    answer = '{"data":{"count":1,"items":[{"id":7,"mail":"a@b.example","login":"a"}]}}'
    async with a_desk() as desk:
        desk.world.figgo.faults.order(Answer(200, body=answer), path=USERS)
        document = await desk.json()
    assert document["employees"]["withoutLegalEntity"] == 1
    assert document["employees"]["served"] == 0


async def test_pending_absences_are_known_to_be_listed_once_one_is_seen() -> None:
    async with a_desk() as desk:
        state = desk.world.state
        book(desk.world, AWA)
        state.refuse(book(desk.world, BRUNO))
        state.approve(book(desk.world, CHLOE))
        document = await desk.json()
        text = await desk.text()
    assert document["pending"] == {"listed": True, "halfDays": 2}
    assert "listed: 2 of 6 half-days" in text


async def test_where_none_is_seen_nothing_is_known_of_pending_absences() -> None:
    async with a_desk(Readings(lists_pending=False)) as desk:
        book(desk.world, AWA)
        desk.world.state.approve(book(desk.world, CHLOE))
        document = await desk.json()
        text = await desk.text()
    assert document["pending"] == {"listed": None, "halfDays": 0}
    assert "not known: none among 2 half-days waits for approval" in text


ACCEPTED = (True, None)
REFUSED = (False, 400)


@pytest.mark.parametrize(
    ("readings", "of_leaves", "of_users"),
    [
        pytest.param(Readings(), ACCEPTED, ACCEPTED, id="all accepted"),
        pytest.param(Readings(since_refused=True), REFUSED, ACCEPTED, id="not of absences"),
        pytest.param(Readings(modified_since_refused=True), ACCEPTED, REFUSED, id="not of users"),
    ],
)
async def test_each_question_for_changes_is_accepted_or_refused_with_its_status(
    readings: Readings, of_leaves: object, of_users: object
) -> None:
    async with a_desk(readings) as desk:
        found = since(await desk.json())
        text = await desk.text()
    assert found == {
        "creationDate": of_leaves,
        "leavePeriod.confirmationDate": of_leaves,
        "cancellationDate": of_leaves,
        "modifiedAt": of_users,
    }
    refusals = [line for line in text.splitlines() if "refused (HTTP 400)" in line]
    assert len(refusals) == sum(each == REFUSED for each in found.values())


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Answer(500), "HTTP 500"),
        (Answer(408), "HTTP 408"),
        (HtmlError(200), "a page instead of data"),
    ],
)
async def test_a_question_without_a_clear_answer_does_not_end_the_report(
    fault: Answer | HtmlError, says: str
) -> None:
    async with a_desk() as desk:
        desk.world.figgo.faults.order(
            fault, path=LEAVES, when=lambda request: "cancellationDate" in request.query
        )
        document = await desk.json()
    assert since(document)["cancellationDate"] == (None, None)
    (unclear,) = (each for each in document["since"] if each["accepted"] is None)
    assert says in unclear["trouble"]
    assert since(document)["creationDate"] == ACCEPTED


def bookings(desk: Desk, *minutes_ago: int) -> None:
    for number, minutes in enumerate(minutes_ago):
        day = date(2026, 12, 1) + timedelta(days=7 * number)
        desk.world.state.book(
            AWA, (day, "AM"), (day, "PM"), RTT, confirmed=True, at=desk.ago(minutes=minutes)
        )


OFTEN = (2, 9, 17, 31, 44)


@pytest.mark.parametrize("refused", [False, True], ids=["sorted by question", "sorted alone"])
@pytest.mark.parametrize(
    ("readings", "booked", "zone", "hours"),
    [
        (Readings(), OFTEN, "Local", 1),
        # The latest booking of all is half an hour old, and still beyond UTC.
        (Readings(), (30,), "Local", 1),
        (Readings(timestamp_zone=ZoneInfo("Indian/Reunion")), OFTEN, "Local", 4),
        (Readings(timestamp_zone=UTC_ZONE), OFTEN, "UTC", None),
        (Readings(timestamp_zone=UTC_ZONE), OFTEN[1:], "Unknown", None),
        (Readings(timestamp_zone=UTC_ZONE), (), "Unknown", None),
        # West of Greenwich nothing is ever ahead, and nothing seems recent either.
        (Readings(timestamp_zone=ZoneInfo("America/Montreal")), OFTEN, "Unknown", None),
        (Readings(offsets=True), (300,), "WithOffset", None),
    ],
)
async def test_the_zone_of_timestamps_is_told_by_the_latest_ones(
    readings: Readings, booked: tuple[int, ...], zone: str, hours: int | None, *, refused: bool
) -> None:
    readings = replace(readings, since_refused=refused)
    async with a_desk(readings) as desk:
        bookings(desk, *booked)
        found = (await desk.json())["timestamps"]
    assert (found["zone"], found["hoursAhead"]) == (zone, hours)


@pytest.mark.parametrize(
    ("zone", "says"),
    [
        ("Europe/Paris", "about 1 hour ahead of UTC"),
        ("Europe/Istanbul", "about 3 hours ahead of UTC"),
        ("Indian/Reunion", "about 4 hours ahead of UTC, more than the sync allows for."),
    ],
)
async def test_a_zone_too_far_ahead_is_to_be_reported(zone: str, says: str) -> None:
    async with a_desk(Readings(timestamp_zone=ZoneInfo(zone))) as desk:
        bookings(desk, *OFTEN)
        text = " ".join((await desk.text()).split())
    assert says in text
    assert ("Report it with the version" in text) is ("allows" in says)


async def test_one_long_booking_is_one_act_and_proves_no_zone() -> None:
    async with a_desk(Readings(timestamp_zone=UTC_ZONE)) as desk:
        moment = desk.ago(minutes=3)
        month = (date(2026, 12, 1), "AM"), (date(2026, 12, 31), "PM")
        desk.world.state.book(AWA, *month, PAID_LEAVE, at=moment)
        found = (await desk.json())["timestamps"]
    assert found == {"zone": "Unknown", "hoursAhead": None, "lately": 1}


async def test_a_figgo_that_cannot_sort_by_creation_leaves_the_zone_open() -> None:
    async with a_desk() as desk:
        bookings(desk, *OFTEN)
        desk.world.figgo.faults.order(
            Answer(400), when=lambda request: request.query.get("fields") == "creationDate"
        )
        document = await desk.json()
    assert document["timestamps"]["zone"] == "Unknown"
    assert document["absences"]["count"] == 5


@pytest.mark.parametrize("page", [None, 2, 3])
async def test_every_request_is_counted_and_the_report_is_the_same_for_any_page(
    page: int | None,
) -> None:
    async with a_desk(page=page, allowance=None) as desk:
        bookings(desk, *OFTEN)
        book(desk.world, ROSE)
        document = await desk.json()
        asked = len(desk.world.figgo.log)
    assert document["requests"] == {"sent": asked, "perMinute": 30}
    assert (asked == 8) is (page is None)
    assert (document["absences"]["count"], document["employees"]["current"]) == (6, 24)


async def test_it_keeps_to_the_rate_of_the_spec() -> None:
    async with a_desk(page=2, allowance=None, figgo__requestsPerMinute=6) as desk:
        began = desk.world.timer.elapsed
        document = await desk.json()
        minutes = (desk.world.timer.elapsed - began) / 60
    assert document["requests"]["perMinute"] == 6
    assert document["requests"]["sent"] > 20
    assert document["requests"]["sent"] <= 6 * (minutes + 1)


async def test_told_that_there_were_too_many_requests_it_waits_and_goes_on() -> None:
    async with a_desk() as desk:
        desk.world.figgo.faults.order(Answer(429, {"Retry-After": "40"}), path=LEAVES, times=2)
        began = desk.world.timer.elapsed
        document = await desk.json()
        assert desk.world.timer.elapsed - began >= 80
        assert document["requests"]["sent"] == len(desk.world.figgo.log)
    assert since(document)["creationDate"] == ACCEPTED


@pytest.mark.parametrize(("wait", "times"), [("40", 4), ("121", 1)])
async def test_told_so_again_and_again_or_for_long_it_gives_up(wait: str, times: int) -> None:
    async with a_desk() as desk:
        desk.world.figgo.faults.order(Answer(429, {"Retry-After": wait}), path=LEAVES, times=times)
        refusal = await desk.refusal()
        assert not desk.world.figgo.faults.pending
    assert "too many requests" in refusal
    assert refusal.endswith("Run this again later.")


async def test_a_list_too_heavy_for_figgo_is_asked_for_in_parts() -> None:
    async with a_desk(Readings(heaviest_list=8), allowance=None) as desk:
        bookings(desk, *OFTEN)
        book(desk.world, ROSE)
        document = await desk.json()
    assert document["absences"]["count"] == 6


async def test_an_address_is_never_waited_for_longer_than_figgo_takes() -> None:
    async with a_desk() as desk:
        desk.world.figgo.faults.order(Delay(0.01), path=USERS)
        assert (await desk.json())["employees"]["current"] == 24


async def test_a_suspended_tenant_is_asked_as_well() -> None:
    async with a_desk(suspend=True) as desk:
        assert (await desk.json())["employees"]["served"] == 24
        assert desk.cluster.status_writes == []


async def test_nothing_but_questions_is_sent() -> None:
    async with a_desk() as desk:
        await desk.json()
        assert {request.method for request in desk.world.figgo.log} == {"GET"}
        assert len(desk.world.figgo.log) == 8


async def test_a_name_of_figgo_cannot_disturb_the_terminal() -> None:
    company = believable_company()
    async with a_desk(company=company) as desk:
        state = desk.world.state
        evil = "ACME\x1b[2J\x9b31m \u202eeno\n" + "長い名前" * 30
        state.open_establishment(Establishment(PARIS, evil, 2, "Europe/Paris" + "x" * 200))
        state.rename_account(RTT, "R\tT\x07T" + "é" * 300)
        book(desk.world, account=RTT)
        text = await desk.text()
        document = await desk.ask()
    for char in text.replace("\n", ""):
        assert char.isprintable(), repr(char)
    assert "…" in text
    assert document.out.isascii()
    for line in text.splitlines():
        assert len(line) + sum(char in "長い名前" for char in line) <= 100
