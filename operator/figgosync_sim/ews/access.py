"""Who may open which mailbox: impersonation, its management scope, and what hinders a mailbox."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lxml import etree

from figgosync_sim.ews.accounts import Account
from figgosync_sim.ews.errors import EWSError, SOAPFaultError, not_simulated
from figgosync_sim.ews.ids import folder_of
from figgosync_sim.ews.soap import Element, T
from figgosync_sim.mailboxes import Mailbox, MailboxState, MailboxStore


class ManagementScope:
    """Whom the service account may impersonate: everybody, until it is narrowed.

    Verified [ResponseCode page]: a user outside, or the role missing altogether, is answered with
    ErrorImpersonateUserDenied; a server that grants nothing with ErrorImpersonationDenied.
    """

    def __init__(self) -> None:
        self.role_assigned = True
        self.server_allows = True
        self._allows: Callable[[Mailbox], bool] = lambda _: True

    def everybody(self) -> None:
        """Assign the role without a scope."""
        self.role_assigned = self.server_allows = True
        self._allows = lambda _: True

    def only(self, addresses: Iterable[str]) -> None:
        """Narrow the scope to these mailboxes."""
        allowed = {address.lower() for address in addresses}
        self._allows = lambda mailbox: mailbox.address.lower() in allowed

    def where(self, allows: Callable[[Mailbox], bool]) -> None:
        """Narrow the scope to the mailboxes for which the filter holds."""
        self._allows = allows

    def check(self, mailbox: Mailbox) -> None:
        """Raise SOAPFaultError unless the mailbox's owner may be impersonated."""
        if not self.server_allows:
            raise SOAPFaultError(
                "ErrorImpersonationDenied",
                "The server does not allow the caller to impersonate.",
            )
        if not (self.role_assigned and self._allows(mailbox)):
            raise SOAPFaultError("ErrorImpersonateUserDenied")


@dataclass(frozen=True, slots=True)
class Door:
    """The way from a request's header to a mailbox."""

    store: MailboxStore
    scope: ManagementScope

    def owner(self, header: Element | None, account: Account) -> Mailbox | None:
        """Return the mailbox as whose owner the request acts, None when it has none.

        Raises SOAPFaultError, as Exchange refuses before it looks at the operation.
        """
        if header is None:
            return None if account.mailbox is None else self.reachable(account.mailbox)
        mailbox = self._named(header[0][0])
        self.scope.check(mailbox)
        return mailbox

    def _named(self, identity: Element) -> Mailbox:
        name = (identity.text or "").strip()
        if not name:
            raise SOAPFaultError("ErrorInvalidExchangeImpersonationHeaderData")
        match etree.QName(identity).localname:
            case "PrimarySmtpAddress":
                return self.reachable(name)
            case "SmtpAddress":
                # Assumed: the other form takes any address of the mailbox.
                alias = self.store.by_alias(name)
                return self.reachable(alias.address if alias else name)
            case "PrincipalName":
                found = self.store.by_principal(name)
                if found is None:
                    raise SOAPFaultError("ErrorInvalidUserPrincipalName")
                return self.reachable(found.address)
            case other:
                raise not_simulated(f"impersonation by {other}")

    def reachable(self, address: str) -> Mailbox:
        """Return the mailbox of a primary address.

        Verified: an alias is ErrorNonPrimarySmtpAddress and the answer names the right address; a
        mailbox gone to the cloud is ErrorNonExistentMailbox with that sentence [exchangelib issue
        763]. Assumed: the name of the value that holds the right address, and that a mailbox taken
        from its owner (disabled) looks as if there were none.
        """
        if "@" not in address.strip("@"):
            raise SOAPFaultError("ErrorInvalidSmtpAddress", "The SMTP address format is invalid.")
        mailbox = self.store.find(address)
        if mailbox is None:
            owner = self.store.by_alias(address)
            if owner is not None:
                hints = {"Primary": owner.address}
                raise SOAPFaultError("ErrorNonPrimarySmtpAddress", hints=hints)
            raise SOAPFaultError("ErrorNonExistentMailbox")
        if mailbox.state is MailboxState.MOVED_TO_CLOUD:
            raise SOAPFaultError("ErrorNonExistentMailbox", "No mailbox with such guid.")
        if mailbox.state is MailboxState.DISABLED:
            raise SOAPFaultError("ErrorNonExistentMailbox")
        return mailbox

    def folder(self, element: Element, owner: Mailbox | None) -> tuple[Mailbox, str]:
        """Return the mailbox and name of the folder that a FolderId or DistinguishedFolderId means.

        Raises EWSError. Verified [ResponseCode page]: a caller without a mailbox must name one;
        somebody else's folder without rights is ErrorFolderNotFound.
        """
        if element.tag == f"{T}FolderId":
            guid, name = folder_of(element.get("Id") or "")
            mailbox = next((box for box in self.store if box.guid == guid), None)
        else:
            name = element.get("Id") or ""
            address = element.findtext(f"{T}Mailbox/{T}EmailAddress")
            if address is None and owner is None:
                raise EWSError("ErrorMissingEmailAddress")
            mailbox = owner if address is None else self.reachable(address)
        if mailbox is None or mailbox is not owner:
            raise EWSError("ErrorFolderNotFound")
        return mailbox, name


def check_open(mailbox: Mailbox) -> None:
    """Raise EWSError when the mailbox cannot even be read."""
    if mailbox.state is MailboxState.MOVING:
        raise EWSError("ErrorMailboxMoveInProgress")
    if mailbox.state is MailboxState.ACCESS_DENIED:
        raise EWSError("ErrorAccessDenied")


def check_writable(mailbox: Mailbox, *, creating: bool) -> None:
    """Raise EWSError when nothing can be written. Assumed: a full mailbox still lets go."""
    check_open(mailbox)
    if mailbox.state is MailboxState.FULL:
        raise EWSError("ErrorQuotaExceeded")
    if mailbox.state is MailboxState.READ_ONLY:
        raise EWSError("ErrorCreateItemAccessDenied" if creating else "ErrorAccessDenied")
