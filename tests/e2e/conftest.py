"""A real control plane for the tests of this folder, and a namespace for each of them.

One control plane for each process that runs tests (each worker of pytest-xdist): why not one for
all stands in docs/decisions/0002-test-control-plane.md.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from figgosync_controlplane.binaries import Binaries, find_binaries
from figgosync_controlplane.errors import BinariesMissingError
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.progress import Progress
from support.namespaces import apply_definitions, new_namespace, remove_namespace

_DEFINITIONS = Path(__file__).parents[2] / "crds"
_BINARIES = pytest.StashKey[Binaries | BinariesMissingError]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Get the binaries now, if a test wants them: a build takes longer than a test may."""
    wanted = any("control_plane" in getattr(item, "fixturenames", ()) for item in session.items)
    if not wanted or session.config.option.collectonly:
        return
    with _uncaptured(session.config):  # so that the progress of a build is seen
        try:
            session.config.stash[_BINARIES] = find_binaries(os.environ, Progress(sys.stderr))
        except BinariesMissingError as error:
            session.config.stash[_BINARIES] = error


@pytest.fixture(scope="session")
def binaries(pytestconfig: pytest.Config) -> Binaries:
    """The three servers. Without them the tests that need them fail; none is skipped."""
    found = pytestconfig.stash[_BINARIES]
    if isinstance(found, BinariesMissingError):
        pytest.fail(str(found), pytrace=False)
    return found


@pytest.fixture(scope="session")
def control_plane(binaries: Binaries, request: pytest.FixtureRequest) -> Iterator[ControlPlane]:
    """The control plane of this process, with our custom resource definitions.

    After a failed test the logs of its servers are kept, and standard error says where.
    """
    with ControlPlane.start(binaries) as plane:
        apply_definitions(plane, _DEFINITIONS)
        yield plane
        if request.session.testsfailed:
            plane.keep_logs()
            with _uncaptured(request.config):
                sys.stderr.write(f"\nThe logs of the control plane: {plane.logs}\n")


@pytest.fixture
def namespace(control_plane: ControlPlane) -> Iterator[str]:
    """A namespace that this test alone uses; gone with all it holds when the test is over."""
    name = new_namespace(control_plane)
    yield name
    remove_namespace(control_plane, name)


def _uncaptured(config: pytest.Config) -> AbstractContextManager[None]:
    capture = config.pluginmanager.getplugin("capturemanager")
    return nullcontext() if capture is None else capture.global_and_fixture_disabled()
