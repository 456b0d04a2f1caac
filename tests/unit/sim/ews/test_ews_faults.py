import asyncio

import aiohttp
import pytest

from figgosync_sim.ews import ExchangeSimulator, Refuse, busy, busy_inside, redirect_to_owa
from figgosync_sim.faults import Answer, Delay, DropAfter, DropBefore, HtmlError, Truncate
from raw_ews import RawEWS, create, find, item, primary
from support.comes_true import comes_true

JANE = "jane@acme.fr"
LOST = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)


@pytest.mark.parametrize("code", ["ErrorQuotaExceeded", "ErrorMailboxStoreUnavailable"])
async def test_an_ordered_code_stands_in_the_response_message_and_nothing_is_done(
    ews: RawEWS, exchange: ExchangeSimulator, code: str
) -> None:
    exchange.order(Refuse(code))

    answer = await ews.call(create(item() * 2))

    assert (answer.status, answer.fault, answer.codes) == (200, None, [code, code])
    assert exchange.store.items(JANE) == []
    assert (await ews.call(create(item()))).codes == ["NoError"]
    assert [call.outcome for call in exchange.log.calls] == [code, "NoError"]


async def test_an_ordered_code_can_be_a_soap_fault(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    exchange.order(Refuse("ErrorADUnavailable", as_fault=True))

    answer = await ews.call(find())

    assert (answer.status, answer.fault, answer.codes) == (500, "ErrorADUnavailable", [])


async def test_a_refusal_after_the_work_is_a_lie(ews: RawEWS, exchange: ExchangeSimulator) -> None:
    exchange.order(Refuse("ErrorInternalServerError", after=True))

    answer = await ews.call(create(item()))

    assert answer.codes == ["ErrorInternalServerError"]
    assert len(exchange.store.items(JANE)) == 1


async def test_a_busy_server_says_how_long_to_wait(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    exchange.order(busy(4200))
    exchange.order(busy())
    exchange.order(busy_inside())

    hinted, bare, inside = [await ews.call(find()) for _ in range(3)]

    assert (hinted.status, hinted.fault) == (500, "ErrorServerBusy")
    assert [v.get("Name") for v in hinted.all(".//t:Value")] == ["BackOffMilliseconds"]
    assert hinted.texts(".//t:Value") == ["4200"]
    assert (bare.status, bare.fault, bare.all(".//t:Value")) == (500, "ErrorServerBusy", [])
    assert (inside.status, inside.codes) == (200, ["ErrorInternalServerError"])
    assert inside.texts(".//t:Value") == ["ErrorServerBusy"]


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        (Answer(403), 403, ""),
        (Answer(404), 404, ""),
        (Answer(429, {"Retry-After": "7"}), 429, ""),
        (Answer(503, {"Retry-After": "7"}, "busy", "text/plain"), 503, "busy"),
        (HtmlError(500), 500, "<html>"),
        (HtmlError(200), 200, "<html>"),
        (redirect_to_owa(), 302, ""),
    ],
)
async def test_http_answers_can_be_ordered_in_place_of_soap(
    ews: RawEWS, exchange: ExchangeSimulator, fault: Answer | HtmlError, status: int, text: str
) -> None:
    exchange.order(fault)

    answer = await ews.call(create(item()))

    assert answer.status == status
    assert text in answer.text
    if isinstance(fault, Answer):
        assert fault.headers.items() <= answer.headers.items()
    assert exchange.store.items(JANE) == []
    assert (await ews.call(create(item()))).status == 200


@pytest.mark.parametrize(
    ("fault", "stored"), [(DropBefore(), 0), (DropAfter(), 1), (Truncate(), 1)]
)
async def test_a_lost_answer_does_not_tell_whether_the_work_was_done(
    ews: RawEWS, exchange: ExchangeSimulator, fault: DropBefore | DropAfter | Truncate, stored: int
) -> None:
    exchange.order(fault)

    with pytest.raises(LOST):
        await ews.call(create(item()))

    assert len(exchange.store.items(JANE)) == stored
    assert exchange.faults.pending == []


async def test_a_fault_waits_for_its_operation_and_its_mailbox(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    exchange.order(
        Refuse("ErrorADOperation"), operation="FindItem", mailbox="OMAR@acme.fr", times=2
    )

    async def codes(operation: str, who: str) -> list[str]:
        return (await ews.call(operation, identity=primary(who))).codes

    assert await codes(find(), JANE) == ["NoError"]
    assert await codes(create(item()), "omar@acme.fr") == ["NoError"]
    assert await codes(find(), "omar@acme.fr") == ["ErrorADOperation"]
    assert len(exchange.faults.pending) == 1
    assert await codes(find(), "omar@acme.fr") == ["ErrorADOperation"]
    assert await codes(find(), "omar@acme.fr") == ["NoError"]


async def test_calls_beyond_the_policys_concurrency_are_refused(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    exchange.traffic.max_concurrency = 2
    exchange.order(Delay(0.05), times=2)

    answers = await asyncio.gather(*(ews.call(find()) for _ in range(3)))

    faults = sorted(answer.fault or "" for answer in answers)
    assert faults == ["", "", "ErrorExceededConnectionCount"]
    assert (await ews.call(find())).status == 200


async def test_the_most_calls_at_the_same_time_are_known_for_each_mailbox(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    exchange.order(Delay(0.05), times=3)

    await asyncio.gather(
        ews.call(find()), ews.call(find()), ews.call(find(), identity=primary("omar@acme.fr"))
    )

    assert exchange.traffic.peaks == {JANE: 2, "omar@acme.fr": 1}
    assert exchange.log.peak == 3


async def test_the_log_tells_each_call(ews: RawEWS, exchange: ExchangeSimulator) -> None:
    await ews.call(find(), identity=primary("Jane@acme.fr"))
    await ews.call(create(item()), identity=None)

    first, second = exchange.log.calls
    assert (first.operation, first.impersonated, first.outcome) == (
        "FindItem",
        "Jane@acme.fr",
        "NoError",
    )
    assert (second.operation, second.impersonated) == ("CreateItem", None)
    assert second.outcome == "ErrorMissingEmailAddress"
    assert {(call.account, call.scheme) for call in exchange.log.calls} == {
        ("ACME\\svc-figgo", "Basic")
    }
    assert exchange.log.operations() == ["FindItem", "CreateItem"]
    exchange.log.clear()
    assert (len(exchange.log), exchange.log.calls) == (0, [])


async def test_what_is_held_back_is_done_although_the_client_has_gone(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    exchange.order(Delay(0.05))

    call = asyncio.create_task(ews.call(create(item())))
    await comes_true(lambda: not exchange.faults.pending)
    call.cancel()
    exchange.drop_connections()

    await comes_true(lambda: len(exchange.store.items(JANE)) == 1)
