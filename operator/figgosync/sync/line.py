"""Who waits for his turn, and when it comes, told without looking at everybody who waits."""

from collections.abc import Sequence
from datetime import datetime
from heapq import heapify, heappop, heappush

from figgosync.core.absence import EmployeeID

_SPARE = 1000
"""How many more places than people there may be before the old ones are cleared away."""

_Place = tuple[datetime, int, EmployeeID]


class WaitingLine:
    """The employees of one tenant who wait; times are aware instants, and `now` never goes back.

    Two heaps, of those whose turn has come and of those whose turn is to come. A place that was
    given up stays there until it comes to the front: of ten thousand who wait, each turn looks at
    few.
    """

    def __init__(self) -> None:
        self._places: dict[EmployeeID, _Place] = {}
        self._coming: list[_Place] = []
        self._come: list[_Place] = []
        self._ready: set[EmployeeID] = set()
        self._given = 0

    def place(self, employee: EmployeeID, due: datetime | None) -> None:
        """Have somebody wait until `due`, whatever was before; None: he does not wait."""
        before = self._places.get(employee)
        if before is not None and before[0] == due:
            return
        self._ready.discard(employee)
        if due is None:
            self._places.pop(employee, None)
            return
        self._given += 1
        self._places[employee] = place = (due, self._given, employee)
        heappush(self._coming, place)
        if len(self._coming) + len(self._come) > 2 * len(self._places) + _SPARE:
            self._clear()

    def first(self) -> datetime | None:
        """Return when the first turn comes, or came; None where nobody waits."""
        fronts = [heap[0][0] for heap in (self._come, self._coming) if self._has_front(heap)]
        return min(fronts, default=None)

    def ready(self, now: datetime, limit: int) -> Sequence[EmployeeID]:
        """Return whose turn has come, the longest waiting first; they stay in the line."""
        self._advance(now)
        found: list[_Place] = []
        while len(found) < limit and self._has_front(self._come):
            found.append(heappop(self._come))
        for place in found:
            heappush(self._come, place)
        return [employee for _, _, employee in found]

    def count_ready(self, now: datetime) -> int:
        """Return of how many the turn has come."""
        self._advance(now)
        return len(self._ready)

    def _advance(self, now: datetime) -> None:
        while self._has_front(self._coming) and self._coming[0][0] <= now:
            place = heappop(self._coming)
            heappush(self._come, place)
            self._ready.add(place[2])

    def _has_front(self, heap: list[_Place]) -> bool:
        """Clear away what was given up at the front of a heap; tell whether anything is left."""
        while heap and self._places.get(heap[0][2]) is not heap[0]:
            heappop(heap)
        return bool(heap)

    def _clear(self) -> None:
        self._coming = [p for p in self._places.values() if p[2] not in self._ready]
        self._come = [p for p in self._places.values() if p[2] in self._ready]
        heapify(self._coming)
        heapify(self._come)
