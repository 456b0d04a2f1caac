"""What a slow, half-dead or hostile server can do to us."""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable
from datetime import timedelta

import pytest

from contract.calendar_cases import PARIS, a_key, an_event
from contract.exchange_backstage import JANE, Keys, exchange
from contract.exchange_stub import (
    LIMIT,
    Talk,
    connected,
    flood,
    found,
    server_that,
    silence,
    trickled_body,
    trickled_head,
)
from figgosync.calendars.base import Mailbox
from figgosync.core.traffic import Result, result_of
from figgosync.errors import (
    CredentialError,
    OutcomeUnknownError,
    Reason,
    SyncError,
    TransientError,
)
from figgosync_sim.ews import Refuse
from figgosync_sim.faults import Delay
from support.comes_true import comes_true

SLACK = 0.2  # seconds: what a busy machine may add


@pytest.mark.parametrize("talk", [silence, trickled_head, trickled_body])
async def test_a_server_that_never_finishes_costs_one_call_limit(keys: Keys, talk: Talk) -> None:
    async with server_that(talk, keys) as (calendar, heard):
        started = time.monotonic()
        with pytest.raises(TransientError) as failed:
            await calendar.owned_events()
        took = time.monotonic() - started

        assert took < LIMIT.total_seconds() + SLACK
        assert not isinstance(failed.value, OutcomeUnknownError)
        assert failed.value.reason is Reason.SERVER_ERROR
        assert len(heard) == 1
        # The thread and the mailbox are free again: the next call gets as far as this one.
        with pytest.raises(TransientError):
            await calendar.owned_events()
        assert len(heard) == 2


@pytest.mark.parametrize("talk", [silence, trickled_head, trickled_body])
async def test_a_write_to_a_server_that_never_finishes_has_an_unknown_outcome(
    keys: Keys, talk: Talk
) -> None:
    async with server_that(talk, keys) as (calendar, heard):
        for write in (
            calendar.update("key id", a_key(), an_event()),  # type: ignore[arg-type]
            calendar.delete("key id"),  # type: ignore[arg-type]
        ):
            started = time.monotonic()
            with pytest.raises(OutcomeUnknownError):
                await write
            assert time.monotonic() - started < LIMIT.total_seconds() + SLACK
        assert len(heard) == 2


async def test_the_end_of_every_request_is_heard_of_once(keys: Keys) -> None:
    async with exchange(keys, concurrency=1) as backstage:
        calendar, simulator = backstage.calendar(), backstage.simulator

        async def ends_of(*asked: Awaitable[object]) -> list[Result]:
            backstage.ends.clear()
            await asyncio.gather(*asked, return_exceptions=True)
            return [result_of(end) for end in backstage.ends]

        assert await ends_of(calendar.owned_events()) == [Result.OK]
        assert await ends_of(calendar.create(a_key(), an_event())) == [Result.OK]
        backstage.throttle(timedelta(seconds=1))
        assert await ends_of(calendar.owned_events()) == [Result.THROTTLED]
        simulator.order(Refuse("ErrorInternalServerTransientError"))
        assert await ends_of(calendar.owned_events()) == [Result.FAILED]
        simulator.order(Refuse("ErrorAccessDenied"))
        assert await ends_of(calendar.owned_events()) == [Result.REFUSED]
        ((_, ref),) = [(each.key, each.ref) for each in await calendar.owned_events()]
        backstage.lose_answer(done=True)
        assert await ends_of(calendar.delete(ref)) == [Result.LOST]
        assert await ends_of(calendar.delete(ref)) == [Result.OK], "gone already is as wished"


async def test_what_nobody_was_asked_is_no_request(keys: Keys) -> None:
    async with exchange(keys) as backstage:
        nowhere = backstage.connection.calendar(Mailbox("Jeanne Martin", PARIS))
        with pytest.raises(SyncError):
            await nowhere.owned_events()
        assert backstage.ends == []
        await backstage.refuse_login()
        for _ in range(3):
            with pytest.raises(CredentialError):
                await backstage.calendar().owned_events()
        assert [result_of(end) for end in backstage.ends] == [Result.REFUSED], "one was sent"


