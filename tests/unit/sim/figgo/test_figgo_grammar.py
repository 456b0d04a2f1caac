"""The v3 query grammar, one case per operator, and what it refuses."""

from datetime import UTC, date, datetime

import pytest

from figgosync_sim.company import PAID_LEAVE, RECUPERATION, REMOTE_WORK
from unit.sim.figgo.asking import Asker, Clock

LEAVES = "/api/v3/leaves"
AWA, BRUNO, PRISCILLA = 1202, 1203, 1217
DEC_1, DEC_2, DEC_3 = (date(2026, 12, n) for n in (1, 2, 3))

# Everything that stands in the books of these tests, by short names.
NAMES = {
    "A1am": f"{AWA}-20261201-AM",
    "A1pm": f"{AWA}-20261201-PM",
    "B2am": f"{BRUNO}-20261202-AM",
    "B2pm": f"{BRUNO}-20261202-PM",
    "P3am": f"{PRISCILLA}-20261203-AM",
}


@pytest.fixture
async def booked(figgo: Asker) -> Asker:
    """Awa: a confirmed day, Bruno: a pending one, Priscilla: a cancelled morning of telework."""
    at = [datetime(2026, 11, day, 8, 30, tzinfo=UTC) for day in (9, 10, 11, 12)]
    book = figgo.state.book
    book(AWA, (DEC_1, "AM"), (DEC_1, "PM"), PAID_LEAVE, confirmed=True, at=at[0])
    book(BRUNO, (DEC_2, "AM"), (DEC_2, "PM"), RECUPERATION, at=at[1])
    third = book(PRISCILLA, (DEC_3, "AM"), (DEC_3, "AM"), REMOTE_WORK, at=at[2])
    figgo.state.cancel(third, at=at[3])
    return figgo


