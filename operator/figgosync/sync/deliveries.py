"""How far everything that Figgo said is also written: the watermark that a status may keep."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from figgosync.core.absence import EmployeeID

MOST = 100
"""How many are told apart; a calendar server that is away for a week must not fill the memory."""


@dataclass(slots=True)
class Delivery:
    """Some employees were named together; `watermark` holds once each was attempted."""

    watermark: datetime
    outstanding: set[EmployeeID]


class Deliveries:
    """Deliveries in the order in which they came.

    An attempt that failed for a reason of the employee's own counts as handled: the failure is
    remembered, and after a restart the first sweep looks at everybody anyway.
    """

    def __init__(self, watermark: datetime | None) -> None:
        self.watermark = watermark
        self._deliveries: deque[Delivery] = deque()

    def __len__(self) -> int:
        """How many somebody waits for."""
        return len(self._deliveries)

    def arrived(self, watermark: datetime, employees: Iterable[EmployeeID]) -> None:
        """Note a delivery; one that nobody waits for goes with the one before it."""
        outstanding = set(employees)
        if self._deliveries and (not outstanding or len(self._deliveries) == MOST):
            self._deliveries[-1].watermark = watermark
            self._deliveries[-1].outstanding |= outstanding
        else:
            self._deliveries.append(Delivery(watermark, outstanding))
        self._settle()

    def attempted(self, employee: EmployeeID) -> None:
        """Note that an employee's calendar was looked at."""
        for delivery in self._deliveries:
            delivery.outstanding.discard(employee)
        self._settle()

    def forget_all_but(self, employees: frozenset[EmployeeID]) -> None:
        """Do not wait for people who left the scope."""
        for delivery in self._deliveries:
            delivery.outstanding &= employees
        self._settle()

    @property
    def is_settled(self) -> bool:
        """Whether nobody is outstanding."""
        return not self._deliveries

    def _settle(self) -> None:
        while self._deliveries and not self._deliveries[0].outstanding:
            self.watermark = self._deliveries.popleft().watermark
