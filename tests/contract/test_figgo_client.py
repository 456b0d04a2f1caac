"""What the product's Figgo client promises, against a simulated Figgo that does its worst."""

import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from aiohttp import web

from figgo_world import (
    BOTH,
    ESTABLISHMENTS,
    LEAVES,
    MONDAY,
    USERS,
    UTC_ZONE,
    FakeTimer,
    World,
    authority,
    figgo_world,
    reading,
    standing,
)
from figgosync.core.absence import AccountID, EmployeeID, LegalEntityID
from figgosync.errors import CredentialError, PermanentError, Reason, SyncError, TransientError
from figgosync.figgo import transport
from figgosync.figgo.client import FiggoClient
from figgosync.figgo.failures import QueryTooHeavyError
from figgosync.figgo.limits import TokenBucket
from figgosync.figgo.query import Changed, Entities, LeaveQuery, Owners, Stamp
from figgosync_sim.certificates import Authority
from figgosync_sim.company import (
    EMPLOYEE_WITHOUT_MAIL,
    FORMER_EMPLOYEE,
    PAID_LEAVE,
    RECUPERATION,
    REMOTE_WORK,
    RTT,
    SICK,
    big_company,
)
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
    CANARY_COMMENT,
    DEFAULT_KEY,
    AccountForm,
    FiggoSimulator,
    FiggoState,
    Readings,
    figgo_simulator,
)
from figgosync_sim.figgo.misbehaviour import InsertDuringPaging, RepeatPage, WrongCount
from figgosync_sim.server import serve

AWA, BRUNO, CHLOE, THERESE = 1202, 1203, 1204, 1221
FIRST = date(2026, 11, 1)
EVERYBODY = LeaveQuery(Entities(tuple(sorted(BOTH))), FIRST)
NAMED = replace(EVERYBODY, names=True)
PAGES = [pytest.param(None, id="one page"), pytest.param(2, id="pages of two")]


def _lived_in(world: World) -> dict[str, int]:
    """Fill the books with every kind of absence; return the periods."""
    state, clock = world.state, world.timer
    periods = {
        "pending": state.book(AWA, (date(2026, 12, 1), "AM"), (date(2026, 12, 1), "PM"), RTT),
        "edited": state.book(
            BRUNO, (date(2026, 12, 7), "AM"), (date(2026, 12, 9), "PM"), PAID_LEAVE, confirmed=True
        ),
        "telework": state.book(
            CHLOE, (date(2026, 12, 2), "PM"), (date(2026, 12, 2), "PM"), REMOTE_WORK
        ),
        "hours": state.book(
            THERESE, (date(2026, 12, 3), "AM"), (date(2026, 12, 3), "AM"), RECUPERATION
        ),
        "refused": state.book(AWA, (date(2026, 12, 14), "AM"), (date(2026, 12, 14), "AM"), RTT),
        "by HR": state.book(
            THERESE, (date(2026, 11, 20), "AM"), (date(2026, 11, 22), "PM"), SICK,
            confirmed=True, by_hr=True,
        ),
    }  # fmt: skip
    clock.elapsed += 60
    state.approve(periods["hours"])
    state.refuse(periods["refused"])
    state.edit(periods["edited"], (date(2026, 12, 8), "AM"), (date(2026, 12, 10), "AM"))
    clock.elapsed += 60
    state.give_back(periods["edited"], date(2026, 12, 9))
    return periods


@reading
@pytest.mark.parametrize("page", PAGES)
async def test_what_stands_in_the_books_is_read_under_every_reading(
    readings: Readings, page: int | None
) -> None:
    async with figgo_world(readings, page=page, allowance=None) as world:
        _lived_in(world)

        rows = await world.client().leaves(EVERYBODY)

        for person in (AWA, BRUNO, CHLOE, THERESE):
            mine = tuple(row for row in rows if row.owner == person)
            assert standing(mine) == world.standing(person) != set()


@reading
async def test_cancelled_half_days_are_read_as_cancelled_under_every_reading(
    readings: Readings,
) -> None:
    async with figgo_world(readings) as world:
        periods = _lived_in(world)

        rows = await world.client().leaves(EVERYBODY)

        dead = Counter(row.period for row in rows if not row.active)
        assert dead[periods["refused"]] == 1  # type: ignore[index] # a PeriodID is an int
        assert dead[periods["edited"]] >= 2  # type: ignore[index] # the given-back day stays


