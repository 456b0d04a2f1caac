"""Who works where at this moment: the directory, kept fresh by what was modified lately."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from figgosync.core.absence import EmployeeID
from figgosync.core.directory import Directory, Employee
from figgosync.errors import PermanentError, Reason
from figgosync.figgo.client import FiggoClient

OVERLAP = timedelta(hours=3)
"""How far back of the last look the next one begins: Figgo's timestamps may be local times, and
the clocks may differ."""


@dataclass(frozen=True, slots=True)
class People:
    """A directory, and who in it is not as he was before."""

    directory: Directory
    changed: frozenset[EmployeeID]


class Registry:
    """Reads the directory whole or by what was modified."""

    def __init__(self, client: FiggoClient) -> None:
        self._client = client
        self._by_time = True

    async def whole(self) -> Directory:
        """Return everybody and every establishment."""
        establishments = await self._client.establishments()
        employees = await self._client.employees()
        self._by_time = True  # worth another try as often as this
        return Directory(
            {employee.id: employee for employee in employees},
            {establishment.id: establishment for establishment in establishments},
        )

    async def refreshed(self, directory: Directory, since: datetime) -> People:
        """Return `directory` with the employees as they are now, if anything of them changed.

        `since` is when it was true. Where Figgo refuses to list by time of change, everybody is
        read.
        """
        if self._by_time:
            try:
                return _compared(directory, await self._client.employees(since - OVERLAP))
            except PermanentError as refusal:
                if refusal.reason is not Reason.REQUEST_REFUSED:
                    raise
                self._by_time = False
        return _compared(directory, await self._client.employees())


def _compared(directory: Directory, employees: Iterable[Employee]) -> People:
    differing = {
        employee.id: employee
        for employee in employees
        if directory.employees.get(employee.id) != employee
    }
    patched = Directory({**directory.employees, **differing}, directory.establishments)
    return People(patched, frozenset(differing))
