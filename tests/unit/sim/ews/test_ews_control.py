from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from figgosync_sim.ews import ExchangeSimulator, ews_simulator
from raw_ews import RawEWS, create, find, item, key

JANE, LOGIN, PASSWORD = "jane@acme.fr", "ACME\\svc-figgo", "correct:horse"
TOKEN = "control-token"

Act = Callable[..., Awaitable[object]]


@pytest.fixture
async def exchange() -> AsyncIterator[ExchangeSimulator]:
    async with ews_simulator({LOGIN: PASSWORD}, control_token=TOKEN) as simulator:
        simulator.store.add(JANE, display_name="Jane")
        yield simulator


@pytest.fixture
def act(exchange: ExchangeSimulator, http: aiohttp.ClientSession) -> Act:
    async def perform(verb: str, *, expect: int = 200, **arguments: object) -> object:
        async with http.post(
            f"{exchange.control_url}/_control/{verb}",
            json=arguments,
            headers={"Authorization": f"Bearer {TOKEN}"},
        ) as response:
            assert response.status == expect, await response.text()
            return (await response.json()).get("result")

    return perform


async def test_another_process_sees_what_outlook_shows(act: Act, ews: RawEWS) -> None:
    before = f"<t:Subject>Absent</t:Subject><t:Sensitivity>Private</t:Sensitivity>{key('v1/x')}"
    await ews.call(create(item(before, "<t:LegacyFreeBusyStatus>OOF</t:LegacyFreeBusyStatus>")))

    assert await act("calendar", address=JANE) == [
        {
            "first": "2026-12-24",
            "last": "2026-12-24",
            "starts": "14:00",
            "ends": "18:00",
            "subject": "Absent",
            "status": "OOF",
            "private": True,
        }
    ]
    assert await act("mailboxes") == [
        {
            "address": JANE,
            "name": "Jane",
            "timeZone": "Europe/Paris",
            "state": "Active",
            "items": 1,
        }
    ]
    counts = await act("counts")
    assert counts == {
        "operations": {"CreateItem": 1},
        "outcomes": {"NoError": 1},
        "notifications": 0,
        "logins": 1,
        "failedLogins": 0,
    }


async def test_another_process_acts_as_a_user(act: Act, exchange: ExchangeSimulator) -> None:
    times = {"begins": "2026-12-24T09:00:00+01:00", "ends": "2026-12-24T10:00:00+01:00"}
    made = await act("add_item", address=JANE, subject="Dentist", freeBusy="Busy", **times)
    assert isinstance(made, dict)
    assert made["begins"] == "2026-12-24T08:00:00+00:00"

    copied = await act("copy_item", address=JANE, item=made["item"], subject="Copy")
    assert isinstance(copied, dict)
    await act("edit_item", address=JANE, item=copied["item"], body="note", sensitivity="Private")
    await act("delete_item", address=JANE, item=made["item"])

    (left,) = exchange.store.items(JANE)
    assert (left.subject, left.body, left.sensitivity) == ("Copy", "note", "Private")
    listed = await act("items", address=JANE)
    assert isinstance(listed, list)
    assert [entry["item"] for entry in listed] == [copied["item"]]


async def test_another_process_furnishes_a_calendar(act: Act, exchange: ExchangeSimulator) -> None:
    left = await act(
        "furnish_foreign",
        address=JANE,
        title="Absent",
        begins="2026-12-24",
        ends="2026-12-26",
        creator="Lucca",
        createdAt="2026-11-20T09:00:00+01:00",
    )
    await act(
        "furnish_by_hand",
        address=JANE,
        title="Dentist",
        begins="2026-12-28T09:00:00+01:00",
        ends="2026-12-28T10:00:00+01:00",
    )

    assert isinstance(left, dict)
    assert (left["creator"], left["createdAt"]) == ("Lucca", "2026-11-20T08:00:00+00:00")
    assert [(a.subject, a.days, a.status) for a in exchange.store.outlook_view(JANE)] == [
        ("Absent", 3, "OOF"),
        ("Dentist", 1, "Busy"),
    ]


async def test_another_process_acts_as_an_administrator(
    act: Act, ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    await act("set_password", login=LOGIN, password="another")
    assert (await ews.call(find())).status == 401
    ews.password = "another"
    assert (await ews.call(find())).status == 200

    await act("set_account_state", login=LOGIN, state="Locked")
    assert (await ews.call(find())).status == 401
    await act("set_account_state", login=LOGIN, state="Active")

    await act("set_scope", only=[])
    assert (await ews.call(find())).fault == "ErrorImpersonateUserDenied"
    await act("set_scope")
    await act("set_mailbox_state", address=JANE, state="Moving")
    assert (await ews.call(find())).codes == ["ErrorMailboxMoveInProgress"]
    await act("remove_mailbox", address=JANE)
    assert (await ews.call(find())).fault == "ErrorNonExistentMailbox"
    await act("add_mailbox", address=JANE, zone="Indian/Reunion")
    assert (await ews.call(find())).codes == ["NoError"]
    assert exchange.store.mailbox(JANE).time_zone == "Indian/Reunion"


async def test_another_process_orders_faults(
    act: Act, ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    await act("order_fault", kind="busy", back_off_milliseconds=5, operation="CreateItem")
    await act("order_fault", kind="answer", status=503, mailbox=JANE, times=2)
    await act("order_fault", kind="refuse", code="ErrorADUnavailable")
    assert await act("pending_faults") == ["Refuse", "Answer", "Answer", "Refuse"]

    assert (await ews.call(create(item()))).fault == "ErrorServerBusy"
    assert (await ews.call(find())).status == 503
    await act("cancel_faults")
    assert (await ews.call(find())).status == 200
    assert exchange.faults.pending == []


@pytest.mark.parametrize(
    ("verb", "arguments", "status"),
    [
        ("calendar", {"address": "nobody@acme.fr"}, 404),
        ("calendar", {}, 400),
        ("edit_item", {"address": JANE, "item": "none", "body": "x"}, 404),
        ("add_item", {"address": JANE, "begins": "2026-12-24T09:00:00", "ends": "x"}, 409),
        ("set_mailbox_state", {"address": JANE, "state": "Away"}, 409),
        ("add_item", {"address": JANE, "begins": 1, "ends": 2}, 400),
        ("furnish_foreign", {"address": JANE, "title": "x", "begins": "2026-12"}, 409),
        ("furnish_by_hand", {"address": JANE, "title": "x", "begins": "2026-12-24", "to": 1}, 400),
        ("order_fault", {"kind": "earthquake"}, 400),
        ("add_mailbox", {"address": JANE}, 409),
        ("format_disk", {}, 404),
    ],
)
async def test_an_act_that_makes_no_sense_is_refused(
    act: Act, exchange: ExchangeSimulator, verb: str, arguments: dict[str, object], status: int
) -> None:
    await act(verb, expect=status, **arguments)

    assert exchange.store.items(JANE) == []
    assert exchange.faults.pending == []


async def test_the_control_door_needs_its_token_and_is_not_on_the_servers_port(
    exchange: ExchangeSimulator, http: aiohttp.ClientSession
) -> None:
    async with http.post(f"{exchange.control_url}/_control/mailboxes", json={}) as response:
        assert response.status == 401
    base = exchange.url.removesuffix("/EWS/Exchange.asmx")
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with http.post(f"{base}/_control/mailboxes", json={}, headers=headers) as response:
        assert response.status == 401
