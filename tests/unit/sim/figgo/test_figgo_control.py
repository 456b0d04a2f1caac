"""Another process acts upon the tenant through the control door."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any

import aiohttp
import pytest

from figgosync_sim.company import PAID_LEAVE, REUNION
from figgosync_sim.faults import Answer
from figgosync_sim.figgo import DEFAULT_KEY
from unit.sim.figgo.asking import Asker, OpenFiggo

AWA = 1202

Control = Callable[..., Awaitable[tuple[int, Any]]]
TOKEN = "control-token"
BOOKING = {
    "owner": AWA,
    "first": ["2026-12-01", "PM"],
    "last": ["2026-12-02", "AM"],
    "account": PAID_LEAVE,
}


@pytest.fixture
async def figgo(open_figgo: OpenFiggo) -> Asker:
    return await open_figgo(control_token=TOKEN)


@pytest.fixture
async def control(figgo: Asker) -> AsyncIterator[Control]:
    """Return a function that performs a verb and gives back the status and the JSON."""
    async with aiohttp.ClientSession(figgo.figgo.control_url) as session:

        async def act(
            verb: str, token: str = TOKEN, body: str | None = None, **arguments: object
        ) -> tuple[int, Any]:
            payload: dict[str, Any] = {"json": arguments} if body is None else {"data": body}
            headers = {"Authorization": f"Bearer {token}"}
            async with session.post(f"/_control/{verb}", headers=headers, **payload) as response:
                return response.status, await response.json()

        yield act


async def test_a_story_can_be_played_from_outside(figgo: Asker, control: Control) -> None:
    status, booked = await control("book", **BOOKING, at="2026-11-20T08:00:00+00:00")
    assert status == 200
    period = booked["result"]
    rows = await figgo.leaves("id,creationDate,leavePeriod.id")
    assert rows.column("id") == [f"{AWA}-20261201-PM", f"{AWA}-20261202-AM"]
    assert set(rows.column("creationDate")) == {"2026-11-20T09:00:00"}
    assert rows.items[0]["leavePeriod"] == {"id": period}

    assert await control("approve", period=period) == (200, {"result": None})
    confirmed = await figgo.leaves("leavePeriod.isConfirmed")
    assert confirmed.items[0] == {"leavePeriod": {"isConfirmed": True}}

    await control("edit", period=period, first=["2026-12-03", "AM"], last=["2026-12-04", "AM"])
    await control("give_back", period=period, day="2026-12-03", half="PM")
    _, periods = await control("periods", owner=AWA)
    halves = [["2026-12-03", "AM"], ["2026-12-04", "AM"]]
    assert periods["result"] == [{"id": period, "confirmed": True, "halfDays": halves}]


async def test_people_are_changed_and_looked_at_from_outside(
    figgo: Asker, control: Control
) -> None:
    await control("change_mail", employee=AWA, mail="new@societe.example")
    await control("end_contract", employee=AWA, on="2027-01-31")
    await control("move", employee=AWA, legal_entity=REUNION)
    _, hired = await control("hire", first_name="Zoé", last_name="Blanc", legal_entity=1, mail=None)
    _, people = await control("people")
    assert len(people["result"]) == 26
    awa = {
        "id": AWA,
        "name": "Awa MERCIER",
        "mail": "new@societe.example",
        "legalEntity": REUNION,
    }
    assert awa in people["result"]
    assert hired["result"] in figgo.state.people
    assert figgo.state.person(AWA).contract_end == date(2027, 1, 31)
    _, accounts = await control("accounts")
    assert {"id": PAID_LEAVE, "name": "Congés payés"} in accounts["result"]


async def test_faults_are_ordered_from_outside(figgo: Asker, control: Control) -> None:
    await control("order_fault", kind="answer", status=503, path="/api/v3/users", times=2)
    await control("order_fault", kind="wrong_count", by=2)
    assert figgo.figgo.faults.pending[:2] == [Answer(503), Answer(503)]
    assert await control("pending_faults") == (
        200,
        {"result": ["Answer", "Answer", "WrongCount"]},
    )
    assert (await figgo.get("/api/v3/users")).status == 503
    await control("cancel_faults")
    assert (await figgo.get("/api/v3/users")).status == 200


async def test_the_key_is_replaced_from_outside(figgo: Asker, control: Control) -> None:
    await control("set_key", key="rotated")
    assert (await figgo.get("/api/v3/users")).status == 401


@pytest.mark.parametrize("token", ["", "wrong", DEFAULT_KEY])
async def test_without_the_token_nothing_happens(
    figgo: Asker, control: Control, token: str
) -> None:
    assert (await control("book", token=token, **BOOKING))[0] == 401
    assert figgo.state.leave_book.leaves == []


@pytest.mark.parametrize(
    ("verb", "arguments", "status"),
    [
        ("explode", {}, 404),
        ("leave_book", {}, 404),
        ("approve", {"period": 5}, 404),
        ("move", {"employee": AWA, "legal_entity": 99}, 404),
        ("book", {**BOOKING, "last": ["2026-12-01", "AM"]}, 409),
        ("book", {**BOOKING, "last": ["2026-12-01", "noon"]}, 400),
        ("book", {**BOOKING, "last": "2026-12-01"}, 400),
        ("book", {**BOOKING, "at": "2026-11-20T08:00:00"}, 400),
        ("book", {**BOOKING, "colour": "blue"}, 400),
        ("approve", {}, 400),
        ("order_fault", {"kind": "earthquake"}, 400),
        ("order_fault", {"kind": "delay", "minutes": 5}, 400),
    ],
)
async def test_a_wrong_order_is_refused_with_a_sentence(
    figgo: Asker, control: Control, verb: str, arguments: dict[str, object], status: int
) -> None:
    answered, body = await control(verb, **arguments)
    assert answered == status
    assert body["error"]
    assert figgo.state.leave_book.leaves == []
    assert figgo.figgo.faults.pending == []


@pytest.mark.parametrize("body", ["[1]", "{", '"text"'])
async def test_a_body_that_is_no_object_is_refused(control: Control, body: str) -> None:
    assert (await control("people", body=body))[0] == 400


async def test_the_tenant_itself_has_no_control_door(figgo: Asker) -> None:
    assert (await figgo.get("/_control/people", method="POST")).status in (404, 405)
    assert figgo.figgo.control_url != figgo.figgo.url
