"""The real helm, which reads no cluster here."""

from pathlib import Path

import pytest

from figgosync_controlplane.helm import Helm
from support.chart import helm_executable


@pytest.fixture(scope="session")
def helm_binary() -> Path:
    return helm_executable()


@pytest.fixture(scope="session")
def helm(helm_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Helm:
    return Helm(helm_binary, tmp_path_factory.mktemp("helm") / "there-is-no-cluster")
