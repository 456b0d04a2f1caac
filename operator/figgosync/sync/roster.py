"""Who of a company is served, in which mailbox and time zone; and who is not, and why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from figgosync.calendars.base import Mailbox
from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.directory import Directory, Employee
from figgosync.core.scope import Refusal, ScopeRules, addresses, in_scope
from figgosync.core.tenant import TenantSpec
from figgosync.errors import Reason
from figgosync.sync.employee import Assignment


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how one employee's absences are drawn."""

    assignment: Assignment
    mailbox: Mailbox


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody in scope: served, or refused for a reason."""

    places: Mapping[EmployeeID, Place]
    refusals: Mapping[EmployeeID, Refusal]

    @property
    def everybody(self) -> frozenset[EmployeeID]:
        """The ids of all in scope."""
        return frozenset(self.places) | frozenset(self.refusals)


EMPTY = Roster({}, {})


def draw_up(
    directory: Directory,
    invisible: Collection[LegalEntityID],
    spec: TenantSpec,
    scope: ScopeRules,
    today: date,
) -> Roster:
    """Decide for every employee of the directory.

    Of the people of `invisible` legal entities Figgo shows no absence, which must not be taken for
    their having none: they are refused, and their calendars stay as they are.

    Former employees are left out, calendars and all: what stands there is history. All employees
    take part in the comparison of addresses, so that nobody outside the scope shares a mailbox
    with somebody inside unnoticed.
    """
    places: dict[EmployeeID, Place] = {}
    refusals: dict[EmployeeID, Refusal] = {}
    mailboxes = addresses(directory.employees.values(), spec.mailbox, today)
    for employee in directory.employees.values():
        if not in_scope(employee, scope) or employee.has_left(today):
            continue
        if employee.legal_entity in invisible:
            refusals[employee.id] = _not_visible(employee)
            continue
        place = _place(employee, mailboxes[employee.id], directory, spec, scope)
        if isinstance(place, Refusal):
            refusals[employee.id] = place
        else:
            places[employee.id] = place
    return Roster(places, refusals)


def _not_visible(employee: Employee) -> Refusal:
    return Refusal(
        Reason.LEGAL_ENTITY_NOT_VISIBLE,
        f"Figgo shows the API key no absences of legal entity {employee.legal_entity} any more; "
        "the calendars of its people are left as they are. Give the key's role access to it.",
    )


def _place(
    employee: Employee,
    address: str | Refusal,
    directory: Directory,
    spec: TenantSpec,
    scope: ScopeRules,
) -> Place | Refusal:
    entity = employee.legal_entity
    if entity is None:
        return Refusal(
            Reason.LEGAL_ENTITY_NOT_VISIBLE,
            "Figgo does not say to which legal entity this employee belongs.",
        )
    if isinstance(address, Refusal):
        return address
    zone = _zone(entity, directory, spec)
    if isinstance(zone, Refusal):
        return zone
    assignment = Assignment(spec.figgo.host, employee.id, entity, zone, spec.events, scope)
    return Place(assignment, Mailbox(address, zone.key))


def _zone(entity: LegalEntityID, directory: Directory, spec: TenantSpec) -> ZoneInfo | Refusal:
    """Return the establishment's zone, or the tenant's where Figgo has none for it."""
    establishment = directory.establishments.get(entity)
    name = (establishment and establishment.time_zone) or spec.events.time_zone
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Refusal(
            Reason.UNKNOWN_TIME_ZONE,
            f"Legal entity {entity} has the time zone {name[:64]!r}, which the IANA time zone "
            "database does not know. Correct it in Figgo's establishment settings, or where it "
            "comes from spec.events.timeZone, there.",
        )
