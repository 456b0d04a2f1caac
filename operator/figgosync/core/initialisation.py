"""The vocabulary of initialisations: what one is to do, how far it is, and what it foresees."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.tenant import TenantName
from figgosync.errors import Reason


@dataclass(frozen=True, slots=True, order=True)
class InitialisationName:
    """Where a SyncInitialisation stands."""

    namespace: str
    name: str

    def __str__(self) -> str:
        """Return `namespace/name`, as kubectl users write it."""
        return f"{self.namespace}/{self.name}"


class Action(StrEnum):
    """What is done with the absences of the range."""

    SYNC = "Sync"
    REMOVE = "Remove"


class Mode(StrEnum):
    """Whether it is done, or only foreseen."""

    APPLY = "Apply"
    PLAN = "Plan"


class Adoption(StrEnum):
    """What becomes of events that another synchronisation left."""

    NEVER = "Never"
    MATCHING = "Matching"


@dataclass(frozen=True, slots=True)
class InitialisationSpec:
    """One wish. `legal_entities` is None for all that the tenant serves.

    It is about every absence whose last day is `first_day` or later. `plan_digest` is the digest
    of the plan that is approved, None where nobody asks for one. `keep` is how long the object
    stays after its end, None for good.
    """

    tenant: TenantName
    action: Action
    first_day: date
    legal_entities: frozenset[LegalEntityID] | None
    mode: Mode
    plan_digest: str | None
    adoption: Adoption
    suspend: bool
    cancel: bool
    keep: timedelta | None


class Phase(StrEnum):
    """What is being done with one employee after the other."""

    PLANNING = "Planning"
    RUNNING = "Running"


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of what was done: employees, and events. `blocked` deletions were held back."""

    employees: int = 0
    failed: int = 0
    created: int = 0
    updated: int = 0
    deleted: int = 0
    adopted: int = 0
    unchanged: int = 0
    blocked: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        """Return both together."""
        return Tally(
            self.employees + other.employees,
            self.failed + other.failed,
            self.created + other.created,
            self.updated + other.updated,
            self.deleted + other.deleted,
            self.adopted + other.adopted,
            self.unchanged + other.unchanged,
            self.blocked + other.blocked,
        )


@dataclass(frozen=True, slots=True)
class Sighting:
    """How often one kind of look-alike was met: of which makers, at how many places.

    `fingerprints` are those of all look-alikes of one event that is to be created, sorted.
    """

    fingerprints: tuple[str, ...]
    events: int
    employees: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What an initialisation would do, as far as it has looked.

    Counts of events; `adopt` of those `look_alikes` that would be taken over, in place of as many
    creations. `disclosing` are people of whom colleagues would see an absence type that they do
    not see yet. `digest` is None until everybody was looked at.
    """

    create: int = 0
    update: int = 0
    delete: int = 0
    unchanged: int = 0
    adopt: int = 0
    look_alikes: int = 0
    disclosing: int = 0
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far an initialisation is: enough to go on after a restart.

    Employees are taken by ascending id. Everybody up to `up_to` is settled but those `still_open`;
    None stands for nobody yet. `entered` is the sum of all that went into the digest so far, in
    hexadecimal, and `sightings` are the look-alikes met; both are of the planning phase.
    `fingerprints` is what was learned from it: the makers whose events are taken over. `failed` are
    those with whom it failed for good. `foundation` is the digest of what all this rests on.
    """

    phase: Phase
    up_to: EmployeeID | None = None
    still_open: frozenset[EmployeeID] = frozenset()
    entered: str = ""
    sightings: tuple[Sighting, ...] = ()
    fingerprints: frozenset[str] = frozenset()
    failed: frozenset[EmployeeID] = frozenset()
    foundation: str = ""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One employee with whom it failed; `message` holds the remedy."""

    employee: EmployeeID
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a phase has come. `remaining` is an estimate, None while there is none."""

    total: int
    tally: Tally = field(default_factory=Tally)
    remaining: timedelta | None = None

    @property
    def percent(self) -> int:
        """Rounded down: 100 means that nobody is left."""
        return 100 if not self.total else min(100, self.tally.employees * 100 // self.total)
