"""A tenant's way into its calendars: credentials, connection, and proof that both work."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from figgosync.calendars.base import Calendar, CalendarConnection, Mailbox
from figgosync.core.tenant import ExchangeSettings
from figgosync.errors import (
    CredentialError,
    NotAskedError,
    PermanentError,
    Reason,
    SyncError,
    TransientError,
)
from figgosync.sync.credentials import QUICK_PACE, Credentials, SecretWatch
from figgosync.sync.link import Link

PROBES = 3
"""How many mailboxes may fail by themselves before a probe blames the connection."""

_DENIALS = frozenset({Reason.MAILBOX_ACCESS_DENIED, Reason.IMPERSONATION_DENIED})

Connect = Callable[[ExchangeSettings, Credentials], CalendarConnection]


class CalendarAccess:
    """Holds at most one connection, and never knocks again too early after a refusal."""

    def __init__(
        self, settings: ExchangeSettings, watch: SecretWatch, connect: Connect, proof_age: timedelta
    ) -> None:
        self.link = Link()
        self.settings = settings
        self._watch = watch
        self._connect = connect
        self._proof_age = proof_age
        self._connection: CalendarConnection | None = None
        self._can_probe = False

    async def tend(self, now: datetime, candidates: Sequence[Mailbox], *, hold_on: bool) -> bool:
        """Do what is due: read the Secret, connect, probe. Tell whether work may be sent.

        `candidates` are mailboxes to probe with, the best first: some more than PROBES, since not
        every address can be asked for. With `hold_on` a connection that
        is there is kept, whatever becomes of the Secret, unless its login is refused.
        """
        link = self.link
        self._can_probe = bool(candidates)
        if self._connection is None or not hold_on or isinstance(link.error, CredentialError):
            await self._follow_secret(now)
        if self._connection is None or not candidates or not link.may_try(now):
            return self.is_open(now)
        fresh = link.proved_at is not None and now - link.proved_at < self._proof_age
        if link.error is not None or not fresh:
            await self._probe(now, candidates)
        return self.is_open(now)

    def is_open(self, now: datetime) -> bool:
        """Tell whether work may be sent."""
        return self._connection is not None and self.link.usable(now)

    def due(self, now: datetime) -> datetime | None:
        """Return when to tend it again; None while it waits for something else."""
        if self.link.refused:
            return now + QUICK_PACE  # a new Secret shall take effect soon
        if self._connection is None:
            return now + QUICK_PACE if self.link.error is not None else None
        if not self._can_probe:
            return None
        if self.link.next_attempt is not None:
            return self.link.next_attempt
        return self.link.proved_at + self._proof_age if self.link.proved_at else None

    @property
    def is_hopeless(self) -> bool:
        """Whether there are no credentials any more, and no connection that still has some."""
        return self._connection is None and self.link.refused

    def calendar(self, mailbox: Mailbox) -> Calendar:
        """Return one mailbox's calendar; only while `tend` says that work may be sent."""
        if self._connection is None:
            raise TransientError(Reason.PENDING, "The calendar connection is being renewed.")
        return self._connection.calendar(mailbox)

    async def close(self) -> None:
        """Let go of the connection; calls in flight end within the call limit."""
        self._watch.read_soon()
        await self._disconnect()

    async def _follow_secret(self, now: datetime) -> None:
        try:
            renewed = await self._watch.changed(now, refused=self.link.refused)
        except PermanentError as error:
            await self._disconnect()
            self.link.failed(error, now)
            return
        except SyncError as error:
            if self._connection is None:
                self.link.failed(error, now)
            return
        if (renewed or self._connection is None) and self._watch.current is not None:
            await self._connect_anew(self._watch.current, now)

    async def _connect_anew(self, credentials: Credentials, now: datetime) -> None:
        await self._disconnect()
        try:
            self._connection = self._connect(self.settings, credentials)
        except SyncError as error:
            self.link.failed(error, now)
        else:
            self.link.start_over()

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _probe(self, now: datetime, candidates: Sequence[Mailbox]) -> None:
        """Ask one mailbox; a few more if the trouble may be the mailbox's own."""
        connection = self._connection
        if connection is None:
            return
        troubles: list[SyncError] = []
        for mailbox in candidates:
            if len(troubles) == PROBES:
                break
            try:
                await connection.check(mailbox)
            except NotAskedError:
                continue  # an address that no server can have proves nothing
            except SyncError as error:
                if error.tenant_wide:
                    self.link.failed(error, now)
                    return
                troubles.append(error)
            else:
                self.link.proved(now)
                return
        if troubles:
            self._weigh(troubles, now)

    def _weigh(self, troubles: Sequence[SyncError], now: datetime) -> None:
        """Decide whose fault it is that each of some mailboxes failed by itself."""
        if all(trouble.reason in _DENIALS for trouble in troubles):
            self.link.failed(_denied_everywhere(), now)
        elif any(_speaks_of_the_mailbox(trouble) for trouble in troubles):
            self.link.proved(now)
        else:
            self.link.failed(troubles[-1], now)


def _speaks_of_the_mailbox(trouble: SyncError) -> bool:
    """Tell whether the server let us in and knows what is wrong with this mailbox."""
    return isinstance(trouble, PermanentError) or trouble.reason is Reason.MAILBOX_UNAVAILABLE


def _denied_everywhere() -> SyncError:
    return PermanentError(
        Reason.IMPERSONATION_DENIED,
        "Exchange let the service account in but denies it every mailbox that was tried. Give it "
        "the role ApplicationImpersonation over these mailboxes; the sync resumes by itself.",
        tenant_wide=True,
        retry_after=timedelta(minutes=2),
    )
