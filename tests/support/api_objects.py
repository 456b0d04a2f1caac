"""The objects of one of our kinds in one namespace, as the API server judges and stores them."""

from collections.abc import Iterator, Mapping
from typing import Any

from figgosync_controlplane.plane import ControlPlane

_STRICT = "fieldValidation=Strict"  # as kubectl asks by default


class Objects:
    """`plural` is the kind's name in paths, such as calendarsynctenants."""

    def __init__(self, plane: ControlPlane, namespace: str, plural: str) -> None:
        self._plane = plane
        self._namespace = namespace
        self._path = f"/apis/figgosync.io/v1alpha1/namespaces/{namespace}/{plural}"

    def create(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Create it; return it as it is stored."""
        return self._plane.rest.ask("POST", f"{self._path}?{_STRICT}", manifest)

    def try_out(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        """Return it as it would be stored; nothing is."""
        return self._plane.rest.ask("POST", f"{self._path}?{_STRICT}&dryRun=All", manifest)

    def replace(self, manifest: Mapping[str, Any]) -> None:
        path = f"{self._path}/{manifest['metadata']['name']}"
        self._plane.rest.ask("PUT", f"{path}?{_STRICT}", manifest)

    def patch(self, name: str, spec: Mapping[str, Any]) -> None:
        self._plane.rest.ask("PATCH", f"{self._path}/{name}?{_STRICT}", {"spec": spec})

    def patch_status(self, name: str, status: Mapping[str, Any]) -> None:
        path = f"{self._path}/{name}/status?{_STRICT}"
        self._plane.rest.ask("PATCH", path, {"status": status})

    def stored(self, name: str) -> dict[str, Any]:
        return self._plane.rest.get(f"{self._path}/{name}")

    def run(self, *arguments: str) -> str:
        """Return what kubectl says in the namespace, in the words that people read."""
        return self._plane.kubectl(*arguments, "--namespace", self._namespace)


def fields_of(schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property below a schema, `spec.figgo.url` and `status.failures[]` alike."""
    for name, child in schema.get("properties", {}).items():
        path = f"{prefix}.{name}" if prefix else name
        yield path, child
        yield from fields_of(child, path)
        if "items" in child:
            yield f"{path}[]", child["items"]
            yield from fields_of(child["items"], f"{path}[]")
