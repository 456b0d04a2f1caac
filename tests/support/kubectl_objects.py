"""The objects of one of our kinds in one namespace, as kubectl sees them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from figgosync_controlplane.plane import ControlPlane


class Objects:
    """`kind` is any word by which kubectl knows it, such as cst."""

    def __init__(self, plane: ControlPlane, namespace: str, kind: str) -> None:
        self._plane = plane
        self._namespace = namespace
        self._kind = kind

    def create(self, manifest: Mapping[str, Any], *options: str) -> dict[str, Any]:
        return self._write("create", manifest, *options)

    def replace(self, manifest: Mapping[str, Any]) -> dict[str, Any]:
        return self._write("replace", manifest)

    def patch(self, name: str, spec: Mapping[str, Any]) -> None:
        patch = json.dumps({"spec": spec})
        self.run("patch", self._kind, name, "--type=merge", f"--patch={patch}")

    def patch_status(self, name: str, status: Mapping[str, Any]) -> None:
        self.run(
            "patch", self._kind, name, "--subresource=status", "--type=merge",
            f"--patch={json.dumps({'status': status})}",
        )  # fmt: skip

    def stored(self, name: str) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.run("get", self._kind, name, "--output=json"))
        return body

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        return self._plane.kubectl(*arguments, "--namespace", self._namespace, stdin=stdin)

    def _write(self, verb: str, manifest: Mapping[str, Any], *options: str) -> dict[str, Any]:
        answer = self.run(
            verb, "--filename=-", "--output=json", *options, stdin=json.dumps(manifest)
        )
        stored: dict[str, Any] = json.loads(answer)
        return stored


def complaints_about(field: str, stderr: str) -> list[str]:
    """Return the lines of a refusal that are about a field, `spec.from`."""
    text = stderr.replace('\\"', '"')  # kubectl prints some refusals as Go string literals
    lines = [line.strip("* ") for line in text.splitlines()]
    return [line for line in lines if f"{field}: " in line]


def fields_of(schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property below a schema, `spec.figgo.url` and `status.failures[]` alike."""
    for name, child in schema.get("properties", {}).items():
        path = f"{prefix}.{name}" if prefix else name
        yield path, child
        yield from fields_of(child, path)
        if "items" in child:
            yield f"{path}[]", child["items"]
            yield from fields_of(child["items"], f"{path}[]")
