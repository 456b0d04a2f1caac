"""A tenant's side of its Figgo: the API key, the subscription, and their health."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from figgosync.core.absence import EmployeeID, Reading
from figgosync.core.tenant import FiggoSettings
from figgosync.errors import CredentialError, PermanentError, Reason, SyncError, TransientError
from figgosync.sync.credentials import SecretWatch
from figgosync.sync.link import Link
from figgosync.sync.source import Source, Sources, Subscriber, Wish

LOOK_BACK = timedelta(days=30)
"""How far into the past absences are read without a cause."""

TROUBLED_PACE = timedelta(seconds=5)
"""How often a troubled connection is looked at, so that its recovery shows soon."""


class Feed:
    """Keeps one tenant subscribed to the source that its Secret's API key opens."""

    def __init__(
        self, settings: FiggoSettings, watch: SecretWatch, sources: Sources, subscriber: Subscriber
    ) -> None:
        self._settings = settings
        self._watch = watch
        self._sources = sources
        self._subscriber = subscriber
        self._told: Wish | None = None
        self._own = Link()
        self.source: Source | None = None

    def serves(self, settings: FiggoSettings) -> bool:
        """Tell whether this is the feed of these settings, or a new one must be made."""
        mine = self._settings
        return (mine.url, mine.api_key_secret, mine.api_key_field) == (
            settings.url,
            settings.api_key_secret,
            settings.api_key_field,
        )

    @property
    def link(self) -> Link:
        """The health to show: the source's, or that of the way to it."""
        return self.source.link if self.source is not None else self._own

    @property
    def is_hopeless(self) -> bool:
        """Whether there are no credentials and no connection that still has some."""
        return self.source is None and self._own.refused

    def due(self, now: datetime) -> datetime | None:
        """Return when to look again, None where only a change of the wishes matters."""
        return now + TROUBLED_PACE if self.link.error is not None else None

    async def tend(self, now: datetime, *, hold_on: bool) -> None:
        """Follow the wishes, and the Secret's key.

        With `hold_on` a connection that is there is kept, whatever becomes of the Secret, unless
        its key is refused.
        """
        if self.source is None or not hold_on or isinstance(self.link.error, CredentialError):
            await self._follow_secret(now)
        wish = self._subscriber.wish.without_watermark()
        if self.source is not None and wish != self._told:
            self._told = wish
            self.source.adjust()

    async def read(
        self,
        owners: Collection[EmployeeID],
        *,
        now: datetime,
        since: date | None = None,
        patiently: bool = False,
    ) -> Mapping[EmployeeID, Reading]:
        """Read the absences of some employees again, from `since` on or earlier.

        `patiently` lets all other questions to this Figgo go first. Raises SyncError.
        """
        if self.source is None:
            raise TransientError(Reason.PENDING, "The connection to Figgo is being renewed.")
        trouble = self.link.error
        if isinstance(trouble, PermanentError):
            # It may show too little (a lost right raises no error), so nothing that it says of
            # single employees is to be believed.
            raise TransientError(trouble.reason, trouble.message)
        usual = (now - LOOK_BACK).date()
        since = min(since or usual, usual)
        names = self._subscriber.wish.names
        return await self.source.read(owners, since, names=names, patiently=patiently)

    async def close(self) -> None:
        """Unsubscribe."""
        self._watch.read_soon()
        await self._unsubscribe()

    async def _follow_secret(self, now: datetime) -> None:
        try:
            renewed = await self._watch.changed(now, refused=self.link.refused)
        except PermanentError as error:
            await self._unsubscribe()
            self._own.failed(error, now)
            return
        except SyncError as error:
            if self.source is None:
                self._own.failed(error, now)
            return
        if (renewed or self.source is None) and self._watch.current is not None:
            await self._subscribe(self._watch.current.values[0], now)

    async def _subscribe(self, key: str, now: datetime) -> None:
        await self._unsubscribe()
        self._own.reset()
        try:
            self.source = self._sources.subscribe(self._settings, key, self._subscriber)
        except SyncError as error:
            self._own.failed(error, now)

    async def _unsubscribe(self) -> None:
        source, self.source = self.source, None
        if source is not None:
            await self._sources.unsubscribe(source, self._subscriber)
