"""Manifests of our kinds for tests: made by changes to the smallest, and what a bad one is."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GONE = object()
"""As a change: take the field out."""


def manifest(
    kind: str, name: str, smallest: Mapping[str, Any], changes: Mapping[str, object] | None
) -> dict[str, Any]:
    """Return a manifest; `changes` are fields of the spec, `{"figgo.url": "http://x"}`."""
    spec = copy.deepcopy(dict(smallest))
    for path, value in (changes or {}).items():
        _set(spec, path.split("."), value)
    return {
        "apiVersion": "figgosync.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": spec,
    }


def stored(body: dict[str, Any], metadata: Mapping[str, object]) -> dict[str, Any]:
    """Return it as the API server gives it, though without what it fills in of the spec."""
    body["metadata"] |= {
        "namespace": "hr",
        "uid": "6f0c1a2e-0000-4000-8000-000000000001",
        "generation": 3,
        "resourceVersion": "4711",
        "creationTimestamp": "2026-11-20T08:31:07Z",
    } | {name: value for name, value in metadata.items() if value is not GONE}
    return body


def _set(spec: dict[str, Any], path: list[str], value: object) -> None:
    *parents, last = path
    for parent in parents:
        spec = spec.setdefault(parent, {})
    if value is GONE:
        del spec[last]
    else:
        spec[last] = value


@dataclass(frozen=True)
class BadSpec:
    """A spec that must be refused.

    `field` is what the API server names and `says` what it says of it; `we_say` is what our
    models say and `our_field` what they name: the same, unless the rule is one of the schema's own.
    """

    changes: Mapping[str, object]
    field: str
    says: str
    we_say: str | None = None
    our_field: str | None = None

    @property
    def our_words(self) -> tuple[str, str]:
        return self.our_field or self.field, self.we_say or self.says
