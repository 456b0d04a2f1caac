"""Wherever a course is broken off, the next one goes on with just those who are not settled."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from figgosync.core.absence import EmployeeID
from figgosync.sync.initialisation.course import ATTEMPTS, MOST_OPEN, Course
from syncing import NOW

LATER = NOW + timedelta(minutes=1)


def people(*numbers: int) -> list[EmployeeID]:
    return list(map(EmployeeID, numbers))


ANNE, BERT, CLEO = people(1, 2, 3)


def test_employees_are_taken_by_ascending_id() -> None:
    course = Course([CLEO, ANNE, BERT])
    assert course.coming(2) == [ANNE, BERT]
    course.begin(ANNE)
    assert course.coming(2) == [BERT, CLEO]
    assert (course.up_to, course.still_open) == (ANNE, {ANNE})


def test_whoever_is_settled_before_an_earlier_one_is_not_done_again() -> None:
    course = Course([ANNE, BERT, CLEO])
    course.begin(ANNE)
    course.begin(BERT)
    course.settle(BERT)
    again = Course([ANNE, BERT, CLEO], (course.up_to, course.still_open))
    assert again.coming(9) == [ANNE, CLEO]
    assert again.left == 2


def test_somebody_put_aside_is_due_later_and_keeps_the_course_open() -> None:
    course = Course([ANNE])
    course.begin(ANNE)
    assert course.put_aside(ANNE, LATER, counts=True)
    assert course.waiting(NOW) == []
    assert not course.is_over
    assert course.aside_until() == LATER
    assert course.still_open == {ANNE}
    assert course.waiting(LATER) == [ANNE]
    course.begin(ANNE)
    course.settle(ANNE)
    assert course.is_over


def test_somebody_is_given_up_after_some_attempts_that_count() -> None:
    course = Course([ANNE])
    tries = []
    for _ in range(ATTEMPTS):
        course.begin(ANNE)
        tries.append(course.put_aside(ANNE, NOW, counts=True))
    assert tries == [True] * (ATTEMPTS - 1) + [False]
    course.settle(ANNE)
    assert course.is_over


def test_what_is_nobodys_own_fault_is_tried_for_ever() -> None:
    course = Course([ANNE])
    for _ in range(3 * ATTEMPTS):
        course.begin(ANNE)
        assert course.put_aside(ANNE, NOW, counts=False)


def test_not_too_many_are_open_at_once() -> None:
    course = Course(people(*range(1, MOST_OPEN + 2)))
    for number in range(1, MOST_OPEN + 1):
        assert not course.is_full
        course.begin(EmployeeID(number))
        course.put_aside(EmployeeID(number), LATER, counts=True)
    assert course.is_full
    course.begin(ANNE)
    course.settle(ANNE)
    assert not course.is_full


def test_nobody_is_begun_with_out_of_turn() -> None:
    with pytest.raises(AssertionError):
        Course([ANNE, BERT]).begin(BERT)


def test_those_who_left_are_not_waited_for_and_those_who_came_later_are_taken() -> None:
    course = Course([ANNE, BERT])
    course.begin(ANNE)
    course.begin(BERT)
    course.settle(BERT)
    kept = (course.up_to, course.still_open)
    assert Course([BERT, CLEO], kept).coming(9) == [CLEO]


@settings(max_examples=200, deadline=None)
@given(
    employees=st.sets(st.integers(1, 30), max_size=20),
    steps=st.lists(st.sampled_from(["begin", "settle", "aside", "again", "restart"]), max_size=80),
    data=st.data(),
)
def test_everybody_is_settled_in_the_end_and_nobody_settled_is_taken_again(
    employees: set[int], steps: list[str], data: st.DataObject
) -> None:
    everybody = people(*employees)
    course, settled, under_way = Course(everybody), set[EmployeeID](), set[EmployeeID]()
    for step in steps:
        match step:
            case "begin" if course.coming(1):
                (employee,) = course.coming(1)
                course.begin(employee)
                under_way.add(employee)
            case "again" if course.waiting(NOW):
                employee = course.waiting(NOW)[0]
                course.begin(employee)
                under_way.add(employee)
            case "settle" | "aside" if under_way:
                employee = data.draw(st.sampled_from(sorted(under_way)))
                under_way.discard(employee)
                if step == "settle":
                    course.settle(employee)
                    settled.add(employee)
                else:
                    course.put_aside(employee, NOW, counts=False)
            case "restart":
                course, under_way = Course(everybody, (course.up_to, course.still_open)), set()
        assert course.left == len(everybody) - len(settled)
    while not course.is_over:
        for employee in [*course.waiting(NOW)[:1], *course.coming(1)][:1]:
            course.begin(employee)
            under_way.add(employee)
        for employee in list(under_way):
            assert employee not in settled, "once is enough"
            course.settle(employee)
            settled.add(employee)
        under_way.clear()
    assert settled == set(everybody)