@reading
async def test_timestamps_are_right_but_for_the_offset_that_is_left_out(
    readings: Readings,
) -> None:
    async with figgo_world(readings) as world:
        _lived_in(world)

        rows = await world.client().leaves(EVERYBODY)

        assert rows
        for row in rows:
            for stamp in (row.created_at, row.confirmed_at, row.cancelled_at):
                assert stamp is None or abs(stamp - MONDAY) < timedelta(hours=3)
            assert row.created_at is not None


@pytest.mark.parametrize(
    ("form", "account", "name", "telework"),
    [
        (AccountForm.PRESENT, AccountID(REMOTE_WORK), "Télétravail", True),
        (AccountForm.NULL, None, None, False),
        (AccountForm.ABSENT, None, None, False),
    ],
)
async def test_a_key_without_the_right_to_details_gets_absences_without_a_type(
    form: AccountForm, account: AccountID | None, name: str | None, *, telework: bool
) -> None:
    async with figgo_world(Readings(account=form)) as world:
        _lived_in(world)

        rows = await world.client().leaves(NAMED)

        (row,) = (row for row in rows if row.owner == CHLOE)
        assert (row.account, row.account_name, row.remote_work) == (account, name, telework)


async def test_an_account_that_was_deleted_leaves_its_absences_neutral() -> None:
    async with figgo_world() as world:
        _lived_in(world)
        world.state.delete_account(RTT)

        rows = await world.client().leaves(NAMED)

        (row,) = (row for row in rows if row.owner == AWA and row.active and row.moment.half == 0)
        assert (row.account, row.account_name) == (AccountID(RTT), None)


async def test_names_are_requested_only_where_asked_for_and_comments_never() -> None:
    async with figgo_world() as world:
        _lived_in(world)
        client = world.client()

        hidden = await client.leaves(EVERYBODY)
        asked_hidden = [request.query["fields"] for request in world.requests(LEAVES)]
        world.figgo.log.clear()
        shown = await client.leaves(NAMED)
        asked_shown = [request.query["fields"] for request in world.requests(LEAVES)]

        assert {row.account_name for row in hidden} == {None}
        assert all("name" not in fields for fields in asked_hidden)
        assert "Congés payés" in {row.account_name for row in shown}
        assert all("leaveAccount[id,isRemoteWork,name]" in fields for fields in asked_shown)
        assert all("comment" not in fields.lower() for fields in asked_hidden + asked_shown)
        assert CANARY_COMMENT not in repr((hidden, shown))


async def test_every_question_about_leaves_says_which_states_it_means() -> None:
    async with figgo_world() as world:
        client = world.client()
        await client.leaves(EVERYBODY)
        for stamp in Stamp:
            recent = replace(EVERYBODY, changed=Changed(stamp, MONDAY))
            await client.recent_leaves(recent, lambda _: True)

        states = [request.query["isActive"] for request in world.requests(LEAVES)]

        assert states == ["true,false", "true,false", "true,false", "false"]


async def test_the_names_of_people_are_never_requested() -> None:
    async with figgo_world() as world:
        await world.client().employees()

        (request,) = world.requests(USERS)
        assert "name" not in request.query["fields"].lower()


@pytest.mark.parametrize("page", PAGES)
async def test_the_directory_holds_everybody_former_employees_too(page: int | None) -> None:
    async with figgo_world(page=page, allowance=None) as world:
        employees = {one.id: one for one in await world.client().employees()}

        assert len(employees) == 25
        assert employees[EmployeeID(FORMER_EMPLOYEE)].contract_end == date(2026, 6, 30)
        assert employees[EmployeeID(EMPLOYEE_WITHOUT_MAIL)].mail == ""
        assert employees[EmployeeID(AWA)].mail == "awa.mercier@societe.example"
        assert employees[EmployeeID(AWA)].login == "amercier"


@pytest.mark.parametrize("zone", [UTC_ZONE, ZoneInfo("Europe/Paris")])
async def test_employees_can_be_asked_for_by_time_of_change(zone: ZoneInfo) -> None:
    async with figgo_world(Readings(timestamp_zone=zone, server_zone=zone)) as world:
        world.timer.elapsed = 3600
        world.state.change_mail(BRUNO, "bruno@societe.example")

        (bruno,) = await world.client().employees(MONDAY)

        assert bruno.id == BRUNO


