"""As much of an API server as the operator needs: its two kinds, Secrets, and who owns what."""

import asyncio
import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from figgosync.core.initialisation import InitialisationName
from figgosync.core.tenant import TenantName
from figgosync.errors import ConflictError, Reason, SyncError
from figgosync.kube.credentials import Secret, secret_from, secret_missing
from figgosync.kube.events import Occurrence
from figgosync.kube.initialisation_status import InitialisationStatus
from figgosync.kube.names import API_VERSION, CREDENTIALS_LABEL, FINALIZER, TENANT_KIND
from figgosync.kube.status import TenantStatus
from support.memory_objects import NAMESPACE, MemoryObjects, Numbers


class MemoryCluster(MemoryObjects):
    """The tenants of one namespace, its `initialisations`, and its Secrets.

    `trouble` is raised by every call while it is set, and `reads` counts how often each Secret was
    read. `before_answer` happens once, between the next write by the operator and its answer.
    """

    def __init__(self) -> None:
        numbers = Numbers()
        super().__init__(numbers, "acme", lambda body: TenantStatus.from_body(body).to_body())
        self.initialisations = MemoryInitialisations(
            numbers, "backfill", lambda body: InitialisationStatus.from_body(body).to_body()
        )
        self.trouble: SyncError | None = None
        self.before_answer: Callable[[], None] | None = None
        self.reads: dict[str, int] = {}
        self._secrets: dict[str, dict[str, Any]] = {}

    # What administrators do.

    def create_initialisation(
        self, manifest: Mapping[str, Any], *, created: str = "2026-11-24T09:00:00Z"
    ) -> None:
        self.initialisations.create(manifest, created=created)

    def put_secret(self, secret: str, /, **data: str) -> None:
        self._secrets[secret] = {
            "metadata": {
                "name": secret,
                "namespace": NAMESPACE,
                "labels": {CREDENTIALS_LABEL: "true"},
                "resourceVersion": self._numbers.version(),
            },
            "data": {key: base64.b64encode(text.encode()).decode() for key, text in data.items()},
        }

    def relabel(self, secret: str, labels: Mapping[str, str]) -> None:
        self._secrets[secret]["metadata"]["labels"] = dict(labels)

    def remove_secret(self, secret: str) -> None:
        del self._secrets[secret]

    # What the operator asks.

    async def list_tenants(self, namespace: str | None = None) -> Sequence[Mapping[str, Any]]:
        self._fail_if_told()
        return self.found(namespace)

    async def get_tenant(self, name: TenantName) -> Mapping[str, Any] | None:
        self._fail_if_told()
        return self.one(name.namespace, name.name)

    async def secret(self, namespace: str, name: str) -> Secret:
        self._fail_if_told()
        self.reads[name] = self.reads.get(name, 0) + 1
        if name not in self._secrets or namespace != NAMESPACE:
            raise secret_missing(namespace, name)
        return secret_from(self._secrets[name])

    async def apply_status(
        self, name: TenantName, resource_version: str, status: Mapping[str, Any]
    ) -> str | None:
        self._fail_if_told()
        version = self.write_status(name.namespace, name.name, resource_version, status)
        if version is not None:
            await self._answer()
        return version

    async def add_finalizer(self, name: TenantName) -> None:
        self._fail_if_told()
        body = self.one(name.namespace, name.name)
        if body is None:
            return
        held = body["metadata"].setdefault("finalizers", [])
        if FINALIZER in held:
            return
        if "deletionTimestamp" in body["metadata"]:
            raise ConflictError(Reason.CONFLICT, "Its deletion has begun.", tenant_wide=True)
        held.append(FINALIZER)
        self._keep(body)
        await self._answer()

    async def remove_finalizer(self, name: TenantName) -> None:
        self._fail_if_told()
        body = self.one(name.namespace, name.name)
        if body is None or FINALIZER not in body["metadata"].get("finalizers", ()):
            return
        body["metadata"]["finalizers"].remove(FINALIZER)
        if "deletionTimestamp" in body["metadata"] and not body["metadata"]["finalizers"]:
            self._remove(name.name)
        else:
            self._keep(body)

    async def list_initialisations(
        self, namespace: str | None = None
    ) -> Sequence[Mapping[str, Any]]:
        self._fail_if_told()
        return self.initialisations.found(namespace)

    async def get_initialisation(self, name: InitialisationName) -> Mapping[str, Any] | None:
        self._fail_if_told()
        return self.initialisations.one(name.namespace, name.name)

    async def apply_initialisation_status(
        self, name: InitialisationName, resource_version: str, status: Mapping[str, Any]
    ) -> str | None:
        self._fail_if_told()
        version = self.initialisations.write_status(
            name.namespace, name.name, resource_version, status
        )
        if version is not None:
            await self._answer()
        return version

    async def own_initialisation(
        self, name: InitialisationName, uid: str, tenant: TenantName, tenant_uid: str
    ) -> None:
        self._fail_if_told()
        owner = {
            "apiVersion": API_VERSION,
            "kind": TENANT_KIND,
            "name": tenant.name,
            "uid": tenant_uid,
            "controller": False,
            "blockOwnerDeletion": False,
        }
        if self.initialisations.own(name, uid, owner):
            await self._answer()

    async def delete_initialisation(self, name: InitialisationName, uid: str) -> None:
        self._fail_if_told()
        body = self.initialisations.one(name.namespace, name.name)
        if body is not None and body["metadata"]["uid"] == uid:
            self.initialisations.delete(name.name)
            await self._answer()

    async def _answer(self) -> None:
        """Let what happens meanwhile happen, and the watch tell of it."""
        meanwhile, self.before_answer = self.before_answer, None
        if meanwhile is not None:
            meanwhile()
            await asyncio.sleep(0.01)

    def _fail_if_told(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    def _remove(self, name: str) -> None:
        uid = self.body(name)["metadata"]["uid"]
        super()._remove(name)
        self.initialisations.collect(uid)


class MemoryInitialisations(MemoryObjects):
    """The initialisations of one namespace."""

    def own(self, name: InitialisationName, uid: str, owner: Mapping[str, Any]) -> bool:
        """Add an owner; tell whether it was not one already."""
        body = self.one(name.namespace, name.name)
        if body is None or body["metadata"]["uid"] != uid:
            return False
        owners = body["metadata"].setdefault("ownerReferences", [])
        if any(each["uid"] == owner["uid"] for each in owners):
            return False
        owners.append(dict(owner))
        self._keep(body)
        return True


class MemoryRecorder:
    """Keeps the Events that were recorded."""

    def __init__(self) -> None:
        self.occurrences: list[Occurrence] = []

    def record(self, occurrence: Occurrence) -> None:
        self.occurrences.append(occurrence)

    def told(self) -> list[tuple[str, str]]:
        """Return action and reason of each, in order."""
        return [(each.action, each.reason) for each in self.occurrences]
