"""One Secret, read by name when there is a cause, and seen to change."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from figgosync.errors import PermanentError
from figgosync.kube.credentials import Secret

SLOW_PACE = timedelta(minutes=5)
"""How often a Secret is read again while all is well: a rotation is often done in advance."""

QUICK_PACE = timedelta(seconds=3)
"""How often while its content is refused: an administrator is waiting for the effect."""


class SecretSource(Protocol):
    """Where Secrets come from."""

    async def secret(self, namespace: str, name: str) -> Secret:
        """Read one Secret by name. Raises SyncError with the remedy."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The values of the wanted keys, in the order in which they were asked for."""

    values: tuple[str, ...]

    def __repr__(self) -> str:
        """Show nothing: a repr ends in logs."""
        return "Credentials(…)"


class SecretWatch:
    """Follows one Secret without the right to list or watch any."""

    def __init__(self, source: SecretSource, namespace: str, name: str, *keys: str) -> None:
        self._source = source
        self._namespace, self.name, self._keys = namespace, name, keys
        self._read_at: datetime | None = None
        self.current: Credentials | None = None

    async def changed(self, now: datetime, *, refused: bool) -> bool:
        """Read the Secret if it is time; tell whether the credentials are new.

        Raises SyncError: TransientError leaves what is known in force; PermanentError (no such
        Secret, label or key missing) means that there are no credentials any more.
        """
        pace = QUICK_PACE if refused or self.current is None else SLOW_PACE
        if self._read_at is not None and now - self._read_at < pace:
            return False
        self._read_at = now
        try:
            secret = await self._source.secret(self._namespace, self.name)
            found = Credentials(tuple(secret.text(key) for key in self._keys))
        except PermanentError:
            self.current = None
            raise
        if found == self.current:
            return False
        self.current = found
        return True

    def read_soon(self) -> None:
        """Make the next look a real one, whatever the pace."""
        self._read_at = None