async def test_establishments_come_with_their_time_zones() -> None:
    async with figgo_world() as world:
        establishments = await world.client().establishments()

        assert {(one.id, one.time_zone) for one in establishments} == {
            (1, "Europe/Paris"),
            (4, "Indian/Reunion"),
        }


async def test_establishments_on_many_pages_are_all_read() -> None:
    company = big_company(4, 0, 1)
    (paris, *_) = company.establishments
    many = replace(
        company, establishments=tuple(replace(paris, id=number) for number in range(1, 251))
    )
    async with figgo_world(company=many) as world:
        establishments = await world.client().establishments()

        assert sorted(one.id for one in establishments) == list(range(1, 251))
        assert len(world.requests(ESTABLISHMENTS)) == 3


@pytest.mark.parametrize(
    ("rows", "pages"), [(1, 1), (9, 1), (10, 1), (11, 2), (19, 2), (20, 3), (28, 3)]
)
async def test_a_list_that_ends_near_the_end_of_a_page_is_read_whole(rows: int, pages: int) -> None:
    async with figgo_world(page=10) as world:
        days = [date(2027, 1, 1) + timedelta(days=n) for n in range(rows)]
        for day in days:
            world.state.book(AWA, (day, "AM"), (day, "AM"), SICK)

        read = await world.client().leaves(EVERYBODY)

        assert sorted(row.moment.day for row in read) == days
        assert len(world.requests(LEAVES)) == pages


@pytest.mark.parametrize("rows", [10_000, 10_001])
async def test_ten_thousand_rows_and_one_more_are_all_read(rows: int) -> None:
    async with figgo_world(company=big_company(100, 2200, 3), allowance=None) as world:
        book = world.state.leave_book
        assert len(book.leaves) > rows
        kept = {(leave.period.owner, leave.stamp) for leave in book.leaves[:rows]}
        for leaves in book._by_owner.values():  # noqa: SLF001 - exactly so many rows, no others
            leaves[:] = [one for one in leaves if (one.period.owner, one.stamp) in kept]

        read = await world.client().leaves(replace(EVERYBODY, first=date(2026, 9, 1)))

        assert len({(row.owner, row.moment) for row in read}) == rows == len(read)


async def test_urls_stay_short_however_many_people_are_asked_for() -> None:
    async with figgo_world(company=big_company(2000, 2000, 1), allowance=None) as world:
        query = LeaveQuery(Owners(tuple(map(EmployeeID, range(1, 2001)))), date(2026, 9, 1))

        rows = await world.client().leaves(query)

        assert {row.owner for row in rows} == set(range(1, 2001))
        assert 3000 < max(len(part.path(0, 1000)) for part in query.short_enough()) < 4000


