"""What the tests of the sync share: tenants, places, connections that are wired in memory."""

# ruff: noqa: ANN401 - a builder takes any field of the value that it builds

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from builders import HOST, a_reading, at, day, event_rules, working_half_days
from figgosync.calendars.base import Mailbox
from figgosync.core.absence import EmployeeID, HalfDay, LegalEntityID, PeriodID, Reading
from figgosync.core.scope import ScopeRules
from figgosync.core.tenant import EmployeeFilter, EventRules
from figgosync.errors import CredentialError, PermanentError, Reason, TransientError
from figgosync.kube.resources import Tenant, parse_tenant
from figgosync.sync.employee import Assignment, Report
from figgosync.sync.roster import Place
from figgosync.tenant_table import TenantRecord
from support.tenants import a_stored_tenant

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
ENTITY = LegalEntityID(1)
LONG_AGO = at("2020-01-01 00:00")
NOTHING_DONE = Report()

A_RECORD = TenantRecord(
    last_success=NOW.timestamp(),
    last_attempt=NOW.timestamp() + 0.25,
    sync_interval=20.0,
    ready=True,
    reason=Reason.SYNCHRONISED,
    suspended=False,
    pending_changes=2,
    failing_employees=1,
    blocked_deletions=0,
    other_sync=False,
)


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def leap(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


def tenant(changes: Mapping[str, object] | None = None, **metadata: object) -> Tenant:
    """Return a tenant as read from the cluster; `changes` are fields of the spec."""
    return parse_tenant(a_stored_tenant(changes, **metadata))


def scope_rules(**changes: Any) -> ScopeRules:
    rules = ScopeRules(
        legal_entities=frozenset({ENTITY}),
        employees=EmployeeFilter(frozenset(), frozenset()),
        activations={ENTITY: LONG_AGO},
        active_since=None,
    )
    return replace(rules, **changes)


def an_assignment(employee: int = 1207, **changes: Any) -> Assignment:
    assignment = Assignment(
        host=HOST,
        employee=EmployeeID(employee),
        legal_entity=ENTITY,
        zone=PARIS,
        events=event_rules(),
        scope=scope_rules(),
    )
    return replace(assignment, **changes)


def address(employee: int) -> str:
    return f"e{employee}@societe.com"


def a_place(
    employee: int = 1207, *, mail: str | None = None, events: EventRules | None = None
) -> Place:
    changes = {} if events is None else {"events": events}
    return Place(
        an_assignment(employee, **changes),
        Mailbox(mail or address(employee), "Europe/Paris"),
    )


def a_reading_of(
    employee: int, *rows: HalfDay, since: str = "2026-10-25", read_at: datetime = NOW
) -> Reading:
    return replace(
        a_reading((replace(row, owner=EmployeeID(employee)) for row in rows), since),
        owner=EmployeeID(employee),
        read_at=read_at,
    )


def absent(
    first: str, last: str | None = None, *, period: int = 90211, **more: Any
) -> tuple[HalfDay, ...]:
    """Return the rows of whole days: `absent("2026-12-24")`."""
    rows = working_half_days(f"{first} AM", f"{last or first} PM", period=PeriodID(period), **more)
    assert rows, day(first)
    return rows


def mailbox_gone() -> PermanentError:
    return PermanentError(Reason.MAILBOX_NOT_FOUND, "No such mailbox.")


def throttled() -> TransientError:
    return TransientError(Reason.THROTTLED, "Slow down.", tenant_wide=True)


def refused_login() -> CredentialError:
    return CredentialError(Reason.CREDENTIALS_REFUSED, "Wrong password.", tenant_wide=True)
