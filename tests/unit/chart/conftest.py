"""The real helm, which reads no cluster here."""

from pathlib import Path

import pytest

from figgosync_controlplane.helm import Helm
from support.chart import helm_executable


@pytest.fixture(scope="session")
def executable() -> Path:
    return helm_executable()


@pytest.fixture
def helm(executable: Path, tmp_path: Path) -> Helm:
    return Helm(executable, tmp_path / "there-is-no-cluster")
