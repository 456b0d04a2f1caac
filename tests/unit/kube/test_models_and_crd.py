"""The models and the CRDs say the same, field by field and both ways."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from figgosync.kube import names
from figgosync.kube.initialisation_spec import InitialisationSpecModel
from figgosync.kube.kinds import INITIALISATION, TENANT, Kind
from figgosync.kube.spec import SpecModel

_FOLDER = Path(__file__).parents[3] / "crds"
_MODELS: list[tuple[Kind, type[BaseModel], int]] = [
    (TENANT, SpecModel, 40),
    (INITIALISATION, InitialisationSpecModel, 12),
]
"""Each kind with the model of its spec, and a number of fields that it has at least."""
_COMPARED = (
    "type",
    "format",
    "enum",
    "minimum",
    "maximum",
    "maxLength",
    "minItems",
    "maxItems",
)
# A number's width is Go's business: Python has only one.
_WIDTHS = {"int32", "int64"}


def _crd(kind: Kind) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((_FOLDER / f"{kind.crd}.yaml").read_text())
    return loaded


def _crd_spec(kind: Kind) -> dict[str, Any]:
    schema = _crd(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    spec: dict[str, Any] = schema["properties"]["spec"]
    return spec


def _model_spec(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    resolved: dict[str, Any] = _resolve(schema, schema.get("$defs", {}))
    return resolved


def _resolve(node: Any, definitions: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """Put definitions where they are referred to, and take "or null" away."""
    if isinstance(node, list):
        return [_resolve(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        referred = definitions[node["$ref"].rpartition("/")[2]]
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return _resolve(referred | rest, definitions)
    if "anyOf" in node:
        (real,) = [choice for choice in node["anyOf"] if choice.get("type") != "null"]
        rest = {key: value for key, value in node.items() if key != "anyOf"}
        return _resolve(real | rest, definitions)
    return {key: _resolve(value, definitions) for key, value in node.items() if key != "$defs"}


def _facts(node: Mapping[str, Any], at: str = "spec") -> dict[str, dict[str, Any]]:
    """What is compared of each field: its limits, its default and which children it requires."""
    facts = {name: node[name] for name in _COMPARED if name in node}
    if facts.get("format") in _WIDTHS:
        del facts["format"]
    facts["required"] = set(node.get("required", ()))
    facts["default"] = _filled_default(node)
    found = {at: facts}
    for name, child in node.get("properties", {}).items():
        found |= _facts(child, f"{at}.{name}")
    if "items" in node:
        found |= _facts(node["items"], f"{at}[]")
    return found


def _filled_default(node: Mapping[str, Any]) -> object:
    """The default with the defaults inside it filled in, as the API server does."""
    return _pruned(_fill(node, node["default"])) if "default" in node else None


def _fill(node: Mapping[str, Any], value: Any) -> Any:  # noqa: ANN401 - any JSON
    if not isinstance(value, dict):
        return value
    filled = dict(value)
    for name, child in node.get("properties", {}).items():
        if name not in filled and "default" in child:
            filled[name] = child["default"]
        if name in filled:
            filled[name] = _fill(child, filled[name])
    return filled


def _pruned(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Nothing, an empty list and an empty object are all "left out"."""
    if isinstance(value, dict):
        kept = {name: _pruned(child) for name, child in value.items()}
        return {name: child for name, child in kept.items() if child is not None} or None
    return None if value == [] else value


def test_every_definition_is_held_against_a_model() -> None:
    held = {f"{kind.crd}.yaml" for kind, _, _ in _MODELS}
    assert held == {path.name for path in _FOLDER.iterdir()}


@pytest.mark.parametrize(("kind", "model", "fields"), _MODELS)
def test_the_models_read_every_field_of_the_crd_and_no_other(
    kind: Kind, model: type[BaseModel], fields: int
) -> None:
    crd, models = _facts(_crd_spec(kind)), _facts(_model_spec(model))
    assert len(crd) > fields, "the walk over the schema found too little"
    assert sorted(crd) == sorted(models)


@pytest.mark.parametrize(("kind", "model", "fields"), _MODELS)
def test_types_limits_choices_and_defaults_are_the_same(
    kind: Kind, model: type[BaseModel], fields: int
) -> None:
    crd, models = _facts(_crd_spec(kind)), _facts(_model_spec(model))
    assert len(crd) > fields
    assert {path: facts for path, facts in crd.items() if facts != models.get(path)} == {}


def test_the_comparison_can_see_a_difference() -> None:
    changed = _crd_spec(TENANT)
    changed["properties"]["figgo"]["properties"]["requestsPerMinute"]["default"] = 31
    changed["properties"]["deletionPolicy"]["enum"].append("Retain")
    models = _facts(_model_spec(SpecModel))
    differing = {path for path, facts in _facts(changed).items() if facts != models[path]}
    assert differing == {"spec.figgo.requestsPerMinute", "spec.deletionPolicy"}


@pytest.mark.parametrize("kind", [TENANT, INITIALISATION])
def test_the_crd_goes_by_the_names_that_the_code_uses(kind: Kind) -> None:
    crd = _crd(kind)
    assert crd["spec"]["group"] == names.GROUP
    assert crd["spec"]["names"]["plural"] == kind.plural
    assert crd["spec"]["names"]["kind"] == kind.word
    assert crd["metadata"]["name"] == kind.crd
    assert [version["name"] for version in crd["spec"]["versions"]] == [names.VERSION]
