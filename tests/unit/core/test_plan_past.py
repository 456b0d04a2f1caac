"""Plans and the past: at rest, unless it discloses too much or changed afterwards."""

from dataclasses import replace

import pytest

from builders import (
    PERIOD,
    all_day,
    an_event,
    an_owned_event,
    at,
    cancelled,
    event_rules,
    half_days,
    timed,
)
from figgosync.core.event import Availability, Ref
from figgosync.core.plan import Create, Evidence
from figgosync.core.tenant import FullDay
from planning import (
    ANOTHER_PERIOD,
    WHOLE_WEEK,
    a_situation,
    deleted,
    key,
    planned,
    updated,
)

PAST = {"created_at": at("2026-10-01 08:00"), "confirmed_at": at("2026-10-02 08:00")}
LAST_WEEK = half_days("2026-11-16 AM", "2026-11-20 PM", **PAST)
LAST_WHOLE_WEEK = an_event(all_day("2026-11-16", "2026-11-20"))
STOOD = an_owned_event(LAST_WHOLE_WEEK)


class TestThePast:
    def test_an_option_change_does_not_reach_it(self) -> None:
        rules = event_rules(full_day=FullDay.TIME_SLOT)
        yesterday = half_days("2026-11-23 AM", "2026-11-23 PM", **PAST)
        found = an_owned_event(an_event(all_day("2026-11-23")))
        assert planned(a_situation(yesterday, [found], rules)) == []

    def test_today_is_not_past(self) -> None:
        rules = event_rules(full_day=FullDay.TIME_SLOT)
        today = half_days("2026-11-24 AM", "2026-11-24 PM", **PAST)
        found = an_owned_event(an_event(all_day("2026-11-24")))
        slot = an_event(timed("2026-11-24 08:00", "2026-11-24 17:00"))
        assert planned(a_situation(today, [found], rules)) == [updated(found, slot)]

    def test_an_event_is_past_by_the_days_of_its_zone(self) -> None:
        title = event_rules(title="Away", show_absence_type=True)
        late_yesterday_in_paris = an_event(timed("2026-11-23 21:00", "2026-11-23 23:00"))
        early_today_in_paris = an_event(timed("2026-11-23 21:00", "2026-11-23 23:01"))
        rows = half_days("2026-11-23 PM", "2026-11-23 PM", **PAST)
        wanted = {PERIOD: (replace(late_yesterday_in_paris, title="Away"),)}
        for event, is_past in ((late_yesterday_in_paris, True), (early_today_in_paris, False)):
            found = an_owned_event(event)
            actions = planned(a_situation(rows, [found], title, wanted=wanted))
            assert (actions == []) is is_past

    @pytest.mark.parametrize(
        ("changed", "reaches"),
        [
            ("2026-11-24 08:00", True),
            ("2026-11-19 00:00", True),
            pytest.param("2026-11-18 22:59", False, id="the-18th-in-Paris"),
            pytest.param("2026-11-18 23:00", True, id="the-19th-in-Paris"),
        ],
    )
    def test_a_retroactive_change_repairs_it_in_full(self, changed: str, *, reaches: bool) -> None:
        rows = [*LAST_WEEK[:8], *cancelled(LAST_WEEK[8:], when=changed)]
        shorter = an_event(all_day("2026-11-16", "2026-11-19"))
        expected = [updated(STOOD, shorter)] if reaches else []
        assert planned(a_situation(rows, [STOOD])) == expected

    def test_a_late_approval_confirms_it(self) -> None:
        rows = half_days(
            "2026-11-16 AM", "2026-11-20 PM", **PAST | {"confirmed_at": at("2026-11-24 07:00")}
        )
        pending = an_owned_event(replace(LAST_WHOLE_WEEK, availability=Availability.TENTATIVE))
        assert planned(a_situation(rows, [pending])) == [updated(pending, LAST_WHOLE_WEEK)]

    def test_k03_hiding_titles_reaches_it_but_only_the_title(self) -> None:
        found = an_owned_event(
            an_event(timed("2026-11-16 07:00", "2026-11-20 15:00"), title="Maladie")
        )
        assert planned(a_situation(LAST_WEEK, [found])) == [
            updated(found, replace(found.event, title="Absent"))
        ]

    def test_k03_hiding_titles_reaches_even_what_is_older_than_the_read(self) -> None:
        found = an_owned_event(an_event(all_day("2024-03-04"), title="Maladie"))
        assert planned(a_situation([], [found])) == [
            updated(found, replace(found.event, title="Absent"))
        ]

    def test_making_events_private_reaches_it_and_making_them_public_does_not(self) -> None:
        private = an_owned_event(replace(LAST_WHOLE_WEEK, private=True))
        assert planned(a_situation(LAST_WEEK, [STOOD], event_rules(private=True))) == [
            updated(STOOD, private.event)
        ]
        assert planned(a_situation(LAST_WEEK, [private], event_rules(private=False))) == []

    def test_showing_types_does_not_reach_it(self) -> None:
        rows = [replace(row, account_name="Maladie") for row in LAST_WEEK]
        assert planned(a_situation(rows, [STOOD], event_rules(show_absence_type=True))) == []

    def test_an_event_dragged_into_the_past_comes_back(self) -> None:
        rows = half_days("2026-11-30 AM", "2026-12-04 PM", **PAST)
        dragged = an_owned_event(LAST_WHOLE_WEEK)
        assert planned(a_situation(rows, [dragged])) == [updated(dragged, WHOLE_WEEK)]

    def test_an_event_dragged_out_of_the_past_goes_back(self) -> None:
        dragged = an_owned_event(WHOLE_WEEK)
        assert planned(a_situation(LAST_WEEK, [dragged])) == [updated(dragged, LAST_WHOLE_WEEK)]

    def test_a_leave_that_was_cancelled_in_time_is_deleted_late(self) -> None:
        rows = cancelled(LAST_WEEK, when="2026-11-10 08:00")
        assert planned(a_situation(rows, [STOOD])) == [deleted(STOOD, Evidence.CANCELLED)]

    def test_a_replaced_leave_is_deleted(self) -> None:
        rows = [replace(row, period=ANOTHER_PERIOD) for row in LAST_WEEK]
        assert planned(a_situation(rows, [STOOD])) == [
            Create(key(period=ANOTHER_PERIOD), LAST_WHOLE_WEEK),
            deleted(STOOD, Evidence.REPLACED),
        ]

    def test_ignoring_remote_work_does_not_delete_it(self) -> None:
        rows = [replace(row, remote_work=True) for row in LAST_WEEK]
        assert planned(a_situation(rows, [STOOD], event_rules())) == []

    def test_a_leave_that_vanished_stays_but_tells_no_more_than_it_may(self) -> None:
        assert planned(a_situation([], [STOOD])) == []
        found = an_owned_event(replace(LAST_WHOLE_WEEK, title="Maladie"))
        assert planned(a_situation([], [found])) == [updated(found, LAST_WHOLE_WEEK)]

    def test_a_copy_is_deleted(self) -> None:
        copy = an_owned_event(LAST_WHOLE_WEEK, ref=Ref("zzz"))
        assert planned(a_situation(LAST_WEEK, [STOOD, copy])) == [deleted(copy, Evidence.DUPLICATE)]

    def test_a_surplus_part_is_deleted_when_its_half_days_were_cancelled(self) -> None:
        parts = [
            an_owned_event(an_event(all_day("2026-11-16", "2026-11-17")), part=0),
            an_owned_event(an_event(all_day("2026-11-19", "2026-11-20")), part=1),
        ]
        rows = [*LAST_WEEK[:4], *cancelled(LAST_WEEK[4:], when="2026-11-01 08:00")]
        assert planned(a_situation(rows, parts)) == [deleted(parts[1], Evidence.DUPLICATE)]

    def test_a_surplus_part_is_deleted_when_the_others_were_repaired_to_show_it(self) -> None:
        parts = [
            an_owned_event(an_event(all_day("2026-11-16", "2026-11-17")), part=0),
            an_owned_event(an_event(all_day("2026-11-19", "2026-11-20")), part=1),
        ]
        late = {"created_at": at("2026-11-23 08:00"), "leave_id": "again"}
        wednesday = half_days("2026-11-18 AM", "2026-11-18 PM", **late)
        rows = [*LAST_WEEK[:4], *wednesday, *LAST_WEEK[6:]]
        assert planned(a_situation(rows, parts)) == [
            updated(parts[0], LAST_WHOLE_WEEK),
            deleted(parts[1], Evidence.DUPLICATE),
        ]

    def test_a_surplus_part_stays_when_its_period_did_not_change_since(self) -> None:
        surplus = an_owned_event(an_event(all_day("2026-11-19", "2026-11-20")), part=1)
        assert planned(a_situation(LAST_WEEK, [STOOD, surplus])) == []

    def test_a_surplus_part_stays_when_a_late_change_left_the_others_too_small(self) -> None:
        parts = [
            an_owned_event(an_event(all_day("2026-11-19", "2026-11-20")), part=0),
            an_owned_event(an_event(all_day("2026-11-16", "2026-11-17")), part=1),
        ]
        rows = half_days(
            "2026-11-16 AM", "2026-11-20 PM", **PAST | {"confirmed_at": at("2026-11-17 08:00")}
        )
        assert planned(a_situation(rows, parts)) == []

    def test_a_surplus_part_stays_as_long_as_nothing_else_shows_its_half_days(self) -> None:
        parts = [
            an_owned_event(an_event(all_day("2026-11-16", "2026-11-17")), part=0),
            an_owned_event(an_event(all_day("2026-11-19", "2026-11-20")), part=1),
        ]
        assert planned(a_situation(LAST_WEEK, parts)) == []
