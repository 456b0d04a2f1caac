"""What one question to Figgo does when the answer is late, wrong, hostile or none."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from figgo_world import (
    ESTABLISHMENTS,
    EVERYBODY,
    LEAVES,
    answering,
    authority,
    client_of,
    figgo_world,
    lived_in,
    trusting_session,
)
from figgosync.core.traffic import Result, result_of
from figgosync.errors import CredentialError, PermanentError, Reason, SyncError, TransientError
from figgosync.figgo import transport
from figgosync.figgo.failures import QueryTooHeavyError, QuestionRefusedError
from figgosync_sim.certificates import Authority
from figgosync_sim.faults import (
    Answer,
    Delay,
    DropAfter,
    DropBefore,
    Fault,
    HtmlError,
    Truncate,
)
from figgosync_sim.figgo import (
    DEFAULT_KEY,
    FiggoSimulator,
    FiggoState,
    figgo_simulator,
)
from figgosync_sim.server import serve
from support.comes_true import comes_true

FAULTS: list[tuple[Fault, type[SyncError], Reason]] = [
    (Answer(400, body="CANARY-BODY"), QuestionRefusedError, Reason.REQUEST_REFUSED),
    (Answer(401, body="CANARY-BODY"), CredentialError, Reason.CREDENTIALS_REFUSED),
    (Answer(403, body="CANARY-BODY"), CredentialError, Reason.CREDENTIALS_REFUSED),
    (Answer(404, body="CANARY-BODY"), PermanentError, Reason.WRONG_ENDPOINT),
    (Answer(408, body="CANARY-BODY"), QueryTooHeavyError, Reason.SERVER_ERROR),
    (Answer(429, body="CANARY-BODY"), TransientError, Reason.THROTTLED),
    (Answer(500, body="CANARY-BODY"), TransientError, Reason.SERVER_ERROR),
    (Answer(200, body=""), TransientError, Reason.SERVER_ERROR),
    (Answer(200, body="{}"), TransientError, Reason.INCOMPLETE_READ),
    (Answer(200, body="null"), TransientError, Reason.INCOMPLETE_READ),
    (Answer(200, body='{"data":{"items":[]}}'), TransientError, Reason.INCOMPLETE_READ),
    (Answer(200, body='{"data":{"items":[{"id":'), TransientError, Reason.INCOMPLETE_READ),
    (Answer(200, body="[" * 100_000), TransientError, Reason.INCOMPLETE_READ),
    (
        Answer(200, body='{"data":{"items":[{"id":"CANARY-BODY"}],"count":1}}'),
        PermanentError,
        Reason.INCOMPLETE_READ,
    ),
    (Answer(204), TransientError, Reason.INCOMPLETE_READ),
    (HtmlError(503), TransientError, Reason.SERVER_ERROR),
    (HtmlError(200), TransientError, Reason.SERVER_ERROR),
    (DropBefore(), TransientError, Reason.UNREACHABLE),
    (DropAfter(), TransientError, Reason.UNREACHABLE),
    (Truncate(), TransientError, Reason.INCOMPLETE_READ),
    (Delay(1), TransientError, Reason.UNREACHABLE),
]


def patience(fault: Fault | None) -> int:
    """Return how long to wait, in milliseconds: short only for the fault that is to last longer."""
    return 50 if isinstance(fault, Delay) else 10_000


@pytest.mark.parametrize(("fault", "kind", "reason"), FAULTS)
async def test_whatever_goes_wrong_has_a_name_and_is_never_a_short_list(
    fault: Fault, kind: type[SyncError], reason: Reason
) -> None:
    async with figgo_world() as world:
        lived_in(world)
        # aiohttp repeats a GET once when a kept connection turns out to be closed.
        world.figgo.faults.order(fault, path=LEAVES, times=2)

        with pytest.raises(SyncError) as failure:
            await world.client(timeout_ms=patience(fault)).leaves(EVERYBODY)

        assert type(failure.value) is kind
        assert failure.value.reason is reason
        assert "CANARY" not in str(failure.value)
        assert failure.value.__cause__ is None


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (None, Result.OK),
        (Answer(401), Result.REFUSED),
        (Answer(400), Result.REFUSED),
        (Answer(429), Result.THROTTLED),
        (Answer(500), Result.FAILED),
        (HtmlError(200), Result.FAILED),
        (Truncate(), Result.FAILED),
        (DropAfter(), Result.FAILED),
        (Delay(1), Result.FAILED),
    ],
)
async def test_the_end_of_every_request_is_heard_of(fault: Fault | None, result: Result) -> None:
    async with figgo_world() as world:
        lived_in(world)
        if fault is not None:
            world.figgo.faults.order(fault, path=LEAVES, times=2)
        with suppress(SyncError):
            await world.client(timeout_ms=patience(fault)).leaves(EVERYBODY)
        assert {result_of(end) for end in world.ends} == {result}
        # aiohttp itself asks once more where a connection broke that had served before.
        repeated = isinstance(fault, DropAfter)
        assert len(world.ends) == len(world.figgo.log) - repeated


async def test_a_question_that_is_given_up_is_heard_of_too() -> None:
    async with figgo_world() as world:
        world.figgo.faults.order(Delay(60), path=ESTABLISHMENTS)
        asking = asyncio.create_task(world.client().establishments())
        await comes_true(lambda: len(world.figgo.log) == 1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert [result_of(end) for end in world.ends] == [Result.FAILED]


async def test_who_still_waits_for_a_turn_has_not_asked() -> None:
    async with figgo_world() as world:
        client = world.client()
        waiting = asyncio.create_task(client.establishments())
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert world.ends == []


async def test_a_redirect_is_not_followed_and_the_key_goes_nowhere() -> None:
    async with (
        figgo_world() as world,
        figgo_simulator(authority=authority()) as elsewhere,
    ):
        world.figgo.faults.order(
            Answer(302, {"Location": f"{elsewhere.url}/api/v3/leaves"}), path=LEAVES
        )

        with pytest.raises(PermanentError) as failure:
            await world.client().leaves(EVERYBODY)

        assert failure.value.reason is Reason.WRONG_ENDPOINT
        assert len(elsewhere.log) == 0


@pytest.mark.parametrize(
    "server",
    [
        pytest.param(lambda: Authority().server_context(), id="unknown authority"),
        pytest.param(lambda: authority().server_context("elsewhere.example"), id="wrong name"),
        pytest.param(
            lambda: authority().server_context(
                not_before=datetime(2020, 1, 1, tzinfo=UTC),
                not_after=datetime(2020, 2, 1, tzinfo=UTC),
            ),
            id="expired",
        ),
        pytest.param(lambda: None, id="no TLS at all"),
    ],
)
async def test_a_server_that_cannot_prove_who_it_is_gets_no_request(
    server: Callable[[], ssl.SSLContext | None],
) -> None:
    state = FiggoState()
    simulator = FiggoSimulator(state)
    async with (
        serve(simulator.app, tls=server()) as url,
        trusting_session() as session,
    ):
        https = url.replace("http://", "https://")
        client = client_of(https, session)

        with pytest.raises(PermanentError) as failure:
            await client.establishments()

        assert (failure.value.reason, failure.value.tenant_wide) == (Reason.TLS_FAILED, True)
        assert len(simulator.log) == 0


async def test_nobody_at_the_address_is_unreachable_not_wrong_credentials() -> None:
    async with figgo_world() as world:
        url = world.figgo.url
    async with trusting_session() as session:
        client = client_of(url, session)

        with pytest.raises(TransientError) as failure:
            await client.establishments()

        assert failure.value.reason is Reason.UNREACHABLE


async def test_a_host_that_does_not_exist_is_unreachable() -> None:
    async with trusting_session() as session:
        client = client_of("https://acme.invalid", session)

        with pytest.raises(TransientError) as failure:
            await client.establishments()

        assert failure.value.reason is Reason.UNREACHABLE
        assert "host name" in failure.value.message


async def test_a_wrong_key_is_told_apart_from_a_revoked_right() -> None:
    async with figgo_world() as world:
        with pytest.raises(CredentialError) as failure:
            await world.client(key="00000000-0000-0000-0000-000000000000").establishments()

        assert "API key" in failure.value.message
        assert failure.value.tenant_wide


async def test_the_line_end_that_a_secret_often_brings_does_no_harm() -> None:
    async with figgo_world() as world:
        assert await world.client(key=f"{DEFAULT_KEY}\n").establishments()


@pytest.mark.parametrize("key", ["", " \n", "abc\r\nX-Injected: yes", "clé"])
async def test_a_key_that_is_none_is_refused_without_asking(key: str) -> None:
    async with figgo_world() as world:
        with pytest.raises(PermanentError) as failure:
            world.client(key=key)

        assert failure.value.reason is Reason.SECRET_KEY_MISSING
        assert failure.value.tenant_wide


async def test_after_a_429_nothing_is_asked_before_the_time_is_over() -> None:
    async with figgo_world() as world:
        client = world.client()
        world.figgo.faults.order(Answer(429, {"Retry-After": "40"}), path=ESTABLISHMENTS)
        with pytest.raises(TransientError) as failure:
            await client.establishments()
        assert failure.value.retry_after == timedelta(seconds=40)
        before = world.timer.elapsed

        await client.establishments()

        assert world.timer.elapsed - before == pytest.approx(40)


async def test_our_share_of_the_companys_allowance_is_never_exceeded() -> None:
    async with figgo_world(allowance=30) as world:
        client = world.client()

        for _ in range(70):
            await client.establishments()

        assert {request.status for request in world.figgo.log} == {200}


async def test_json_is_believed_whatever_content_type_it_claims() -> None:
    def answer() -> web.Response:
        return web.Response(text='{"items":[{"id":4}],"next":null}', content_type="text/html")

    async with answering(answer) as client:
        assert [one.id for one in await client.establishments()] == [4]


async def test_an_answer_without_end_is_cut_off() -> None:
    def answer() -> web.Response:
        response = web.Response(body=b" " * (transport.LARGEST_ANSWER + 1))
        response.enable_compression(web.ContentCoding.gzip)
        return response

    async with answering(answer) as client:
        with pytest.raises(TransientError) as failure:
            await client.establishments()

        assert failure.value.reason is Reason.INCOMPLETE_READ


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Mon, 23 Nov 2026 08:02:00 GMT", datetime(2026, 11, 23, 8, 2, tzinfo=UTC)),
        ("Mon, 23 Nov 2026 08:02:00 -0000", datetime(2026, 11, 23, 8, 2, tzinfo=UTC)),
        ("Mon, 23 Nov 2026 09:02:00 +0100", datetime(2026, 11, 23, 8, 2, tzinfo=UTC)),
        ("now", None),
    ],
)
async def test_the_servers_time_is_what_its_answer_says_or_not_known(
    date: str, expected: datetime | None
) -> None:
    def answer() -> web.Response:
        return web.json_response({"data": {"items": []}}, headers={"Date": date})

    async with answering(answer) as client:
        assert (await client.newest(EVERYBODY)).server_time == expected
