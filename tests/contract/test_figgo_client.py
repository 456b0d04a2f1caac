"""What the Figgo client reads, under every reading of what Lucca documents."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from figgo_world import (
    AWA,
    BRUNO,
    CHLOE,
    ESTABLISHMENTS,
    EVERYBODY,
    LEAVES,
    MONDAY,
    NAMED,
    PAGES,
    THERESE,
    USERS,
    UTC_ZONE,
    figgo_world,
    lived_in,
    reading,
    standing,
)
from figgosync.core.absence import AccountID, EmployeeID
from figgosync.figgo.query import Changed, LeaveQuery, Owners, Stamp
from figgosync_sim.company import (
    EMPLOYEE_WITHOUT_MAIL,
    FORMER_EMPLOYEE,
    REMOTE_WORK,
    RTT,
    SICK,
    big_company,
)
from figgosync_sim.figgo import (
    CANARY_COMMENT,
    AccountForm,
    Readings,
)


@reading
@pytest.mark.parametrize("page", PAGES)
async def test_what_stands_in_the_books_is_read_under_every_reading(
    readings: Readings, page: int | None
) -> None:
    async with figgo_world(readings, page=page, allowance=None) as world:
        lived_in(world)

        rows = await world.client().leaves(EVERYBODY)

        for person in (AWA, BRUNO, CHLOE, THERESE):
            mine = tuple(row for row in rows if row.owner == person)
            assert standing(mine) == world.standing(person) != set()


@reading
async def test_cancelled_half_days_are_read_as_cancelled_under_every_reading(
    readings: Readings,
) -> None:
    async with figgo_world(readings) as world:
        periods = lived_in(world)

        rows = await world.client().leaves(EVERYBODY)

        dead = Counter(row.period for row in rows if not row.active)
        assert dead[periods["refused"]] == 1  # type: ignore[index] # a PeriodID is an int
        assert dead[periods["edited"]] >= 2  # type: ignore[index] # the given-back day stays


@reading
async def test_timestamps_are_right_but_for_the_offset_that_is_left_out(
    readings: Readings,
) -> None:
    async with figgo_world(readings) as world:
        lived_in(world)

        rows = await world.client().leaves(EVERYBODY)

        assert rows
        for row in rows:
            for stamp in (row.created_at, row.confirmed_at, row.cancelled_at):
                assert stamp is None or abs(stamp - MONDAY) < timedelta(hours=3)
            assert row.created_at is not None


@reading
async def test_the_newest_rows_tell_when_they_were_created_and_what_time_it_is(
    readings: Readings,
) -> None:
    async with figgo_world(readings) as world:
        lived_in(world)
        world.timer.elapsed += 3600

        newest = await world.client().newest(EVERYBODY)

        assert newest.server_time == MONDAY + timedelta(seconds=world.timer.elapsed)
        assert newest.created
        assert list(newest.created) == sorted(newest.created, key=lambda m: m.at, reverse=True)
        for moment in newest.created:
            local = timedelta(0) if readings.offsets else moment.at - MONDAY
            assert moment.offset is readings.offsets
            assert local < timedelta(hours=3)
        assert [request.query["fields"] for request in world.requests(LEAVES)] == ["creationDate"]


@pytest.mark.parametrize("page", [1, 2])
async def test_of_the_newest_rows_one_page_is_enough(page: int) -> None:
    async with figgo_world(page=page) as world:
        lived_in(world)

        newest = await world.client().newest(EVERYBODY)

        assert len(newest.created) == page
        assert len(world.requests(LEAVES)) == 1


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
        lived_in(world)

        rows = await world.client().leaves(NAMED)

        (row,) = (row for row in rows if row.owner == CHLOE)
        assert (row.account, row.account_name, row.remote_work) == (account, name, telework)


async def test_an_account_that_was_deleted_leaves_its_absences_neutral() -> None:
    async with figgo_world() as world:
        lived_in(world)
        world.state.delete_account(RTT)

        rows = await world.client().leaves(NAMED)

        (row,) = (row for row in rows if row.owner == AWA and row.active and row.moment.half == 0)
        assert (row.account, row.account_name) == (AccountID(RTT), None)


async def test_names_are_requested_only_where_asked_for_and_comments_never() -> None:
    async with figgo_world() as world:
        lived_in(world)
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
