"""What every calendar must do about events that another program left in it."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from contract.calendar_cases import (
    SHAPES,
    ZONES,
    Backstage,
    a_key,
    all_day,
    an_event,
    only_event,
    timed,
)
from figgosync.calendars.base import Calendar
from figgosync.core.event import BY_HAND, AllDay, Availability, Event, OwnedEvent, Stranger
from figgosync.errors import ConflictError

MORNING = an_event(when=timed("2026-12-24 08:00", "2026-12-24 11:30"))

NEARLY = {
    "another title": an_event("Abwesend"),
    "another case": an_event("ABSENT"),
    "an accent": an_event("Absént"),
    "more in the title": an_event("Absent (pending)"),
    "a day later": an_event(when=all_day("2026-12-25")),
    "a day more": an_event(when=all_day("2026-12-24", "2026-12-25")),
    "a day before": an_event(when=all_day("2026-12-23", "2026-12-24")),
    "hours of that day": MORNING,
    "a day's length from midnight": an_event(when=timed("2026-12-23 23:00", "2026-12-24 23:00")),
}

NEARLY_THE_MORNING = {
    "whole day": an_event(),
    "a minute less": an_event(when=timed("2026-12-24 08:00", "2026-12-24 11:29")),
    "an hour later": an_event(when=timed("2026-12-24 09:00", "2026-12-24 12:30")),
    "the day after": an_event(when=timed("2026-12-25 08:00", "2026-12-25 11:30")),
}


async def only_look_alike(calendar: Calendar, *events: Event) -> Stranger:
    (found,) = await calendar.look_alikes(events or (an_event(),))
    return found


class LookAlikeContract:
    """A part of the calendar contract."""

    has_versions: ClassVar[bool]

    # Finding.

    @pytest.mark.parametrize("shape", SHAPES)
    async def test_what_another_program_left_is_found_by_title_and_time(
        self, calendar: Calendar, backstage: Backstage, shape: str
    ) -> None:
        backstage.leaves(SHAPES[shape])

        found = await only_look_alike(calendar, an_event("Other"), SHAPES[shape])

        assert (found.event.title, found.event.when) == (SHAPES[shape].title, SHAPES[shape].when)

    @pytest.mark.parametrize("near", NEARLY)
    async def test_neither_the_title_nor_the_days_alone_make_a_look_alike(
        self, calendar: Calendar, backstage: Backstage, near: str
    ) -> None:
        backstage.leaves(NEARLY[near])

        assert list(await calendar.look_alikes([an_event()])) == []
        assert (await only_look_alike(calendar, NEARLY[near])).event.title == NEARLY[near].title

    @pytest.mark.parametrize("near", NEARLY_THE_MORNING)
    async def test_hours_must_agree_to_the_minute(
        self, calendar: Calendar, backstage: Backstage, near: str
    ) -> None:
        backstage.leaves(NEARLY_THE_MORNING[near])

        assert list(await calendar.look_alikes([MORNING])) == []

    async def test_a_title_counts_only_at_the_time_with_which_it_is_asked_for(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        first, second = an_event("One"), an_event("Two", all_day("2026-12-28"))
        backstage.leaves(an_event("One", second.when))
        backstage.leaves(an_event("Two", first.when))

        assert list(await calendar.look_alikes([first, second])) == []

    async def test_whatever_else_it_shows_a_look_alike_is_found(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        backstage.enters(an_event())

        asked = an_event(availability=Availability.WORKING_ELSEWHERE, private=True)
        assert await only_look_alike(calendar, asked) == await only_look_alike(calendar)

    @pytest.mark.parametrize("zone", ZONES)
    @pytest.mark.parametrize("when", [all_day("2026-12-24"), all_day("2027-03-12", "2027-04-05")])
    async def test_whole_days_are_found_in_every_zone(
        self, backstage: Backstage, zone: str, when: AllDay
    ) -> None:
        backstage.lives_in(zone)
        backstage.leaves(an_event(when=when))

        found = await only_look_alike(backstage.calendar(zone), an_event(when=when))

        assert found.event.when == when

    async def test_all_look_alikes_are_found_and_nothing_else(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        backstage.adds("Dentist")
        asked = [an_event(when=all_day(f"2026-12-{day:02}")) for day in range(1, 24)]
        for event in (*asked, *asked[:3]):
            backstage.leaves(event)
        backstage.leaves(an_event(when=all_day("2026-12-30")))

        found = await calendar.look_alikes([*asked, MORNING])

        assert len({each.ref for each in found}) == len(found) == 26
        assert {each.event.when for each in found} == {event.when for event in asked}

    async def test_nothing_is_like_nothing(self, calendar: Calendar, backstage: Backstage) -> None:
        backstage.leaves(an_event())

        assert list(await calendar.look_alikes([])) == []

    @pytest.mark.parametrize(
        "event", [an_event("x" * 256), an_event(when=all_day("2026-12-24", "2026-12-23"))]
    )
    async def test_what_no_calendar_can_hold_has_no_look_alike(
        self, calendar: Calendar, backstage: Backstage, event: Event
    ) -> None:
        backstage.leaves(an_event())

        assert list(await calendar.look_alikes([event])) == []
        assert await only_look_alike(calendar, event, an_event())

    # What is none.

    async def test_our_own_event_and_its_copy_are_no_strangers(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        await calendar.create(a_key(), an_event())
        backstage.copies("Absent")

        assert list(await calendar.look_alikes([an_event()])) == []

    @pytest.mark.parametrize("event", [an_event(), MORNING], ids=["whole day", "hours"])
    async def test_a_meeting_or_a_series_is_never_a_look_alike(
        self, calendar: Calendar, backstage: Backstage, event: Event
    ) -> None:
        backstage.invites(event)
        backstage.repeats(event)

        assert list(await calendar.look_alikes([event])) == []

    async def test_what_stands_in_another_mailbox_is_not_found(self, backstage: Backstage) -> None:
        backstage.leaves(an_event())

        assert list(await backstage.another_calendar().look_alikes([an_event()])) == []

    async def test_looking_changes_nothing(self, calendar: Calendar, backstage: Backstage) -> None:
        backstage.leaves(an_event())
        before = backstage.stored()
        first = await only_look_alike(calendar)

        assert await only_look_alike(calendar) == first
        assert backstage.stored() == before
        assert list(await calendar.owned_events()) == []

    # How it was made.

    async def test_one_program_leaves_one_fingerprint_whatever_it_writes(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        events = [an_event(), an_event("Congés"), MORNING, an_event(when=all_day("2027-02-01"))]
        for event in events:
            backstage.leaves(event)

        found = await calendar.look_alikes(events)

        assert len(found) == 4
        (fingerprint,) = {each.fingerprint for each in found}
        assert len(fingerprint) == 32
        assert fingerprint != BY_HAND

    async def test_two_programs_leave_two_fingerprints(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        backstage.leaves(an_event())
        backstage.leaves(an_event(), program="A third one")

        assert len({each.fingerprint for each in await calendar.look_alikes([an_event()])}) == 2

    @pytest.mark.parametrize("event", [an_event(), MORNING], ids=["whole day", "hours"])
    async def test_a_person_s_own_work_is_told_as_such(
        self, calendar: Calendar, backstage: Backstage, event: Event
    ) -> None:
        backstage.enters(event)

        assert (await only_look_alike(calendar, event)).fingerprint == BY_HAND

    async def test_when_it_was_made_is_told(self, calendar: Calendar, backstage: Backstage) -> None:
        backstage.leaves(an_event(), days_ago=3)

        age = datetime.now(UTC) - (await only_look_alike(calendar)).created_at
        assert timedelta(days=3) <= age < timedelta(days=3, minutes=5)

    # Taking over.

    @pytest.mark.parametrize(
        "event",
        [an_event(private=True), an_event("Other", timed("2026-12-28 08:00", "2026-12-28 09:00"))],
        ids=["nearly as it was", "all changed"],
    )
    async def test_an_update_makes_a_stranger_ours_and_keeps_its_identity(
        self, calendar: Calendar, backstage: Backstage, event: Event
    ) -> None:
        backstage.leaves(an_event())
        (before,) = backstage.stored()
        stranger = await only_look_alike(calendar)

        ref = await calendar.update(stranger.ref, a_key(), event)

        (after,) = backstage.stored()
        assert (after.identity, after.marker) == (before.identity, a_key().marker())
        assert await only_event(backstage.calendar()) == OwnedEvent(a_key(), ref, event)
        assert list(await calendar.look_alikes([an_event(), event])) == []
        assert backstage.notifications() == 0

    @pytest.mark.parametrize("anew", [True, False], ids=["new calendar", "same calendar"])
    async def test_creating_what_was_adopted_leaves_one_event(
        self, calendar: Calendar, backstage: Backstage, *, anew: bool
    ) -> None:
        await calendar.owned_events()
        backstage.leaves(an_event())
        stranger = await only_look_alike(calendar)
        await calendar.update(stranger.ref, a_key(), an_event())

        again = backstage.calendar() if anew else calendar
        await again.create(a_key(), an_event())

        assert len(backstage.stored()) == 1

    async def test_what_was_adopted_is_updated_and_deleted_like_ours(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        backstage.leaves(an_event())
        stranger = await only_look_alike(calendar)
        ref = await calendar.update(stranger.ref, a_key(), an_event())
        ref = await calendar.update(ref, a_key(), an_event("Changed"))
        assert (await only_event(calendar)).event == an_event("Changed")

        await calendar.delete(ref)

        assert list(backstage.stored()) == []

    async def test_of_two_look_alikes_one_is_adopted_and_the_other_stays(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        backstage.leaves(an_event())
        backstage.leaves(an_event())
        first, second = await calendar.look_alikes([an_event()])

        await calendar.update(first.ref, a_key(), an_event())

        assert await only_look_alike(calendar) == second
        assert len(backstage.stored()) == 2

    async def test_a_stranger_that_changed_since_is_a_conflict_and_stays_a_stranger(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        if not self.has_versions:
            pytest.skip("this server has no versions")
        backstage.leaves(an_event())
        stranger = await only_look_alike(calendar)
        backstage.renames("Absent", "At the sea")

        with pytest.raises(ConflictError):
            await calendar.update(stranger.ref, a_key(), an_event())

        (stored,) = backstage.stored()
        assert (stored.title, stored.marker) == ("At the sea", None)

    async def test_a_stranger_that_went_is_a_conflict_and_does_not_come_back(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        backstage.leaves(an_event())
        stranger = await only_look_alike(calendar)
        backstage.deletes("Absent")

        with pytest.raises(ConflictError):
            await calendar.update(stranger.ref, a_key(), an_event())

        assert list(backstage.stored()) == []
