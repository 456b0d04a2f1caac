"""The models: they refuse what the API server refuses, and read the rest into the core's values."""

from contextlib import suppress
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from figgosync.core.absence import EmployeeID, LegalEntityID
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
from figgosync.kube.spec import SpecModel
from support.tenants import BAD_SPECS, GOOD_SPECS, BadSpec, a_tenant

_DEFAULT_HOURS = WorkingHours(
    morning=Span(time(9), time(12, 30)), afternoon=Span(time(14), time(18))
)


def _spec(changes: dict[str, object] | None = None) -> TenantSpec:
    return SpecModel.model_validate(a_tenant(changes)["spec"]).settings()


def test_the_smallest_spec_gets_the_documented_defaults() -> None:
    assert _spec() == TenantSpec(
        figgo=FiggoSettings(
            url="https://acme.ilucca.net",
            host="acme.ilucca.net",
            api_key_secret="acme-figgo",
            api_key_field="apiKey",
            poll_interval=timedelta(seconds=20),
            requests_per_minute=30,
        ),
        exchange=ExchangeSettings(
            server_url="https://mail.acme.example/EWS/Exchange.asmx",
            host="mail.acme.example",
            credentials_secret="acme-exchange",
            authentication=Authentication.NTLM,
        ),
        legal_entities=frozenset({LegalEntityID(1), LegalEntityID(4)}),
        events=EventRules(
            title="Absent",
            remote_work_title="Working remotely",
            show_absence_type=False,
            remote_work=RemoteWork.IGNORE,
            full_day=FullDay.ALL_DAY,
            working_hours=_DEFAULT_HOURS,
            time_zone="Europe/Paris",
            private=False,
        ),
        employees=EmployeeFilter(only=frozenset(), excluded=frozenset()),
        mailbox=MailboxRules(AddressSource.MAIL, frozenset(), ()),
        active_since=None,
        max_deletions=DeletionLimit(percent=30, at_least=20),
        deletion_policy=DeletionPolicy.ORPHAN,
        suspend=False,
    )


def test_every_field_that_is_given_reaches_the_core() -> None:
    spec = _spec(
        {
            "figgo.url": "https://localhost:8443",
            "figgo.apiKeySecretRef.key": "figgo.key",
            "figgo.pollInterval": "1m30s",
            "figgo.requestsPerMinute": 6,
            "calendar.exchange.serverURL": "https://exchange:443/ews/x.asmx",
            "calendar.exchange.authentication": "Basic",
            "events": {
                "title": "Away",
                "remoteWorkTitle": "Home",
                "showAbsenceType": True,
                "remoteWork": "WorkingElsewhere",
                "fullDay": "TimeSlot",
                "workingHours": {"morning": {"from": "08:00"}, "afternoon": {"to": "17:15"}},
                "timeZone": "UTC",
                "visibility": "Private",
            },
            "employees": {"only": [1207], "except": [8]},
            "mailbox": {
                "attribute": "Login",
                "allowedDomains": ["acme.example"],
                "rewrite": [{"from": "old.example", "to": "acme.example"}],
            },
            "activeSince": "2026-11-23T01:00:00+01:00",
            "maxDeletions": {"percent": 5, "atLeast": 0},
            "deletionPolicy": "Delete",
            "suspend": True,
        }
    )
    assert spec.figgo == FiggoSettings(
        url="https://localhost:8443",
        host="localhost:8443",
        api_key_secret="acme-figgo",
        api_key_field="figgo.key",
        poll_interval=timedelta(seconds=90),
        requests_per_minute=6,
    )
    assert (spec.exchange.host, spec.exchange.authentication) == ("exchange", Authentication.BASIC)
    assert spec.events == EventRules(
        title="Away",
        remote_work_title="Home",
        show_absence_type=True,
        remote_work=RemoteWork.WORKING_ELSEWHERE,
        full_day=FullDay.TIME_SLOT,
        working_hours=WorkingHours(
            morning=Span(time(8), time(12, 30)), afternoon=Span(time(14), time(17, 15))
        ),
        time_zone="UTC",
        private=True,
    )
    assert spec.employees == EmployeeFilter(
        only=frozenset({EmployeeID(1207)}), excluded=frozenset({EmployeeID(8)})
    )
    assert spec.mailbox == MailboxRules(
        AddressSource.LOGIN,
        frozenset({"acme.example"}),
        (DomainRewrite("old.example", "acme.example"),),
    )
    assert spec.active_since == datetime(2026, 11, 23, tzinfo=UTC)
    assert spec.max_deletions == DeletionLimit(percent=5, at_least=0)
    assert (spec.deletion_policy, spec.suspend) == (DeletionPolicy.DELETE, True)


@pytest.mark.parametrize("changes", GOOD_SPECS.values(), ids=GOOD_SPECS)
def test_what_the_api_server_accepts_is_accepted(changes: dict[str, object]) -> None:
    assert isinstance(_spec(changes), TenantSpec)


@pytest.mark.parametrize("bad", BAD_SPECS.values(), ids=BAD_SPECS)
def test_what_the_api_server_refuses_is_refused_in_the_same_words(bad: BadSpec) -> None:
    with pytest.raises(ValidationError) as refused:
        SpecModel.model_validate(a_tenant(bad.changes)["spec"])
    said = [(_path(error["loc"]), error["msg"]) for error in refused.value.errors()]
    field, sentence = bad.our_words
    assert any(path == field and sentence in message for path, message in said), said


def _path(steps: tuple[int | str, ...]) -> str:
    return "spec" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def test_all_legal_entities_are_none_to_the_core() -> None:
    assert _spec({"legalEntities": None, "allLegalEntities": True}).legal_entities is None


@pytest.mark.parametrize(
    "field", ["later", "figgo.webhook", "events.sensitiveTypes", "calendar.exchange.mailboxes"]
)
def test_a_field_that_this_version_does_not_know_is_refused(field: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        _spec({field: [12]})


@pytest.mark.parametrize("value", ["30", 30.0, True])
def test_a_number_must_be_a_number(value: object) -> None:
    with pytest.raises(ValidationError, match="requestsPerMinute"):
        _spec({"figgo.requestsPerMinute": value})


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://acme.ilucca.net", "acme.ilucca.net"),
        ("https://ACME.Ilucca.NET", "acme.ilucca.net"),
        ("https://acme.ilucca.net:443", "acme.ilucca.net"),
        ("https://acme.ilucca.net:443/EWS/Exchange.asmx", "acme.ilucca.net"),
        ("https://acme.ilucca.net:8443", "acme.ilucca.net:8443"),
        ("https://localhost", "localhost"),
    ],
)
def test_one_host_has_one_form(url: str, authority: str) -> None:
    assert forms.authority(url) == authority


@given(
    st.lists(st.tuples(st.integers(0, 999_999), st.sampled_from(["ms", "s", "m", "h"])), min_size=1)
)
def test_a_duration_is_the_sum_of_its_parts(parts: list[tuple[int, str]]) -> None:
    milliseconds = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
    text = "".join(f"{number}{unit}" for number, unit in parts)
    total = sum(number * milliseconds[unit] for number, unit in parts)
    assert forms.duration(text) == timedelta(milliseconds=total)


@given(st.text())
def test_no_text_makes_the_checks_fail_otherwise_than_by_refusing(text: str) -> None:
    checks = (
        forms.figgo_url,
        forms.exchange_url,
        forms.secret_name,
        forms.secret_key,
        forms.poll_interval,
        forms.title,
        forms.time_of_day,
        forms.time_zone,
        forms.domain,
        forms.date_time,
    )
    for check in checks:
        with suppress(ValueError):
            assert check(text) == text
