"""What every calendar must do, whoever provides it: the sentences of calendars/base.py as tests."""

from dataclasses import replace
from typing import ClassVar

import pytest

from contract.calendar_cases import (
    REFUSED,
    SHAPES,
    ZONES,
    Backstage,
    a_key,
    all_day,
    an_event,
    only_event,
    timed,
)
from contract.look_alike_contract import LookAlikeContract
from figgosync.calendars.base import Calendar
from figgosync.core.event import AllDay, Event, OwnedEvent
from figgosync.errors import ConflictError, PermanentError, Reason


class CalendarContract(LookAlikeContract):
    """Subclasses yield a `backstage`; what sets a provider apart are the class attributes."""

    has_versions: ClassVar[bool] = True  # whether the server can tell that an event changed

    @pytest.fixture
    def calendar(self, backstage: Backstage) -> Calendar:
        return backstage.calendar()

    # Listing.

    async def test_an_empty_calendar_has_nothing_of_ours(self, calendar: Calendar) -> None:
        assert list(await calendar.owned_events()) == []

    @pytest.mark.parametrize("shape", SHAPES)
    async def test_what_was_written_reads_back_equal(
        self, calendar: Calendar, backstage: Backstage, shape: str
    ) -> None:
        ref = await calendar.create(a_key(), SHAPES[shape])

        assert await only_event(backstage.calendar()) == OwnedEvent(a_key(), ref, SHAPES[shape])

    @pytest.mark.parametrize("zone", ZONES)
    @pytest.mark.parametrize(
        "when",
        [
            all_day("2026-12-24"),
            all_day("2027-03-12", "2027-04-05"),  # summer time begins, north; ends, south
            all_day("2026-09-25", "2026-11-03"),  # and the other way round
        ],
        ids=["one day", "spring", "autumn"],
    )
    async def test_whole_days_are_the_same_days_in_every_zone(
        self, backstage: Backstage, zone: str, when: AllDay
    ) -> None:
        await backstage.calendar(zone).create(a_key(), an_event(when=when))

        assert (await only_event(backstage.calendar(zone))).event.when == when

    async def test_many_events_are_listed_whole(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        backstage.adds("Dentist")
        keys = [a_key(period) for period in range(1, 33)]
        refs = [await calendar.create(key, an_event()) for key in keys]

        found = await backstage.calendar().owned_events()

        assert sorted((owned.key, owned.ref) for owned in found) == sorted(
            zip(keys, refs, strict=True)
        )

    async def test_keys_that_differ_in_anything_stand_side_by_side(
        self, calendar: Calendar
    ) -> None:
        keys = {a_key(), a_key(part=1), a_key(period=4), a_key(host="other.ilucca.net")}
        for key in keys:
            await calendar.create(key, an_event())

        assert {owned.key for owned in await calendar.owned_events()} == keys

    async def test_every_copy_that_the_owner_made_is_listed(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        await calendar.create(a_key(), an_event())
        backstage.copies("Absent")

        first, second = await calendar.owned_events()

        assert (first.key, first.event) == (second.key, second.event) == (a_key(), an_event())
        await calendar.delete(first.ref)
        assert await only_event(calendar) == second

    async def test_calendars_of_two_people_are_apart(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        await calendar.create(a_key(), an_event())

        assert list(await backstage.another_calendar().owned_events()) == []

    async def test_what_the_owner_put_there_is_never_listed_changed_or_deleted(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        backstage.adds("Absent")
        backstage.adds("Dentist")
        theirs = backstage.stored()

        ref = await calendar.create(a_key(), an_event())
        ref = await calendar.update(ref, a_key(), an_event(private=True))
        assert [owned.ref for owned in await calendar.owned_events()] == [ref]
        await calendar.delete(ref)

        assert backstage.stored() == theirs

    # Creating.

    async def test_the_event_carries_its_marker(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        await calendar.create(a_key(host="Acme.iLucca.net"), an_event())

        assert [stored.marker for stored in backstage.stored()] == [
            "v1/acme.ilucca.net/1207/90211/0"
        ]

    async def test_creating_twice_leaves_one_event(self, calendar: Calendar) -> None:
        await calendar.create(a_key(), an_event())
        ref = await calendar.create(a_key(), an_event())

        assert await only_event(calendar) == OwnedEvent(a_key(), ref, an_event())

    async def test_creating_what_an_earlier_run_created_leaves_one_event(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        await calendar.create(a_key(), an_event())
        ref = await backstage.calendar().create(a_key(), an_event())

        assert await only_event(calendar) == OwnedEvent(a_key(), ref, an_event())

    async def test_creating_again_with_other_content_shows_the_new_content(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        await calendar.create(a_key(), an_event())
        ref = await backstage.calendar().create(a_key(), an_event(private=True))

        assert await only_event(calendar) == OwnedEvent(a_key(), ref, an_event(private=True))

    async def test_an_event_that_the_owner_deleted_can_be_created_again(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        await calendar.create(a_key(), an_event())
        backstage.deletes("Absent")
        await calendar.create(a_key(), an_event())

        assert len(backstage.stored()) == 1

    async def test_an_event_that_was_deleted_can_be_created_again(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        await calendar.delete(await calendar.create(a_key(), an_event()))
        await calendar.create(a_key(), an_event())

        assert len(backstage.stored()) == 1

    @pytest.mark.parametrize("fault", REFUSED)
    async def test_what_cannot_be_shown_as_it_is_meant_is_refused(
        self, calendar: Calendar, backstage: Backstage, fault: str
    ) -> None:
        ref = await calendar.create(a_key(), an_event())
        before = backstage.stored()

        with pytest.raises(PermanentError) as creating:
            await calendar.create(a_key(part=1), REFUSED[fault])
        with pytest.raises(PermanentError) as updating:
            await calendar.update(ref, a_key(), REFUSED[fault])

        assert {creating.value.reason, updating.value.reason} == {Reason.EVENT_REFUSED}
        assert not creating.value.tenant_wide
        assert backstage.stored() == before

    # Updating.

    @pytest.mark.parametrize("shape", SHAPES)
    @pytest.mark.parametrize(
        "before",
        [
            an_event("Before", all_day("2026-11-30", "2026-12-01"), private=True),
            an_event("Before", timed("2026-11-30 08:00", "2026-11-30 11:30")),
        ],
        ids=["whole days", "a slot"],
    )
    async def test_an_update_replaces_all_that_shows(
        self, calendar: Calendar, backstage: Backstage, before: Event, shape: str
    ) -> None:
        ref = await calendar.create(a_key(), before)
        new_ref = await calendar.update(ref, a_key(), SHAPES[shape])

        assert await only_event(backstage.calendar()) == OwnedEvent(a_key(), new_ref, SHAPES[shape])

    async def test_an_update_keeps_the_event_s_identity(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        ref = await calendar.create(a_key(), an_event())
        (before,) = backstage.stored()
        await calendar.update(ref, a_key(), an_event("Changed"))

        assert backstage.stored() == [replace(before, title="Changed")]

    async def test_an_update_of_a_listed_event_and_one_after_that_work(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        await calendar.create(a_key(), an_event())
        ref = (await only_event(backstage.calendar())).ref
        ref = await backstage.calendar().update(ref, a_key(), an_event("Once"))
        await backstage.calendar().update(ref, a_key(), an_event("Twice"))

        assert (await only_event(calendar)).event == an_event("Twice")

    async def test_an_update_of_an_event_that_was_updated_since_is_a_conflict(
        self, calendar: Calendar
    ) -> None:
        if not self.has_versions:
            pytest.skip("this server has no versions")
        stale = await calendar.create(a_key(), an_event())
        await calendar.update(stale, a_key(), an_event("First"))

        with pytest.raises(ConflictError):
            await calendar.update(stale, a_key(), an_event("Second"))
        assert (await only_event(calendar)).event == an_event("First")

    async def test_an_update_of_an_event_that_the_owner_edited_is_a_conflict(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        if not self.has_versions:
            pytest.skip("this server has no versions")
        ref = await calendar.create(a_key(), an_event())
        backstage.renames("Absent", "At the sea")

        with pytest.raises(ConflictError):
            await calendar.update(ref, a_key(), an_event("Changed"))
        assert (await only_event(calendar)).event == an_event("At the sea")

    async def test_after_a_conflict_a_fresh_listing_lets_the_update_through(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        await calendar.create(a_key(), an_event())
        backstage.renames("Absent", "At the sea")
        await calendar.update((await only_event(calendar)).ref, a_key(), an_event())

        assert (await only_event(calendar)).event == an_event()

    async def test_an_update_of_an_event_that_is_gone_is_a_conflict_and_brings_nothing_back(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        ref = await calendar.create(a_key(), an_event())
        backstage.deletes("Absent")

        with pytest.raises(ConflictError):
            await calendar.update(ref, a_key(), an_event("Changed"))
        assert list(backstage.stored()) == []

    # Deleting.

    async def test_a_deleted_event_is_gone(self, calendar: Calendar, backstage: Backstage) -> None:
        await calendar.delete(await calendar.create(a_key(), an_event()))

        assert list(backstage.stored()) == []

    async def test_deleting_twice_is_harmless(self, calendar: Calendar) -> None:
        ref = await calendar.create(a_key(), an_event())
        await calendar.delete(ref)
        await calendar.delete(ref)

        assert list(await calendar.owned_events()) == []

    async def test_deleting_what_the_owner_deleted_is_harmless(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        ref = await calendar.create(a_key(), an_event())
        backstage.deletes("Absent")
        await calendar.delete(ref)

        assert list(backstage.stored()) == []

    async def test_an_event_is_deleted_whatever_changed_in_it(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        ref = await calendar.create(a_key(), an_event())
        await calendar.update(ref, a_key(), an_event("Changed"))
        backstage.renames("Changed", "At the sea")
        await calendar.delete(ref)

        assert list(backstage.stored()) == []

    # Discretion.

    async def test_nobody_is_notified_reminded_invited_or_told_more(
        self, calendar: Calendar, backstage: Backstage
    ) -> None:
        ref = await calendar.create(a_key(), an_event())
        (created,) = backstage.stored()
        ref = await calendar.update(
            ref, a_key(), an_event(when=timed("2026-12-24 08:00", "2026-12-24 11:30"))
        )
        (updated,) = backstage.stored()
        await calendar.delete(ref)

        for stored in (created, updated):
            assert (stored.reminder, stored.attendees, stored.body) == (False, 0, "")
        assert backstage.notifications() == 0
