"""Whose absences, which of them, and into which mailbox."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import assert_never

from figgosync.core.absence import EmployeeID, HalfDay, LegalEntityID
from figgosync.core.directory import Employee
from figgosync.core.initialised import Initialised
from figgosync.core.tenant import AddressSource, EmployeeFilter, MailboxRules
from figgosync.errors import Reason

CLOCK_TOLERANCE = timedelta(hours=3)
"""How far Figgo's timestamps may be off: they carry no offset and may be local."""

REMOVAL_TOLERANCE = timedelta(minutes=10)
"""How far Figgo's clock may be behind ours when absences are taken out again.

Less than CLOCK_TOLERANCE: local times of Lucca's customers are ahead of UTC, never behind, and
with three hours of slack what was booked this morning would come back at once.
"""

_NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class ScopeRules:
    """Who is served, and from when on.

    `legal_entities` is None for all of them. `activations` says when each legal entity was first
    served; `active_since`, where given, stands for all of them. All instants are aware.
    """

    legal_entities: frozenset[LegalEntityID] | None
    employees: EmployeeFilter
    activations: Mapping[LegalEntityID, datetime]
    active_since: datetime | None


def in_scope(employee: Employee, rules: ScopeRules) -> bool:
    """Return whether the employee is one of ours."""
    if employee.legal_entity is None:
        # Figgo lists leaves by legal entity only: of this person no read can be complete.
        return False
    if rules.legal_entities is not None and employee.legal_entity not in rules.legal_entities:
        return False
    if rules.employees.only and employee.id not in rules.employees.only:
        return False
    return employee.id not in rules.employees.excluded


def may_create(
    rows_of_period: Sequence[HalfDay],
    legal_entity: LegalEntityID | None,
    rules: ScopeRules,
    initialised: Initialised,
) -> bool:
    """Return whether events of this leave period may be created for an employee in scope.

    They may when an initialisation covered the period's last day, or when something of the period
    was created, confirmed or cancelled since the legal entity was activated, and since the
    absences of that day were removed, if they were. The period is the unit: one row brings all of
    it. For creation only; what stands is kept.
    """
    days = [row.moment.day for row in rows_of_period if row.active]
    step = initialised.at(legal_entity, max(days)) if days else None
    if step is None:
        return _changed_since_activation(rows_of_period, legal_entity, rules)
    if step.removed_at is None:
        return True
    return _changed_since_activation(rows_of_period, legal_entity, rules) and changed_since(
        rows_of_period, step.removed_at, REMOVAL_TOLERANCE
    )


def _changed_since_activation(
    rows: Sequence[HalfDay], legal_entity: LegalEntityID | None, rules: ScopeRules
) -> bool:
    since = rules.active_since
    if since is None and legal_entity is not None:
        since = rules.activations.get(legal_entity)
    if since is None:
        return False
    return changed_since(rows, since)


def changed_since(
    rows: Iterable[HalfDay], since: datetime, tolerance: timedelta = CLOCK_TOLERANCE
) -> bool:
    """Return whether something of `rows` was created, confirmed or cancelled since then."""
    # The tolerance goes to the other side: an activation at the dawn of time has nothing before.
    return any(stamp + tolerance >= since for stamp in _stamps(rows))


def last_change(rows: Iterable[HalfDay]) -> datetime | None:
    """Return when something of `rows` was last created, confirmed or cancelled, None for never."""
    return max(_stamps(rows), default=None)


def _stamps(rows: Iterable[HalfDay]) -> Iterator[datetime]:
    for row in rows:
        for stamp in (row.created_at, row.confirmed_at, row.cancelled_at):
            if stamp is not None:
                yield stamp


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an employee has no mailbox; the message names the remedy and never the address."""

    reason: Reason
    message: str


def addresses(
    employees: Iterable[Employee], rules: MailboxRules, today: date
) -> Mapping[EmployeeID, str | Refusal]:
    """Return the mailbox address of each employee, or why there is none.

    `employees` is everybody whom Figgo shows, in scope or not: an address shared with somebody
    out of scope is shared all the same. It goes to the one with a running contract, else to the
    one about to start, else to the one who left; where that leaves two, both are refused.
    Addresses are compared without case.
    """
    answers: dict[EmployeeID, str | Refusal] = {}
    sharers: dict[str, list[Employee]] = defaultdict(list)
    for employee in employees:
        answer = answers[employee.id] = _address(employee, rules)
        if isinstance(answer, str):
            sharers[answer.lower()].append(employee)
    for sharing in sharers.values():
        for loser in _losers(sharing, today):
            answers[loser.id] = _shared(loser, sharing)
    return answers


class _Claim(IntEnum):
    """How good an employee's claim to an address is, the best first."""

    RUNNING = 0
    FUTURE = 1
    FORMER = 2


def _claim(employee: Employee, today: date) -> _Claim:
    if employee.contract_end is not None and employee.contract_end < today:
        return _Claim.FORMER
    if employee.contract_start is not None and employee.contract_start > today:
        return _Claim.FUTURE
    return _Claim.RUNNING


def _losers(sharing: Sequence[Employee], today: date) -> Sequence[Employee]:
    best = min(_claim(employee, today) for employee in sharing)
    winners = [employee for employee in sharing if _claim(employee, today) is best]
    if len(winners) > 1:
        return sharing
    return [employee for employee in sharing if employee not in winners]


def _shared(employee: Employee, sharing: Sequence[Employee]) -> Refusal:
    others = sorted(other.id for other in sharing if other.id != employee.id)
    named = ", ".join(map(str, others[:_NAMED_AT_MOST]))
    more = ", ..." if len(others) > _NAMED_AT_MOST else ""
    return Refusal(
        Reason.ADDRESS_NOT_UNIQUE,
        f"Figgo gives this employee the same address as employee {named}{more}. Correct one of "
        "them in Figgo: an address belongs to the one running contract that has it.",
    )


def _address(employee: Employee, rules: MailboxRules) -> str | Refusal:
    text, name = _source(employee, rules.source)
    local, at_sign, domain = text.strip().rpartition("@")
    if not _is_address(local, at_sign, domain):
        fault = "no address" if not text.strip() else "something else than one address"
        return Refusal(
            Reason.NO_ADDRESS,
            f"Figgo has {fault} in the field {name} of this employee. Enter the address of the "
            "mailbox there.",
        )
    domain = _rewritten(domain.lower(), rules)
    if rules.allowed_domains and domain not in rules.allowed_domains:
        return Refusal(
            Reason.ADDRESS_NOT_ALLOWED,
            "The address that Figgo has of this employee is not in one of "
            "spec.mailbox.allowedDomains. Correct it in Figgo, or allow its domain.",
        )
    return f"{local}@{domain}"


def _source(employee: Employee, source: AddressSource) -> tuple[str, str]:
    match source:
        case AddressSource.MAIL:
            return employee.mail, "mail"
        case AddressSource.LOGIN:
            return employee.login, "login"
        case _:
            assert_never(source)


def _is_address(local: str, at_sign: str, domain: str) -> bool:
    text = local + domain
    return bool(local and at_sign and domain) and "@" not in text and not _has_strange(text)


def _has_strange(text: str) -> bool:
    # Two addresses in one field, or a name beside the address.
    return any(char.isspace() or not char.isprintable() or char in '<>,;:"' for char in text)


def _rewritten(domain: str, rules: MailboxRules) -> str:
    """Rewrite once: the new domain of one rule is never the old one of the next."""
    return next((each.new for each in rules.rewrites if each.old == domain), domain)
