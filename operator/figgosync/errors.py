"""What can go wrong, named by what to do next."""

from datetime import timedelta
from enum import StrEnum


class Reason(StrEnum):
    """Why something is as it is: the closed list behind conditions, failures and metrics.

    The values are CamelCase, as the Kubernetes API conventions ask of a condition's reason.
    """

    # All is well, or will be without anybody's doing.
    SYNCHRONISED = "Synchronised"
    CONNECTED = "Connected"
    PENDING = "Pending"
    PROGRESSING = "Progressing"
    SUSPENDED = "Suspended"
    # One of the two connections does not work.
    CREDENTIALS_REFUSED = "CredentialsRefused"
    IMPERSONATION_DENIED = "ImpersonationDenied"
    SECRET_NOT_FOUND = "SecretNotFound"  # noqa: S105 - a reason, not a secret
    SECRET_NOT_LABELLED = "SecretNotLabelled"  # noqa: S105 - a reason, not a secret
    SECRET_KEY_MISSING = "SecretKeyMissing"  # noqa: S105 - a reason, not a secret
    HOST_NOT_ALLOWED = "HostNotAllowed"
    TLS_FAILED = "TLSFailed"
    UNREACHABLE = "Unreachable"
    WRONG_ENDPOINT = "WrongEndpoint"
    THROTTLED = "Throttled"
    SERVER_ERROR = "ServerError"
    REQUEST_REFUSED = "RequestRefused"
    INCOMPLETE_READ = "IncompleteRead"
    LEGAL_ENTITY_NOT_VISIBLE = "LegalEntityNotVisible"
    LEGAL_ENTITY_CLAIMED = "LegalEntityClaimed"
    UNKNOWN_TIME_ZONE = "UnknownTimeZone"
    INVALID_SPEC = "InvalidSpec"
    CRD_OUTDATED = "CustomResourceDefinitionOutdated"
    # One employee cannot be served; the others are.
    FAILING_EMPLOYEES = "FailingEmployees"
    NO_ADDRESS = "NoAddress"
    ADDRESS_NOT_ALLOWED = "AddressNotAllowed"
    ADDRESS_NOT_UNIQUE = "AddressNotUnique"
    MAILBOX_NOT_FOUND = "MailboxNotFound"
    MAILBOX_ACCESS_DENIED = "MailboxAccessDenied"
    MAILBOX_UNAVAILABLE = "MailboxUnavailable"
    MAILBOX_FULL = "MailboxFull"
    CONFLICT = "Conflict"
    OUTCOME_UNKNOWN = "OutcomeUnknown"
    EVENT_REFUSED = "EventRefused"
    DELETIONS_BLOCKED = "DeletionsBlocked"
    INTERNAL_ERROR = "InternalError"
    # Another program writes the same absences into the same calendars.
    OTHER_SYNC_ACTIVE = "OtherSyncActive"
    # How an initialisation is getting on, or ended.
    WAITING_FOR_TENANT = "WaitingForTenant"
    QUEUED = "Queued"
    PLANNING = "Planning"
    RUNNING = "Running"
    COMPLETED = "Completed"
    COMPLETED_WITH_ERRORS = "CompletedWithErrors"
    CANCELLED = "Cancelled"
    VALIDATION_FAILED = "ValidationFailed"
    PLAN_CHANGED = "PlanChanged"


class SyncError(Exception):
    """A failure whose sentence may be shown to an administrator.

    `message` says what happened and the remedy; it never holds a name, an address, an absence
    type or a secret. `tenant_wide` says whose failure it is: the whole connection's, or only that
    of the one mailbox or request. `retry_after` is the shortest sensible wait before trying again.
    """

    retry_after: timedelta | None = None

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        tenant_wide: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.tenant_wide = tenant_wide
        if retry_after is not None:
            self.retry_after = retry_after


class TransientError(SyncError):
    """Try again later: throttled, timed out, the server in trouble."""

    retry_after = timedelta(seconds=30)


class OutcomeUnknownError(TransientError):
    """The answer to a write was lost: it may have happened, or may still happen.

    Wait `retry_after`, the longest time the server may still be at work on it, then read again.
    """

    retry_after = timedelta(seconds=30)


class ConflictError(SyncError):
    """What we knew is out of date: read again, then decide again."""

    retry_after = timedelta(seconds=1)


class CredentialError(SyncError):
    """The other side refused our identity: tell the tenant, and stop knocking until it changes."""

    retry_after = timedelta(minutes=1)


class PermanentError(SyncError):
    """Trying again is pointless until somebody changes something."""

    retry_after = timedelta(hours=1)


class NotAskedError(PermanentError):
    """We refused by ourselves, before anybody was asked: it says nothing of the other side."""
