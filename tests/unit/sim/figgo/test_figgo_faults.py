"""Ordered faults, through real connections."""

import asyncio
from datetime import date

import aiohttp
import pytest
from aiohttp import web

from figgosync_sim.company import PAID_LEAVE
from figgosync_sim.faults import (
    Answer,
    Delay,
    DropAfter,
    DropBefore,
    Fault,
    Faults,
    HtmlError,
    Truncate,
)
from figgosync_sim.figgo.misbehaviour import InsertDuringPaging, RepeatPage, WrongCount
from unit.sim.figgo.asking import Asker, OpenFiggo

USERS = "/api/v3/users"
LEAVES = "/api/v3/leaves"
AWA, FARID = 1202, 1207


def faults_of(figgo: Asker) -> Faults:
    return figgo.figgo.faults


@pytest.fixture
async def ten_rows(figgo: Asker) -> Asker:
    figgo.state.book(FARID, (date(2026, 12, 7), "AM"), (date(2026, 12, 11), "PM"), PAID_LEAVE)
    return figgo


async def test_an_answer_takes_the_place_of_the_request(figgo: Asker) -> None:
    faults_of(figgo).order(Answer(429, {"Retry-After": "7"}, '{"detail": "slow down"}'))
    refused = await figgo.get(USERS)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "7")
    assert refused.body == {"detail": "slow down"}
    assert (await figgo.get(USERS)).status == 200


@pytest.mark.parametrize("status", [408, 500, 503])
async def test_any_status_can_be_answered_with_an_html_page(figgo: Asker, status: int) -> None:
    faults_of(figgo).order(HtmlError(status))
    answer = await figgo.get(USERS)
    assert answer.status == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.body.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("fault", [DropBefore(), DropAfter()])
async def test_a_dropped_connection_has_no_answer_and_the_next_one_works(
    figgo: Asker, fault: Fault
) -> None:
    # Twice, because aiohttp's client repeats a GET by itself, once, when the server hangs up.
    faults_of(figgo).order(fault, times=2)
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await figgo.get(USERS)
    assert (await figgo.get(USERS)).status == 200
    assert [request.status for request in figgo.figgo.log] == [None, None, 200]


@pytest.mark.parametrize(("fault", "status"), [(DropBefore(), 200), (DropAfter(), 429)])
async def test_a_drop_comes_before_or_after_the_request_is_processed(
    open_figgo: OpenFiggo, fault: Fault, status: int
) -> None:
    figgo = await open_figgo(requests_per_minute=1)
    faults_of(figgo).order(fault)
    assert (await figgo.get(USERS)).status == status
    assert [request.status for request in figgo.figgo.log] == [None, status]


async def test_a_truncated_answer_breaks_off_in_the_middle(figgo: Asker) -> None:
    faults_of(figgo).order(Truncate())
    with pytest.raises(aiohttp.ClientPayloadError):
        await figgo.get(USERS)
    assert len((await figgo.get(USERS)).items) == 24


async def test_a_delayed_request_is_processed_when_its_time_has_come(figgo: Asker) -> None:
    faults_of(figgo).order(Delay(0.03))
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert (await figgo.get(USERS)).status == 200
    assert loop.time() - before >= 0.03


async def test_a_client_that_does_not_wait_for_a_slow_server_gets_no_answer(figgo: Asker) -> None:
    faults_of(figgo).order(Delay(60))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(figgo.get(USERS), timeout=0.05)
    assert (await figgo.get(USERS)).status == 200


async def test_faults_happen_in_the_order_and_as_often_as_ordered(figgo: Asker) -> None:
    faults = faults_of(figgo)
    faults.order(Answer(503), times=2)
    faults.order(Answer(500))
    assert faults.pending == [Answer(503), Answer(503), Answer(500)]
    statuses = [(await figgo.get(USERS)).status for _ in range(4)]
    assert statuses == [503, 503, 500, 200]
    assert faults.pending == []


async def test_a_fault_waits_for_the_request_it_was_ordered_for(figgo: Asker) -> None:
    faults = faults_of(figgo)
    faults.order(Answer(500), path=LEAVES)
    faults.order(Answer(502), method="POST")
    faults.order(Answer(503), when=lambda request: request.query.get("paging") == "1,1")
    assert (await figgo.get(USERS)).status == 200
    assert (await figgo.get("/api/v3/leaveRequests")).status == 200
    assert faults.pending == [Answer(500), Answer(502), Answer(503)]
    assert (await figgo.get(USERS, {"paging": "1,1"})).status == 503
    assert (await figgo.get(USERS, method="POST")).status == 502
    assert (await figgo.get("/API/v3/Leaves")).status == 500
    assert faults.pending == []


async def test_a_condition_may_read_the_body(figgo: Asker) -> None:
    async def empty(request: web.Request) -> bool:
        return await request.text() == ""

    async def full(request: web.Request) -> bool:
        return not await empty(request)

    faults_of(figgo).order(Answer(501), when=full)
    faults_of(figgo).order(Answer(502), when=empty)
    assert (await figgo.get(USERS)).status == 502
    assert faults_of(figgo).pending == [Answer(501)]


async def test_what_is_pending_can_be_taken_back(figgo: Asker) -> None:
    faults_of(figgo).order(Answer(500), times=5)
    faults_of(figgo).cancel()
    assert (await figgo.get(USERS)).status == 200


def test_a_fault_is_ordered_at_least_once() -> None:
    with pytest.raises(ValueError, match="at least once"):
        Faults().order(DropBefore(), times=0)


async def test_a_page_can_come_twice(ten_rows: Asker) -> None:
    faults_of(ten_rows).order(RepeatPage(), when=lambda r: r.query["paging"] == "4,4")
    pages = [(await ten_rows.leaves(paging=f"{at},4")).column("id") for at in (0, 4, 8)]
    assert pages[1] == pages[0]
    assert len(pages[2]) == 2
    assert (await ten_rows.leaves(paging="4,4")).column("id") != pages[0]


async def test_a_row_may_come_in_between_two_pages(ten_rows: Asker) -> None:
    day = date(2026, 12, 1)
    faults_of(ten_rows).order(
        InsertDuringPaging(lambda: ten_rows.state.book(AWA, (day, "AM"), (day, "AM"), PAID_LEAVE))
    )
    first = await ten_rows.leaves("id,collection.count", paging="0,5")
    second = await ten_rows.leaves("id,collection.count", paging="5,5")
    assert first.column("id")[-1] == second.column("id")[0]
    assert (first.body["data"]["count"], second.body["data"]["count"]) == (10, 11)


@pytest.mark.parametrize("by", [1, -1])
async def test_a_count_can_be_wrong(ten_rows: Asker, by: int) -> None:
    faults_of(ten_rows).order(WrongCount(by))
    counts = [(await ten_rows.leaves("collection.count")).body["data"]["count"] for _ in range(2)]
    assert counts == [10 + by, 10]


async def test_the_log_knows_how_many_requests_were_under_way_at_once(figgo: Asker) -> None:
    faults_of(figgo).order(Delay(0.02), times=3)
    await asyncio.gather(*(figgo.get(USERS) for _ in range(3)))
    assert figgo.figgo.log.peak == 3
    figgo.figgo.log.clear()
    await figgo.get(USERS)
    assert (figgo.figgo.log.peak, len(figgo.figgo.log)) == (1, 1)
