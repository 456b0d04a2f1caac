"""The v3 types that describe people and places, bound to one tenant's state."""

from datetime import date, datetime, time

from figgosync_sim.figgo.directory import Directory
from figgosync_sim.figgo.schema import EntityType, Kind, Link, Property, Scalar, reference
from figgosync_sim.organisation import Department, Person

_FRENCH = 1036
_OPEN_END = "9999-12-31T00:00:00"


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min)


def _holiday_calendar(directory: Directory, person: Person) -> int | None:
    place = directory.establishments.get(person.legal_entity)
    return None if place is None else place.calendar


def department_type(directory: Directory) -> EntityType:
    """Return the type of departments [verified in clients' code: these properties]."""
    departments = {d.id: d for d in directory.company.departments}

    def level(department: Department) -> int:
        parent = departments.get(department.parent or 0)
        return 0 if parent is None else level(parent) + 1

    def hierarchy(department: Department) -> str:
        parent = departments.get(department.parent or 0)
        above = "" if parent is None else hierarchy(parent)
        return f"{above}/{department.name}"

    return EntityType("Department").add(
        [
            Scalar("id", Kind.INTEGER, lambda d: d.id),
            Scalar("name", Kind.TEXT, lambda d: d.name),
            Scalar("url", Kind.URL, lambda d: f"/api/v3/departments/{d.id}"),
            Scalar("code", Kind.TEXT, lambda d: f"D{d.id}"),
            Scalar("hierarchy", Kind.TEXT, hierarchy),
            Scalar("parentId", Kind.INTEGER, lambda d: d.parent),
            Scalar("level", Kind.INTEGER, level),
            Scalar("headID", Kind.INTEGER, lambda _: None),
            Scalar("position", Kind.INTEGER, lambda d: d.id),
            Scalar("isActive", Kind.BOOLEAN, lambda _: True),
        ]
    )


def _common(directory: Directory) -> list[Property]:
    """Return what a user shows everywhere, also as the owner of a leave period."""
    departments = {d.id: d for d in directory.company.departments}

    def legal_entity_name(number: int) -> str | None:
        place = directory.establishments.get(number)
        return None if place is None else place.name

    legal_entity = reference("LegalEntity", "legalEntities", legal_entity_name)
    department = department_type(directory)
    return [
        Scalar("id", Kind.INTEGER, lambda p: p.id),
        Scalar("name", Kind.TEXT, lambda p: p.name),
        Scalar("url", Kind.URL, lambda p: f"/api/v3/users/{p.id}"),
        Scalar("firstName", Kind.TEXT, lambda p: p.first_name),
        Scalar("lastName", Kind.TEXT, lambda p: p.last_name.upper()),
        Scalar("legalEntityId", Kind.INTEGER, lambda p: p.legal_entity),
        Link("legalEntity", legal_entity, lambda p: p.legal_entity),
        Scalar("departmentId", Kind.INTEGER, lambda p: p.department),
        Link("department", department, lambda p: departments.get(p.department)),
    ]


def owner_type(directory: Directory) -> EntityType:
    """Return the type of a leave period's owner.

    It has no `mail`: Lucca took it away "for security reasons" [verified].
    """
    return EntityType("LeaveOwner").add(_common(directory))


def user_type(directory: Directory) -> EntityType:
    """Return the type of users, with the documented spelling of each name [verified]."""
    user = EntityType("User")
    calendar = reference("Calendar", "calendars", lambda _: "France")
    culture = reference("Culture", "cultures", lambda _: "français (France)")
    return user.add(_common(directory)).add(
        [
            Scalar("displayName", Kind.TEXT, lambda p: p.name),
            Scalar("login", Kind.TEXT, lambda p: p.login),
            Scalar("mail", Kind.TEXT, lambda p: p.mail),
            Scalar("modifiedAt", Kind.TIMESTAMP, lambda p: p.modified_at),
            Scalar("dtContractStart", Kind.DAY, lambda p: _midnight(p.contract_start)),
            Scalar("dtContractEnd", Kind.DAY, lambda p: _midnight(p.contract_end)),
            Scalar("birthDate", Kind.DAY, lambda _: None),
            Scalar("employeeNumber", Kind.TEXT, lambda p: f"{p.id:05}"),
            Scalar("calendarId", Kind.INTEGER, lambda p: _holiday_calendar(directory, p)),
            Link("calendar", calendar, lambda p: _holiday_calendar(directory, p)),
            Scalar("cultureID", Kind.INTEGER, lambda _: _FRENCH),
            Link("culture", culture, lambda _: _FRENCH),
            Scalar("picture", Kind.VERBATIM, lambda _: None),
            Scalar("managerId", Kind.INTEGER, lambda p: p.manager),
            Link("manager", user, lambda p: directory.people.get(p.manager or 0)),
            Scalar("rolePrincipal", Kind.VERBATIM, lambda _: None),
            Scalar("habilitedRoles", Kind.VERBATIM, lambda _: []),
            Scalar("userWorkCycles", Kind.VERBATIM, _work_cycles),
            Scalar("extendedData", Kind.VERBATIM, lambda _: {}),
            Scalar("applicationData", Kind.VERBATIM, lambda _: {}),
        ]
    )


def _work_cycles(person: Person) -> list[dict[str, object]]:
    begin = f"{person.contract_start.isoformat()}T00:00:00"
    cycle = {"id": person.id, "ownerID": person.id, "workCycleID": 1}
    return [{**cycle, "startsOn": begin, "endsOn": _OPEN_END}]
