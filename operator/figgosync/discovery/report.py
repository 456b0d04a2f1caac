"""What a survey of Figgo means for one tenant: counts and ids, and nothing about any employee."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from figgosync.core.absence import AccountID, EmployeeID, HalfDay, LegalEntityID, PeriodID
from figgosync.core.clocks import ClockReading, read_clock
from figgosync.core.directory import Directory, Establishment
from figgosync.core.scope import Refusal, ScopeRules, addresses, in_scope
from figgosync.core.tenant import AddressSource, TenantName, TenantSpec
from figgosync.errors import Reason
from figgosync.figgo.survey import Findings, SinceAnswer


@dataclass(frozen=True, slots=True)
class Entity:
    """One legal entity that the API key sees.

    `zone_known` is whether the sync could use its time zone, or has none to use. `absences` is
    None where the tenant does not serve it: then they were not asked for.
    """

    id: LegalEntityID
    name: str
    time_zone: str | None
    zone_known: bool
    archived: bool
    served: bool
    current: int
    former: int
    absences: int | None


@dataclass(frozen=True, slots=True)
class People:
    """Everybody whom the API key sees.

    `served` are the current employees whom the tenant's spec selects. Those `homeless` have no
    legal entity in Figgo and can never be served. `unknown` stand in spec.employees and are not
    to be seen.
    """

    current: int
    former: int
    served: int
    homeless: int
    unknown: tuple[EmployeeID, ...]


@dataclass(frozen=True, slots=True)
class Addresses:
    """What one field of Figgo is good for as mailbox address, in numbers of current employees.

    Of the tenant's legal entities, whatever spec.employees says. `chosen` is whether
    spec.mailbox.attribute names the field.
    """

    source: AddressSource
    chosen: bool
    usable: int
    missing: int
    shared: int
    not_allowed: int


@dataclass(frozen=True, slots=True)
class AbsenceType:
    """One type and how many absences it has that stand; `id` is None where the key sees none."""

    id: AccountID | None
    name: str | None
    remote_work: bool
    absences: int


@dataclass(frozen=True, slots=True)
class Absences:
    """What stands in Figgo from `first_day` on: `absences` in all.

    `half_days` are all rows that were listed, cancelled ones too, `pending` those that stand and
    are not confirmed.
    """

    first_day: date
    absences: int
    half_days: int
    pending: int
    types: tuple[AbsenceType, ...]


@dataclass(frozen=True, slots=True)
class Effort:
    """What the survey cost: the requests sent, and how many a minute it kept to."""

    requests: int
    per_minute: int


@dataclass(frozen=True, slots=True)
class Report:
    """All that is told of one tenant's Figgo."""

    tenant: TenantName
    url: str
    entities: tuple[Entity, ...]
    not_visible: tuple[LegalEntityID, ...]
    people: People
    addresses: tuple[Addresses, ...]
    absences: Absences
    since: tuple[SinceAnswer, ...]
    clock: ClockReading
    effort: Effort


def report_of(
    name: TenantName, spec: TenantSpec, found: Findings, effort: Effort, today: date
) -> Report:
    """Say what `found`, asked for the spec's legal entities, means for the tenant."""
    newest = found.newest
    return Report(
        tenant=name,
        url=spec.figgo.url,
        entities=_entities(found, spec, today),
        not_visible=tuple(sorted((spec.legal_entities or frozenset()) - found.entities)),
        people=_people(found.directory, spec, today),
        addresses=tuple(_addresses(found, spec, source, today) for source in AddressSource),
        absences=_absences(found),
        since=found.since,
        clock=read_clock(newest.created, newest.server_time) if newest else read_clock((), None),
        effort=effort,
    )


def _entities(found: Findings, spec: TenantSpec, today: date) -> tuple[Entity, ...]:
    everybody = found.directory.employees.values()
    current = Counter(who.legal_entity for who in everybody if not who.has_left(today))
    former = Counter(who.legal_entity for who in everybody if who.has_left(today))
    absent = _absences_by_entity(found)
    return tuple(
        Entity(
            id=each.id,
            name=each.name,
            time_zone=each.time_zone,
            zone_known=_is_zone(each.time_zone or spec.events.time_zone),
            archived=each.archived,
            served=each.id in found.entities,
            current=current[each.id],
            former=former[each.id],
            absences=absent[each.id] if each.id in found.entities else None,
        )
        for each in sorted(found.directory.establishments.values(), key=_number)
    )


def _number(establishment: Establishment) -> LegalEntityID:
    return establishment.id


def _absences_by_entity(found: Findings) -> Counter[LegalEntityID | None]:
    employees = found.directory.employees
    return Counter(
        employees[owner].legal_entity for owner, _ in _standing(found.rows) if owner in employees
    )


def _standing(rows: Iterable[HalfDay]) -> set[tuple[EmployeeID, PeriodID]]:
    return {(row.owner, row.period) for row in rows if row.active}


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _people(directory: Directory, spec: TenantSpec, today: date) -> People:
    everybody = directory.employees.values()
    current = [who for who in everybody if not who.has_left(today)]
    rules = ScopeRules(spec.legal_entities, spec.employees, activations={}, active_since=None)
    named = spec.employees.only | spec.employees.excluded
    return People(
        current=len(current),
        former=len(everybody) - len(current),
        served=sum(in_scope(who, rules) for who in current),
        homeless=sum(who.legal_entity is None for who in current),
        unknown=tuple(sorted(named - directory.employees.keys())),
    )


def _addresses(found: Findings, spec: TenantSpec, source: AddressSource, today: date) -> Addresses:
    everybody = found.directory.employees.values()
    answers = addresses(everybody, replace(spec.mailbox, source=source), today)
    kinds = Counter(
        _kind(answers[who.id])
        for who in everybody
        if not who.has_left(today) and who.legal_entity in found.entities
    )
    return Addresses(
        source=source,
        chosen=source is spec.mailbox.source,
        usable=kinds[None],
        missing=kinds[Reason.NO_ADDRESS],
        shared=kinds[Reason.ADDRESS_NOT_UNIQUE],
        not_allowed=kinds[Reason.ADDRESS_NOT_ALLOWED],
    )


def _kind(answer: str | Refusal) -> Reason | None:
    return answer.reason if isinstance(answer, Refusal) else None


def _absences(found: Findings) -> Absences:
    return Absences(
        first_day=found.first_day,
        absences=len(_standing(found.rows)),
        half_days=len(found.rows),
        pending=sum(row.active and not row.confirmed for row in found.rows),
        types=_types(found.rows),
    )


def _types(rows: Sequence[HalfDay]) -> tuple[AbsenceType, ...]:
    by_type: dict[AccountID | None, list[HalfDay]] = {}
    for row in rows:
        by_type.setdefault(row.account, []).append(row)
    return tuple(
        AbsenceType(
            id=account,
            name=next((row.account_name for row in of_type if row.account_name), None),
            remote_work=any(row.remote_work for row in of_type),
            absences=len(_standing(of_type)),
        )
        for account, of_type in sorted(by_type.items(), key=lambda item: item[0] or 0)
    )
