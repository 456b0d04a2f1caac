"""Every answer of Exchange that the reference lists, and what we make of it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from contract.calendar_cases import PARIS, a_key, an_event
from contract.exchange_backstage import JANE, LOGIN, ExchangeBackstage, Keys, exchange
from figgosync.calendars.base import Calendar, Mailbox
from figgosync.calendars.exchange.attempt import Failure
from figgosync.calendars.exchange.meanings import CODES, FAILURES, STATUSES
from figgosync.core.event import Ref
from figgosync.errors import (
    ConflictError,
    CredentialError,
    OutcomeUnknownError,
    PermanentError,
    Reason,
    SyncError,
    TransientError,
)
from figgosync_sim.ews import AccountState, Refuse
from figgosync_sim.faults import Answer, HtmlError
from figgosync_sim.mailboxes import MailboxState

TENANT, MAILBOX = True, False


@pytest.fixture
async def backstage(keys: Keys) -> AsyncIterator[ExchangeBackstage]:
    async with exchange(keys) as backstage:
        yield backstage


@pytest.fixture
def calendar(backstage: ExchangeBackstage) -> Calendar:
    return backstage.calendar()


MEANINGS = [
    ("ErrorPasswordExpired", CredentialError, Reason.CREDENTIALS_REFUSED, TENANT),
    ("ErrorPasswordChangeRequired", CredentialError, Reason.CREDENTIALS_REFUSED, TENANT),
    ("ErrorAccountDisabled", CredentialError, Reason.CREDENTIALS_REFUSED, TENANT),
    ("ErrorCallerIsInvalidADAccount", CredentialError, Reason.CREDENTIALS_REFUSED, TENANT),
    ("ErrorImpersonationDenied", CredentialError, Reason.IMPERSONATION_DENIED, TENANT),
    ("ErrorImpersonateUserDenied", PermanentError, Reason.IMPERSONATION_DENIED, MAILBOX),
    ("ErrorNonExistentMailbox", PermanentError, Reason.MAILBOX_NOT_FOUND, MAILBOX),
    ("ErrorNonPrimarySmtpAddress", PermanentError, Reason.MAILBOX_NOT_FOUND, MAILBOX),
    ("ErrorInvalidUserPrincipalName", PermanentError, Reason.MAILBOX_NOT_FOUND, MAILBOX),
    ("ErrorInvalidSmtpAddress", PermanentError, Reason.MAILBOX_NOT_FOUND, MAILBOX),
    ("ErrorMissingEmailAddress", PermanentError, Reason.MAILBOX_NOT_FOUND, MAILBOX),
    ("ErrorMailboxConfiguration", PermanentError, Reason.MAILBOX_NOT_FOUND, MAILBOX),
    ("ErrorInvalidLicense", PermanentError, Reason.MAILBOX_NOT_FOUND, MAILBOX),
    ("ErrorCannotFindUser", PermanentError, Reason.MAILBOX_NOT_FOUND, MAILBOX),
    ("ErrorAccessDenied", PermanentError, Reason.MAILBOX_ACCESS_DENIED, MAILBOX),
    ("ErrorCreateItemAccessDenied", PermanentError, Reason.MAILBOX_ACCESS_DENIED, MAILBOX),
    ("ErrorFolderNotFound", PermanentError, Reason.MAILBOX_ACCESS_DENIED, MAILBOX),
    ("ErrorOrganizationAccessBlocked", PermanentError, Reason.REQUEST_REFUSED, TENANT),
    ("ErrorQuotaExceeded", PermanentError, Reason.MAILBOX_FULL, MAILBOX),
    ("ErrorMailboxMoveInProgress", TransientError, Reason.MAILBOX_UNAVAILABLE, MAILBOX),
    ("ErrorMailboxStoreUnavailable", TransientError, Reason.MAILBOX_UNAVAILABLE, MAILBOX),
    ("ErrorMailboxFailover", TransientError, Reason.MAILBOX_UNAVAILABLE, MAILBOX),
    ("ErrorConnectionFailed", TransientError, Reason.MAILBOX_UNAVAILABLE, MAILBOX),
    ("ErrorConnectionFailedTransientError", TransientError, Reason.MAILBOX_UNAVAILABLE, MAILBOX),
    ("ErrorInsufficientResources", TransientError, Reason.MAILBOX_UNAVAILABLE, MAILBOX),
    ("ErrorNotEnoughMemory", TransientError, Reason.MAILBOX_UNAVAILABLE, MAILBOX),
    ("ErrorNoRespondingCASInDestinationSite", TransientError, Reason.MAILBOX_UNAVAILABLE, MAILBOX),
    ("ErrorServerBusy", TransientError, Reason.THROTTLED, TENANT),
    ("ErrorExceededConnectionCount", TransientError, Reason.THROTTLED, TENANT),
    ("ErrorTooManyObjectsOpened", TransientError, Reason.THROTTLED, TENANT),
    ("ErrorInternalServerTransientError", TransientError, Reason.SERVER_ERROR, MAILBOX),
    ("ErrorTimeoutExpired", TransientError, Reason.SERVER_ERROR, MAILBOX),
    ("ErrorADUnavailable", TransientError, Reason.SERVER_ERROR, MAILBOX),
    ("ErrorADOperation", TransientError, Reason.SERVER_ERROR, MAILBOX),
    ("ErrorInternalServerError", TransientError, Reason.SERVER_ERROR, MAILBOX),
    ("ErrorItemNotFound", ConflictError, Reason.CONFLICT, MAILBOX),
    ("ErrorInvalidIdMalformed", ConflictError, Reason.CONFLICT, MAILBOX),
    ("ErrorInvalidChangeKey", ConflictError, Reason.CONFLICT, MAILBOX),
    ("ErrorIrresolvableConflict", ConflictError, Reason.CONFLICT, MAILBOX),
    ("ErrorStaleObject", ConflictError, Reason.CONFLICT, MAILBOX),
    ("ErrorChangeKeyRequiredForWriteOperations", ConflictError, Reason.CONFLICT, MAILBOX),
    ("ErrorCalendarDurationIsTooLong", PermanentError, Reason.EVENT_REFUSED, MAILBOX),
    ("ErrorCalendarEndDateIsEarlierThanStartDate", PermanentError, Reason.EVENT_REFUSED, MAILBOX),
    ("ErrorSchemaValidation", PermanentError, Reason.EVENT_REFUSED, MAILBOX),
    ("ErrorItemSave", PermanentError, Reason.EVENT_REFUSED, MAILBOX),
    ("ErrorItemSavePropertyError", PermanentError, Reason.EVENT_REFUSED, MAILBOX),
    ("ErrorInvalidPropertySet", PermanentError, Reason.EVENT_REFUSED, MAILBOX),
    ("ErrorCalendarInvalidTimeZone", PermanentError, Reason.UNKNOWN_TIME_ZONE, MAILBOX),
    ("ErrorTimeZone", PermanentError, Reason.UNKNOWN_TIME_ZONE, MAILBOX),
    ("ErrorInvalidRequest", PermanentError, Reason.REQUEST_REFUSED, MAILBOX),
    ("ErrorNobodyHasHeardOf", PermanentError, Reason.REQUEST_REFUSED, MAILBOX),
]


@pytest.mark.parametrize("as_fault", [True, False], ids=["fault", "response message"])
@pytest.mark.parametrize(
    ("code", "kind", "reason", "tenant_wide"), MEANINGS, ids=[row[0] for row in MEANINGS]
)
async def test_a_response_code_has_its_meaning_wherever_it_stands(
    backstage: ExchangeBackstage,
    calendar: Calendar,
    code: str,
    kind: type[SyncError],
    reason: Reason,
    *,
    tenant_wide: bool,
    as_fault: bool,
) -> None:
    backstage.simulator.order(Refuse(code, "for jane.doe@societe.com", as_fault=as_fault))

    with pytest.raises(SyncError) as failed:
        await calendar.owned_events()

    error = failed.value
    assert type(error) is kind
    assert (error.reason, error.tenant_wide) == (reason, tenant_wide)
    assert code in error.message
    assert "jane" not in error.message
    assert error.retry_after


UNDONE = {
    "ErrorMailboxFailover": False,
    "ErrorConnectionFailed": False,
    "ErrorTimeoutExpired": False,
    "ErrorInternalServerError": False,
    "ErrorInternalServerTransientError": False,
    "ErrorMailboxMoveInProgress": True,
    "ErrorServerBusy": True,
    "ErrorQuotaExceeded": True,
    "ErrorSchemaValidation": True,
}


@pytest.mark.parametrize(("code", "undone"), UNDONE.items(), ids=UNDONE)
async def test_a_server_in_trouble_may_have_created_what_it_failed_to_answer(
    backstage: ExchangeBackstage, calendar: Calendar, code: str, *, undone: bool
) -> None:
    await calendar.owned_events()
    backstage.simulator.order(Refuse(code, after=not undone))

    with pytest.raises(SyncError) as failed:
        await calendar.create(a_key(), an_event())
    assert isinstance(failed.value, OutcomeUnknownError) is not undone

    if not undone:
        backstage.settle()
    await calendar.create(a_key(), an_event())
    assert len(backstage.stored()) == 1


HTTP: list[tuple[Answer | HtmlError, type[SyncError], Reason, bool]] = [
    (Answer(401), CredentialError, Reason.CREDENTIALS_REFUSED, TENANT),
    (Answer(403), PermanentError, Reason.MAILBOX_ACCESS_DENIED, MAILBOX),
    (HtmlError(404), PermanentError, Reason.WRONG_ENDPOINT, TENANT),
    (Answer(405), PermanentError, Reason.WRONG_ENDPOINT, TENANT),
    (Answer(301), PermanentError, Reason.WRONG_ENDPOINT, TENANT),
    (Answer(408), TransientError, Reason.SERVER_ERROR, MAILBOX),
    (Answer(429), TransientError, Reason.THROTTLED, TENANT),
    (HtmlError(500), TransientError, Reason.SERVER_ERROR, MAILBOX),
    (
        Answer(500, {"X-CasErrorCode": "CAS error: MailboxGuid"}),
        TransientError,
        Reason.SERVER_ERROR,
        MAILBOX,
    ),
    (HtmlError(502), TransientError, Reason.SERVER_ERROR, MAILBOX),
    (HtmlError(503), TransientError, Reason.THROTTLED, TENANT),
    (HtmlError(504), TransientError, Reason.SERVER_ERROR, MAILBOX),
    (HtmlError(200), TransientError, Reason.WRONG_ENDPOINT, TENANT),
    (
        Answer(200, body="<a/>", content_type="text/xml"),
        TransientError,
        Reason.WRONG_ENDPOINT,
        TENANT,
    ),
    (
        Answer(
            500,
            body="<p>The referenced account is currently locked out</p>",
            content_type="text/html",
        ),
        CredentialError,
        Reason.CREDENTIALS_REFUSED,
        TENANT,
    ),
]


@pytest.mark.parametrize(
    ("answer", "kind", "reason", "tenant_wide"),
    HTTP,
    ids=[f"{type(row[0]).__name__} {row[0].status} {row[2]}" for row in HTTP],
)
async def test_an_http_status_has_its_meaning(
    backstage: ExchangeBackstage,
    calendar: Calendar,
    answer: Answer | HtmlError,
    kind: type[SyncError],
    reason: Reason,
    *,
    tenant_wide: bool,
) -> None:
    backstage.simulator.faults.order(answer)

    with pytest.raises(SyncError) as failed:
        await calendar.owned_events()

    assert type(failed.value) is kind
    assert (failed.value.reason, failed.value.tenant_wide) == (reason, tenant_wide)


@pytest.mark.parametrize("status", [429, 503])
async def test_a_proxy_s_delay_is_obeyed(
    backstage: ExchangeBackstage, calendar: Calendar, status: int
) -> None:
    backstage.simulator.faults.order(Answer(status, {"Retry-After": "97"}))

    with pytest.raises(TransientError) as failed:
        await calendar.owned_events()
    assert failed.value.retry_after == timedelta(seconds=97)


STATES = [
    (MailboxState.MOVED_TO_CLOUD, PermanentError, Reason.MAILBOX_NOT_FOUND),
    (MailboxState.DISABLED, PermanentError, Reason.MAILBOX_NOT_FOUND),
    (MailboxState.FULL, PermanentError, Reason.MAILBOX_FULL),
    (MailboxState.MOVING, TransientError, Reason.MAILBOX_UNAVAILABLE),
    (MailboxState.READ_ONLY, PermanentError, Reason.MAILBOX_ACCESS_DENIED),
    (MailboxState.ACCESS_DENIED, PermanentError, Reason.MAILBOX_ACCESS_DENIED),
]


@pytest.mark.parametrize(("state", "kind", "reason"), STATES, ids=[row[0] for row in STATES])
async def test_a_mailbox_in_trouble_stops_its_employee_alone(
    backstage: ExchangeBackstage,
    calendar: Calendar,
    state: MailboxState,
    kind: type[SyncError],
    reason: Reason,
) -> None:
    backstage.simulator.store.set_state(JANE, state)

    with pytest.raises(kind) as failed:
        await calendar.create(a_key(), an_event())
    assert (failed.value.reason, failed.value.tenant_wide) == (reason, False)

    await backstage.another_calendar().create(a_key(), an_event())
    backstage.simulator.store.set_state(JANE, MailboxState.ACTIVE)
    await calendar.create(a_key(), an_event())


async def test_an_alias_is_told_from_a_mailbox_that_is_not_there(
    backstage: ExchangeBackstage,
) -> None:
    backstage.simulator.store.add("amy@societe.com", aliases=("amy.wed@societe.com",))

    with pytest.raises(PermanentError, match="primary"):
        await backstage.connection.check(Mailbox("amy.wed@societe.com", PARIS))


@pytest.mark.parametrize("state", [state for state in AccountState if state != "Active"])
async def test_an_account_that_may_not_log_in_is_a_refused_login(
    backstage: ExchangeBackstage, state: AccountState
) -> None:
    backstage.simulator.accounts.set_state(LOGIN, state)

    with pytest.raises(CredentialError, match="accountLogin, accountPass"):
        await backstage.check()


async def test_a_narrowed_management_scope_stops_only_those_outside(
    backstage: ExchangeBackstage,
) -> None:
    backstage.simulator.scope.only(["joe.bloggs@societe.com"])

    with pytest.raises(PermanentError, match="ApplicationImpersonation") as refused:
        await backstage.check()
    assert not refused.value.tenant_wide
    await backstage.another_calendar().owned_events()


async def test_a_server_that_grants_no_impersonation_stops_the_tenant(
    backstage: ExchangeBackstage,
) -> None:
    backstage.simulator.scope.server_allows = False

    with pytest.raises(CredentialError) as refused:
        await backstage.check()
    assert refused.value.reason is Reason.IMPERSONATION_DENIED


@pytest.mark.parametrize(
    ("address", "zone", "reason"),
    [
        (JANE, "Mars/Olympus", Reason.UNKNOWN_TIME_ZONE),
        (JANE, "", Reason.UNKNOWN_TIME_ZONE),
        (JANE, "../zoneinfo/Europe/Paris", Reason.UNKNOWN_TIME_ZONE),
        (JANE, "Europe", Reason.UNKNOWN_TIME_ZONE),
        (JANE, "Romance Standard Time", Reason.UNKNOWN_TIME_ZONE),
        ("jane", PARIS, Reason.MAILBOX_NOT_FOUND),
        ("", PARIS, Reason.MAILBOX_NOT_FOUND),
        ("jane@societe.com\r\nX-Evil: 1", PARIS, Reason.MAILBOX_NOT_FOUND),
        ("jané@societe.com", PARIS, Reason.MAILBOX_NOT_FOUND),
    ],
)
async def test_what_exchange_cannot_have_is_never_sent(
    backstage: ExchangeBackstage, address: str, zone: str, reason: Reason
) -> None:
    mailbox = Mailbox(address, zone)
    calendar = backstage.connection.calendar(mailbox)
    for call in (
        calendar.owned_events(),
        calendar.create(a_key(), an_event()),
        calendar.update(Ref("key id"), a_key(), an_event()),
        calendar.delete(Ref("key id")),
        backstage.connection.check(mailbox),
    ):
        with pytest.raises(PermanentError) as refused:
            await call
        assert (refused.value.reason, refused.value.tenant_wide) == (reason, False)
    assert len(backstage.simulator.log) == 0


def test_every_meaning_is_reached_and_says_what_to_do() -> None:
    meanings = {*CODES.values(), *STATUSES.values(), *FAILURES.values()}

    assert set(FAILURES) == set(Failure)
    for meaning in meanings:
        if issubclass(meaning.kind, CredentialError | PermanentError):
            # One sentence for what happened, one for the remedy.
            assert meaning.message.count(". ") + meaning.message.count(": ") >= 1 or (
                meaning.reason in {Reason.EVENT_REFUSED, Reason.REQUEST_REFUSED}
            )
        assert meaning.message.endswith(".")
