"""Which installed CRDs are good enough."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from figgosync.errors import PermanentError, Reason
from figgosync.kube.crds import REQUIRED_CRD_VERSIONS, check_crd

_FOLDER = Path(__file__).parents[3] / "crds"
_ANNOTATION = "figgosync.io/crd-version"


def _installed(name: str) -> dict[str, Any]:
    crd: dict[str, Any] = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text())
    return crd | {"status": {"conditions": [{"type": "Established", "status": "True"}]}}


def test_the_operator_requires_exactly_the_definitions_that_it_is_released_with() -> None:
    released = {path.stem: _installed(path.stem) for path in _FOLDER.glob("*.yaml")}
    versions = {
        name: int(crd["metadata"]["annotations"][_ANNOTATION]) for name, crd in released.items()
    }
    assert versions == REQUIRED_CRD_VERSIONS


@pytest.mark.parametrize("name", REQUIRED_CRD_VERSIONS)
def test_the_released_definition_is_good_enough(name: str) -> None:
    check_crd(name, _installed(name))


@pytest.mark.parametrize("name", REQUIRED_CRD_VERSIONS)
def test_a_definition_that_does_not_serve_our_version_is_refused(name: str) -> None:
    crd = _installed(name)
    crd["spec"]["versions"][0]["served"] = False
    with pytest.raises(PermanentError, match="does not serve v1alpha1") as refused:
        check_crd(name, crd)
    assert refused.value.reason is Reason.CRD_OUTDATED


@pytest.mark.parametrize("name", REQUIRED_CRD_VERSIONS)
def test_a_definition_that_lost_its_names_to_another_is_refused(name: str) -> None:
    crd = _installed(name)
    crd["status"]["conditions"][0]["status"] = "False"
    with pytest.raises(PermanentError, match="is not established"):
        check_crd(name, crd)
