"""The real helm, which reads no cluster here."""

from pathlib import Path

import pytest

from figgosync_controlplane.helm import Helm
from support.chart import helm_executable


@pytest.fixture(scope="session")
def helm_binary() -> Path:
    return helm_executable()


@pytest.fixture
def helm(helm_binary: Path, tmp_path: Path) -> Helm:
    return Helm(helm_binary, tmp_path / "there-is-no-cluster")