async def test_the_end_of_a_request_that_nobody_waits_for_is_heard_of(keys: Keys) -> None:
    async with exchange(keys) as backstage:
        backstage.simulator.order(Delay(0.1))
        waiting = asyncio.create_task(backstage.calendar().owned_events())
        await comes_true(lambda: backstage.requests() == 1)
        waiting.cancel()
        await comes_true(lambda: [result_of(end) for end in backstage.ends] == [Result.OK])


async def test_an_endless_answer_is_not_read_to_its_end(keys: Keys) -> None:
    async with server_that(flood, keys, call_limit=timedelta(seconds=9)) as (calendar, _):
        started = time.monotonic()
        with pytest.raises(TransientError):
            await calendar.owned_events()
        assert time.monotonic() - started < 5


async def test_an_envelope_without_its_end_is_no_listing(keys: Keys) -> None:
    async with server_that(found(total=0, offset=0, last=True), keys) as (calendar, _):
        assert list(await calendar.owned_events()) == []
    talk = found(total=0, offset=0, last=True, end="")
    async with server_that(talk, keys) as (calendar, _):
        with pytest.raises(TransientError):
            await calendar.owned_events()


async def test_the_page_that_the_following_tests_spoil_is_a_good_one(keys: Keys) -> None:
    async with server_that(found("a", "b", total=2, offset=2, last=True), keys) as (calendar, _):
        assert len(await calendar.owned_events()) == 2


@pytest.mark.parametrize(
    "talk",
    [
        found("a", total=2, offset=1, last=True),
        found(total=2, offset=0, last=True),
        found("a", "b", "c", total=2, offset=3, last=True),
        found("a", total=2, offset=7, last=False),
        found(total=2, offset=0, last=False),
    ],
    ids=["a row short", "empty", "a row too many", "a gap", "no end"],
)
async def test_a_page_that_contradicts_itself_is_no_listing(keys: Keys, talk: Talk) -> None:
    async with server_that(talk, keys) as (calendar, heard):
        with pytest.raises(TransientError) as failed:
            await calendar.owned_events()
        assert failed.value.reason is Reason.INCOMPLETE_READ
        assert len(heard) == 1


async def test_a_write_that_was_never_sent_has_a_known_outcome(keys: Keys) -> None:
    # The TLS handshake never comes about.
    async with server_that(silence, keys, tls=False) as (calendar, _):
        with pytest.raises(TransientError) as failed:
            await calendar.update("key id", a_key(), an_event())  # type: ignore[arg-type]

        assert not isinstance(failed.value, OutcomeUnknownError)
        assert failed.value.reason is Reason.UNREACHABLE
        assert failed.value.tenant_wide


async def test_a_server_that_is_not_there_is_unreachable_not_a_refused_login(keys: Keys) -> None:
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    async with connected(keys, f"https://localhost:{port}/EWS/Exchange.asmx") as connection:
        with pytest.raises(TransientError) as failed:
            await connection.calendar(Mailbox(JANE, PARIS)).delete("key id")  # type: ignore[arg-type]

    assert failed.value.reason is Reason.UNREACHABLE
    assert failed.value.tenant_wide
    assert not isinstance(failed.value, OutcomeUnknownError)


async def test_a_thread_stuck_in_name_resolution_keeps_its_place_until_it_comes_back(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved = threading.Event()
    resolve = socket.getaddrinfo

    def stuck(*args: object, **kwargs: object) -> object:
        resolved.wait(5)
        return resolve(*args, **kwargs)  # type: ignore[arg-type]

    async with exchange(keys, call_limit=timedelta(seconds=0.5)) as backstage:
        calendar = backstage.calendar()
        with monkeypatch.context() as patch:
            patch.setattr(socket, "getaddrinfo", stuck)
            with pytest.raises(TransientError) as first:
                await calendar.delete("key id")  # type: ignore[arg-type]
            with pytest.raises(TransientError) as second:
                await calendar.delete("key id")  # type: ignore[arg-type]
            resolved.set()
            await asyncio.sleep(0.02)
        assert (first.value.reason, second.value.reason) == (
            Reason.UNREACHABLE,
            Reason.PROGRESSING,
        )
        # Too late to be sent, it was not sent.
        assert len(backstage.simulator.log) == 0
        assert list(await calendar.owned_events()) == []
