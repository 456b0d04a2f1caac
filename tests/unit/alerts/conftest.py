"""The real helm and promtool, and the chart's rules as two releases have them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from figgosync_controlplane.helm import Helm
from support.chart import helm_executable
from support.debian import prometheus_binaries
from support.promtool import Promtool, Rule, rules


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    return Helm(helm_executable(), tmp_path_factory.mktemp("helm") / "there-is-no-cluster")


@pytest.fixture(scope="session")
def promtool_executable() -> Path:
    _, promtool = prometheus_binaries()
    return promtool


@pytest.fixture
def promtool(promtool_executable: Path, tmp_path: Path) -> Promtool:
    return Promtool(promtool_executable, tmp_path)


@pytest.fixture(scope="session")
def ours(helm: Helm) -> Mapping[str, Rule]:
    """The rules of the release in the namespace sys."""
    return rules(helm)


@pytest.fixture(scope="session")
def second(helm: Helm) -> Mapping[str, Rule]:
    """Those of another release, in the namespace two, of another class."""
    return rules(helm, {"operatorClass": "two"}, namespace="two")
