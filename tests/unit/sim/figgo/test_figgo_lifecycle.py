"""What each act of an employee, a manager or HR leaves in the answers of the API."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from figgosync_sim.company import PAID_LEAVE, PARENTAL, RECUPERATION, RTT, SICK
from figgosync_sim.figgo import FiggoState
from figgosync_sim.figgo.leaves import HalfDayTakenError, Status
from figgosync_sim.figgo.workflow import IllegalActError
from figgosync_sim.organisation import Boundary, Half
from unit.sim.figgo.asking import Answer, Asker, Clock

AWA, PRISCILLA = 1202, 1217
STATE = (
    "id,isActive,cancellationDate,creationDate,leaveAccountId,"
    "leavePeriod[id,isConfirmed,confirmationDate]"
)
REQUESTS = "/api/v3/leaveRequests"


def dec(day: int, half: Half) -> Boundary:
    return date(2026, 12, day), half


def halves(answer: Answer, *, active: bool = True) -> list[str]:
    return [item["id"][5:] for item in answer.items if item["isActive"] is active]


async def request_of(figgo: Asker, period: int) -> dict[str, Any]:
    fields = "id,leavePeriodId,status,isActive,cancellationDate,nextApproverId"
    answer = await figgo.get(REQUESTS, {"leavePeriodId": str(period), "fields": fields})
    (request,) = answer.items
    return request


@pytest.fixture
async def pending(figgo: Asker, clock: Clock) -> Asker:
    """Awa asked for Tuesday 1 December to Thursday noon; an hour has passed since."""
    figgo.period = figgo.state.book(AWA, dec(1, "AM"), dec(3, "AM"), PAID_LEAVE)
    clock.advance(hours=1)
    return figgo


class TestBooking:
    async def test_a_booking_waits_for_approval_with_one_row_for_each_half_day(
        self, pending: Asker
    ) -> None:
        answer = await pending.leaves(STATE)
        assert halves(answer) == [
            "20261201-AM",
            "20261201-PM",
            "20261202-AM",
            "20261202-PM",
            "20261203-AM",
        ]
        assert answer.items[0] == {
            "id": f"{AWA}-20261201-AM",
            "isActive": True,
            "cancellationDate": None,
            "creationDate": "2026-11-24T10:00:00",
            "leaveAccountId": PAID_LEAVE,
            "leavePeriod": {
                "id": pending.period,
                "isConfirmed": False,
                "confirmationDate": None,
            },
        }
        assert (await request_of(pending, pending.period))["status"] == Status.PENDING_APPROVAL

    @pytest.mark.parametrize(
        ("owner", "first", "last", "account", "rows"),
        [
            (AWA, dec(1, "PM"), dec(1, "PM"), PAID_LEAVE, ["20261201-PM"]),
            (AWA, dec(1, "PM"), dec(2, "AM"), RTT, ["20261201-PM", "20261202-AM"]),
            # Friday to Monday: no rows on the weekend.
            (AWA, dec(4, "PM"), dec(7, "AM"), PAID_LEAVE, ["20261204-PM", "20261207-AM"]),
            # Christmas 2026 is a Friday.
            (AWA, dec(24, "PM"), dec(28, "AM"), PAID_LEAVE, ["20261224-PM", "20261228-AM"]),
            # Calendar days: the weekend has rows.
            (
                AWA,
                dec(4, "PM"),
                dec(6, "AM"),
                SICK,
                ["20261204-PM", "20261205-AM", "20261205-PM", "20261206-AM"],
            ),
        ],
    )
    async def test_rows_exist_on_the_days_that_the_account_counts(
        self,
        figgo: Asker,
        owner: int,
        first: Boundary,
        last: Boundary,
        account: int,
        rows: list[str],
    ) -> None:
        figgo.state.book(owner, first, last, account)
        assert halves(await figgo.leaves(STATE)) == rows

    async def test_a_holiday_counts_where_the_person_works(self, figgo: Asker) -> None:
        day = date(2027, 12, 20)  # a Monday; a holiday on Réunion, not in Paris
        figgo.state.book(AWA, (day, "AM"), (day, "PM"), PAID_LEAVE)
        with pytest.raises(IllegalActError):
            figgo.state.book(PRISCILLA, (day, "AM"), (day, "PM"), PAID_LEAVE)

    async def test_what_hr_enters_is_confirmed_and_has_no_request(self, figgo: Asker) -> None:
        figgo.state.book(AWA, dec(1, "AM"), dec(1, "PM"), SICK, confirmed=True, by_hr=True)
        answer = await figgo.leaves("leavePeriod.isConfirmed")
        assert answer.column("leavePeriod") == [{"isConfirmed": True}] * 2
        assert (await figgo.get(REQUESTS)).items == []

    def test_a_half_day_can_be_taken_once(self) -> None:
        state = FiggoState()
        state.book(AWA, dec(1, "AM"), dec(1, "PM"), PAID_LEAVE)
        with pytest.raises(HalfDayTakenError):
            state.book(AWA, dec(1, "PM"), dec(2, "PM"), RTT)
        assert len(state.leave_book.leaves) == 2
        assert len(state.leave_book.periods) == 1
        state.book(PRISCILLA, dec(1, "PM"), dec(2, "PM"), RTT)

    @pytest.mark.parametrize(
        ("first", "last", "by_hr"),
        [
            (dec(5, "AM"), dec(6, "PM"), False),
            (dec(2, "AM"), dec(1, "PM"), False),
            (dec(1, "PM"), dec(1, "AM"), False),
            (dec(1, "AM"), dec(1, "PM"), True),
        ],
        ids=["a weekend", "backwards", "afternoon to morning", "unconfirmed by HR"],
    )
    def test_an_impossible_booking_is_refused_and_leaves_nothing(
        self, first: Boundary, last: Boundary, *, by_hr: bool
    ) -> None:
        state = FiggoState()
        with pytest.raises(IllegalActError):
            state.book(AWA, first, last, PAID_LEAVE, by_hr=by_hr)
        assert state.leave_book.leaves == []
        assert state.leave_book.periods == {}

    @pytest.mark.parametrize(("owner", "account"), [(1, PAID_LEAVE), (AWA, 99)])
    def test_an_unknown_person_or_account_is_a_key_error(self, owner: int, account: int) -> None:
        with pytest.raises(KeyError):
            FiggoState().book(owner, dec(1, "AM"), dec(1, "PM"), account)


class TestDeciding:
    async def test_an_approval_confirms_every_row_through_the_period(self, pending: Asker) -> None:
        pending.state.approve(pending.period)
        answer = await pending.leaves(STATE)
        assert {str(item["leavePeriod"]) for item in answer.items} == {
            str(
                {
                    "id": pending.period,
                    "isConfirmed": True,
                    "confirmationDate": "2026-11-24T11:00:00",
                }
            )
        }
        assert set(answer.column("creationDate")) == {"2026-11-24T10:00:00"}
        request = await request_of(pending, pending.period)
        assert (request["status"], request["nextApproverId"]) == (Status.APPROVED, None)

    async def test_a_denial_strikes_every_row(self, pending: Asker) -> None:
        pending.state.refuse(pending.period)
        answer = await pending.leaves(STATE)
        assert set(answer.column("isActive")) == {False}
        assert set(answer.column("cancellationDate")) == {"2026-11-24T11:00:00"}
        request = await request_of(pending, pending.period)
        assert (request["status"], request["isActive"]) == (Status.DENIED, False)
        assert request["cancellationDate"] is None

    @pytest.mark.parametrize("approved_first", [True, False])
    async def test_a_cancellation_strikes_every_row_and_keeps_the_rest(
        self, pending: Asker, *, approved_first: bool
    ) -> None:
        if approved_first:
            pending.state.approve(pending.period)
        pending.state.cancel(pending.period)
        answer = await pending.leaves(STATE)
        assert len(answer.items) == 5
        assert set(answer.column("isActive")) == {False}
        assert set(answer.column("cancellationDate")) == {"2026-11-24T11:00:00"}
        assert {p["isConfirmed"] for p in answer.column("leavePeriod")} == {approved_first}
        request = await request_of(pending, pending.period)
        assert request["status"] == Status.CANCELLED
        assert request["cancellationDate"] == "2026-11-24T11:00:00"

    async def test_an_absence_stands_while_its_cancellation_waits(
        self, pending: Asker, clock: Clock
    ) -> None:
        pending.state.approve(pending.period)
        before = await pending.leaves(STATE)
        clock.advance(hours=1)
        pending.state.request_cancellation(pending.period)
        request = await request_of(pending, pending.period)
        assert (request["status"], request["isActive"]) == (Status.CANCELLATION_PENDING, True)
        assert (await pending.leaves(STATE)).items == before.items

        pending.state.refuse_cancellation(pending.period)
        assert (await request_of(pending, pending.period))["status"] == Status.APPROVED
        assert (await pending.leaves(STATE)).items == before.items

        pending.state.request_cancellation(pending.period)
        pending.state.cancel(pending.period)
        assert (await request_of(pending, pending.period))["status"] == Status.CANCELLED
        assert set((await pending.leaves(STATE)).column("isActive")) == {False}

    @pytest.mark.parametrize(
        ("done", "impossible"),
        [
            (["approve"], "approve"),
            (["approve"], "refuse"),
            (["refuse"], "approve"),
            (["refuse"], "cancel"),
            (["cancel"], "cancel"),
            (["cancel"], "approve"),
            ([], "request_cancellation"),
            (["approve"], "refuse_cancellation"),
            (["approve", "request_cancellation"], "request_cancellation"),
        ],
    )
    def test_an_act_out_of_order_is_refused(self, done: list[str], impossible: str) -> None:
        state = FiggoState()
        period = state.book(AWA, dec(1, "AM"), dec(1, "PM"), PAID_LEAVE)
        for act in done:
            getattr(state, act)(period)
        with pytest.raises(IllegalActError):
            getattr(state, impossible)(period)

    async def test_a_request_shows_its_history(self, pending: Asker) -> None:
        pending.state.approve(pending.period)
        pending.state.request_cancellation(pending.period)
        number = (await request_of(pending, pending.period))["id"]
        request = (await pending.get(f"{REQUESTS}/{number}")).body["data"]
        assert [entry["status"] for entry in request["leavePeriod"]["logs"]] == [0, 2, 5]
        assert len(request["leavePeriod"]["leaves"]) == 5
        assert [a["approved"] for a in request["approvals"]] == [True]
        (wish,) = request["cancellationRequests"]
        assert (wish["authorId"], wish["rank"], wish["approved"]) == (AWA, 0, None)
        by_status = await pending.get(REQUESTS, {"status": "5"})
        assert by_status.column("id") == [number]
        assert (await pending.get(REQUESTS, {"status": "0"})).items == []
        assert (await pending.get(f"{REQUESTS}/999")).status == 404


class TestChanging:
    async def test_an_edit_strikes_the_old_rows_and_creates_new_ones(self, pending: Asker) -> None:
        pending.state.approve(pending.period)
        pending.state.edit(pending.period, dec(2, "PM"), dec(4, "PM"))
        answer = await pending.leaves(STATE)
        assert halves(answer, active=False) == [
            "20261201-AM",
            "20261201-PM",
            "20261202-AM",
            "20261202-PM",
            "20261203-AM",
        ]
        assert halves(answer) == [
            "20261202-PM",
            "20261203-AM",
            "20261203-PM",
            "20261204-AM",
            "20261204-PM",
        ]
        created = {i["creationDate"] for i in answer.items if i["isActive"]}
        assert created == {"2026-11-24T11:00:00"}
        assert {i["leavePeriod"]["id"] for i in answer.items} == {pending.period}
        assert {i["leavePeriod"]["isConfirmed"] for i in answer.items} == {True}

    async def test_an_edit_may_need_a_new_approval(self, pending: Asker) -> None:
        pending.state.approve(pending.period)
        pending.state.edit(pending.period, dec(1, "AM"), dec(1, "PM"), needs_approval=True)
        answer = await pending.leaves("leavePeriod[isConfirmed,confirmationDate]")
        assert answer.items[0]["leavePeriod"] == {"isConfirmed": False, "confirmationDate": None}
        assert (await request_of(pending, pending.period))["status"] == Status.PENDING_APPROVAL
        pending.state.approve(pending.period)

    def test_an_edit_onto_another_absence_changes_nothing(self) -> None:
        state = FiggoState()
        period = state.book(AWA, dec(1, "AM"), dec(1, "PM"), PAID_LEAVE)
        state.book(AWA, dec(3, "AM"), dec(3, "PM"), RTT)
        with pytest.raises(HalfDayTakenError):
            state.edit(period, dec(2, "AM"), dec(3, "AM"))
        rows = state.leave_book.periods[period].leaves
        assert [(row.stamp, row.active) for row in rows] == [
            ("20261201-AM", True),
            ("20261201-PM", True),
        ]
        assert {row.cancelled_at for row in rows} == {None}

    async def test_a_day_given_back_leaves_the_others(self, pending: Asker) -> None:
        pending.state.give_back(pending.period, date(2026, 12, 2))
        answer = await pending.leaves(STATE)
        assert halves(answer) == ["20261201-AM", "20261201-PM", "20261203-AM"]
        assert halves(answer, active=False) == ["20261202-AM", "20261202-PM"]
        assert (await request_of(pending, pending.period))["isActive"] is True

    async def test_half_a_day_can_be_given_back(self, pending: Asker) -> None:
        pending.state.give_back(pending.period, date(2026, 12, 1), "PM")
        assert halves(await pending.leaves(STATE), active=False) == ["20261201-PM"]
        with pytest.raises(IllegalActError):
            pending.state.give_back(pending.period, date(2026, 12, 1), "PM")

    async def test_giving_the_last_half_day_back_cancels_the_request(self, figgo: Asker) -> None:
        period = figgo.state.book(AWA, dec(1, "AM"), dec(1, "AM"), PAID_LEAVE)
        figgo.state.give_back(period, date(2026, 12, 1))
        assert (await request_of(figgo, period))["status"] == Status.CANCELLED

    async def test_another_account_creates_the_same_half_days_anew(self, pending: Asker) -> None:
        pending.state.give_back(pending.period, date(2026, 12, 2))
        pending.state.change_account(pending.period, SICK)
        answer = await pending.leaves(STATE)
        assert halves(answer) == ["20261201-AM", "20261201-PM", "20261203-AM"]
        standing = [item for item in answer.items if item["isActive"]]
        assert {item["leaveAccountId"] for item in standing} == {SICK}
        assert {item["creationDate"] for item in standing} == {"2026-11-24T11:00:00"}

    async def test_another_account_may_come_without_any_trace(self, pending: Asker) -> None:
        before = (await pending.leaves(STATE)).items
        pending.state.change_account(pending.period, SICK, in_place=True)
        after = (await pending.leaves(STATE)).items
        assert after == [{**item, "leaveAccountId": SICK} for item in before]

    async def test_hours_can_be_chosen_and_survive_an_edit(self, figgo: Asker) -> None:
        period = figgo.state.book(
            AWA, dec(1, "AM"), dec(1, "AM"), RECUPERATION, hours=timedelta(hours=2, minutes=15)
        )
        figgo.state.edit(period, dec(2, "AM"), dec(2, "AM"))
        assert (await figgo.leaves("value", isActive="true")).column("value") == ["02:15:00"]

    async def test_every_act_can_be_dated(self, figgo: Asker) -> None:
        at = datetime(2026, 10, 1, 12, 0, tzinfo=UTC)
        period = figgo.state.book(AWA, dec(1, "AM"), dec(1, "AM"), PAID_LEAVE, at=at)
        figgo.state.approve(period, at=at + timedelta(days=1))
        figgo.state.cancel(period, at=at + timedelta(days=2))
        (item,) = (await figgo.leaves(STATE)).items
        assert item["creationDate"] == "2026-10-01T14:00:00"
        assert item["leavePeriod"]["confirmationDate"] == "2026-10-02T14:00:00"
        assert item["cancellationDate"] == "2026-10-03T14:00:00"


class TestFindingChanges:
    @pytest.mark.parametrize(
        ("act", "name"),
        [
            ("book", "creationDate"),
            ("approve", "leavePeriod.confirmationDate"),
            ("refuse", "cancellationDate"),
            ("cancel", "cancellationDate"),
            ("edit", "creationDate"),
            ("give_back", "cancellationDate"),
            ("change_account", "creationDate"),
        ],
    )
    async def test_an_act_is_found_by_its_timestamp_and_nothing_before_it(
        self, pending: Asker, clock: Clock, act: str, name: str
    ) -> None:
        since = f"since,{clock.now:%Y-%m-%dT%H:%M:%SZ}"
        assert (await pending.leaves(**{name: since})).items == []
        acts = {
            "book": lambda s: s.book(PRISCILLA, dec(1, "AM"), dec(1, "PM"), PAID_LEAVE),
            "edit": lambda s: s.edit(pending.period, dec(8, "AM"), dec(8, "PM")),
            "give_back": lambda s: s.give_back(pending.period, date(2026, 12, 1)),
            "change_account": lambda s: s.change_account(pending.period, SICK),
        }
        acts.get(act, lambda s: getattr(s, act)(pending.period))(pending.state)
        assert (await pending.leaves(**{name: since})).items


MOMENTS = st.tuples(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.sampled_from(["AM", "PM"]))


@settings(deadline=None)
@given(first=MOMENTS, days=st.integers(0, 40), last_half=st.sampled_from(["AM", "PM"]))
def test_a_calendar_day_account_has_every_half_day_of_the_span(
    first: Boundary, days: int, last_half: Half
) -> None:
    last = (first[0] + timedelta(days=days), last_half)
    state = FiggoState()
    if days == 0 and first[1] > last_half:
        with pytest.raises(IllegalActError):
            state.book(AWA, first, last, PARENTAL)
        return
    period = state.book(AWA, first, last, PARENTAL)
    rows = state.leave_book.periods[period].leaves
    expected = 2 * (days + 1) - (first[1] == "PM") - (last_half == "AM")
    assert len(rows) == len({row.stamp for row in rows}) == expected
    assert (rows[0].day, rows[0].am) == (first[0], first[1] == "AM")
    assert (rows[-1].day, rows[-1].am) == (last[0], last_half == "AM")
