"""Whose an initialisation is, and when its object goes."""

import logging
from datetime import datetime, timedelta

from figgosync.errors import SyncError
from figgosync.kube.initialisations import Initialisation
from figgosync.kube.resources import Tenant
from figgosync.sync.initialisation.scribe import InitialisationStore

log = logging.getLogger(__name__)

AGAIN = timedelta(seconds=30)
"""After trouble of the API server: neither of the two is urgent."""


class Custody:
    """Of the initialisations of one tenant. Nothing raises: it is done at the next occasion."""

    def __init__(self, store: InitialisationStore) -> None:
        self._store = store
        self._owned: set[str] = set()
        self._deleted: set[str] = set()
        self._not_before: datetime | None = None

    def due(self) -> datetime | None:
        """Return when to try again what failed."""
        return self._not_before

    async def own(self, subject: Initialisation, tenant: Tenant, now: datetime) -> None:
        """Have the object go when the tenant's goes."""
        if subject.uid in self._owned or subject.deleting or not self._may_try(now):
            return
        if tenant.uid not in subject.owners:
            try:
                await self._store.own_initialisation(
                    subject.name, subject.uid, tenant.name, tenant.uid
                )
            except SyncError as error:
                self._failed(subject, error, now)
                return
        self._owned.add(subject.uid)

    async def clear_away(self, subject: Initialisation, ended_at: datetime, now: datetime) -> None:
        """Delete an object that has been over for as long as its spec has it stay."""
        keep = subject.spec.keep
        if keep is None or now < ended_at + keep or subject.uid in self._deleted:
            return
        if subject.deleting or not self._may_try(now):
            return
        try:
            await self._store.delete_initialisation(subject.name, subject.uid)
        except SyncError as error:
            self._failed(subject, error, now)
        else:
            self._deleted.add(subject.uid)
            log.info(
                "initialisation deleted: it has been over for as long as it was to stay",
                extra={"initialisation": str(subject.name)},
            )

    def _may_try(self, now: datetime) -> bool:
        return self._not_before is None or now >= self._not_before

    def _failed(self, subject: Initialisation, error: SyncError, now: datetime) -> None:
        log.warning("cluster: %s", error.message, extra={"initialisation": str(subject.name)})
        self._not_before = now + AGAIN
