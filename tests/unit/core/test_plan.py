"""Plans, case by case: what changes in a calendar when something changes in Figgo."""

from dataclasses import replace

import pytest

from builders import (
    HOST,
    OWNER,
    PERIOD,
    SICKNESS,
    a_half_day,
    a_reading,
    all_day,
    an_event,
    an_owned_event,
    at,
    cancelled,
    event_rules,
    half_days,
    timed,
)
from figgosync.core.absence import EmployeeID, HalfDay, PeriodID
from figgosync.core.event import AllDay, Availability, EventKey, OwnedEvent, Ref, Timed
from figgosync.core.plan import Create, Delete, Evidence, Update
from figgosync.core.tenant import RemoteWork
from planning import (
    ANOTHER_PERIOD,
    FROM_THURSDAY,
    NOTHING_CREATABLE,
    STANDING,
    UNTIL_TUESDAY,
    WEEK,
    WHOLE_WEEK,
    WITHOUT_WEDNESDAY,
    a_situation,
    deleted,
    key,
    planned,
    updated,
)


class TestAnAbsenceAppears:
    def test_a_new_leave_is_created_as_part_zero(self) -> None:
        assert planned(a_situation(WEEK)) == [Create(key(0), WHOLE_WEEK)]

    def test_a_leave_that_may_not_be_created_is_not(self) -> None:
        assert planned(a_situation(WEEK, creatable=NOTHING_CREATABLE)) == []

    def test_l1_what_stands_as_it_should_is_not_written(self) -> None:
        assert planned(a_situation(WEEK, [STANDING])) == []

    def test_l1_what_stands_is_kept_though_it_may_not_be_created(self) -> None:
        assert planned(a_situation(WEEK, [STANDING], creatable=NOTHING_CREATABLE)) == []

    def test_d01_approval_updates_the_same_event(self) -> None:
        pending = an_owned_event(replace(WHOLE_WEEK, availability=Availability.TENTATIVE))
        assert planned(a_situation(WEEK, [pending])) == [updated(pending, WHOLE_WEEK)]

    def test_d08_a_retroactive_sick_leave_is_created_in_the_past(self) -> None:
        rows = half_days("2026-11-02 AM", "2026-11-03 PM", account=SICKNESS)
        assert planned(a_situation(rows)) == [
            Create(key(), an_event(all_day("2026-11-02", "2026-11-03")))
        ]

    def test_e06_overlapping_leaves_of_two_periods_both_stand(self) -> None:
        rows = [*WEEK, *half_days("2026-11-30 AM", "2026-11-30 PM", period=ANOTHER_PERIOD)]
        assert planned(a_situation(rows)) == [
            Create(key(), WHOLE_WEEK),
            Create(key(period=ANOTHER_PERIOD), an_event(all_day("2026-11-30"))),
        ]

    def test_e08_duplicate_rows_make_one_event(self) -> None:
        assert planned(a_situation([*WEEK, *WEEK])) == [Create(key(), WHOLE_WEEK)]