FAULTS: list[tuple[Fault, type[SyncError], Reason]] = [
    (Answer(400, body="CANARY-BODY"), PermanentError, Reason.REQUEST_REFUSED),
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


@pytest.mark.parametrize(("fault", "kind", "reason"), FAULTS)
async def test_whatever_goes_wrong_has_a_name_and_is_never_a_short_list(
    fault: Fault, kind: type[SyncError], reason: Reason
) -> None:
    async with figgo_world() as world:
        _lived_in(world)
        # aiohttp repeats a GET once when a kept connection turns out to be closed.
        world.figgo.faults.order(fault, path=LEAVES, times=2)

        with pytest.raises(SyncError) as failure:
            await world.client(timeout_ms=50).leaves(EVERYBODY)

        assert type(failure.value) is kind
        assert failure.value.reason is reason
        assert "CANARY" not in str(failure.value)
        assert failure.value.__cause__ is None


@pytest.mark.parametrize(
    "fault",
    [HtmlError(503), DropBefore(), DropAfter(), Truncate(), Answer(429), RepeatPage(), Answer(408)],
)
async def test_a_page_lost_in_the_middle_loses_the_whole_list(fault: Fault) -> None:
    async with figgo_world(page=3) as world:
        _lived_in(world)
        world.figgo.faults.order(
            fault, path=LEAVES, when=lambda request: request.query["paging"] == "4,3", times=4
        )

        with pytest.raises(TransientError):
            await world.client().leaves(EVERYBODY)

        assert len(world.figgo.faults.pending) < 4


@pytest.mark.parametrize("by", [1, -1, 1000, -1000])
async def test_a_count_that_is_wrong_once_is_read_again(by: int) -> None:
    async with figgo_world() as world:
        _lived_in(world)
        everything = await world.client().leaves(EVERYBODY)
        world.figgo.faults.order(WrongCount(by), path=LEAVES)

        assert await world.client().leaves(EVERYBODY) == everything != ()
        assert world.figgo.faults.pending == []


@pytest.mark.parametrize("by", [1, -1, 1000, -1000])
async def test_a_count_that_stays_wrong_is_an_error(by: int) -> None:
    async with figgo_world() as world:
        _lived_in(world)
        world.figgo.faults.order(WrongCount(by), path=LEAVES, times=10)

        with pytest.raises(TransientError) as failure:
            await world.client().leaves(EVERYBODY)

        assert failure.value.reason is Reason.INCOMPLETE_READ


async def test_a_page_that_comes_twice_is_read_again() -> None:
    async with figgo_world(page=3) as world:
        _lived_in(world)
        everything = await world.client().leaves(EVERYBODY)
        world.figgo.faults.order(
            RepeatPage(), path=LEAVES, when=lambda request: request.query["paging"] == "4,3"
        )

        assert await world.client().leaves(EVERYBODY) == everything
        assert world.figgo.faults.pending == []


def _book_in_front(world: World) -> None:
    world.state.book(1201, (date(2026, 11, 24), "AM"), (date(2026, 11, 24), "AM"), RTT)


def _somebody_leaves(world: World) -> None:
    world.state.move(AWA, 4)


def _one_leaves_and_one_comes(world: World) -> None:
    """The count stays as it was, and no row comes twice: only the join of the pages tells."""
    world.state.move(AWA, 4)
    world.state.book(1215, (date(2026, 12, 24), "AM"), (date(2026, 12, 28), "AM"), SICK)


@pytest.mark.parametrize("act", [_book_in_front, _somebody_leaves, _one_leaves_and_one_comes])
async def test_rows_that_move_while_pages_are_read_neither_hide_nor_double_any(
    act: Callable[[World], None],
) -> None:
    async with figgo_world(page=5) as world:
        for owner in range(AWA, 1212):
            world.state.book(owner, (date(2026, 12, 7), "AM"), (date(2026, 12, 11), "AM"), RTT)
        paris = replace(EVERYBODY, people=Entities((LegalEntityID(1),)))
        world.figgo.faults.order(
            InsertDuringPaging(lambda: act(world)),
            path=LEAVES,
            when=lambda request: request.query["paging"] == "12,5",
        )

        rows = await world.client().leaves(paris)

        assert world.figgo.faults.pending == []
        people = [one.id for one in world.state.people.values() if one.legal_entity == 1]
        assert standing(rows) == set().union(*(world.standing(owner) for owner in people))
        assert len(rows) == len(standing(rows))


async def test_a_row_that_comes_in_behind_the_last_page_is_not_left_out() -> None:
    async with figgo_world(page=5) as world:
        world.state.book(AWA, (date(2026, 12, 7), "AM"), (date(2026, 12, 11), "AM"), RTT)
        world.figgo.faults.order(
            InsertDuringPaging(
                lambda: world.state.book(
                    AWA, (date(2026, 12, 14), "AM"), (date(2026, 12, 14), "AM"), RTT
                )
            ),
            path=LEAVES,
        )

        rows = await world.client().leaves(EVERYBODY)

        assert standing(rows) == world.standing(AWA)
        assert len(rows) == 10


async def test_rows_that_keep_moving_are_an_error() -> None:
    async with figgo_world(page=5) as world:
        for owner in range(AWA, 1212):
            world.state.book(owner, (date(2026, 12, 7), "AM"), (date(2026, 12, 11), "AM"), RTT)
        days = iter(range(1, 28))
        world.figgo.faults.order(
            InsertDuringPaging(
                lambda: world.state.book(
                    1201, (day := (date(2027, 1, next(days)), "AM")), day, SICK
                )
            ),
            path=LEAVES,
            times=20,
        )

        with pytest.raises(TransientError) as failure:
            await world.client().leaves(EVERYBODY)

        assert failure.value.reason is Reason.INCOMPLETE_READ


async def test_what_changed_lately_is_listed_newest_first_up_to_the_page_that_is_enough() -> None:
    async with figgo_world(page=4) as world:
        for day in range(1, 11):
            world.timer.elapsed += 60
            world.state.book(AWA, (date(2027, 1, day), "AM"), (date(2027, 1, day), "PM"), SICK)
        recent = replace(EVERYBODY, changed=Changed(Stamp.CREATED, MONDAY + timedelta(minutes=3)))
        client = world.client()

        everything = await client.recent_leaves(recent, lambda _: False)
        some = await client.recent_leaves(recent, lambda page: page[-1].moment.day.day <= 9)

        assert [row.moment.day.day for row in everything] == [
            day for day in range(10, 2, -1) for _ in range(2)
        ]
        assert some == everything[:4]


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
        _session() as session,
    ):
        https = url.replace("http://", "https://")
        client = FiggoClient(https, DEFAULT_KEY, session, TokenBucket(30, timer=FakeTimer()))

        with pytest.raises(PermanentError) as failure:
            await client.establishments()

        assert (failure.value.reason, failure.value.tenant_wide) == (Reason.TLS_FAILED, True)
        assert len(simulator.log) == 0


