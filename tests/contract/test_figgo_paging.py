"""Lists that come page by page are whole or an error, whatever happens between the pages."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from aiohttp import web

from figgo_world import (
    AWA,
    CHLOE,
    EVERYBODY,
    FIRST,
    LEAVES,
    MONDAY,
    World,
    answering,
    figgo_world,
    lived_in,
    standing,
)
from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.errors import Reason, TransientError
from figgosync.figgo.query import Changed, Entities, LeaveQuery, Owners, Stamp
from figgosync_sim.company import (
    RTT,
    SICK,
)
from figgosync_sim.faults import (
    Answer,
    DropAfter,
    DropBefore,
    Fault,
    HtmlError,
    Truncate,
)
from figgosync_sim.figgo.misbehaviour import InsertDuringPaging, RepeatPage, WrongCount


@pytest.mark.parametrize(
    "fault",
    [HtmlError(503), DropBefore(), DropAfter(), Truncate(), Answer(429), RepeatPage(), Answer(408)],
)
async def test_a_page_lost_in_the_middle_loses_the_whole_list(fault: Fault) -> None:
    async with figgo_world(page=3) as world:
        lived_in(world)
        world.figgo.faults.order(
            fault, path=LEAVES, when=lambda request: request.query["paging"] == "4,3", times=4
        )

        with pytest.raises(TransientError):
            await world.client().leaves(EVERYBODY)

        assert len(world.figgo.faults.pending) < 4


@pytest.mark.parametrize("by", [1, -1, 1000, -1000])
async def test_a_count_that_is_wrong_once_is_read_again(by: int) -> None:
    async with figgo_world() as world:
        lived_in(world)
        everything = await world.client().leaves(EVERYBODY)
        world.figgo.faults.order(WrongCount(by), path=LEAVES)

        assert await world.client().leaves(EVERYBODY) == everything != ()
        assert world.figgo.faults.pending == []


@pytest.mark.parametrize("by", [1, -1, 1000, -1000])
async def test_a_count_that_stays_wrong_is_an_error(by: int) -> None:
    async with figgo_world() as world:
        lived_in(world)
        world.figgo.faults.order(WrongCount(by), path=LEAVES, times=10)

        with pytest.raises(TransientError) as failure:
            await world.client().leaves(EVERYBODY)

        assert failure.value.reason is Reason.INCOMPLETE_READ


async def test_a_page_that_comes_twice_is_read_again() -> None:
    async with figgo_world(page=3) as world:
        lived_in(world)
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


async def test_a_list_that_announces_pages_for_ever_is_an_error() -> None:
    def answer() -> web.Response:
        return web.json_response({"items": [{"id": 4}], "next": "/again"})

    async with answering(answer) as client:
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
    async with answering(lambda: _leaves_of_chloe(1)) as client:
        (read,) = await client.leaves(LeaveQuery(Owners((EmployeeID(CHLOE),)), FIRST))
        assert read.owner == CHLOE
        with pytest.raises(TransientError) as failure:
            await client.leaves(LeaveQuery(Owners((EmployeeID(AWA),)), FIRST))

        assert failure.value.reason is Reason.INCOMPLETE_READ


async def test_a_row_that_comes_twice_within_a_page_hides_another_one() -> None:
    async with answering(lambda: _leaves_of_chloe(2)) as client:
        with pytest.raises(TransientError) as failure:
            await client.leaves(LeaveQuery(Owners((EmployeeID(CHLOE),)), FIRST))

        assert failure.value.reason is Reason.INCOMPLETE_READ