class TestAnAbsenceChanges:
    def test_e01_a_given_back_wednesday_costs_one_update_and_one_create(self) -> None:
        assert planned(a_situation(WITHOUT_WEDNESDAY, [STANDING])) == [
            updated(STANDING, UNTIL_TUESDAY),
            Create(key(1), FROM_THURSDAY),
        ]

    def test_e01_a_period_that_stands_needs_no_leave_for_its_second_part(self) -> None:
        situation = a_situation(WITHOUT_WEDNESDAY, [STANDING], creatable=NOTHING_CREATABLE)
        assert Create(key(1), FROM_THURSDAY) in planned(situation)

    def test_e03_a_wednesday_booked_again_costs_one_update_and_one_deletion(self) -> None:
        parts = [an_owned_event(UNTIL_TUESDAY, part=0), an_owned_event(FROM_THURSDAY, part=1)]
        assert planned(a_situation(WEEK, parts)) == [
            updated(parts[0], WHOLE_WEEK),
            deleted(parts[1], Evidence.DUPLICATE),
        ]

    @pytest.mark.parametrize(
        ("rows", "when"),
        [
            pytest.param(
                (*cancelled(WEEK[:2]), *WEEK[2:]),
                all_day("2026-12-01", "2026-12-04"),
                id="first-day-cancelled",
            ),
            pytest.param(
                half_days("2026-11-30 AM", "2026-12-06 PM"),
                all_day("2026-11-30", "2026-12-06"),
                id="extended",
            ),
            pytest.param(
                (*cancelled(WEEK[:1]), *WEEK[1:]),
                timed("2026-11-30 13:00", "2026-12-04 17:00"),
                id="first-morning-cancelled",
            ),
            pytest.param(
                half_days("2026-12-30 AM", "2026-12-31 PM"),
                all_day("2026-12-30", "2026-12-31"),
                id="E04-moved-by-a-month",
            ),
            pytest.param(
                half_days("2027-11-30 AM", "2027-12-04 PM"),
                all_day("2027-11-30", "2027-12-04"),
                id="L6-moved-by-a-year",
            ),
        ],
    )
    def test_e02_a_moved_edge_updates_the_event_in_place(
        self, rows: tuple[HalfDay, ...], when: AllDay | Timed
    ) -> None:
        assert planned(a_situation(rows, [STANDING])) == [
            updated(STANDING, replace(WHOLE_WEEK, when=when))
        ]

    def test_e05_another_type_leaves_a_hidden_event_as_it_is(self) -> None:
        again = {"account": SICKNESS, "created_at": at("2026-11-23 08:00")}
        rows = half_days("2026-11-30 AM", "2026-12-04 PM", **again)
        assert planned(a_situation([*cancelled(WEEK), *rows], [STANDING])) == []

    def test_e05_another_type_leaves_nothing_of_the_old_title(self) -> None:
        rules = event_rules(show_absence_type=True)
        rows = half_days("2026-11-30 AM", "2026-12-04 PM", account_name="Maladie")
        vacation = an_owned_event(replace(WHOLE_WEEK, title="Congés"))
        assert planned(a_situation(rows, [vacation], rules)) == [
            updated(vacation, replace(WHOLE_WEEK, title="Maladie"))
        ]

    def test_l6_a_leave_moved_from_long_ago_into_the_present_is_updated(self) -> None:
        old = an_owned_event(an_event(all_day("2026-03-02", "2026-03-06")))
        assert planned(a_situation(WEEK, [old])) == [updated(old, WHOLE_WEEK)]

    def test_l9_an_event_that_its_owner_dragged_or_renamed_is_put_right(self) -> None:
        for drifted in (
            replace(WHOLE_WEEK, when=all_day("2026-11-02", "2026-11-06")),
            replace(WHOLE_WEEK, when=timed("2026-12-01 09:00", "2026-12-01 09:00")),
            replace(WHOLE_WEEK, title="Ski!"),
            replace(WHOLE_WEEK, availability=Availability.WORKING_ELSEWHERE),
        ):
            found = an_owned_event(drifted)
            assert planned(a_situation(WEEK, [found])) == [updated(found, WHOLE_WEEK)]

    def test_each_wanted_event_takes_the_found_one_that_shares_the_most_days(self) -> None:
        first = an_owned_event(an_event(all_day("2026-12-03", "2026-12-06")), part=0)
        second = an_owned_event(an_event(all_day("2026-11-28", "2026-12-01")), part=1)
        assert planned(a_situation(WITHOUT_WEDNESDAY, [first, second])) == [
            updated(first, FROM_THURSDAY),
            updated(second, UNTIL_TUESDAY),
        ]

    def test_two_halves_of_a_day_are_not_swapped(self) -> None:
        morning = a_half_day("2026-12-24 AM", confirmed=True)
        afternoon = a_half_day("2026-12-24 PM", confirmed=False)
        tentative = Availability.TENTATIVE
        found = [
            an_owned_event(an_event(timed("2026-12-24 13:00", "2026-12-24 17:00")), part=0),
            an_owned_event(
                an_event(timed("2026-12-24 08:00", "2026-12-24 11:30"), availability=tentative),
                part=1,
            ),
        ]
        assert planned(a_situation([morning, afternoon], found)) == [
            updated(found[0], replace(found[0].event, availability=tentative)),
            updated(found[1], replace(found[1].event, availability=Availability.OUT_OF_OFFICE)),
        ]

    def test_a_new_part_takes_the_smallest_number_that_is_free(self) -> None:
        standing = [
            an_owned_event(UNTIL_TUESDAY, part=0),
            an_owned_event(FROM_THURSDAY, part=2),
        ]
        rows = [
            *WITHOUT_WEDNESDAY,
            *half_days("2026-12-07 AM", "2026-12-07 PM", confirmed=False),
            *half_days("2026-12-08 AM", "2026-12-08 PM"),
        ]
        tentative = an_event(all_day("2026-12-07"), availability=Availability.TENTATIVE)
        assert planned(a_situation(rows, standing)) == [
            Create(key(1), tentative),
            Create(key(3), an_event(all_day("2026-12-08"))),
        ]


