"""The one writer of the statuses of a tenant's initialisations."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from figgosync.core.conditions import Condition, ConditionType, Status, turned
from figgosync.core.initialisation import InitialisationName
from figgosync.core.tenant import TenantName
from figgosync.errors import ConflictError, Reason, SyncError
from figgosync.kube.events import EventType, Occurrence, Subject
from figgosync.kube.initialisation_status import InitialisationStatus
from figgosync.kube.initialisations import InitialisationObject, parse_initialisation_object
from figgosync.metrics import Metrics
from figgosync.sync.publisher import Recorder

log = logging.getLogger(__name__)

PACE = timedelta(seconds=4)
"""How often the counts of one that goes on are written: they are to move every five seconds."""

_PARTLY = Reason.COMPLETED_WITH_ERRORS

LONGEST_SILENCE = timedelta(seconds=30)


class InitialisationStore(Protocol):
    """Where the objects stand."""

    async def apply_initialisation_status(
        self, name: InitialisationName, resource_version: str, status: Mapping[str, Any]
    ) -> str | None:
        """Write the whole status; return the new resourceVersion, None when the object is gone.

        Raises ConflictError when the object changed since `resource_version`.
        """

    async def get_initialisation(self, name: InitialisationName) -> Mapping[str, Any] | None:
        """Read the object again; None when it is gone."""

    async def own_initialisation(
        self, name: InitialisationName, uid: str, tenant: TenantName, tenant_uid: str
    ) -> None:
        """Have it go when the tenant goes. Raises SyncError."""

    async def delete_initialisation(self, name: InitialisationName, uid: str) -> None:
        """Delete it, if it is still this very object. Raises SyncError."""


@dataclass(slots=True)
class _Page:
    """What was last written of one object; nothing is written before `not_before`.

    `is_waiting` tells whether there is something that waits to be written.
    """

    written: InitialisationStatus
    version: str
    at: datetime | None = None
    not_before: datetime | None = None
    is_waiting: bool = False


class Scribe:
    """Writes what changed: a turn of a condition at once, counts at a steady pace."""

    def __init__(
        self,
        store: InitialisationStore,
        recorder: Recorder,
        metrics: Metrics,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._recorder = recorder
        self._metrics = metrics
        self._now = now
        self._pages: dict[str, _Page] = {}
        self._silent_until: datetime | None = None

    def last(self, subject: InitialisationObject) -> InitialisationStatus:
        """Return the status as last written, or as it was found."""
        return self._page(subject).written

    def may_write(self, subject: InitialisationObject, now: datetime) -> bool:
        """Tell whether counts that changed may be written, by pace and the cluster's trouble."""
        page = self._page(subject)
        # A clock that was set back has seen the last one in the future.
        waited = None if page.at is None or now < page.at else now - page.at
        return not self._is_paused(page, now) and (waited is None or waited >= PACE)

    def due(self, subject: InitialisationObject) -> datetime | None:
        """Return when what waits may be written."""
        page = self._page(subject)
        if not page.is_waiting:
            return None
        times = [page.at + PACE if page.at else None, page.not_before, self._silent_until]
        return max((time for time in times if time is not None), default=None)

    async def write(
        self, subject: InitialisationObject, status: InitialisationStatus, now: datetime
    ) -> bool:
        """Write `status` if it says something new and it is time; tell whether it stands now."""
        page = self._page(subject)
        page.is_waiting = status != page.written
        if not page.is_waiting:
            return True
        news = turned(page.written.conditions, status.conditions)
        if self._is_paused(page, now) or (not news and not self.may_write(subject, now)):
            return False
        try:
            version = await self._apply(subject, page.version, status)
        except SyncError as error:
            log.warning("cluster: %s", error.message, extra={"initialisation": str(subject.name)})
            self._pause(page, error)
            return False
        self._pages[subject.uid] = _Page(status, version or page.version, now)
        if version is not None:
            self._announce(subject, news)
        return True

    def forget_all_but(self, uids: frozenset[str]) -> None:
        """Forget objects that are gone."""
        self._pages = {uid: page for uid, page in self._pages.items() if uid in uids}

    async def _apply(
        self, subject: InitialisationObject, version: str, status: InitialisationStatus
    ) -> str | None:
        """Write to this very object; one that changed meanwhile is read again for its version."""
        body, name = status.to_body(), subject.name
        try:
            return await self._store.apply_initialisation_status(name, version, body)
        except ConflictError:
            found = await self._store.get_initialisation(name)
            if found is None:
                return None
            current = parse_initialisation_object(found)
            if current.uid != subject.uid:
                return None
            return await self._store.apply_initialisation_status(
                name, current.resource_version, body
            )

    def _pause(self, page: _Page, error: SyncError) -> None:
        """Wait from the end of a call that may have lasted long; trouble of the server is of all.

        The tenant's live changes wait for each call.
        """
        until = self._now() + min(error.retry_after or LONGEST_SILENCE, LONGEST_SILENCE)
        if isinstance(error, ConflictError):
            page.not_before = until
        else:
            self._silent_until = until

    def _is_paused(self, page: _Page, now: datetime) -> bool:
        ends = (page.not_before, self._silent_until)
        return any(end is not None and now < end <= now + LONGEST_SILENCE for end in ends)

    def _page(self, subject: InitialisationObject) -> _Page:
        page = self._pages.get(subject.uid)
        if page is None:
            page = self._pages[subject.uid] = _Page(subject.status, subject.resource_version)
        return page

    def _announce(self, subject: InitialisationObject, news: Sequence[Condition]) -> None:
        for condition in news:
            if condition.type is not ConditionType.SUCCEEDED:
                continue
            log.info(
                "initialisation is %s",
                condition.reason.value,
                extra={"initialisation": str(subject.name)},
            )
            if condition.status is not Status.UNKNOWN:
                self._metrics.initialisations_ended.labels(condition.reason.value).inc()
            failed = condition.status is Status.FALSE or condition.reason is _PARTLY
            wished = condition.reason is Reason.CANCELLED
            self._recorder.record(
                Occurrence(
                    Subject.of_initialisation(subject),
                    EventType.WARNING if failed and not wished else EventType.NORMAL,
                    reason=condition.reason.value,
                    action=condition.type.value,
                    note=condition.message,
                )
            )
