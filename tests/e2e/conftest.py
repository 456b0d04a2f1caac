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
from figgosync_demo.installation import OperatorProcess, install, let_read_secrets
from figgosync_demo.manifests import operator_settings
from figgosync_sim.stage import Stage
from support.namespaces import apply_definitions, new_namespace, remove_namespace
from support.world import World

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


@pytest.fixture(scope="session")
def installation(control_plane: ControlPlane) -> ControlPlane:
    """The control plane with the operator's ServiceAccount and rights applied."""
    install(control_plane)
    return control_plane


@pytest.fixture
def world(installation: ControlPlane, namespace: str, tmp_path: Path) -> Iterator[World]:
    """A company whose Figgo, Exchange and operator are up; no tenant is applied yet."""
    let_read_secrets(installation, namespace)
    with Stage(tmp_path, requests_per_minute=None) as stage:
        log = tmp_path / "operator.log"
        operator = OperatorProcess(installation, log, operator_settings(stage))
        with operator:
            yield World(installation, stage, operator, namespace)
        assert "Traceback" not in log.read_text(), "the operator met a fault of its own"


def _uncaptured(config: pytest.Config) -> AbstractContextManager[None]:
    capture = config.pluginmanager.getplugin("capturemanager")
    return nullcontext() if capture is None else capture.global_and_fixture_disabled()