class TestAnAbsenceGoes:
    def test_d02_l4_a_cancelled_leave_is_deleted_because_it_was_cancelled(self) -> None:
        assert planned(a_situation(cancelled(WEEK), [STANDING])) == [
            deleted(STANDING, Evidence.CANCELLED)
        ]

    def test_f01_a_period_that_vanished_is_deleted_without_explanation(self) -> None:
        assert planned(a_situation([], [STANDING])) == [deleted(STANDING, Evidence.UNEXPLAINED)]

    def test_a_period_whose_half_days_another_one_has_now_was_replaced(self) -> None:
        rows = half_days("2026-11-30 AM", "2026-12-04 PM", period=ANOTHER_PERIOD)
        assert planned(a_situation(rows, [STANDING])) == [
            Create(key(period=ANOTHER_PERIOD), WHOLE_WEEK),
            deleted(STANDING, Evidence.REPLACED),
        ]

    def test_a_period_is_not_replaced_by_one_that_leaves_out_a_half_day(self) -> None:
        rows = half_days("2026-11-30 PM", "2026-12-04 PM", period=ANOTHER_PERIOD)
        assert deleted(STANDING, Evidence.UNEXPLAINED) in planned(a_situation(rows, [STANDING]))

    def test_a_period_is_not_replaced_by_cancelled_rows(self) -> None:
        rows = cancelled(half_days("2026-11-30 AM", "2026-12-04 PM", period=ANOTHER_PERIOD))
        assert planned(a_situation(rows, [STANDING])) == [deleted(STANDING, Evidence.UNEXPLAINED)]

    def test_remote_work_that_is_ignored_now_is_unwanted(self) -> None:
        rows = half_days("2026-11-30 AM", "2026-12-04 PM", remote_work=True)
        rules = event_rules(remote_work=RemoteWork.IGNORE)
        assert planned(a_situation(rows, [STANDING], rules)) == [
            deleted(STANDING, Evidence.UNWANTED)
        ]

    def test_a_cancelled_part_of_a_period_of_ignored_remote_work_was_cancelled(self) -> None:
        rows = [
            *half_days("2026-12-09 AM", "2026-12-09 PM", remote_work=True),
            *cancelled(WEEK),
        ]
        rules = event_rules(remote_work=RemoteWork.IGNORE)
        assert planned(a_situation(rows, [STANDING], rules)) == [
            deleted(STANDING, Evidence.CANCELLED)
        ]

    def test_deletions_come_after_everything_else(self) -> None:
        gone = an_owned_event(an_event(all_day("2026-12-20")), period=PeriodID(1))
        stale = an_owned_event(replace(WHOLE_WEEK, title="Ski!"))
        rows = [*WEEK, *half_days("2026-12-24 AM", "2026-12-24 PM", period=ANOTHER_PERIOD)]
        kinds = [type(action) for action in planned(a_situation(rows, [gone, stale]))]
        assert kinds == [Update, Create, Delete]


