"""How far everything that Figgo said is also written: the watermark that a status may keep."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from figgosync.core.absence import EmployeeID


@dataclass(slots=True)
class Delivery:
    """Some employees were named together; `watermark` holds once each was attempted."""

    watermark: datetime
    outstanding: set[EmployeeID]


class Deliveries:
    """Deliveries in the order in which they came.

    A failed attempt counts as handled: the failure is remembered, and after a restart the first
    sweep looks at everybody anyway.
    """

    def __init__(self, watermark: datetime | None) -> None:
        self.watermark = watermark
        self._deliveries: deque[Delivery] = deque()

    def arrived(self, watermark: datetime, employees: Iterable[EmployeeID]) -> None:
        """Note a delivery."""
        self._deliveries.append(Delivery(watermark, set(employees)))
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
