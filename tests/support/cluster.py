"""One namespace of a real cluster, as its administrator sees it."""

import json
from collections.abc import Mapping
from typing import Any

from figgosync.core.initialisation import InitialisationName
from figgosync.core.tenant import TenantName
from figgosync_controlplane.plane import ControlPlane


class Cluster:
    """The cluster seen from one namespace, where `acme` is the tenant that most tests create.

    `backfill` is the initialisation that most tests of those create.
    """

    def __init__(self, plane: ControlPlane, namespace: str) -> None:
        self._plane = plane
        self.namespace = namespace
        self.acme = TenantName(namespace, "acme")
        self.backfill = InitialisationName(namespace, "backfill")

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return self._plane.kubectl(*arguments, "--namespace", self.namespace, stdin=stdin)

    def create(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body as the server stored it."""
        answer = self.kubectl("create", "--filename=-", "--output=json", stdin=json.dumps(manifest))
        body: dict[str, Any] = json.loads(answer)
        return body

    def stored(self, name: str = "acme", kind: str = "cst") -> dict[str, Any]:
        """Return the body of an object, its managedFields included."""
        answer = self.kubectl("get", kind, name, "--output=json", "--show-managed-fields")
        body: dict[str, Any] = json.loads(answer)
        return body

    def version(self) -> str:
        return str(self.stored()["metadata"]["resourceVersion"])