class TestCopies:
    def test_l2_of_two_events_with_one_key_the_right_one_stays(self) -> None:
        wrong = an_owned_event(an_event(all_day("2026-12-20")), ref=Ref("a"))
        right = an_owned_event(WHOLE_WEEK, ref=Ref("b"))
        for found in ([wrong, right], [right, wrong]):
            assert planned(a_situation(WEEK, found)) == [deleted(wrong, Evidence.DUPLICATE)]

    def test_l2_of_two_right_ones_the_first_by_ref_stays(self) -> None:
        first, second = (an_owned_event(WHOLE_WEEK, ref=Ref(ref)) for ref in "ab")
        assert planned(a_situation(WEEK, [second, first])) == [deleted(second, Evidence.DUPLICATE)]

    def test_l2_of_two_wrong_ones_the_first_by_ref_is_put_right(self) -> None:
        first, second = (
            an_owned_event(replace(WHOLE_WEEK, title=title), ref=Ref(title)) for title in "ab"
        )
        assert planned(a_situation(WEEK, [second, first])) == [
            updated(first, WHOLE_WEEK),
            deleted(second, Evidence.DUPLICATE),
        ]

    def test_l3_a_copy_into_the_future_never_costs_an_original_that_is_history(self) -> None:
        original = an_owned_event(an_event(all_day("2026-03-02")), ref=Ref("b"))
        copy = an_owned_event(an_event(all_day("2026-12-20")), ref=Ref("a"))
        assert planned(a_situation([], [copy, original])) == [deleted(copy, Evidence.DUPLICATE)]

    def test_l3_copies_in_history_are_left_alone(self) -> None:
        copies = [
            an_owned_event(an_event(all_day("2026-03-02")), ref=Ref("a")),
            an_owned_event(an_event(all_day("2026-03-09")), ref=Ref("b")),
        ]
        assert planned(a_situation([], copies)) == []

    def test_l3_a_copy_does_not_hide_that_the_leave_was_cancelled(self) -> None:
        original = an_owned_event(WHOLE_WEEK, ref=Ref("a"))
        copy = an_owned_event(an_event(all_day("2026-12-20")), ref=Ref("b"))
        assert planned(a_situation(cancelled(WEEK), [original, copy])) == [
            deleted(original, Evidence.CANCELLED),
            deleted(copy, Evidence.DUPLICATE),
        ]


class TestWhatIsNotOurs:
    @pytest.mark.parametrize(
        "foreign",
        [
            an_owned_event(WHOLE_WEEK, host="other.ilucca.net"),
            an_owned_event(WHOLE_WEEK, employee=EmployeeID(OWNER + 1)),
        ],
        ids=["F15-another-employee's", "another-figgo's"],
    )
    def test_an_event_of_somebody_else_is_left_alone_and_changes_nothing(
        self, foreign: OwnedEvent
    ) -> None:
        assert planned(a_situation([], [foreign])) == []
        assert planned(a_situation(WEEK, [foreign])) == [Create(key(0), WHOLE_WEEK)]

    def test_l6_an_event_from_before_the_read_is_history_and_stays(self) -> None:
        last_before = an_owned_event(an_event(all_day("2026-10-20", "2026-10-24")))
        assert planned(a_situation([], [last_before])) == []

    def test_l6_an_event_that_reaches_into_the_read_is_no_history(self) -> None:
        running = an_owned_event(an_event(all_day("2026-10-24", "2026-12-24")))
        assert planned(a_situation([], [running])) == [deleted(running, Evidence.UNEXPLAINED)]

    def test_l6_a_known_period_is_no_history_however_old_its_event(self) -> None:
        old = an_owned_event(an_event(all_day("2026-03-02")))
        rows = cancelled(half_days("2026-03-02 AM", "2026-03-02 PM"))
        assert planned(a_situation(rows, [old])) == [deleted(old, Evidence.CANCELLED)]


class TestOptions:
    def test_an_option_change_reaches_what_ends_today_or_later(self) -> None:
        rules = event_rules(private=True, title="Away")
        assert planned(a_situation(WEEK, [STANDING], rules)) == [
            updated(STANDING, replace(WHOLE_WEEK, private=True, title="Away"))
        ]

    def test_showing_less_and_then_more_follows_in_both_directions(self) -> None:
        rows = [replace(row, account_name="Maladie") for row in WEEK]
        shown = an_owned_event(replace(WHOLE_WEEK, title="Maladie"))
        assert planned(a_situation(rows, [shown], event_rules())) == [updated(shown, WHOLE_WEEK)]
        assert planned(a_situation(rows, [STANDING], event_rules(show_absence_type=True))) == [
            updated(STANDING, shown.event)
        ]


def test_f01_a_leave_given_to_another_employee_leaves_the_first_and_comes_to_the_second() -> None:
    colleague = EmployeeID(OWNER + 1)
    theirs = tuple(replace(row, owner=colleague) for row in WEEK)
    assert planned(a_situation([], [STANDING])) == [deleted(STANDING, Evidence.UNEXPLAINED)]
    situation = a_situation(theirs)
    situation = replace(situation, reading=a_reading(theirs, owner=colleague))
    assert planned(situation) == [Create(EventKey(HOST, colleague, PERIOD, 0), WHOLE_WEEK)]
