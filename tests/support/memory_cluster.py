"""As much of an API server as the tenants need: versions, conflicts, finalizers, Secrets, watch."""

import asyncio
import base64
import copy
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from figgosync.core.tenant import TenantName
from figgosync.errors import ConflictError, Reason, SyncError
from figgosync.kube.credentials import Secret, secret_from, secret_missing
from figgosync.kube.events import Occurrence
from figgosync.kube.names import CREDENTIALS_LABEL, FINALIZER
from figgosync.kube.status import TenantStatus

NAMESPACE = "hr"

Watcher = Callable[[str, Mapping[str, Any]], None]
"""Hears the kind of a change (ADDED, MODIFIED, DELETED) and the object, in a later turn of the
event loop, as over a watch."""


class MemoryCluster:
    """Tenant objects and Secrets of one namespace.

    `status_writes` has every status that changed something, `trouble` is raised by every call
    while it is set, and `reads` counts how often each Secret was read. `before_answer` happens
    once, between the next write by the operator and its answer.
    """

    def __init__(self) -> None:
        self.watchers: list[Watcher] = []
        self.status_writes: list[Mapping[str, Any]] = []
        self.trouble: SyncError | None = None
        self.status_trouble: SyncError | None = None
        self.before_answer: Callable[[], None] | None = None
        self.reads: dict[str, int] = {}
        self._version = 100
        self._uids = 0
        self._tenants: dict[TenantName, dict[str, Any]] = {}
        self._secrets: dict[str, dict[str, Any]] = {}

    # What administrators do.

    def create(self, manifest: Mapping[str, Any], *, created: str = "2026-11-24T08:00:00Z") -> None:
        body = copy.deepcopy(dict(manifest))
        self._uids += 1
        body["metadata"] |= {
            "namespace": NAMESPACE,
            "uid": f"6f0c1a2e-0000-4000-8000-{self._uids:012}",
            "generation": 1,
            "creationTimestamp": created,
        }
        name = TenantName(NAMESPACE, body["metadata"]["name"])
        assert name not in self._tenants
        self._keep(name, body, "ADDED")

    def edit(self, changes: Mapping[str, object], name: str = "acme") -> None:
        """Change fields of the spec, `{"events.title": "Away"}`; None takes one out."""
        body = self.body(name)
        for path, value in changes.items():
            *parents, last = path.split(".")
            fields = body["spec"]
            for parent in parents:
                fields = fields.setdefault(parent, {})
            if value is None:
                fields.pop(last, None)
            else:
                fields[last] = value
        body["metadata"]["generation"] += 1
        self._keep(TenantName(NAMESPACE, name), body)

    def annotate(self, key: str, value: str, name: str = "acme") -> None:
        body = self.body(name)
        body["metadata"].setdefault("annotations", {})[key] = value
        self._keep(TenantName(NAMESPACE, name), body)

    def wipe_status(self, name: str = "acme") -> None:
        body = self.body(name)
        body["status"] = {"observedGeneration": -1}
        self._keep(TenantName(NAMESPACE, name), body)

    def delete(self, name: str = "acme") -> None:
        body = self.body(name)
        if body["metadata"].get("finalizers"):
            body["metadata"]["deletionTimestamp"] = "2026-11-24T10:00:00Z"
            body["metadata"]["generation"] += 1
            self._keep(TenantName(NAMESPACE, name), body)
        else:
            self._remove(TenantName(NAMESPACE, name))

    def put_secret(self, secret: str, /, **data: str) -> None:
        self._version += 1
        self._secrets[secret] = {
            "metadata": {
                "name": secret,
                "namespace": NAMESPACE,
                "labels": {CREDENTIALS_LABEL: "true"},
                "resourceVersion": str(self._version),
            },
            "data": {key: base64.b64encode(text.encode()).decode() for key, text in data.items()},
        }

    def remove_secret(self, secret: str) -> None:
        del self._secrets[secret]

    # What can be seen.

    def body(self, name: str = "acme") -> dict[str, Any]:
        return copy.deepcopy(self._tenants[TenantName(NAMESPACE, name)])

    def has(self, name: str = "acme") -> bool:
        return TenantName(NAMESPACE, name) in self._tenants

    def status(self, name: str = "acme") -> dict[str, Any]:
        status: dict[str, Any] = self.body(name).get("status") or {}
        return status

    def condition(self, kind: str, name: str = "acme") -> tuple[str, str] | None:
        """Return status and reason, None while there is no such condition."""
        found = [c for c in self.status(name).get("conditions", ()) if c["type"] == kind]
        return (found[0]["status"], found[0]["reason"]) if found else None

    def message(self, kind: str, name: str = "acme") -> str:
        (found,) = (c for c in self.status(name)["conditions"] if c["type"] == kind)
        return str(found["message"])

    # What the operator asks.

    async def list_tenants(self, namespace: str | None = None) -> Sequence[Mapping[str, Any]]:
        self._fail_if_told()
        return [
            copy.deepcopy(body)
            for name, body in self._tenants.items()
            if namespace in {None, name.namespace}
        ]

    async def get_tenant(self, name: TenantName) -> Mapping[str, Any] | None:
        self._fail_if_told()
        return copy.deepcopy(self._tenants.get(name))

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
        if self.status_trouble is not None:
            raise self.status_trouble
        if name not in self._tenants:
            return None
        body = self.body(name.name)
        if body["metadata"]["resourceVersion"] != resource_version:
            raise ConflictError(Reason.CONFLICT, "Somebody else was faster.", tenant_wide=True)
        sent = json.loads(json.dumps(status))
        assert TenantStatus.from_body(sent).to_body() == sent, "a status is read as it is written"
        if sent != body.get("status"):
            body["status"] = sent
            self.status_writes.append(sent)
            self._keep(name, body)
        version = str(self._tenants[name]["metadata"]["resourceVersion"])
        await self._answer()
        return version

    async def add_finalizer(self, name: TenantName) -> None:
        self._fail_if_told()
        if name not in self._tenants:
            return
        body = self.body(name.name)
        held = body["metadata"].setdefault("finalizers", [])
        if FINALIZER in held:
            return
        if "deletionTimestamp" in body["metadata"]:
            raise ConflictError(Reason.CONFLICT, "Its deletion has begun.", tenant_wide=True)
        held.append(FINALIZER)
        self._keep(name, body)
        await self._answer()

    async def remove_finalizer(self, name: TenantName) -> None:
        self._fail_if_told()
        if name not in self._tenants:
            return
        body = self.body(name.name)
        if FINALIZER not in body["metadata"].get("finalizers", ()):
            return
        body["metadata"]["finalizers"].remove(FINALIZER)
        if "deletionTimestamp" in body["metadata"] and not body["metadata"]["finalizers"]:
            self._remove(name)
        else:
            self._keep(name, body)

    async def _answer(self) -> None:
        """Let what happens meanwhile happen, and the watch tell of it."""
        meanwhile, self.before_answer = self.before_answer, None
        if meanwhile is not None:
            meanwhile()
            await asyncio.sleep(0.01)

    def _fail_if_told(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    def _keep(self, name: TenantName, body: dict[str, Any], kind: str = "MODIFIED") -> None:
        self._version += 1
        body["metadata"]["resourceVersion"] = str(self._version)
        self._tenants[name] = body
        self._tell(kind, body)

    def _remove(self, name: TenantName) -> None:
        self._tell("DELETED", self._tenants.pop(name))

    def _tell(self, kind: str, body: Mapping[str, Any]) -> None:
        for watcher in self.watchers:
            asyncio.get_running_loop().call_soon(watcher, kind, copy.deepcopy(body))


class MemoryRecorder:
    """Keeps the Events that were recorded."""

    def __init__(self) -> None:
        self.occurrences: list[Occurrence] = []

    def record(self, occurrence: Occurrence) -> None:
        self.occurrences.append(occurrence)

    def told(self) -> list[tuple[str, str]]:
        """Return action and reason of each, in order."""
        return [(each.action, each.reason) for each in self.occurrences]
