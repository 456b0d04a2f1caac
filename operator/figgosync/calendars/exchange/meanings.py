"""What Exchange's answers mean for us: one table, by response code and by HTTP status."""

from dataclasses import dataclass, replace
from datetime import timedelta

from figgosync.calendars.exchange.attempt import Failure
from figgosync.errors import (
    ConflictError,
    CredentialError,
    OutcomeUnknownError,
    PermanentError,
    Reason,
    SyncError,
    TransientError,
)

# How soon to see whether an administrator has put something right: Exchange's directories take up
# to two hours to agree, and nobody shall wait another hour after that.
_PROBE = timedelta(minutes=15)
_SOON = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What to do about an answer.

    `undone` is false where the server may have done what was asked all the same, or may still.
    """

    kind: type[SyncError]
    reason: Reason
    message: str
    tenant_wide: bool = False
    retry_after: timedelta | None = None
    undone: bool = True

    def error(self, detail: str, delay: timedelta | None) -> SyncError:
        """Return the failure; `detail` is a code or a status and goes into the message."""
        return self.kind(
            self.reason,
            f"{self.message} ({detail})",
            tenant_wide=self.tenant_wide,
            retry_after=delay or self.retry_after,
        )


LOGIN_REFUSED = Meaning(
    CredentialError,
    Reason.CREDENTIALS_REFUSED,
    "Exchange refused the login of the service account: password expired or changed, account "
    "locked, or Extended Protection behind a proxy that ends TLS. Write the new password to the "
    "Secret (keys accountLogin, accountPass); the sync resumes by itself.",
    tenant_wide=True,
    # A new Secret is taken up within seconds whatever this says. Directories commonly lock an
    # account at five to ten failures within a quarter or half an hour.
    retry_after=_PROBE,
)
NO_IMPERSONATION = Meaning(
    CredentialError,
    Reason.IMPERSONATION_DENIED,
    "The service account may not act for anybody. Give it the role ApplicationImpersonation "
    "(New-ManagementRoleAssignment) for the employees' mailboxes; the sync resumes by itself.",
    tenant_wide=True,
)
NO_IMPERSONATION_HERE = Meaning(
    PermanentError,
    Reason.IMPERSONATION_DENIED,
    "The service account may not act for this mailbox. Widen the scope of its role "
    "ApplicationImpersonation; a change can take two hours to arrive everywhere.",
    retry_after=_PROBE,
)
NO_MAILBOX = Meaning(
    PermanentError,
    Reason.MAILBOX_NOT_FOUND,
    "Exchange knows no mailbox under the employee's address, or it has moved away. Correct the "
    "address in Figgo, or give the employee a mailbox on this server.",
)
NOT_PRIMARY = Meaning(
    PermanentError,
    Reason.MAILBOX_NOT_FOUND,
    "The employee's address in Figgo is not the mailbox's primary one. Enter the primary SMTP "
    "address in Figgo, or rewrite the domain in spec.mailbox.",
)
NO_ACCESS = Meaning(
    PermanentError,
    Reason.MAILBOX_ACCESS_DENIED,
    "Exchange denies access to this mailbox's calendar. Check that EWS is allowed for the mailbox "
    "(Set-CASMailbox), for the organisation, and for the application figgo-calendar-sync "
    "(EwsAllowList).",
    retry_after=_PROBE,
)
BLOCKED = Meaning(
    PermanentError,
    Reason.REQUEST_REFUSED,
    "The organisation blocks EWS. Allow it (Set-OrganizationConfig) for figgo-calendar-sync.",
    tenant_wide=True,
    retry_after=_PROBE,
)
FULL = Meaning(
    PermanentError,
    Reason.MAILBOX_FULL,
    "The mailbox is full. Free space in it or raise its quota.",
)
MAILBOX_AWAY = Meaning(
    TransientError,
    Reason.MAILBOX_UNAVAILABLE,
    "The mailbox cannot be reached while it is moved or its database is in trouble. If it lasts, "
    "look at the mailbox's move request and database.",
    retry_after=_SOON,
)
MAILBOX_LOST = replace(MAILBOX_AWAY, undone=False)
BUSY = Meaning(
    TransientError,
    Reason.THROTTLED,
    "Exchange asks us to slow down. If it lasts, give the service account a throttling policy "
    "(New-ThrottlingPolicy) of its own.",
    tenant_wide=True,
)
TROUBLE = Meaning(
    TransientError,
    Reason.SERVER_ERROR,
    "Exchange is in trouble. If it lasts, look at the server's health.",
    undone=False,
)
GONE = Meaning(ConflictError, Reason.CONFLICT, "The event changed or went since it was read.")
OUR_DATA = Meaning(PermanentError, Reason.EVENT_REFUSED, "Exchange refuses the event as it is.")
ZONE = Meaning(
    PermanentError,
    Reason.UNKNOWN_TIME_ZONE,
    "Exchange does not know the time zone. Correct the establishment's zone in Figgo.",
)
OLD_SERVER = Meaning(
    PermanentError,
    Reason.WRONG_ENDPOINT,
    "The server does not speak EWS as of Exchange Server 2016. Point serverURL at a newer one.",
    tenant_wide=True,
)
WRONG_URL = Meaning(
    PermanentError,
    Reason.WRONG_ENDPOINT,
    "What answers at serverURL is not EWS, or sends us elsewhere. Correct serverURL; it usually "
    "ends in /EWS/Exchange.asmx.",
    tenant_wide=True,
    retry_after=_SOON,
)
NOT_SOAP = Meaning(
    TransientError,
    Reason.WRONG_ENDPOINT,
    "The answer was cut short or is not Exchange's. If it lasts, look at serverURL and at the "
    "proxies between.",
    tenant_wide=True,
    undone=False,
)
REFUSED = Meaning(
    PermanentError, Reason.REQUEST_REFUSED, "Exchange refuses the request.", retry_after=_PROBE
)
HOST = Meaning(
    PermanentError,
    Reason.HOST_NOT_ALLOWED,
    "The installation does not allow this Exchange host. Add it to the allowed hosts of the "
    "installation, or correct serverURL.",
    tenant_wide=True,
)
CERTIFICATE = Meaning(
    PermanentError,
    Reason.TLS_FAILED,
    "The certificate of the Exchange server is not trusted, has expired or names another host. "
    "Renew it, or add its authority to the installation's CA bundle.",
    tenant_wide=True,
    retry_after=_SOON,
)
TLS = Meaning(
    TransientError,
    Reason.TLS_FAILED,
    "No encrypted connection to Exchange came about. If it lasts, look at the server's TLS "
    "versions and at the proxies between.",
    tenant_wide=True,
    undone=False,
)
UNREACHABLE = Meaning(
    TransientError,
    Reason.UNREACHABLE,
    "Exchange cannot be reached. Check name, network policy, firewall and, if there is one, the "
    "proxy of the installation (HTTPS_PROXY) between the cluster and serverURL.",
    tenant_wide=True,
)
PROXY_UNREACHABLE = Meaning(
    TransientError,
    Reason.UNREACHABLE,
    "The proxy of the installation (HTTPS_PROXY), through which Exchange is reached, cannot be "
    "reached itself. Check its name and port and the network policy, or list the host of "
    "serverURL in NO_PROXY if it needs no proxy.",
    tenant_wide=True,
)
PROXY_SILENT = Meaning(
    TransientError,
    Reason.UNREACHABLE,
    "The proxy of the installation (HTTPS_PROXY) opened no way to Exchange in time. Check that it "
    "reaches the host of serverURL, or list that host in NO_PROXY if it needs no proxy.",
    tenant_wide=True,
)
PROXY_GARBLED = Meaning(
    TransientError,
    Reason.UNREACHABLE,
    "The proxy of the installation (HTTPS_PROXY) broke off or gave no answer that an HTTP proxy "
    "gives. Check that an HTTP proxy listens at this address.",
    tenant_wide=True,
)
PROXY_FAILED = Meaning(
    TransientError,
    Reason.UNREACHABLE,
    "The proxy of the installation (HTTPS_PROXY) could not open a way to Exchange. Check that it "
    "resolves and reaches the host of serverURL, or list that host in NO_PROXY if it needs no "
    "proxy.",
    tenant_wide=True,
)
PROXY_REFUSED = Meaning(
    PermanentError,
    Reason.UNREACHABLE,
    "The proxy of the installation (HTTPS_PROXY) refuses the way to Exchange. Allow CONNECT to "
    "host and port of serverURL in it, or list the host in NO_PROXY if it needs no proxy.",
    tenant_wide=True,
    retry_after=_SOON,
)
# Not the tenant's credentials: nothing that he could write to his Secret would help.
PROXY_LOGIN = Meaning(
    PermanentError,
    Reason.UNREACHABLE,
    "The proxy of the installation (HTTPS_PROXY) asks for a login or refuses the one that it got. "
    "Write login and password into HTTPS_PROXY (http://login:password@host:port; Basic only).",
    tenant_wide=True,
    retry_after=_SOON,
)
NO_ANSWER = Meaning(
    TransientError,
    Reason.SERVER_ERROR,
    "Exchange did not answer in time. If it lasts, look at the server's load.",
    undone=False,
)
UNKNOWN_OUTCOME = Meaning(
    OutcomeUnknownError,
    Reason.OUTCOME_UNKNOWN,
    "Whether Exchange has done what it was asked is unknown; the calendar is read again before "
    "anything is repeated.",
)
INTERNAL = Meaning(
    TransientError,
    Reason.INTERNAL_ERROR,
    "The Exchange provider failed in a way that it should not. Report it with the code.",
    retry_after=_SOON,
    undone=False,
)

_BY_MEANING = (
    (
        LOGIN_REFUSED,
        """
        ErrorPasswordExpired ErrorPasswordChangeRequired ErrorAccountDisabled
        ErrorCallerIsInvalidADAccount
        """,
    ),
    (NO_IMPERSONATION, "ErrorImpersonationDenied"),
    (NO_IMPERSONATION_HERE, "ErrorImpersonateUserDenied"),
    (
        NO_MAILBOX,
        """
        ErrorNonExistentMailbox ErrorCannotFindUser ErrorInvalidUserPrincipalName
        ErrorInvalidSmtpAddress ErrorMissingEmailAddress ErrorMailboxConfiguration
        ErrorInvalidLicense ErrorInvalidUserSid ErrorUserADObjectNotFound
        """,
    ),
    (NOT_PRIMARY, "ErrorNonPrimarySmtpAddress"),
    (
        NO_ACCESS,
        """
        ErrorAccessDenied ErrorCreateItemAccessDenied ErrorFolderNotFound
        """,
    ),
    (BLOCKED, "ErrorOrganizationAccessBlocked"),
    (FULL, "ErrorQuotaExceeded"),
    (
        MAILBOX_AWAY,
        """
        ErrorMailboxMoveInProgress ErrorMailboxStoreUnavailable
        ErrorInsufficientResources ErrorNotEnoughMemory
        """,
    ),
    (
        MAILBOX_LOST,
        """
        ErrorMailboxFailover ErrorConnectionFailed ErrorConnectionFailedTransientError
        ErrorNoRespondingCASInDestinationSite
        """,
    ),
    (
        BUSY,
        """
        ErrorServerBusy ErrorExceededConnectionCount ErrorTooManyObjectsOpened
        ErrorExceededFindCountLimit
        """,
    ),
    (
        TROUBLE,
        """
        ErrorTimeoutExpired ErrorADUnavailable ErrorADOperation ErrorInternalServerError
        ErrorInternalServerTransientError CASError
        """,
    ),
    (
        GONE,
        """
        ErrorItemNotFound ErrorInvalidId ErrorInvalidIdEmpty ErrorInvalidIdMalformed
        ErrorInvalidIdMalformedEwsLegacyIdFormat ErrorInvalidIdXml
        ErrorInvalidIdMonikerTooLong ErrorInvalidIdStoreObjectIdTooLong
        ErrorInvalidIdNotAnItemAttachmentId ErrorInvalidChangeKey
        ErrorIrresolvableConflict ErrorStaleObject ErrorChangeKeyRequired
        ErrorChangeKeyRequiredForWriteOperations
        """,
    ),
    (ZONE, "ErrorCalendarInvalidTimeZone ErrorTimeZone"),
    (
        OLD_SERVER,
        """
        ErrorInvalidServerVersion ErrorIncorrectSchemaVersion
        ErrorInvalidSchemaVersionForMailboxVersion
        """,
    ),
    (
        OUR_DATA,
        """
        ErrorSchemaValidation ErrorInvalidPropertySet ErrorMessageSizeExceeded
        ErrorCorruptData ErrorItemCorrupt
        """,
    ),
)

CODES = {code: meaning for meaning, codes in _BY_MEANING for code in codes.split()}
"""By response code. Microsoft's ResponseCode page says what each means."""

FAMILIES = (("ErrorCalendar", OUR_DATA), ("ErrorItemSave", OUR_DATA))

STATUSES: dict[int, Meaning] = {
    200: NOT_SOAP,
    401: LOGIN_REFUSED,
    403: NO_ACCESS,
    408: TROUBLE,
    429: BUSY,
    # IIS and proxies say so before they hand a request on.
    503: BUSY,
}

FAILURES = {
    Failure.HOST_REFUSED: HOST,
    Failure.LOGIN_REFUSED: LOGIN_REFUSED,
    Failure.CERTIFICATE: CERTIFICATE,
    Failure.TLS: TLS,
    Failure.NO_ANSWER: NO_ANSWER,
    Failure.PROXY_UNREACHABLE: PROXY_UNREACHABLE,
    Failure.PROXY_SILENT: PROXY_SILENT,
    Failure.PROXY_GARBLED: PROXY_GARBLED,
    Failure.PROXY_LOGIN: PROXY_LOGIN,
    Failure.PROXY_REFUSED: PROXY_REFUSED,
    Failure.PROXY_FAILED: PROXY_FAILED,
}
