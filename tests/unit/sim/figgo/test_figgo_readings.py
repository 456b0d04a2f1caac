"""Each switch between two readings of the documentation changes what it says, and only that."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from figgosync_sim.company import PAID_LEAVE, REMOTE_WORK
from figgosync_sim.figgo import (
    AccountForm,
    DateForm,
    ErrorForm,
    FiggoState,
    IdReuse,
    LeaveIdLead,
    Readings,
)
from figgosync_sim.organisation import Boundary
from unit.sim.figgo.asking import Asker, Clock, OpenFiggo

AWA = 1202
DEC_1: Boundary = (date(2026, 12, 1), "AM")
DEC_2: Boundary = (date(2026, 12, 2), "AM")
BOOKED = datetime(2026, 11, 20, 8, 31, 12, 447_912, tzinfo=UTC)
CANCELLED = datetime(2026, 11, 21, 9, 0, 1, 500_000, tzinfo=UTC)
USERS = "/api/v3/users"

Read = Callable[..., Awaitable[Asker]]


@pytest.fixture
def read(open_figgo: OpenFiggo, clock: Clock) -> Read:
    """Return a function that opens a tenant with some readings, one morning booked in it."""

    async def open_(**readings: Any) -> Asker:  # noqa: ANN401 - as Readings
        state = FiggoState(now=clock)
        state.book(AWA, DEC_1, DEC_1, PAID_LEAVE, at=BOOKED)
        return await open_figgo(state, readings=Readings(**readings))

    return open_


async def one(figgo: Asker, fields: str) -> dict[str, Any]:
    (item,) = (await figgo.leaves(fields)).items
    return item


async def test_the_half_is_spelt_one_way_or_the_other(read: Read) -> None:
    assert await one(await read(), "isam") == {"isAM": True}
    assert await one(await read(half_name="isAm"), "isam") == {"isAm": True}


async def test_days_come_with_midnight_or_without(read: Read) -> None:
    assert await one(await read(), "date") == {"date": "2026-12-01T00:00:00"}
    assert await one(await read(dates=DateForm.PLAIN), "date") == {"date": "2026-12-01"}


async def test_timestamps_are_local_or_utc_and_never_say_which(read: Read) -> None:
    assert await one(await read(), "creationDate") == {"creationDate": "2026-11-20T09:31:12.447"}
    utc = await read(timestamp_zone=ZoneInfo("UTC"))
    assert await one(utc, "creationDate") == {"creationDate": "2026-11-20T08:31:12.447"}


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        ("Europe/Paris", "2026-11-20T09:31:12.447+01:00"),
        ("UTC", "2026-11-20T08:31:12.447+00:00"),
        ("America/St_Johns", "2026-11-20T05:01:12.447-03:30"),
    ],
)
async def test_timestamps_may_name_their_offset(read: Read, zone: str, written: str) -> None:
    figgo = await read(timestamp_zone=ZoneInfo(zone), offsets=True)
    assert await one(figgo, "creationDate") == {"creationDate": written}


async def test_what_waits_for_approval_is_listed_or_not(read: Read) -> None:
    assert len((await (await read()).leaves("id")).items) == 1
    figgo = await read(lists_pending=False)
    assert (await figgo.leaves("id")).items == []
    figgo.state.approve(90001)
    assert len((await figgo.leaves("id")).items) == 1


async def test_fractions_of_a_second_lose_their_trailing_zeros(read: Read) -> None:
    figgo = await read()
    figgo.state.cancel(90001, at=CANCELLED)
    fields = await one(figgo, "cancellationDate")
    assert fields == {"cancellationDate": "2026-11-21T10:00:01.5"}
    second = CANCELLED.replace(microsecond=0)
    figgo.state.book(AWA, DEC_2, DEC_2, PAID_LEAVE, confirmed=True, at=second)
    answer = await figgo.leaves("leavePeriod.confirmationDate", date="2026-12-02")
    (item,) = answer.items
    assert item == {"leavePeriod": {"confirmationDate": "2026-11-21T10:00:01"}}


@pytest.mark.parametrize(
    ("stored", "clock_zone", "found"),
    [
        ("Europe/Paris", "Europe/Paris", True),
        ("UTC", "UTC", True),
        # A server whose clock and database disagree misses an hour: clients must overlap.
        ("UTC", "Europe/Paris", False),
    ],
)
async def test_a_utc_filter_is_converted_to_the_servers_zone(
    read: Read, stored: str, clock_zone: str, *, found: bool
) -> None:
    zones = {"timestamp_zone": ZoneInfo(stored), "server_zone": ZoneInfo(clock_zone)}
    figgo = await read(**zones)
    answer = await figgo.leaves(creationDate="since,2026-11-20T08:31:00Z")
    assert bool(answer.items) is found


async def test_a_header_may_stand_beside_the_data(read: Read) -> None:
    assert set((await (await read()).get(USERS)).body) == {"data"}
    answer = await (await read(header=True)).get(USERS)
    assert set(answer.body) == {"header", "data"}
    assert answer.body["header"]["generated"] == "2026-11-24T10:00:00"
    places = await (await read(header=True)).get("/organization/structure/api/establishments")
    assert set(places.body) == {"items", "prev", "next"}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (
            AccountForm.PRESENT,
            {
                "leaveAccountId": PAID_LEAVE,
                "leaveAccount": {"name": "Congés payés"},
                "isRemoteWork": False,
            },
        ),
        (AccountForm.NULL, {"leaveAccountId": None, "leaveAccount": None, "isRemoteWork": None}),
        (AccountForm.ABSENT, {}),
    ],
)
async def test_the_kind_of_an_absence_is_shown_nulled_or_left_out(
    read: Read, form: AccountForm, expected: dict[str, object]
) -> None:
    figgo = await read(account=form)
    fields = "isActive,leaveAccountId,leaveAccount.name,isRemoteWork"
    assert await one(figgo, fields) == {"isActive": True, **expected}


@pytest.mark.parametrize("form", list(AccountForm))
async def test_a_masked_account_does_not_hide_a_wrong_name(read: Read, form: AccountForm) -> None:
    figgo = await read(account=form)
    assert (await figgo.leaves("leaveAccount[nothing]")).status == 400


async def test_inactive_leaves_are_listed_by_default_or_not(read: Read) -> None:
    for listed in (True, False):
        figgo = await read(lists_inactive=listed)
        figgo.state.cancel(90001)
        people = {"leavePeriod.ownerId": str(AWA), "date": "2026-12-01"}
        answer = await figgo.get("/api/v3/leaves", people)
        assert len(answer.items) == (1 if listed else 0)
        assert len((await figgo.leaves()).items) == 1


async def test_a_denial_has_a_cancellation_date_or_not(read: Read) -> None:
    for dated in (True, False):
        figgo = await read(denied_have_cancellation_date=dated)
        figgo.state.refuse(90001, at=CANCELLED)
        item = await one(figgo, "isActive,cancellationDate")
        assert item["isActive"] is False
        assert (item["cancellationDate"] is not None) is dated
        found = await figgo.leaves(cancellationDate="since,2026-11-21T00:00:00Z")
        assert bool(found.items) is dated


async def test_the_largest_page_of_leaves_is_one_or_ten_thousand(read: Read) -> None:
    assert (await (await read()).leaves(paging="0,10000")).status == 400
    figgo = await read(max_page=10_000)
    assert (await figgo.leaves(paging="0,10000")).status == 200
    assert (await figgo.leaves(paging="0,10001")).status == 400
    assert (await figgo.get(USERS, {"paging": "0,1001"})).status == 400


@pytest.mark.parametrize(
    "name", ["creationDate", "cancellationDate", "leavePeriod.confirmationDate"]
)
async def test_queries_for_changes_may_be_refused_while_others_work(read: Read, name: str) -> None:
    refusing = await read(since_refused=True)
    assert (await refusing.leaves(**{name: "since,2026-11-01T00:00:00Z"})).status == 400
    assert (await refusing.leaves(**{name: "null"})).status == 200
    assert (await refusing.get(USERS, {"modifiedAt": "since,2026-11-01"})).status == 200
    assert (await (await read()).leaves(**{name: "since,2026-11-01T00:00:00Z"})).status == 200


async def test_an_id_begins_with_the_owner_or_the_period(read: Read) -> None:
    assert await one(await read(), "id") == {"id": f"{AWA}-20261201-AM"}
    figgo = await read(id_lead=LeaveIdLead.PERIOD)
    assert await one(figgo, "id") == {"id": "90001-20261201-AM"}
    assert (await figgo.get("/api/v3/leaves/90001-20261201-AM")).status == 200


@pytest.mark.parametrize(
    ("reuse", "expected"),
    [
        (IdReuse.BESIDE, [("1202-20261201-AM", False), ("1202-20261201-AM", True)]),
        (IdReuse.INSTEAD, [("1202-20261201-AM", True)]),
        (IdReuse.NEVER, [("1202-20261201-AM", False), ("1202-20261201-AM-2", True)]),
    ],
)
async def test_an_id_that_comes_again_stands_beside_instead_or_never(
    read: Read, reuse: IdReuse, expected: list[tuple[str, bool]]
) -> None:
    figgo = await read(id_reuse=reuse)
    figgo.state.cancel(90001)
    figgo.state.book(AWA, DEC_1, DEC_1, PAID_LEAVE)
    items = (await figgo.leaves("id,isActive")).items
    assert [(item["id"], item["isActive"]) for item in items] == expected
    last = await figgo.get(f"/api/v3/leaves/{expected[-1][0]}")
    assert last.body["data"]["isActive"] is True


async def test_ids_that_begin_with_the_period_come_again_only_within_it(read: Read) -> None:
    figgo = await read(id_lead=LeaveIdLead.PERIOD, id_reuse=IdReuse.INSTEAD)
    figgo.state.edit(90001, DEC_1, DEC_2)
    figgo.state.cancel(90001)
    again = figgo.state.book(AWA, DEC_1, DEC_1, PAID_LEAVE)
    items = (await figgo.leaves("id,isActive")).items
    assert {(item["id"], item["isActive"]) for item in items} == {
        ("90001-20261201-AM", False),
        ("90001-20261201-PM", False),
        ("90001-20261202-AM", False),
        (f"{again}-20261201-AM", True),
    }
    assert len(items) == 4


@pytest.mark.parametrize(
    ("form", "content_type"),
    [
        (ErrorForm.DETAIL, "application/problem+json"),
        (ErrorForm.MESSAGE, "application/json"),
        (ErrorForm.PLAIN_TEXT, "application/json"),
    ],
)
async def test_an_error_body_has_one_of_three_shapes(
    read: Read, form: ErrorForm, content_type: str
) -> None:
    figgo = await read(errors=form)
    url = "/api/v3/leaves/1202-20261201-AM?fields=nothing"
    sentence = "Selected property nothing does not exist on objet of type FiggoLeave"
    if form is ErrorForm.PLAIN_TEXT:
        with pytest.raises(ValueError, match="Expecting value"):
            await figgo.get(url)
        return
    answer = await figgo.get(url)
    assert answer.headers["Content-Type"].startswith(content_type)
    assert answer.status == 400
    assert answer.body["detail" if form is ErrorForm.DETAIL else "Message"] == sentence


async def test_a_list_that_finds_too_much_takes_too_long_and_a_shorter_one_does_not(
    read: Read,
) -> None:
    figgo = await read(heaviest_list=1)
    assert (await figgo.leaves()).status == 200
    figgo.state.book(AWA, DEC_2, DEC_2, PAID_LEAVE)
    assert (await figgo.leaves(paging="0,1")).status == 408
    assert (await figgo.leaves(date="since,2026-12-02")).status == 200
    assert (await figgo.get(USERS)).status == 200


async def test_a_stable_server_keeps_one_order_without_being_asked(read: Read) -> None:
    figgo = await read(stable_without_order=True)
    answers = [(await figgo.get(USERS)).column("id") for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]


async def test_readings_can_change_while_the_server_runs(read: Read) -> None:
    figgo = await read()
    simulator = figgo.figgo.simulator
    simulator.readings = replace(simulator.readings, half_name="isAm")
    assert await one(figgo, "isAM") == {"isAm": True}


async def test_telework_is_an_ordinary_leave_with_a_flag(read: Read) -> None:
    figgo = await read()
    figgo.state.book(AWA, DEC_2, DEC_2, REMOTE_WORK)
    answer = await figgo.leaves(
        "isRemoteWork,isRealLeave,leaveAccount[isRemoteWork,i18nLabels]", date="2026-12-02"
    )
    assert answer.items == [
        {
            "isRemoteWork": True,
            "isRealLeave": False,
            "leaveAccount": {
                "isRemoteWork": True,
                "i18nLabels": [{"name": "Télétravail", "cultureCodeIso6391": "fr"}],
            },
        }
    ]


async def test_a_range_of_users_changes_may_be_refused_by_itself(read: Read) -> None:
    refusing = await read(modified_since_refused=True)
    assert (await refusing.get(USERS, {"modifiedAt": "since,2026-11-01"})).status == 400
    assert (await refusing.get(USERS)).status == 200
    leaves = await refusing.leaves("id", creationDate="since,2026-11-01")
    assert leaves.status == 200
