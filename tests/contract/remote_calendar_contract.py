"""What a calendar behind a network must do besides: every way in which a call can fail."""

import traceback
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import ClassVar, Protocol

import pytest

from contract.calendar_cases import Backstage, a_key, an_event, only_event
from contract.calendar_contract import CalendarContract
from figgosync.calendars.base import Calendar
from figgosync.core.event import Ref
from figgosync.errors import (
    ConflictError,
    CredentialError,
    OutcomeUnknownError,
    PermanentError,
    Reason,
    SyncError,
    TransientError,
)

CANARY = "Oncology"
TOGETHER = an_event(CANARY, private=True)

Call = Callable[[Calendar, Ref], Awaitable[object]]

CALLS: Mapping[str, Call] = {
    "list": lambda calendar, _: calendar.owned_events(),
    "look alikes": lambda calendar, _: calendar.look_alikes([TOGETHER, an_event()]),
    "create": lambda calendar, _: calendar.create(a_key(part=1), TOGETHER),
    "update": lambda calendar, ref: calendar.update(ref, a_key(), TOGETHER),
    "delete": lambda calendar, ref: calendar.delete(ref),
}
READS = ("list", "look alikes")
WRITES = ("create", "update", "delete")

each_call = pytest.mark.parametrize("name", CALLS)
each_read = pytest.mark.parametrize("name", READS)
each_write = pytest.mark.parametrize("name", WRITES)
done_or_not = pytest.mark.parametrize("done", [True, False], ids=["done", "not done"])


class ServerBackstage(Backstage, Protocol):
    """The server's side besides. Every order is for the next call, unless it says otherwise."""

    def lose_answer(self, *, done: bool) -> None:
        """Do what is asked, or not, and cut the connection."""

    def cut_answer_short(self) -> None:
        """Do what is asked, and break off in the middle of the answer."""

    def answer_a_web_page(self) -> None:
        """Let something in between answer a page with status 200; nothing is done."""

    def throttle(self, delay: timedelta) -> None:
        """Refuse, and say how long to wait."""

    def fail_second_page(self) -> None:
        """Answer the first page of a listing, and fail on the next."""

    async def refuse_login(self) -> None:
        """From now on the password is another one."""

    def remove_mailbox(self) -> None:
        """From now on there is no such mailbox."""

    def settle(self) -> None:
        """Let the time go by in which the server may still be at work on lost calls."""

    def requests(self) -> int:
        """Return how many requests have arrived."""

    async def check(self) -> None:
        """Call the connection's check on the mailbox."""


def telling(error: BaseException) -> str:
    """Return all that a log would show of a failure, its causes included."""
    return "".join(traceback.format_exception(error)) + repr(error)


