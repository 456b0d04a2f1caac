"""What the contract tests share."""

import pytest

from contract.exchange_backstage import Keys


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys.made(tmp_path_factory.mktemp("tls"))