def short(ids: list[str]) -> str:
    back = {full: name for name, full in NAMES.items()}
    return " ".join(back[one] for one in ids)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        # equality
        ("leavePeriod.ownerId", f"{AWA}", "A1am A1pm"),
        ("leavePeriod.ownerId", f"{AWA},{PRISCILLA}", "A1am A1pm P3am"),
        ("leavePeriod.ownerId", f"equals,{BRUNO}", "B2am B2pm"),
        ("leavePeriod.ownerId", "99999", ""),
        ("leavePeriod.owner.legalEntityId", "4", "P3am"),
        ("leavePeriod.owner.departmentId", "13", "A1am A1pm B2am B2pm"),
        ("leaveAccountId", f"{PAID_LEAVE}", "A1am A1pm"),
        ("leaveAccount.isRemoteWork", "true", "P3am"),
        ("isAM", "true", "A1am B2am P3am"),
        ("isActive", "true", "A1am A1pm B2am B2pm"),
        ("isActive", "false", "P3am"),
        ("leavePeriod.isConfirmed", "true", "A1am A1pm"),
        ("date", "2026-12-01", "A1am A1pm"),
        ("date", "2026-12-01,2026-12-03", "A1am A1pm P3am"),
        ("cancellationDate", "null", "A1am A1pm B2am B2pm"),
        # notequal
        ("leavePeriod.ownerId", f"notequal,{AWA}", "B2am B2pm P3am"),
        ("leavePeriod.ownerId", f"notequal,{AWA},{BRUNO}", "P3am"),
        ("cancellationDate", "notequal,null", "P3am"),
        # like, starts
        ("id", "like,20261202-a", "B2am"),
        ("leavePeriod.owner.lastName", "like,ERC", "A1am A1pm"),
        ("leavePeriod.owner.lastName", "starts,mer,pay", "A1am A1pm P3am"),
        # since, until: inclusive
        ("date", "since,2026-12-02", "B2am B2pm P3am"),
        ("date", "until,2026-12-02", "A1am A1pm B2am B2pm"),
        ("creationDate", "since,2026-11-10T08:30:00Z", "B2am B2pm P3am"),
        ("creationDate", "until,2026-11-10T08:30:00Z", "A1am A1pm B2am B2pm"),
        # between: inclusive, an end without a time means all of that day
        ("date", "between,2026-12-01,2026-12-02", "A1am A1pm B2am B2pm"),
        ("creationDate", "between,2026-11-09,2026-11-10", "A1am A1pm B2am B2pm"),
        ("creationDate", "between,2026-11-09,2026-11-10T00:00:00", "A1am A1pm"),
        ("creationDate", "between,2026-11-09T08:30Z,2026-11-10T08:30Z", "A1am A1pm B2am B2pm"),
        # strict and inclusive comparisons, of numbers and of dates
        ("leavePeriod.ownerId", f"greaterthan,{AWA}", "B2am B2pm P3am"),
        ("leavePeriod.ownerId", f"greaterthanorequal,{BRUNO}", "B2am B2pm P3am"),
        ("leavePeriod.ownerId", f"lessthan,{BRUNO}", "A1am A1pm"),
        ("leavePeriod.ownerId", f"lessthanorequal,{BRUNO}", "A1am A1pm B2am B2pm"),
        ("date", "greaterthan,2026-12-02", "P3am"),
        ("date", "greaterthanorequal,2026-12-02", "B2am B2pm P3am"),
        ("date", "lessthan,2026-12-02", "A1am A1pm"),
        ("date", "lessthanorequal,2026-12-02", "A1am A1pm B2am B2pm"),
        # null is in no range
        ("leavePeriod.confirmationDate", "since,2020-01-01", "A1am A1pm"),
        ("leavePeriod.confirmationDate", "until,2030-01-01", "A1am A1pm"),
        # names and operators in any case
        ("LEAVEPERIOD.OWNER.LEGALENTITYID", "4", "P3am"),
        ("date", "BETWEEN,2026-12-03,2026-12-03", "P3am"),
    ],
)
async def test_an_operator_finds_exactly(booked: Asker, name: str, text: str, found: str) -> None:
    default = {"date": "since,2026-01-01", "leavePeriod.ownerId": "greaterthan,0"}
    kept = {k: v for k, v in default.items() if k.lower() != name.lower()}
    people = "leavePeriod.owner.legalEntityId"
    if name == "leavePeriod.ownerId":
        kept[people] = "1,4"
    parameters = {"isActive": "true,false", "orderBy": "id,asc", **kept, name: text}
    answer = await booked.get(LEAVES, parameters)
    assert short(answer.column("id")) == found


async def test_all_filters_must_hold(booked: Asker) -> None:
    answer = await booked.leaves(**{"leavePeriod.ownerId": f"{AWA},{BRUNO}", "isAM": "true"})
    assert short(answer.column("id")) == "A1am B2am"


@pytest.mark.parametrize(
    ("now", "text", "found"),
    [
        ("2026-12-02T09:00+00:00", "today", "B2am B2pm"),
        ("2026-12-02T09:00+00:00", "yesterday", "A1am A1pm"),
        ("2026-12-02T09:00+00:00", "tomorrow", "P3am"),
        ("2026-12-02T09:00+00:00", "since,today", "B2am B2pm P3am"),
        ("2026-12-02T09:00+00:00", "since,now", "P3am"),
        ("2026-12-01T23:30+00:00", "today", "B2am B2pm"),
    ],
)
async def test_words_for_days_follow_the_servers_local_clock(
    booked: Asker, clock: Clock, now: str, text: str, found: str
) -> None:
    clock.now = datetime.fromisoformat(now)
    answer = await booked.leaves(date=text)
    assert short(answer.column("id")) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("since,2026-11-10T08:30:00Z", "B2am B2pm P3am"),
        ("since,2026-11-10T08:30:01Z", "P3am"),
        ("since,2026-11-10T09:30:00", "B2am B2pm P3am"),
        ("since,2026-11-10T09:30:01", "P3am"),
        ("since,2026-11-10T10:30:00+02:00", "B2am B2pm P3am"),
        ("since,2026-11-10T08:30:00.0010000Z", "P3am"),
    ],
)
async def test_a_moment_with_an_offset_is_converted_and_one_without_is_local(
    booked: Asker, text: str, found: str
) -> None:
    answer = await booked.leaves(creationDate=text)
    assert short(answer.column("id")) == found


