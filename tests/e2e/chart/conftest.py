"""A control plane for the chart alone, and each test finds it without a release.

Of its own, because these tests remove and spoil what belongs to the whole cluster: the definition,
and the rights of the class `default`, which the other tests of a worker count on.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from figgosync_controlplane.binaries import Binaries
from figgosync_controlplane.helm import Helm
from figgosync_controlplane.plane import ControlPlane
from support.chart import helm_executable
from support.namespaces import new_namespace, remove_namespace
from support.releases import Releases
from support.tenants import a_tenant


@pytest.fixture(scope="session")
def helm_binary() -> Path:
    return helm_executable()


@pytest.fixture(scope="session")
def control_plane(binaries: Binaries) -> Iterator[ControlPlane]:
    with ControlPlane.start(binaries) as plane:
        yield plane


@pytest.fixture
def bare(control_plane: ControlPlane, helm_binary: Path) -> Iterator[Releases]:
    """A cluster that has never heard of us."""
    releases = Releases(control_plane, Helm(helm_binary, control_plane.admin_kubeconfig))
    releases.remove_definitions()
    yield releases
    releases.uninstall_all()


@pytest.fixture
def applied(bare: Releases) -> Releases:
    """A cluster after `kubectl apply --server-side -f crds/`."""
    bare.apply_definitions()
    return bare


@pytest.fixture
def namespace(control_plane: ControlPlane) -> Iterator[str]:
    name = new_namespace(control_plane)
    yield name
    remove_namespace(control_plane, name)


@pytest.fixture
def other_namespace(control_plane: ControlPlane) -> Iterator[str]:
    name = new_namespace(control_plane)
    yield name
    remove_namespace(control_plane, name)


@pytest.fixture
def tenant() -> str:
    """The manifest of a tenant."""
    return json.dumps(a_tenant())
