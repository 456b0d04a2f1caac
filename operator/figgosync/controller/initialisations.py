"""All initialisations that were seen: each is handed to its tenant's sync, or told why not."""

import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from figgosync.core.conditions import ConditionType, Status
from figgosync.core.initialisation import InitialisationName, Tally
from figgosync.core.tenant import TenantName
from figgosync.errors import ConflictError, PermanentError, Reason, SyncError
from figgosync.kube.initialisation_status import InitialisationStatus
from figgosync.kube.initialisations import (
    Initialisation,
    InitialisationObject,
    parse_initialisation,
    parse_initialisation_object,
)
from figgosync.sync.initialisation.endings import cancelled
from figgosync.sync.initialisation.report import ended, still_over, waiting
from figgosync.sync.initialisation.run import Ending
from figgosync.sync.initialisation.scribe import InitialisationStore

log = logging.getLogger(__name__)


class Book(InitialisationStore, Protocol):
    """Where the objects stand."""

    async def list_initialisations(
        self, namespace: str | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """Return all of a namespace, or of the cluster, whole or an error. Raises SyncError."""


class Tenants(Protocol):
    """Knows which tenants are at work here."""

    def initialise(self, tenant: TenantName, wished: Sequence[Initialisation]) -> bool:
        """Hand a tenant all that is wished of it; tell whether it is at work."""

    def may_speak_for(self, tenant: TenantName) -> bool:
        """Tell whether a tenant is known to be no other operator's."""

    def absence_of(self, tenant: TenantName) -> str | None:
        """Say why a tenant is not at work here; None where that is another operator's matter."""


class Initialisations:
    """Follows the objects; its methods are called in the main event loop.

    `ended` hears the reason of each that came to its end here, which no tenant's sync tells.
    """

    def __init__(
        self,
        store: Book,
        tenants: Tenants,
        namespaces: Sequence[str | None],
        now: Callable[[], datetime],
        errand: Callable[[Coroutine[Any, Any, None]], None],
        ended: Callable[[Reason], None],
    ) -> None:
        self._store = store
        self._tenants = tenants
        self._namespaces = namespaces
        self._now = now
        self._errand = errand
        self._ended = ended
        self._objects: dict[InitialisationName, InitialisationObject] = {}
        self._gone: set[str] = set()

    def reasons(self) -> Mapping[Reason, int]:
        """Return how many objects are about what, by the reason of their condition Succeeded."""
        return Counter(_reason(each.status) for each in self._objects.values())

    def seen(self, body: Mapping[str, Any]) -> None:
        """Follow an object as it is now; what a list says may be older than what is known."""
        found = parse_initialisation_object(body)
        known = self._objects.get(found.name)
        if known is not None and known.uid == found.uid and found.generation < known.generation:
            return
        try:
            found = parse_initialisation(body)
        except PermanentError as error:
            self._refuse(found, error)
        self._objects[found.name] = found
        if found.tenant is not None:
            self.told(found.tenant)
        if known is not None and known.tenant not in {None, found.tenant}:
            self.told(known.tenant)

    def gone(self, body: Mapping[str, Any]) -> None:
        """Let go of an object that is no more."""
        found = parse_initialisation_object(body)
        self._gone.add(found.uid)
        self._lose(found.name, found.uid)

    def told(self, tenant: TenantName) -> None:
        """Hear that a tenant came, went or changed, or something that is wished of it."""
        wished = self._wished_of(tenant)
        if self._tenants.initialise(tenant, wished):
            return
        why = self._tenants.absence_of(tenant)
        if why is not None:
            for each in wished:
                self._have_wait(each, why)

    async def catch_up(self) -> int:
        """List the objects, follow what the watch has lost, return how many. Raises SyncError."""
        before = {each.uid: name for name, each in self._objects.items()}
        self._gone.clear()
        found = [
            (parse_initialisation_object(body), body)
            for namespace in self._namespaces
            for body in await self._store.list_initialisations(namespace)
        ]
        lost = before.keys() - {each.uid for each, _ in found}
        for uid in lost:
            self._lose(before[uid], uid)
        news = 0
        for each, body in found:
            if each.uid not in self._gone:
                known = self._objects.get(each.name)
                news += known is None or (known.uid, known.generation) != (
                    each.uid,
                    each.generation,
                )
                self.seen(body)
        return len(lost) + news

    def _lose(self, name: InitialisationName, uid: str) -> None:
        known = self._objects.get(name)
        if known is None or known.uid != uid:
            return
        del self._objects[name]
        if known.tenant is not None:
            self._tenants.initialise(known.tenant, self._wished_of(known.tenant))

    def _wished_of(self, tenant: TenantName) -> Sequence[Initialisation]:
        return [
            each
            for each in self._objects.values()
            if isinstance(each, Initialisation) and each.tenant == tenant
        ]

    def _have_wait(self, subject: Initialisation, why: str) -> None:
        if subject.deleting:
            return
        if _is_over(subject):
            self._write(subject, still_over(subject.status, subject.generation))
        elif subject.spec.cancel:
            self._write(subject, ended(subject, _called_off(subject), self._now()))
        else:
            self._write(subject, waiting(subject, f"Waits for the tenant. {why}", self._now()))

    def _refuse(self, subject: InitialisationObject, error: PermanentError) -> None:
        """Say that a spec cannot be used, unless that is for another operator to say."""
        if subject.tenant is not None and not self._tenants.may_speak_for(subject.tenant):
            return
        if subject.deleting:
            return
        if _is_over(subject):
            self._write(subject, still_over(subject.status, subject.generation))
        else:
            ending = Ending(Status.FALSE, Reason.VALIDATION_FAILED, error.message)
            self._write(subject, ended(subject, ending, self._now()))

    def _write(self, subject: InitialisationObject, status: InitialisationStatus) -> None:
        if status != subject.status:
            self._errand(self._written(subject, status))

    async def _written(self, subject: InitialisationObject, status: InitialisationStatus) -> None:
        """Write once: of an object that has changed meanwhile we shall be told again."""
        try:
            version = await self._store.apply_initialisation_status(
                subject.name, subject.resource_version, status.to_body()
            )
        except ConflictError:
            return
        except SyncError as trouble:
            extra = {"initialisation": str(subject.name)}
            log.warning("cluster: %s", trouble.message, extra=extra)
        else:
            if version is not None and status.completion_time and not _is_over(subject):
                self._ended(_reason(status))


def _called_off(subject: Initialisation) -> Ending:
    """Say what is known of it from when its tenant was at work."""
    status = subject.status
    phase = status.checkpoint.phase if status.checkpoint is not None else None
    tally = status.progress.tally if status.progress is not None else Tally()
    return cancelled(subject.spec.action, tally, phase)


def _is_over(subject: InitialisationObject) -> bool:
    return subject.status.completion_time is not None


def _reason(status: InitialisationStatus) -> Reason:
    for condition in status.conditions:
        if condition.type is ConditionType.SUCCEEDED:
            return condition.reason
    return Reason.PENDING
