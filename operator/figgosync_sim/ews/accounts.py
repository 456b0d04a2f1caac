"""The accounts that may log in, and how many have tried in vain."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class AccountState(StrEnum):
    """What the directory says of an account.

    Assumed: IIS answers 401 to all but an ACTIVE one, whatever the password.
    """

    ACTIVE = "Active"
    LOCKED = "Locked"
    EXPIRED = "Expired"
    DISABLED = "Disabled"


@dataclass(slots=True)
class Account:
    r"""One account. `login` is as people type it: `DOMAIN\name` or `name@domain`.

    `mailbox` is the address of its own mailbox; a service account usually has none. `failures`
    counts the logins refused since the last good one, whatever made them fail.
    """

    login: str
    password: str
    mailbox: str | None = None
    state: AccountState = AccountState.ACTIVE
    failures: int = 0


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """One login that was decided. `login` is as the client wrote it, known or not."""

    login: str
    scheme: str
    succeeded: bool


class Accounts:
    """The directory's accounts; logins have no case.

    `attempts` lists every decided login: each request under Basic, each connection under NTLM.
    With `lock_out_after` an account locks itself at so many failures in a row, as companies set
    their directories up; a right password no longer helps then.
    """

    def __init__(self, passwords: Mapping[str, str], *, lock_out_after: int | None = None) -> None:
        self.lock_out_after = lock_out_after
        self.attempts: list[LoginAttempt] = []
        self._accounts: dict[str, Account] = {}
        for login, password in passwords.items():
            self.add(login, password)

    def add(self, login: str, password: str, *, mailbox: str | None = None) -> Account:
        """Create an account, or replace the one of that login."""
        account = Account(login, password, mailbox)
        self._accounts[login.lower()] = account
        return account

    def __getitem__(self, login: str) -> Account:
        return self._accounts[login.lower()]

    def find(self, login: str) -> Account | None:
        """Return the account with this login."""
        return self._accounts.get(login.lower())

    def set_password(self, login: str, password: str) -> None:
        """Change a password, as an administrator does: it also unlocks and unexpires."""
        account = self[login]
        account.password = password
        account.failures = 0
        if account.state is not AccountState.DISABLED:
            account.state = AccountState.ACTIVE

    def set_state(self, login: str, state: AccountState) -> None:
        """Lock, expire, disable or free an account; freeing it forgets its failures."""
        account = self[login]
        account.state = state
        if state is AccountState.ACTIVE:
            account.failures = 0

    def failures(self, login: str | None = None) -> int:
        """Return how many logins were refused, of one login or of all."""
        return sum(
            not attempt.succeeded
            for attempt in self.attempts
            if login is None or attempt.login.lower() == login.lower()
        )

    def decide(self, login: str, scheme: str, *, proven: bool) -> Account | None:
        """Record a login and return its account if it is let in.

        `proven` says whether the client showed that it knows the password.
        """
        account = self.find(login)
        good = proven and account is not None and account.state is AccountState.ACTIVE
        self.attempts.append(LoginAttempt(login, scheme, good))
        if account is None:
            return None
        if good:
            account.failures = 0
            return account
        account.failures += 1
        if self.lock_out_after is not None and account.failures >= self.lock_out_after:
            account.state = AccountState.LOCKED
        return None
