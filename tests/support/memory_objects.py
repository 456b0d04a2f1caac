"""As much of an API server as one kind of objects needs: versions, conflicts, finalizers, watch."""

import asyncio
import copy
import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from figgosync.errors import ConflictError, Reason, SyncError

NAMESPACE = "hr"

Watcher = Callable[[str, Mapping[str, Any]], None]
"""Hears the kind of a change (ADDED, MODIFIED, DELETED) and the object, in a later turn of the
event loop, as over a watch."""


class Numbers:
    """Makes the resourceVersions and uids of a cluster: none comes twice, of whatever kind."""

    def __init__(self) -> None:
        self._versions = itertools.count(101)
        self._uids = itertools.count(1)

    def version(self) -> str:
        return str(next(self._versions))

    def uid(self) -> str:
        return f"6f0c1a2e-0000-4000-8000-{next(self._uids):012}"


class MemoryObjects:
    """The objects of one kind in one namespace; `usual` is meant where no name is given.

    `reread` reads a status and writes it again. `status_writes` has every status that changed
    something, `status_trouble` is raised by every write of a status while it is set, which
    `refused_status_writes` counts.
    """

    def __init__(
        self, numbers: Numbers, usual: str, reread: Callable[[object], Mapping[str, Any]]
    ) -> None:
        self.watchers: list[Watcher] = []
        self.status_writes: list[Mapping[str, Any]] = []
        self.status_trouble: SyncError | None = None
        self.refused_status_writes = 0
        self._numbers = numbers
        self._usual = usual
        self._reread = reread
        self._bodies: dict[str, dict[str, Any]] = {}

    # What administrators do.

    def create(self, manifest: Mapping[str, Any], *, created: str = "2026-11-24T08:00:00Z") -> None:
        body = copy.deepcopy(dict(manifest))
        body["metadata"] |= {
            "namespace": NAMESPACE,
            "uid": self._numbers.uid(),
            "generation": 1,
            "creationTimestamp": created,
        }
        assert body["metadata"]["name"] not in self._bodies
        self._keep(body, "ADDED")

    def edit(self, changes: Mapping[str, object], name: str | None = None) -> None:
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
        self._keep(body)

    def annotate(self, key: str, value: str, name: str | None = None) -> None:
        body = self.body(name)
        body["metadata"].setdefault("annotations", {})[key] = value
        self._keep(body)

    def wipe_status(self, name: str | None = None) -> None:
        body = self.body(name)
        body["status"] = {"observedGeneration": -1}
        self._keep(body)

    def delete(self, name: str | None = None) -> None:
        body = self.body(name)
        if body["metadata"].get("finalizers"):
            body["metadata"]["deletionTimestamp"] = "2026-11-24T10:00:00Z"
            body["metadata"]["generation"] += 1
            self._keep(body)
        else:
            self._remove(body["metadata"]["name"])

    # What can be seen.

    def body(self, name: str | None = None) -> dict[str, Any]:
        return copy.deepcopy(self._bodies[name or self._usual])

    def has(self, name: str | None = None) -> bool:
        return (name or self._usual) in self._bodies

    def status(self, name: str | None = None) -> dict[str, Any]:
        status: dict[str, Any] = self.body(name).get("status") or {}
        return status

    def condition(self, kind: str, name: str | None = None) -> tuple[str, str] | None:
        """Return status and reason, None while there is no such condition."""
        found = [c for c in self.status(name).get("conditions", ()) if c["type"] == kind]
        return (found[0]["status"], found[0]["reason"]) if found else None

    def message(self, kind: str, name: str | None = None) -> str:
        (found,) = (c for c in self.status(name)["conditions"] if c["type"] == kind)
        return str(found["message"])

    # What the API server does.

    def found(self, namespace: str | None) -> Sequence[Mapping[str, Any]]:
        """Return the bodies of a namespace, or of all."""
        here = namespace in {None, NAMESPACE}
        return [copy.deepcopy(body) for body in self._bodies.values() if here]

    def one(self, namespace: str, name: str) -> dict[str, Any] | None:
        """Return a body, None where there is none."""
        return self.body(name) if namespace == NAMESPACE and self.has(name) else None

    def write_status(
        self, namespace: str, name: str, resource_version: str, status: Mapping[str, Any]
    ) -> str | None:
        """Return the version then, None where there is no such object."""
        if self.status_trouble is not None:
            self.refused_status_writes += 1
            raise self.status_trouble
        body = self.one(namespace, name)
        if body is None:
            return None
        if body["metadata"]["resourceVersion"] != resource_version:
            raise ConflictError(Reason.CONFLICT, "Somebody else was faster.", tenant_wide=True)
        sent = json.loads(json.dumps(status))
        assert self._reread(sent) == sent, "a status is read as it is written"
        if sent != body.get("status"):
            body["status"] = sent
            self.status_writes.append(sent)
            self._keep(body)
        return str(self._bodies[name]["metadata"]["resourceVersion"])

    def collect(self, gone: str) -> None:
        """Delete what has no owner left but the one of this uid, as the garbage collector does."""
        for name, body in list(self._bodies.items()):
            if _uids(body["metadata"].get("ownerReferences", ())) == {gone}:
                self.delete(name)

    def _keep(self, body: dict[str, Any], kind: str = "MODIFIED") -> None:
        body["metadata"]["resourceVersion"] = self._numbers.version()
        self._bodies[body["metadata"]["name"]] = body
        self._tell(kind, body)

    def _remove(self, name: str) -> None:
        self._tell("DELETED", self._bodies.pop(name))

    def _tell(self, kind: str, body: Mapping[str, Any]) -> None:
        for watcher in self.watchers:
            asyncio.get_running_loop().call_soon(watcher, kind, copy.deepcopy(body))


def _uids(owners: Iterable[Mapping[str, Any]]) -> set[str]:
    return {owner["uid"] for owner in owners}
