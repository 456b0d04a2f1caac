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
from figgosync_controlplane.errors import BinariesMissingError, HelmMissingError
from figgosync_controlplane.helm import Helm, find_helm
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.ports import spare_port
from figgosync_controlplane.progress import Progress
from figgosync_demo.installation import OperatorProcess, Release
from figgosync_demo.manifests import chart_values
from figgosync_sim.stage import Stage
from support.namespaces import apply_definitions, new_namespace, remove_namespace
from support.world import World

_DEFINITIONS = Path(__file__).parents[2] / "crds"
_BINARIES = pytest.StashKey[Binaries | BinariesMissingError]()
_HELM = pytest.StashKey[Path | HelmMissingError]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Get the binaries now, if a test wants them: a build takes longer than a test may."""
    if session.config.option.collectonly:
        return
    wanted = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    stash, progress = session.config.stash, Progress(sys.stderr)
    with _uncaptured(session.config):  # so that the progress of a build is seen
        if "binaries" in wanted:
            try:
                stash[_BINARIES] = find_binaries(os.environ, progress)
            except BinariesMissingError as error:
                stash[_BINARIES] = error
        if "helm_binary" in wanted:
            try:
                stash[_HELM] = find_helm(os.environ, progress)
            except HelmMissingError as error:
                stash[_HELM] = error


@pytest.fixture(scope="session")
def binaries(pytestconfig: pytest.Config) -> Binaries:
    """The three servers. Without them the tests that need them fail; none is skipped."""
    found = pytestconfig.stash[_BINARIES]
    if isinstance(found, BinariesMissingError):
        pytest.fail(str(found), pytrace=False)
    return found


@pytest.fixture(scope="session")
def helm_binary(pytestconfig: pytest.Config) -> Path:
    """The real helm. Without it the tests that need it fail; none is skipped."""
    found = pytestconfig.stash[_HELM]
    if isinstance(found, HelmMissingError):
        pytest.fail(str(found), pytrace=False)
    return found


@pytest.fixture(scope="session")
def bare_control_plane(
    binaries: Binaries, request: pytest.FixtureRequest
) -> Iterator[ControlPlane]:
    """The control plane of this process, where nothing of ours may be installed yet.

    After a failed test the logs of its servers are kept, and standard error says where.
    """
    with ControlPlane.start(binaries) as plane:
        yield plane
        if request.session.testsfailed:
            plane.keep_logs()
            with _uncaptured(request.config):
                sys.stderr.write(f"\nThe logs of the control plane: {plane.logs}\n")


@pytest.fixture(scope="session")
def control_plane(bare_control_plane: ControlPlane) -> ControlPlane:
    """The control plane of this process, with our custom resource definitions."""
    apply_definitions(bare_control_plane, _DEFINITIONS)
    return bare_control_plane


@pytest.fixture(scope="session")
def installation(bare_control_plane: ControlPlane, helm_binary: Path) -> Release:
    """The chart, installed on the control plane of this process.

    It brings the definitions, unless a test that needs only them came first: then it finds them.
    """
    helm = Helm(helm_binary, bare_control_plane.admin_kubeconfig)
    release = Release(bare_control_plane, helm)
    release.install({"hosts": {"exchange": ["mail.acme.example"]}})
    return release


@pytest.fixture
def namespace(control_plane: ControlPlane) -> Iterator[str]:
    """A namespace that this test alone uses; gone with all it holds when the test is over."""
    name = new_namespace(control_plane)
    yield name
    remove_namespace(control_plane, name)


@pytest.fixture
def world(installation: Release, namespace: str, tmp_path: Path) -> Iterator[World]:
    """A company whose Figgo, Exchange and operator are up; no tenant is applied yet.

    The release is upgraded to the values of this world: that takes as long as an installation,
    and needs no removal.
    """
    with Stage(tmp_path, requests_per_minute=None) as stage:
        installation.install(chart_values(stage, port=spare_port(), namespaces=[namespace]))
        log = tmp_path / "operator.log"
        with OperatorProcess(installation, log) as operator:
            yield World(installation, stage, operator, namespace)
        # pytest shows it of a test that failed, and of no other.
        sys.stderr.write(log.read_text())
        assert "Traceback" not in log.read_text(), "the operator met a fault of its own"


def _uncaptured(config: pytest.Config) -> AbstractContextManager[None]:
    capture = config.pluginmanager.getplugin("capturemanager")
    return nullcontext() if capture is None else capture.global_and_fixture_disabled()
