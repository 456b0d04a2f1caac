"""What Exchange answers when it refuses: a response code, a sentence, and sometimes a hint."""

from collections.abc import Mapping
from types import MappingProxyType

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "ErrorAccessDenied": "Access is denied. Check credentials and try again.",
        "ErrorCalendarDurationIsTooLong": "Duration is not valid. Maximum duration is five years.",
        "ErrorCalendarEndDateIsEarlierThanStartDate": "EndDate is earlier than StartDate",
        "ErrorCalendarInvalidTimeZone": "The time zone is not valid.",
        "ErrorChangeKeyRequiredForWriteOperations": (
            "A change key is required for this operation; it must be the current one."
        ),
        "ErrorCreateItemAccessDenied": "The caller may not create items in this folder.",
        "ErrorExceededConnectionCount": "You have exceeded the available concurrent connections "
        "for your account. Try again once your other requests have completed.",
        "ErrorFolderNotFound": "The specified folder could not be found in the store.",
        "ErrorImpersonateUserDenied": (
            "The account does not have permission to impersonate the requested user."
        ),
        "ErrorIncorrectUpdatePropertyCount": "Each change must list exactly one property.",
        "ErrorInvalidChangeKey": "The change key is invalid.",
        "ErrorInvalidExchangeImpersonationHeaderData": "The impersonation header names nobody.",
        "ErrorInvalidExtendedProperty": "The extended property attribute combination is invalid.",
        "ErrorInvalidIdEmpty": "Id must be non-empty.",
        "ErrorInvalidIdMalformed": "Id is malformed.",
        "ErrorInvalidPagingMaxRows": "The maximum number of rows must be positive.",
        "ErrorInvalidPropertySet": "Set action is invalid for property.",
        "ErrorInvalidServerVersion": "The specified server version is invalid.",
        "ErrorInvalidUserPrincipalName": "The user principal name is not in the directory.",
        "ErrorIrresolvableConflict": "The send or update operation could not be performed because "
        "the change key passed in the request does not match the current change key for the item.",
        "ErrorItemNotFound": "The specified object was not found in the store.",
        "ErrorMailboxMoveInProgress": "The mailbox is being moved.",
        "ErrorMissingEmailAddress": "When making a request as an account that does not have a "
        "mailbox, you must specify the mailbox primary SMTP address for any distinguished folder.",
        "ErrorNonExistentMailbox": "The SMTP address has no mailbox associated with it.",
        "ErrorNonPrimarySmtpAddress": "The primary SMTP address must be specified when "
        "referencing a mailbox.",
        "ErrorQuotaExceeded": "The mailbox has exceeded its quota.",
        "ErrorRestrictionTooLong": "The restriction contains too many nodes.",
        "ErrorSchemaValidation": "The request failed schema validation.",
        "ErrorSendMeetingCancellationsRequired": (
            "SendMeetingCancellations attribute is required for Calendar items."
        ),
        "ErrorSendMeetingInvitationsOrCancellationsRequired": (
            "SendMeetingInvitationsOrCancellations attribute is required for Calendar items."
        ),
        "ErrorSendMeetingInvitationsRequired": (
            "SendMeetingInvitations attribute is required for Calendar items."
        ),
        "ErrorServerBusy": "The server cannot service this request right now. Try again later.",
        "ErrorTimeZone": "There is a time zone error.",
        "ErrorUnsupportedMapiPropertyType": "The property type is not supported.",
        "ErrorUnsupportedPathForQuery": "The property can not be used with this type of "
        "restriction.",
        "ErrorUpdatePropertyMismatch": "The property path does not match the property being set.",
    }
)
"""Sentences for codes: most in Exchange's words as clients have quoted them, some assumed.

Nobody may branch on them; the codes are those of Microsoft's ResponseCode page.
"""


class EWSError(Exception):
    """A refusal with an EWS response code. `hints` become the values of its MessageXml."""

    def __init__(
        self, code: str, text: str = "", hints: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.code = code
        self.text = text or TEXTS.get(code, "An error occurred.")
        self.hints = hints
        super().__init__(f"{code}: {self.text}")


class SOAPFaultError(EWSError):
    """A refusal of the whole request: Exchange answers it as a SOAP fault with HTTP 500."""


def not_simulated(what: str) -> SOAPFaultError:
    """Return the answer for what a real Exchange may know but this simulator does not."""
    return SOAPFaultError("ErrorInvalidOperation", f"Not simulated: {what}.")