@pytest.mark.parametrize("name", ["nothing", "isAmm", "leavePeriod.nothing", "owner.mail"])
async def test_an_unknown_property_cannot_be_filtered(booked: Asker, name: str) -> None:
    answer = await booked.leaves(**{name: "1"})
    assert answer.status == 400
    assert "does not exist on objet of type" in answer.body["detail"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("date", "since,24/12/2026"),
        ("date", "since,2026-13-01"),
        ("date", "since,2026-12-01T08:00:00 01:00"),
        ("date", "since,2026-12-01,2026-12-02"),
        ("date", "between,2026-12-01"),
        ("date", "between,2026-12-01,2026-12-02,2026-12-03"),
        ("date", "since,null"),
        ("date", "since,2026-12-01,until,2026-12-03"),
        ("date", "like,2026"),
        ("date", ""),
        ("leavePeriod.ownerId", "abc"),
        ("leavePeriod.ownerId", "1.5"),
        ("leavePeriod.ownerId", "since,5"),
        ("leavePeriod.ownerId", "between,1,5"),
        ("leavePeriod.ownerId", "like,12"),
        ("isActive", "yes"),
        ("isActive", "since,true"),
        ("isActive", "greaterthan,true"),
        ("comment", "since,a"),
        ("leavePeriod", "1"),
        ("leavePeriod.leaves.id", "1"),
        ("leavePeriod.logs", "1"),
        ("value", "01:00:00"),
        ("startDate", "2026-12-01"),
        ("endDate", "2026-12-01"),
        ("date.between", "2026-12-01,2026-12-02"),
        ("limit", "10"),
        ("page", "1"),
    ],
)
async def test_a_filter_that_makes_no_sense_is_refused(booked: Asker, name: str, text: str) -> None:
    answer = await booked.leaves(**{name: text})
    assert answer.status == 400


async def test_a_parameter_sent_twice_is_one_with_both_values(booked: Asker) -> None:
    people = [("leavePeriod.ownerId", str(AWA)), ("leavePeriod.ownerId", str(BRUNO))]
    days = [("date", "since,2026-12-01"), ("orderBy", "id,asc")]
    both = await booked.get(LEAVES, people + days)
    assert short(both.column("id")) == "A1am A1pm B2am B2pm"
    refused = await booked.get(LEAVES, [*people, *days, ("date", "until,2026-12-02")])
    assert refused.status == 400


async def test_equality_takes_any_number_of_values_and_other_operators_a_thousand(
    figgo: Asker,
) -> None:
    values = ",".join("0" for _ in range(1001))
    assert (await figgo.get("/api/v3/users", {"id": values})).status == 200
    assert (await figgo.get("/api/v3/users", {"id": f"notequal,{values}"})).status == 400
    assert (await figgo.get("/api/v3/users", {"id": f"notequal,{values[2:]}"})).status == 200


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"date": "2026-12-01"},
        {"date": "notequal,2026-12-01", "leavePeriod.ownerId": "1"},
        {"leavePeriod.ownerId": "1"},
        {"leavePeriod.owner.legalEntityId": "1", "creationDate": "since,2026-01-01"},
        {"date": "2026-12-01", "leaveAccountId": "8"},
        {"date": "2026-12-01", "leavePeriodId": "8"},
    ],
)
async def test_leaves_must_be_filtered_on_days_and_on_people(
    figgo: Asker, parameters: dict[str, str]
) -> None:
    assert (await figgo.get(LEAVES, parameters)).status == 400


@pytest.mark.parametrize(
    "reserved",
    ["metadata", "accept", "callback", "notify", "groupBy", "httpMethod", "authToken", "_"],
)
async def test_a_reserved_word_is_no_filter(figgo: Asker, reserved: str) -> None:
    answer = await figgo.get("/api/v3/users", {reserved: "whatever"})
    assert len(answer.items) == 24
