"""The line is what looking at everybody would tell, and looks at few."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from figgosync.core.absence import EmployeeID
from figgosync.sync.line import WaitingLine
from syncing import NOW

ANNE, BERT, CARL = EmployeeID(1), EmployeeID(2), EmployeeID(3)
SECOND = timedelta(seconds=1)

_moves = st.lists(
    st.tuples(st.integers(1, 6), st.none() | st.integers(-5, 5)), min_size=1, max_size=60
)


@given(moves=_moves, limit=st.integers(0, 8))
def test_it_tells_what_a_look_at_everybody_tells(
    moves: list[tuple[int, int | None]], limit: int
) -> None:
    line, model = WaitingLine(), dict[EmployeeID, int]()
    for number, seconds in moves:
        employee = EmployeeID(number)
        line.place(employee, None if seconds is None else NOW + seconds * SECOND)
        model.pop(employee, None)
        if seconds is not None:
            model[employee] = seconds
    assert line.first() == (NOW + min(model.values()) * SECOND if model else None)
    ready = {who for who, seconds in model.items() if seconds <= 0}
    for _ in range(2):  # a look changes nothing
        assert line.count_ready(NOW) == len(ready)
        told = line.ready(NOW, limit)
        assert len(told) == len(set(told)) == min(limit, len(ready))
        assert set(told) <= ready
        assert [model[who] for who in told] == sorted(model[who] for who in ready)[:limit]


def test_of_two_who_are_due_at_once_the_one_goes_first_who_came_first() -> None:
    line = WaitingLine()
    for employee in (CARL, ANNE, BERT):
        line.place(employee, NOW)
    line.place(CARL, NOW)
    assert list(line.ready(NOW, 2)) == [CARL, ANNE]


def test_places_that_were_given_up_do_not_pile_up() -> None:
    line = WaitingLine()
    for step in range(10_000, 0, -1):
        line.place(ANNE, NOW + step * SECOND)
    assert line.first() == NOW + SECOND
    kept = len(line._coming) + len(line._come)  # noqa: SLF001 - memory shows nowhere else
    assert kept < 2000
    assert list(line.ready(NOW + SECOND, 5)) == [ANNE]
