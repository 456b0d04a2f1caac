"""What the stories share: a company between two simulators."""

from collections.abc import AsyncIterator

import pytest

from component.world import Stage, World, a_world
from figgosync.calendars.exchange import verifying_context
from figgosync_sim.certificates import Authority


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    authority = Authority()
    ca_file = authority.ca_file(tmp_path_factory.mktemp("tls") / "ca.pem")
    return Stage(authority, ca_file, verifying_context(ca_file))


@pytest.fixture
async def world(stage: Stage) -> AsyncIterator[World]:
    async with a_world(stage) as world:
        yield world
