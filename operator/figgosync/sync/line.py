"""Who waits for his turn, and when it comes, told without looking at everybody who waits."""

from collections.abc import Sequence
from datetime import datetime
from heapq import heapify, heappop, heappush

from figgosync.core.absence import EmployeeID

_SPARE = 1000
"""How many more places than people there may be before the old ones are cleared away."""


class WaitingLine:
    """The employees of one tenant who wait; times are aware instants.

    A heap, in which a place that was given up stays until it comes to the front: of ten thousand
    who wait, each turn looks at the few who are due.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, EmployeeID]] = []
        self._places: dict[EmployeeID, tuple[datetime, int]] = {}
        self._given = 0

    def place(self, employee: EmployeeID, due: datetime | None) -> None:
        """Have somebody wait until `due`, whatever was before; None: he does not wait."""
        if due is None:
            self._places.pop(employee, None)
            return
        place = self._places.get(employee)
        if place is not None and place[0] == due:
            return
        self._given += 1
        self._places[employee] = (due, self._given)
        heappush(self._heap, (due, self._given, employee))
        if len(self._heap) > 2 * len(self._places) + _SPARE:
            self._heap = [(*place, who) for who, place in self._places.items()]
            heapify(self._heap)

    def first(self) -> datetime | None:
        """Return when the first turn comes, None where nobody waits."""
        while self._heap and not self._is_taken(self._heap[0]):
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def ready(self, now: datetime, limit: int) -> Sequence[EmployeeID]:
        """Return whose turn has come, the longest waiting first; they stay in the line."""
        found: list[tuple[datetime, int, EmployeeID]] = []
        while len(found) < limit and (first := self.first()) is not None and first <= now:
            found.append(heappop(self._heap))
        for item in found:
            heappush(self._heap, item)
        return [employee for _, _, employee in found]

    def _is_taken(self, item: tuple[datetime, int, EmployeeID]) -> bool:
        due, number, employee = item
        return self._places.get(employee) == (due, number)