async def test_nobody_at_the_address_is_unreachable_not_wrong_credentials() -> None:
    async with figgo_world() as world:
        url = world.figgo.url
    async with _session() as session:
        client = FiggoClient(url, DEFAULT_KEY, session, TokenBucket(30, timer=FakeTimer()))

        with pytest.raises(TransientError) as failure:
            await client.establishments()

        assert failure.value.reason is Reason.UNREACHABLE


async def test_a_host_that_does_not_exist_is_unreachable() -> None:
    async with _session() as session:
        client = FiggoClient(
            "https://acme.invalid", DEFAULT_KEY, session, TokenBucket(30, timer=FakeTimer())
        )

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


@asynccontextmanager
async def _session() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(ssl=authority().client_context())
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:
        yield session


@asynccontextmanager
async def _answering(response: Callable[[], web.StreamResponse]) -> AsyncIterator[FiggoClient]:
    """Serve one answer to every question."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return response()

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with (
        serve(app, tls=authority().server_context()) as url,
        _session() as session,
    ):
        yield FiggoClient(url, DEFAULT_KEY, session, TokenBucket(60, timer=FakeTimer()))


async def test_json_is_believed_whatever_content_type_it_claims() -> None:
    def answer() -> web.Response:
        return web.Response(text='{"items":[{"id":4}],"next":null}', content_type="text/html")

    async with _answering(answer) as client:
        assert [one.id for one in await client.establishments()] == [4]


async def test_an_answer_without_end_is_cut_off() -> None:
    def answer() -> web.Response:
        response = web.Response(body=b" " * (transport.LARGEST_ANSWER + 1))
        response.enable_compression(web.ContentCoding.gzip)
        return response

    async with _answering(answer) as client:
        with pytest.raises(TransientError) as failure:
            await client.establishments()

        assert failure.value.reason is Reason.INCOMPLETE_READ


async def test_a_list_that_announces_pages_for_ever_is_an_error() -> None:
    def answer() -> web.Response:
        return web.json_response({"items": [{"id": 4}], "next": "/again"})

    async with _answering(answer) as client:
        with pytest.raises(TransientError) as failure:
            await client.establishments()

        assert failure.value.reason is Reason.INCOMPLETE_READ


def _leaves_of_chloe(times: int) -> web.Response:
    row = {
        "id": "1-20261224-AM", "date": "2026-12-24", "isAM": True, "isActive": True,
        "leavePeriod": {"id": 1, "ownerId": CHLOE, "isConfirmed": True},
    }  # fmt: skip
    return web.json_response({"data": {"items": [row] * times, "count": times}})


async def test_an_answer_to_somebody_elses_question_is_an_error() -> None:
    async with _answering(lambda: _leaves_of_chloe(1)) as client:
        (read,) = await client.leaves(LeaveQuery(Owners((EmployeeID(CHLOE),)), FIRST))
        assert read.owner == CHLOE
        with pytest.raises(TransientError) as failure:
            await client.leaves(LeaveQuery(Owners((EmployeeID(AWA),)), FIRST))

        assert failure.value.reason is Reason.INCOMPLETE_READ


async def test_a_row_that_comes_twice_within_a_page_hides_another_one() -> None:
    async with _answering(lambda: _leaves_of_chloe(2)) as client:
        with pytest.raises(TransientError) as failure:
            await client.leaves(LeaveQuery(Owners((EmployeeID(CHLOE),)), FIRST))

        assert failure.value.reason is Reason.INCOMPLETE_READ
