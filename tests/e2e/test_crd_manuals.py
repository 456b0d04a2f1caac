"""What is asked of every definition on a real API server: to explain and to limit each field."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from figgosync_controlplane.kubectl import KubectlError
from figgosync_controlplane.plane import ControlPlane
from support.api_objects import fields_of
from support.chart import CRDS
from support.eventually import eventually

PUBLISHED_WITHIN = timedelta(seconds=20)

Fields = dict[str, dict[str, Any]]

_AT_LEAST = dict(zip(CRDS, (80, 60), strict=True))
"""How many fields of spec and status each definition has at least."""


@pytest.fixture(params=CRDS, scope="module")
def crd(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def fields(control_plane: ControlPlane, crd: str) -> Fields:
    """The fields of spec and status, by their paths."""
    definition = json.loads(control_plane.kubectl("get", "crd", crd, "--output=json"))
    schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    found = {path: each for path, each in fields_of(schema) if path.startswith(("spec", "status"))}
    assert len(found) > _AT_LEAST[crd], "the walk over the schema found too little"
    return found


def test_every_field_has_a_description(fields: Fields) -> None:
    undescribed = [path for path, each in fields.items() if len(each.get("description", "")) < 8]
    assert undescribed == []


def test_kubectl_explains_every_field(
    control_plane: ControlPlane, crd: str, fields: Fields
) -> None:
    def explained() -> bool:
        manual: dict[str, str] = {}
        for path in (path for path in fields if "." in path):
            parent, _, name = path.rpartition(".")
            if parent not in manual:
                printed = control_plane.kubectl("explain", f"{crd}.{parent.replace('[]', '')}")
                manual[parent] = " ".join(printed.split())
                assert "<empty>" not in printed, parent
            if not name.endswith("[]"):
                described = re.escape(" ".join(fields[path]["description"].split()))
                assert re.search(rf" {name} <[^>]+>[^<]* {described}", manual[parent]), path
        return True

    # The server publishes the schemas of a definition seconds after it begins to serve it.
    eventually(explained, within=PUBLISHED_WITHIN, not_yet=(AssertionError, KubectlError))


def test_every_text_and_every_list_has_a_limit(fields: Fields) -> None:
    texts = {p: n for p, n in fields.items() if n.get("type") == "string" and "enum" not in n}
    lists = {p: n for p, n in fields.items() if n.get("type") == "array"}
    numbers = {p: n for p, n in fields.items() if n.get("type") == "integer"}
    assert (len(texts) > 10, len(lists) >= 8, len(numbers) >= 12) == (True, True, True)
    assert [path for path, node in texts.items() if "maxLength" not in node] == []
    assert [path for path, node in lists.items() if "maxItems" not in node] == []
    assert [path for path, node in lists.items() if "x-kubernetes-list-type" not in node] == []
    assert [path for path, node in numbers.items() if "format" not in node] == []