class RemoteCalendarContract(CalendarContract):
    """Subclasses yield a `ServerBackstage`, and say how they differ."""

    requests_per_call: ClassVar[Mapping[str, int]] = dict.fromkeys(CALLS, 1)
    repeats_at_once: ClassVar[bool] = True
    """Whether the server makes a repeated creation harmless, so that nobody has to wait."""

    @pytest.fixture
    async def standing(self, calendar: Calendar) -> Ref:
        """Put one event of ours there, which also warms the connection up."""
        return await calendar.create(a_key(), an_event())

    # Cost.

    @each_call
    async def test_a_call_on_a_warm_connection_costs_what_is_promised(
        self, calendar: Calendar, backstage: ServerBackstage, standing: Ref, name: str
    ) -> None:
        await calendar.owned_events()
        before = backstage.requests()

        await CALLS[name](calendar, standing)

        assert backstage.requests() - before == self.requests_per_call[name]

    # Refusals.

    @each_call
    @pytest.mark.parametrize("seconds", [2, 300])
    async def test_a_throttled_call_says_when_to_come_back_and_changes_nothing(
        self,
        calendar: Calendar,
        backstage: ServerBackstage,
        standing: Ref,
        name: str,
        seconds: int,
    ) -> None:
        await calendar.owned_events()
        before = backstage.stored()
        backstage.throttle(timedelta(seconds=seconds))

        with pytest.raises(TransientError) as refused:
            await CALLS[name](calendar, standing)

        assert not isinstance(refused.value, OutcomeUnknownError)
        assert refused.value.reason is Reason.THROTTLED
        assert refused.value.retry_after == timedelta(seconds=seconds)
        assert backstage.stored() == before
        await CALLS[name](calendar, standing)

    @each_call
    async def test_a_refused_login_concerns_the_whole_tenant(
        self, calendar: Calendar, backstage: ServerBackstage, standing: Ref, name: str
    ) -> None:
        before = backstage.stored()
        await backstage.refuse_login()

        with pytest.raises(CredentialError) as refused:
            await CALLS[name](calendar, standing)

        assert refused.value.tenant_wide
        assert refused.value.reason is Reason.CREDENTIALS_REFUSED
        assert backstage.stored() == before

    @each_call
    async def test_a_missing_mailbox_concerns_one_employee(
        self, calendar: Calendar, backstage: ServerBackstage, standing: Ref, name: str
    ) -> None:
        await calendar.owned_events()
        backstage.remove_mailbox()

        with pytest.raises(PermanentError) as refused:
            await CALLS[name](calendar, standing)

        assert not refused.value.tenant_wide
        assert refused.value.reason is Reason.MAILBOX_NOT_FOUND
        assert list(await backstage.another_calendar().owned_events()) == []

    @pytest.mark.usefixtures("standing")
    async def test_the_check_passes_when_all_is_well_and_touches_nothing(
        self, backstage: ServerBackstage
    ) -> None:
        before = backstage.stored()
        await backstage.check()

        assert backstage.stored() == before

    async def test_the_check_tells_a_refused_login(self, backstage: ServerBackstage) -> None:
        await backstage.refuse_login()

        with pytest.raises(CredentialError):
            await backstage.check()

    async def test_the_check_tells_a_missing_mailbox(self, backstage: ServerBackstage) -> None:
        backstage.remove_mailbox()

        with pytest.raises(PermanentError) as refused:
            await backstage.check()
        assert refused.value.reason is Reason.MAILBOX_NOT_FOUND

    # Listings are whole or an error.

    async def test_a_listing_whose_second_page_fails_is_an_error(
        self, calendar: Calendar, backstage: ServerBackstage
    ) -> None:
        for period in range(1, 9):
            await calendar.create(a_key(period), an_event())
        backstage.fail_second_page()

        with pytest.raises(TransientError):
            await calendar.owned_events()
        assert len(await calendar.owned_events()) == 8

    async def test_look_alikes_whose_second_page_fails_are_an_error(
        self, calendar: Calendar, backstage: ServerBackstage
    ) -> None:
        for _ in range(8):
            backstage.leaves(an_event())
        backstage.fail_second_page()

        with pytest.raises(TransientError):
            await calendar.look_alikes([an_event()])
        assert len(await calendar.look_alikes([an_event()])) == 8

    async def test_looking_for_nothing_asks_nobody(
        self, calendar: Calendar, backstage: ServerBackstage
    ) -> None:
        await calendar.owned_events()
        before = backstage.requests()

        assert list(await calendar.look_alikes([])) == []
        assert backstage.requests() == before

    @each_read
    @pytest.mark.parametrize(
        "order",
        [
            lambda backstage: backstage.cut_answer_short(),
            lambda backstage: backstage.answer_a_web_page(),
            lambda backstage: backstage.lose_answer(done=True),
            lambda backstage: backstage.lose_answer(done=False),
        ],
        ids=["cut short", "a web page", "lost", "never asked"],
    )
    async def test_a_listing_that_did_not_come_whole_is_an_error(
        self,
        calendar: Calendar,
        backstage: ServerBackstage,
        standing: Ref,
        name: str,
        order: Callable[[ServerBackstage], None],
    ) -> None:
        order(backstage)

        with pytest.raises(TransientError) as failed:
            await CALLS[name](calendar, standing)

        assert not isinstance(failed.value, OutcomeUnknownError)
        assert (await only_event(calendar)).ref == standing

    # Writes whose answer was lost.

    @each_write
    @pytest.mark.parametrize(
        "order",
        [
            lambda backstage: backstage.lose_answer(done=True),
            lambda backstage: backstage.lose_answer(done=False),
            lambda backstage: backstage.cut_answer_short(),
            lambda backstage: backstage.answer_a_web_page(),
        ],
        ids=["done", "not done", "cut short", "a web page"],
    )
    async def test_a_write_without_an_answer_has_an_unknown_outcome(
        self,
        calendar: Calendar,
        backstage: ServerBackstage,
        standing: Ref,
        name: str,
        order: Callable[[ServerBackstage], None],
    ) -> None:
        await calendar.owned_events()
        order(backstage)

        with pytest.raises(OutcomeUnknownError) as lost:
            await CALLS[name](calendar, standing)

        assert not lost.value.tenant_wide
        assert lost.value.retry_after
        assert lost.value.retry_after > timedelta(0)

    @done_or_not
    @pytest.mark.parametrize("fresh", [True, False], ids=["new calendar", "same calendar"])
    async def test_a_creation_repeated_after_a_lost_answer_leaves_one_event(
        self, calendar: Calendar, backstage: ServerBackstage, *, done: bool, fresh: bool
    ) -> None:
        await calendar.owned_events()
        backstage.lose_answer(done=done)
        with pytest.raises(OutcomeUnknownError):
            await calendar.create(a_key(), an_event())

        backstage.settle()
        again = backstage.calendar() if fresh else calendar
        ref = await again.create(a_key(), an_event())

        assert (await only_event(calendar)).ref == ref
        assert len(backstage.stored()) == 1

    @done_or_not
    async def test_a_creation_repeated_too_soon_is_not_sent(
        self, calendar: Calendar, backstage: ServerBackstage, *, done: bool
    ) -> None:
        if self.repeats_at_once:
            pytest.skip("this server makes repeats harmless at any time")
        await calendar.owned_events()
        backstage.lose_answer(done=done)
        with pytest.raises(OutcomeUnknownError) as first:
            await calendar.create(a_key(), an_event())
        stored, requests = backstage.stored(), backstage.requests()

        with pytest.raises(OutcomeUnknownError) as second:
            await backstage.calendar().create(a_key(), an_event())

        assert (backstage.stored(), backstage.requests()) == (stored, requests)
        assert first.value.retry_after
        assert second.value.retry_after
        assert timedelta(0) < second.value.retry_after <= first.value.retry_after

    @done_or_not
    async def test_a_lost_creation_keeps_no_other_event_waiting(
        self, calendar: Calendar, backstage: ServerBackstage, *, done: bool
    ) -> None:
        await calendar.owned_events()
        backstage.lose_answer(done=done)
        with pytest.raises(OutcomeUnknownError):
            await calendar.create(a_key(), an_event())
        await calendar.create(a_key(part=1), an_event())

        assert a_key(part=1) in {owned.key for owned in await calendar.owned_events()}

    async def test_an_update_that_was_done_unheard_is_a_conflict_when_repeated(
        self, calendar: Calendar, backstage: ServerBackstage, standing: Ref
    ) -> None:
        backstage.lose_answer(done=True)
        with pytest.raises(OutcomeUnknownError):
            await calendar.update(standing, a_key(), TOGETHER)

        if self.has_versions:
            with pytest.raises(ConflictError):
                await calendar.update(standing, a_key(), TOGETHER)
        assert (await only_event(calendar)).event == TOGETHER

    async def test_an_update_that_was_not_done_works_when_repeated(
        self, calendar: Calendar, backstage: ServerBackstage, standing: Ref
    ) -> None:
        backstage.lose_answer(done=False)
        with pytest.raises(OutcomeUnknownError):
            await calendar.update(standing, a_key(), TOGETHER)
        assert (await only_event(calendar)).event == an_event()

        await calendar.update(standing, a_key(), TOGETHER)
        assert (await only_event(calendar)).event == TOGETHER

    @done_or_not
    async def test_a_deletion_works_when_repeated(
        self, calendar: Calendar, backstage: ServerBackstage, standing: Ref, *, done: bool
    ) -> None:
        backstage.lose_answer(done=done)
        with pytest.raises(OutcomeUnknownError):
            await calendar.delete(standing)
        await calendar.delete(standing)

        assert list(backstage.stored()) == []

    # Discretion.

    @each_call
    @pytest.mark.parametrize(
        "order",
        [
            lambda backstage: backstage.throttle(timedelta(seconds=2)),
            lambda backstage: backstage.lose_answer(done=True),
            lambda backstage: backstage.cut_answer_short(),
            lambda backstage: backstage.answer_a_web_page(),
            lambda backstage: backstage.refuse_login(),
            lambda backstage: backstage.remove_mailbox(),
        ],
        ids=["throttled", "lost", "cut short", "a web page", "login", "mailbox"],
    )
    async def test_a_failure_tells_no_title_address_or_secret(
        self,
        calendar: Calendar,
        backstage: ServerBackstage,
        standing: Ref,
        name: str,
        order: Callable[[ServerBackstage], Awaitable[None] | None],
    ) -> None:
        await calendar.owned_events()
        ordered = order(backstage)
        if ordered is not None:
            await ordered

        with pytest.raises(SyncError) as failed:
            await CALLS[name](calendar, standing)

        told = telling(failed.value)
        for secret in (CANARY, "jane", "societe.com", "s3cret"):
            assert secret not in told.lower().replace("figgosync", "")
        assert failed.value.message
        assert failed.value.__context__ is None
