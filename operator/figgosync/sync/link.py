"""The health of one connection, as an administrator should see it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from figgosync.core.conditions import Status
from figgosync.errors import CredentialError, OutcomeUnknownError, PermanentError, Reason, SyncError

PATIENCE = timedelta(minutes=2)
"""How long passing trouble may last before it is shown as a broken connection."""

LONGEST_WAIT = timedelta(minutes=15)


@dataclass(slots=True)
class Link:
    """What is known of one connection: its last proof, its trouble, and when to try again.

    A refusal (credentials, settings) shows at once; passing trouble only when it lasts.
    """

    proved_at: datetime | None = None
    troubled_since: datetime | None = None
    next_attempt: datetime | None = None
    error: SyncError | None = None
    attempts: int = 0

    def proved(self, now: datetime) -> None:
        """Note that the other side answered as it should."""
        self.proved_at = now
        self.reset()

    def reset(self) -> None:
        """Forget the trouble: something changed, so it is worth an attempt at once."""
        self.troubled_since = self.next_attempt = self.error = None
        self.attempts = 0

    def hurry(self) -> None:
        """Make an attempt due: a person says that it is worth one."""
        self.next_attempt = None

    def start_over(self) -> None:
        """Forget everything, the proof too: what is known was of another connection."""
        self.proved_at = None
        self.reset()

    def failed(self, error: SyncError, now: datetime) -> None:
        """Note a failure of the whole connection; the wait doubles with each in a row."""
        if self.next_attempt is not None and now < self.next_attempt and self._same(error):
            return  # another call that was under way when the first one failed
        self.error = error
        self.troubled_since = self.troubled_since or now
        self.attempts += 1
        wait = error.retry_after or LONGEST_WAIT
        if not isinstance(error, OutcomeUnknownError):
            wait = min(wait * 2 ** min(self.attempts - 1, 10), max(wait, LONGEST_WAIT))
        self.next_attempt = now + wait

    def _same(self, error: SyncError) -> bool:
        return self.error is not None and type(self.error) is type(error)

    @property
    def refused(self) -> bool:
        """Whether only a person can help, so that knocking on is useless or harmful."""
        return isinstance(self.error, CredentialError | PermanentError)

    def may_try(self, now: datetime) -> bool:
        """Tell whether an attempt is due."""
        return self.next_attempt is None or now >= self.next_attempt

    def usable(self, now: datetime) -> bool:
        """Tell whether work may be sent: proved, and not waiting after a failure."""
        return self.proved_at is not None and self.error is None and self.may_try(now)

    def status(self, now: datetime) -> Status:
        """Return what to show: True, False, or Unknown while nothing is known."""
        if self.error is None:
            return Status.TRUE if self.proved_at else Status.UNKNOWN
        lasting = self.troubled_since is not None and now - self.troubled_since >= PATIENCE
        if self.refused or lasting or self.proved_at is None:
            return Status.FALSE
        return Status.TRUE

    def reason(self, now: datetime) -> Reason:
        """Return the reason that goes with the status."""
        status = self.status(now)
        if self.error is not None and status is Status.FALSE:
            return self.error.reason
        return Reason.CONNECTED if status is Status.TRUE else Reason.PENDING
