"""The spec of a CalendarSyncTenant as the API server gives it, and what it means to the core.

The models apply the CRD's rules and defaults again; a test holds the two against each other,
field by field. An unknown field is refused: the API server prunes what the CRD does not have, so
that it comes from a newer one, and it may be a wish for privacy that must not go unheard.
"""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)
from pydantic.alias_generators import to_camel

from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.operator_class import DEFAULT_CLASS, LONGEST_CLASS
from figgosync.core.tenant import (
    AddressSource,
    Authentication,
    DeletionLimit,
    DeletionPolicy,
    DomainRewrite,
    EmployeeFilter,
    EventRules,
    ExchangeSettings,
    FiggoSettings,
    FullDay,
    MailboxRules,
    RemoteWork,
    Span,
    TenantSpec,
    WorkingHours,
)
from figgosync.kube import forms

Identifier = Annotated[int, Strict(), Field(ge=1)]
ClassName = Annotated[
    StrictStr, Field(max_length=LONGEST_CLASS), AfterValidator(forms.operator_class)
]
SecretName = Annotated[StrictStr, Field(max_length=253), AfterValidator(forms.secret_name)]
SecretKey = Annotated[StrictStr, Field(max_length=253), AfterValidator(forms.secret_key)]
Title = Annotated[StrictStr, Field(max_length=100), AfterValidator(forms.title)]
TimeOfDay = Annotated[StrictStr, Field(max_length=5), AfterValidator(forms.time_of_day)]
Domain = Annotated[StrictStr, Field(max_length=253), AfterValidator(forms.domain)]
DateTime = Annotated[
    StrictStr,
    Field(max_length=64, json_schema_extra={"format": "date-time"}),
    AfterValidator(forms.date_time),
]


DEFAULT_POLL_INTERVAL = "20s"


class Visibility(StrEnum):
    """Whether colleagues see the title or only that the time is taken."""

    DEFAULT = "Default"
    PRIVATE = "Private"


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=False,
        validate_default=False,
        extra="forbid",
    )


class SecretKeyRef(_Model):
    """One key of a Secret in the object's own namespace."""

    name: SecretName
    key: SecretKey = "apiKey"


class SecretRef(_Model):
    """A Secret in the object's own namespace, whose keys are fixed."""

    name: SecretName


class Figgo(_Model):
    """How to reach the company's Figgo."""

    url: Annotated[StrictStr, Field(max_length=264), AfterValidator(forms.figgo_url)]
    api_key_secret_ref: SecretKeyRef
    poll_interval: Annotated[
        StrictStr, Field(max_length=16), AfterValidator(forms.poll_interval)
    ] = DEFAULT_POLL_INTERVAL
    requests_per_minute: Annotated[StrictInt, Field(ge=6, le=50)] = 30

    def settings(self) -> FiggoSettings:
        """Return what the core knows of it."""
        return FiggoSettings(
            url=self.url,
            host=forms.authority(self.url),
            api_key_secret=self.api_key_secret_ref.name,
            api_key_field=self.api_key_secret_ref.key,
            poll_interval=forms.duration(self.poll_interval),
            requests_per_minute=self.requests_per_minute,
        )


class Exchange(_Model):
    """How to reach the company's Exchange Server."""

    server_url: Annotated[
        StrictStr, Field(max_length=512, alias="serverURL"), AfterValidator(forms.exchange_url)
    ]
    credentials_secret_ref: SecretRef
    authentication: Authentication = Authentication.NTLM

    def settings(self) -> ExchangeSettings:
        """Return what the core knows of it."""
        return ExchangeSettings(
            server_url=self.server_url,
            host=forms.authority(self.server_url),
            credentials_secret=self.credentials_secret_ref.name,
            authentication=self.authentication,
        )


class CalendarUnion(_Model):
    """Where the calendars are: exactly one member."""

    # Not a required property, and None is refused: the kinds of calendar to come are its equals.
    exchange: Exchange | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if self.exchange is None:
            raise ValueError("choose exactly one kind of calendar; this version offers exchange")
        return self


class Morning(_Model):
    """The first half-day."""

    start: TimeOfDay = Field(default="09:00", alias="from")
    end: TimeOfDay = Field(default="12:30", alias="to")


class Afternoon(_Model):
    """The second half-day."""

    start: TimeOfDay = Field(default="14:00", alias="from")
    end: TimeOfDay = Field(default="18:00", alias="to")


class Hours(_Model):
    """When the two halves of a working day are."""

    morning: Morning = Morning()
    afternoon: Afternoon = Afternoon()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.morning.start < self.morning.end:
            raise ValueError("the morning must end after it begins: morning.from < morning.to")
        if not self.morning.end <= self.afternoon.start:
            raise ValueError(
                "the afternoon must not begin before the morning ends: morning.to <= afternoon.from"
            )
        if not self.afternoon.start < self.afternoon.end:
            raise ValueError(
                "the afternoon must end after it begins: afternoon.from < afternoon.to"
            )
        return self

    def settings(self) -> WorkingHours:
        """Return what the core knows of it."""
        return WorkingHours(morning=_span(self.morning), afternoon=_span(self.afternoon))


