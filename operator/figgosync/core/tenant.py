"""A company's wishes, parsed: what a CalendarSyncTenant's spec means to the rest of the code."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from figgosync.core.absence import EmployeeID, LegalEntityID


@dataclass(frozen=True, slots=True, order=True)
class TenantName:
    """Where a tenant object stands."""

    namespace: str
    name: str

    def __str__(self) -> str:
        """Return `namespace/name`, as kubectl users write it."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class FiggoSettings:
    """How to reach the company's Figgo.

    `host` is the normalised authority of `url`: lower case, with the port only where it is not
    443; it is part of every event's identity.
    """

    url: str
    host: str
    api_key_secret: str
    api_key_field: str
    poll_interval: timedelta
    requests_per_minute: int


class Authentication(StrEnum):
    """How the service account logs in to Exchange Server."""

    NTLM = "NTLM"
    BASIC = "Basic"


@dataclass(frozen=True, slots=True)
class ExchangeSettings:
    """How to reach the company's Exchange Server.

    `host` is the authority of `server_url`, normalised like Figgo's; the Secret has the keys
    accountLogin and accountPass.
    """

    server_url: str
    host: str
    credentials_secret: str
    authentication: Authentication


class RemoteWork(StrEnum):
    """What becomes of telework, which Figgo lists among the leaves."""

    IGNORE = "Ignore"
    WORKING_ELSEWHERE = "WorkingElsewhere"
    AS_ABSENCE = "AsAbsence"


class FullDay(StrEnum):
    """How whole days are drawn."""

    ALL_DAY = "AllDay"
    TIME_SLOT = "TimeSlot"


@dataclass(frozen=True, slots=True)
class Span:
    """From one wall time to a later one of the same day."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When the two halves of a working day are: `morning` ends before `afternoon` starts."""

    morning: Span
    afternoon: Span


@dataclass(frozen=True, slots=True)
class EventRules:
    """What an absence looks like in a calendar.

    `title` is what hidden absences are called, `remote_work_title` what telework is called while
    types are hidden. `time_zone` (IANA) is the fallback for establishments that have none.
    """

    title: str
    remote_work_title: str
    show_absence_type: bool
    remote_work: RemoteWork
    full_day: FullDay
    working_hours: WorkingHours
    time_zone: str
    private: bool


@dataclass(frozen=True, slots=True)
class EmployeeFilter:
    """Whom to serve: everybody when `only` is empty, and never anybody in `excluded`."""

    only: frozenset[EmployeeID]
    excluded: frozenset[EmployeeID]


class AddressSource(StrEnum):
    """Which field of a Figgo user names the mailbox."""

    MAIL = "Mail"
    LOGIN = "Login"


@dataclass(frozen=True, slots=True)
class DomainRewrite:
    """Addresses of domain `old` belong to mailboxes of domain `new`; both lower case."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class MailboxRules:
    """From a Figgo user to a mailbox address.

    Any domain is allowed when `allowed_domains` is empty; rewriting comes first.
    """

    source: AddressSource
    allowed_domains: frozenset[str]
    rewrites: tuple[DomainRewrite, ...]


@dataclass(frozen=True, slots=True)
class DeletionLimit:
    """The breaker on deletions.

    Within a day no more than `percent` of the events we manage, or `at_least` of them where that
    is more, may be deleted.
    """

    percent: int
    at_least: int


class DeletionPolicy(StrEnum):
    """What becomes of our events when the tenant object goes."""

    ORPHAN = "Orphan"
    DELETE = "Delete"


@dataclass(frozen=True, slots=True)
class TenantSpec:
    """One company's wishes. `legal_entities` is None for all of them."""

    figgo: FiggoSettings
    exchange: ExchangeSettings
    legal_entities: frozenset[LegalEntityID] | None
    events: EventRules
    employees: EmployeeFilter
    mailbox: MailboxRules
    active_since: datetime | None
    max_deletions: DeletionLimit
    deletion_policy: DeletionPolicy
    suspend: bool
