"""The way of one initialisation through the employees: whose turn it is, and who is settled."""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import islice

from figgosync.core.absence import EmployeeID

ATTEMPTS = 3
"""How often an employee is tried; whoever fails then is left to the tenant's own sync."""

MOST_OPEN = 200
"""How many may be begun and not settled; what is kept of a course must stay small."""

Kept = tuple[EmployeeID | None, frozenset[EmployeeID]]
"""Up to whom all are settled, but for those still open."""


class Course:
    """Takes employees by ascending id, so that two values tell how far it is.

    `kept` is from an earlier course over the same employees, some of whom may have gone or come
    since. Whoever came below where it is, is left to the tenant's own sync, as is whoever is not
    among `employees`.
    """

    def __init__(self, employees: Collection[EmployeeID], kept: Kept = (None, frozenset())) -> None:
        up_to, still_open = kept
        self._ahead = sorted(
            who for who in employees if up_to is None or who > up_to or who in still_open
        )
        self._next = 0
        self.up_to = up_to
        self.employees = frozenset(employees)
        self._under_way: set[EmployeeID] = set()
        self._aside: dict[EmployeeID, datetime] = {}
        self._attempts: Counter[EmployeeID] = Counter()

    @property
    def still_open(self) -> frozenset[EmployeeID]:
        """Those up to `up_to` who are not settled."""
        begun = self._under_way | self._aside.keys()
        later = islice(self._ahead, self._next, None)
        return frozenset(begun) | frozenset(self._until(later))

    @property
    def is_over(self) -> bool:
        """Whether everybody is settled."""
        return self._next == len(self._ahead) and not self._under_way and not self._aside

    @property
    def is_under_way(self) -> bool:
        """Whether somebody is being served just now."""
        return bool(self._under_way)

    @property
    def left(self) -> int:
        """How many are not settled."""
        return len(self._ahead) - self._next + len(self._under_way) + len(self._aside)

    def coming(self, count: int) -> list[EmployeeID]:
        """Return those whose turn comes next, in order, without beginning with them."""
        return self._ahead[self._next : self._next + count]

    def aside_until(self) -> datetime | None:
        """Return when somebody who failed is to be tried again, None where nobody is."""
        return min(self._aside.values(), default=None)

    def waiting(self, now: datetime) -> list[EmployeeID]:
        """Return those who failed and are due again, the longest waiting first."""
        return [
            who for at, who in sorted((at, who) for who, at in self._aside.items()) if at <= now
        ]

    def begin(self, employee: EmployeeID) -> None:
        """Begin with somebody who is `coming` or `waiting`."""
        if self._aside.pop(employee, None) is None:
            assert self._ahead[self._next] == employee, "they are taken in order"  # noqa: S101 - of ours
            self._next += 1
            self.up_to = employee if self.up_to is None else max(self.up_to, employee)
        self._under_way.add(employee)

    def settle(self, employee: EmployeeID) -> None:
        """Note that nothing more is to be done with somebody who was begun with."""
        self._under_way.discard(employee)

    def put_aside(self, employee: EmployeeID, until: datetime, *, counts: bool) -> bool:
        """Try somebody again later; with `counts` not for ever: tell whether it is worth it."""
        self._attempts[employee] += counts
        if self._attempts[employee] >= ATTEMPTS:
            return False
        self._under_way.discard(employee)
        self._aside[employee] = until
        return True

    @property
    def is_full(self) -> bool:
        """Whether too many are open for anybody new to be begun with."""
        return len(self._under_way) + len(self._aside) >= MOST_OPEN

    def _until(self, employees: Iterator[EmployeeID]) -> Iterator[EmployeeID]:
        for employee in employees:
            if self.up_to is None or employee > self.up_to:
                return
            yield employee