def _span(half: Morning | Afternoon) -> Span:
    return Span(start=forms.wall_time(half.start), end=forms.wall_time(half.end))


class Events(_Model):
    """What an absence looks like in a calendar."""

    title: Title = "Absent"
    remote_work_title: Title = "Working remotely"
    show_absence_type: StrictBool = False
    remote_work: RemoteWork = RemoteWork.IGNORE
    full_day: FullDay = FullDay.ALL_DAY
    working_hours: Hours = Hours()
    time_zone: Annotated[StrictStr, Field(max_length=64), AfterValidator(forms.time_zone)]
    visibility: Visibility = Visibility.DEFAULT

    def settings(self) -> EventRules:
        """Return what the core knows of it."""
        return EventRules(
            title=self.title,
            remote_work_title=self.remote_work_title,
            show_absence_type=self.show_absence_type,
            remote_work=self.remote_work,
            full_day=self.full_day,
            working_hours=self.working_hours.settings(),
            time_zone=self.time_zone,
            private=self.visibility is Visibility.PRIVATE,
        )


class Employees(_Model):
    """Whom to serve; an empty `only` is refused, because it could mean everybody or nobody."""

    only: Annotated[frozenset[Identifier], Field(min_length=1, max_length=2000)] | None = None
    excluded: Annotated[frozenset[Identifier], Field(max_length=2000, alias="except")] = frozenset()

    @model_validator(mode="after")
    def _disjoint(self) -> Self:
        if self.only is not None and self.only & self.excluded:
            raise ValueError("an employee must not stand in both only and except")
        return self

    def settings(self) -> EmployeeFilter:
        """Return what the core knows of it."""
        return EmployeeFilter(
            only=frozenset(map(EmployeeID, self.only or ())),
            excluded=frozenset(map(EmployeeID, self.excluded)),
        )


class Rewrite(_Model):
    """One domain and the one that takes its place."""

    old: Domain = Field(alias="from")
    new: Domain = Field(alias="to")

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.old == self.new:
            raise ValueError("from and to must differ")
        return self


class MailboxModel(_Model):
    """How an employee's mailbox is found."""

    attribute: AddressSource = AddressSource.MAIL
    allowed_domains: Annotated[frozenset[Domain], Field(min_length=1, max_length=100)] | None = None
    rewrite: Annotated[tuple[Rewrite, ...], Field(max_length=100)] = ()

    @model_validator(mode="after")
    def _leads_to_allowed(self) -> Self:
        allowed = self.allowed_domains
        if allowed is not None and any(rule.new not in allowed for rule in self.rewrite):
            raise ValueError("every domain that rewrite leads to must stand in allowedDomains")
        if len({rule.old for rule in self.rewrite}) < len(self.rewrite):
            raise ValueError("each domain may be rewritten only once")
        return self

    def settings(self) -> MailboxRules:
        """Return what the core knows of it."""
        return MailboxRules(
            source=self.attribute,
            allowed_domains=self.allowed_domains or frozenset(),
            rewrites=tuple(DomainRewrite(old=rule.old, new=rule.new) for rule in self.rewrite),
        )


class MaxDeletions(_Model):
    """The breaker on deletions."""

    percent: Annotated[StrictInt, Field(ge=1, le=100)] = 30
    at_least: Annotated[StrictInt, Field(ge=0, le=1000)] = 20


class SpecModel(_Model):
    """The whole spec."""

    operator_class: ClassName = DEFAULT_CLASS
    figgo: Figgo
    legal_entities: (
        Annotated[frozenset[Identifier], Field(min_length=1, max_length=1000)] | None
    ) = None
    all_legal_entities: StrictBool | None = None
    calendar: CalendarUnion
    events: Events
    employees: Employees = Employees()
    mailbox: MailboxModel = MailboxModel()
    active_since: DateTime | None = None
    max_deletions: MaxDeletions = MaxDeletions()
    deletion_policy: DeletionPolicy = DeletionPolicy.ORPHAN
    suspend: StrictBool = False

    @model_validator(mode="after")
    def _some_or_all(self) -> Self:
        if (self.legal_entities is not None) == bool(self.all_legal_entities):
            raise ValueError(
                "give either legalEntities, a list of ids, or allLegalEntities: true, and not both"
            )
        return self

    def settings(self) -> TenantSpec:
        """Return what the core knows of it."""
        if self.calendar.exchange is None:  # the union's validator has refused that
            raise AssertionError
        return TenantSpec(
            figgo=self.figgo.settings(),
            exchange=self.calendar.exchange.settings(),
            legal_entities=self._scope(),
            events=self.events.settings(),
            employees=self.employees.settings(),
            mailbox=self.mailbox.settings(),
            active_since=None if self.active_since is None else forms.moment(self.active_since),
            max_deletions=DeletionLimit(
                percent=self.max_deletions.percent, at_least=self.max_deletions.at_least
            ),
            deletion_policy=self.deletion_policy,
            suspend=self.suspend,
        )

    def _scope(self) -> frozenset[LegalEntityID] | None:
        if self.legal_entities is None:
            return None
        return frozenset(map(LegalEntityID, self.legal_entities))
