"""Who works where: the people and establishments that Figgo shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from figgosync.core.absence import EmployeeID, LegalEntityID


@dataclass(frozen=True, slots=True)
class Employee:
    """What the sync must know of a person; of all this only the id ever leaves the process.

    `mail` and `login` are empty where Figgo has none. `contract_end` is the last day, None while
    the contract is open.
    """

    id: EmployeeID
    legal_entity: LegalEntityID | None
    mail: str
    login: str
    contract_start: date | None
    contract_end: date | None

    def has_left(self, today: date) -> bool:
        """Return whether the contract is over; one that ends today is not."""
        return self.contract_end is not None and self.contract_end < today


@dataclass(frozen=True, slots=True)
class Establishment:
    """A business establishment, which Lucca's v3 API calls a legal entity.

    `time_zone` is as Figgo gives it: an IANA name when all is well, None where it has none.
    """

    id: LegalEntityID
    name: str
    time_zone: str | None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Directory:
    """All the people, former ones included, and all the establishments that one API key sees."""

    employees: Mapping[EmployeeID, Employee]
    establishments: Mapping[LegalEntityID, Establishment]
