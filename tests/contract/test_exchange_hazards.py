"""What exchangelib was seen to do to others, and must not do to us."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from exchangelib.protocol import Protocol

from contract.calendar_cases import PARIS, a_key, an_event, only_event
from contract.exchange_backstage import (
    JANE,
    LOGIN,
    ExchangeBackstage,
    Keys,
    exchange,
)
from figgosync.calendars.base import Calendar, Mailbox
from figgosync.calendars.exchange import ExchangeConnection
from figgosync.core.event import Ref
from figgosync.core.tenant import Authentication
from figgosync.errors import (
    CredentialError,
    OutcomeUnknownError,
    PermanentError,
    Reason,
    SyncError,
    TransientError,
)
from figgosync_sim.ews import Refuse, busy
from figgosync_sim.faults import Answer, Delay, DropAfter, DropBefore, Fault, HtmlError, Truncate

both_logins = pytest.mark.parametrize("login", Authentication)


@pytest.fixture
async def backstage(keys: Keys) -> AsyncIterator[ExchangeBackstage]:
    async with exchange(keys) as backstage:
        yield backstage


@pytest.fixture
def calendar(backstage: ExchangeBackstage) -> Calendar:
    return backstage.calendar()


@pytest.fixture
async def standing(calendar: Calendar) -> Ref:
    return await calendar.create(a_key(), an_event())


def people(backstage: ExchangeBackstage, count: int) -> list[Calendar]:
    """Return the calendars of so many more people."""
    addresses = [f"e{number}@societe.com" for number in range(count)]
    for address in addresses:
        backstage.simulator.store.add(address)
    return [backstage.connection.calendar(Mailbox(address, PARIS)) for address in addresses]


@asynccontextmanager
async def another_connection(backstage: ExchangeBackstage) -> AsyncIterator[ExchangeConnection]:
    """Connect a second time with the same settings, as another replica would."""
    connection = ExchangeConnection(backstage.settings)
    yield connection
    await connection.close()


def cached() -> int:
    """Return how many connections the library keeps for the whole process."""
    return len(Protocol._protocol_cache)  # noqa: SLF001 - there is no public way to see it


# One request, and no more.


async def test_a_busy_server_is_asked_once_and_no_event_is_doubled(
    backstage: ExchangeBackstage, calendar: Calendar
) -> None:
    await calendar.owned_events()
    backstage.simulator.order(busy(7000), operation="CreateItem")

    with pytest.raises(TransientError) as refused:
        await calendar.create(a_key(), an_event())
    assert refused.value.retry_after == timedelta(seconds=7)
    assert backstage.simulator.log.operations() == ["FindItem", "CreateItem"]

    await calendar.create(a_key(), an_event())
    assert len(backstage.stored()) == 1


@pytest.mark.parametrize("as_fault", [True, False], ids=["fault", "response message"])
async def test_the_delay_is_read_wherever_exchange_says_it(
    backstage: ExchangeBackstage, calendar: Calendar, *, as_fault: bool
) -> None:
    backstage.simulator.order(
        Refuse("ErrorServerBusy", hints={"BackOffMilliseconds": "12500"}, as_fault=as_fault)
    )

    with pytest.raises(TransientError) as refused:
        await calendar.owned_events()
    assert refused.value.retry_after == timedelta(seconds=12.5)


@pytest.mark.parametrize(
    "code",
    [
        "ErrorInvalidServerVersion",
        "ErrorIncorrectSchemaVersion",
        "ErrorInvalidSchemaVersionForMailboxVersion",
    ],
)
async def test_a_refused_version_is_not_tried_ten_times(
    backstage: ExchangeBackstage, calendar: Calendar, code: str
) -> None:
    backstage.simulator.order(Refuse(code, as_fault=True), times=20)

    with pytest.raises(PermanentError) as refused:
        await calendar.owned_events()
    assert refused.value.tenant_wide
    assert refused.value.reason is Reason.WRONG_ENDPOINT
    assert len(backstage.simulator.log.operations()) == 1


@pytest.mark.parametrize(
    "code",
    [
        "ErrorExceededConnectionCount",
        "ErrorTimeoutExpired",
        "ErrorTooManyObjectsOpened",
        "ErrorInternalServerTransientError",
        "ErrorServerBusy",
    ],
)
async def test_what_the_library_would_repeat_or_rename_comes_through_at_once(
    backstage: ExchangeBackstage, calendar: Calendar, code: str
) -> None:
    backstage.simulator.order(Refuse(code, as_fault=True), times=20)

    with pytest.raises(TransientError, match=code):
        await calendar.owned_events()
    assert len(backstage.simulator.log.operations()) == 1


async def test_nothing_is_looked_up_before_the_first_call(
    backstage: ExchangeBackstage, calendar: Calendar
) -> None:
    ref = await calendar.create(a_key(), an_event())
    ref = await calendar.update(ref, a_key(), an_event("Changed"))
    await calendar.delete(ref)

    # Created without a listing before, so it looks first.
    operations = ["FindItem", "CreateItem", "UpdateItem", "DeleteItem"]
    assert backstage.simulator.log.operations() == operations


async def test_ntlm_logs_in_once_per_connection(keys: Keys) -> None:
    async with exchange(keys, Authentication.NTLM) as backstage:
        calendar = backstage.calendar()
        for _ in range(5):
            await calendar.owned_events()

        assert len(backstage.simulator.accounts.attempts) == 1
        assert len(backstage.simulator.log) == 3 + 4


# A wrong password.


@both_logins
async def test_a_wrong_password_is_one_login_attempt_for_each_check(
    keys: Keys, login: Authentication
) -> None:
    async with exchange(keys, login, password="wrong") as backstage:
        for _ in range(3):
            with pytest.raises(CredentialError):
                await backstage.check()

        assert [attempt.succeeded for attempt in backstage.simulator.accounts.attempts] == [
            False
        ] * 3


@both_logins
async def test_the_right_password_of_a_new_connection_works_at_once(
    keys: Keys, login: Authentication
) -> None:
    async with exchange(keys, login) as backstage:
        await backstage.refuse_login()
        with pytest.raises(CredentialError):
            await backstage.check()
        backstage.simulator.accounts.set_password(LOGIN, "s3cret")

        await backstage.check()


@both_logins
async def test_a_login_that_the_server_does_not_offer_is_a_refused_login(
    keys: Keys, login: Authentication
) -> None:
    async with exchange(keys, login) as backstage:
        backstage.simulator.authentication.schemes = tuple(
            scheme
            for scheme in backstage.simulator.authentication.schemes
            if scheme.value != login.value
        )
        with pytest.raises(CredentialError):
            await backstage.check()


# Nothing is lost, and nobody waits for ever.


async def test_any_number_of_failures_leaves_every_session_in_its_place(
    backstage: ExchangeBackstage, calendar: Calendar
) -> None:
    await calendar.owned_events()
    faults: list[Fault] = [
        DropBefore(),
        DropAfter(),
        Truncate(),
        HtmlError(502),
        HtmlError(200),
        Answer(401),
        Answer(429),
        busy(),
        Refuse("ErrorInternalServerError"),
        Refuse("ErrorExceededConnectionCount", as_fault=True),
    ]
    for fault in faults * 3:
        backstage.simulator.faults.order(fault)
        with pytest.raises(SyncError):
            await backstage.check()

    assert list(await calendar.owned_events()) == []
    protocol = backstage.connection._protocol  # noqa: SLF001 - the library's bookkeeping
    assert (protocol.session_pool_size, protocol._session_pool.qsize()) == (4, 4)  # noqa: SLF001


async def test_all_sessions_failing_at_once_do_not_lock_each_other_out(
    backstage: ExchangeBackstage,
) -> None:
    calendars = people(backstage, 12)
    for code in ("ErrorServerBusy", "ErrorExceededConnectionCount"):
        backstage.simulator.order(Refuse(code, as_fault=True), times=12)
        failures = await asyncio.gather(
            *(calendar.owned_events() for calendar in calendars), return_exceptions=True
        )
        assert {type(failure) for failure in failures} == {TransientError}

    assert await asyncio.gather(*(calendar.owned_events() for calendar in calendars)) == [[]] * 12


async def test_no_more_calls_are_in_flight_than_allowed(backstage: ExchangeBackstage) -> None:
    calendars = people(backstage, 12)
    backstage.simulator.order(Delay(0.02), times=12)

    await asyncio.gather(*(calendar.owned_events() for calendar in calendars))

    assert backstage.simulator.log.peak == 4


async def test_one_mailbox_has_one_call_in_flight(backstage: ExchangeBackstage) -> None:
    backstage.simulator.order(Delay(0.02), times=4)

    await asyncio.gather(*(backstage.calendar().owned_events() for _ in range(4)))

    assert backstage.simulator.log.peak == 1


async def test_a_slow_mailbox_does_not_hold_up_the_others(keys: Keys) -> None:
    limit = timedelta(seconds=1)
    async with exchange(keys, call_limit=limit) as backstage:
        backstage.simulator.order(Delay(1.2), mailbox=JANE)
        slow = asyncio.create_task(backstage.check())
        await asyncio.sleep(0.01)

        assert list(await backstage.another_calendar().owned_events()) == []
        assert not slow.done()
        with pytest.raises(TransientError):
            await slow


async def test_a_call_that_finds_no_free_place_in_time_sends_nothing(keys: Keys) -> None:
    limit = timedelta(seconds=0.6)
    async with exchange(keys, call_limit=limit, concurrency=1) as backstage:
        await backstage.another_calendar().owned_events()
        backstage.simulator.order(Delay(1), mailbox=JANE)
        slow = asyncio.create_task(backstage.check())
        await asyncio.sleep(0)
        started = time.monotonic()
        results = await asyncio.gather(
            *(backstage.another_calendar().create(a_key(n), an_event()) for n in range(3)),
            return_exceptions=True,
        )
        with pytest.raises(TransientError):
            await slow

        assert time.monotonic() - started < 0.9
        for result in results:
            # Whoever got the place when the slow call gave up had too little time left, or none.
            assert not isinstance(result, OutcomeUnknownError)


# What happens later than we wait for it.


async def test_a_creation_that_the_server_finishes_later_leaves_one_event(
    backstage: ExchangeBackstage, calendar: Calendar
) -> None:
    await calendar.owned_events()
    backstage.lose_answer(done=False)
    with pytest.raises(OutcomeUnknownError):
        await calendar.create(a_key(), an_event())
    assert list(await calendar.owned_events()) == []
    with pytest.raises(OutcomeUnknownError):
        await calendar.create(a_key(), an_event())

    # What the server was still at work on, another connection stores here.
    async with another_connection(backstage) as late:
        await late.calendar(Mailbox(JANE, PARIS)).create(a_key(), an_event())
    backstage.settle()
    ref = await calendar.create(a_key(), an_event())

    assert (await only_event(calendar)).ref == ref


async def test_a_cancelled_creation_counts_as_lost(
    backstage: ExchangeBackstage, calendar: Calendar
) -> None:
    await calendar.owned_events()
    backstage.simulator.order(Delay(0.03), operation="CreateItem")
    creating = asyncio.create_task(calendar.create(a_key(), an_event()))
    await asyncio.sleep(0.01)
    creating.cancel()
    with pytest.raises(asyncio.CancelledError):
        await creating

    with pytest.raises(OutcomeUnknownError):
        await calendar.create(a_key(), an_event())
    backstage.settle()
    await calendar.create(a_key(), an_event())
    assert len(backstage.stored()) == 1


async def test_an_old_listing_is_not_trusted_to_say_that_an_event_is_missing(
    backstage: ExchangeBackstage, calendar: Calendar
) -> None:
    await calendar.owned_events()
    await backstage.calendar().create(a_key(), an_event())  # another replica's
    backstage.clock.now += 61

    await calendar.create(a_key(), an_event())

    assert len(backstage.stored()) == 1


# The end of a connection.


async def test_a_closed_connection_leaves_nothing_in_the_library_s_cache(keys: Keys) -> None:
    before = cached()
    async with exchange(keys) as backstage:
        await backstage.check()
        assert cached() == before + 1

    assert cached() == before
    with pytest.raises(TransientError):
        await backstage.check()
    assert cached() == before


async def test_two_connections_with_one_account_do_not_share_and_close_alone(
    backstage: ExchangeBackstage,
) -> None:
    async with another_connection(backstage) as other:
        await other.check(Mailbox(JANE, PARIS))

    await backstage.check()


async def test_closing_ends_within_the_call_limit_whatever_is_in_flight(keys: Keys) -> None:
    async with exchange(keys, call_limit=timedelta(seconds=0.4)) as backstage:
        backstage.simulator.order(Delay(2))
        slow = asyncio.create_task(backstage.check())
        await asyncio.sleep(0.01)
        started = time.monotonic()

        await backstage.connection.close()

        assert time.monotonic() - started < 0.8
        with pytest.raises(TransientError):
            await slow
