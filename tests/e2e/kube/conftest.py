"""The operator's own identity: what the manifests under deploy/ make of it, and nothing more."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from figgosync.kube.api import ApiServer
from figgosync.kube.client import KubeClient
from figgosync_controlplane.plane import ControlPlane
from support.cluster import Cluster

_DEPLOY = Path(__file__).parents[3] / "deploy"
_HOME = "figgo-calendar-sync"


@pytest.fixture
def cluster(control_plane: ControlPlane, namespace: str) -> Cluster:
    """A namespace that this test alone uses."""
    return Cluster(control_plane, namespace)


@pytest.fixture
def tenant_namespace(cluster: Cluster) -> str:
    """The same namespace, opened to the operator as one with tenants is."""
    cluster.kubectl("apply", "--filename", str(_DEPLOY / "tenant-namespace.yaml"))
    return cluster.namespace


@pytest.fixture(scope="session")
def operator_kubeconfig(control_plane: ControlPlane) -> Iterator[Path]:
    """The operator's ServiceAccount, installed by deploy/rbac.yaml."""
    manifests = ("-n", _HOME, "--filename", str(_DEPLOY / "rbac.yaml"))
    control_plane.kubectl("create", "namespace", _HOME)
    control_plane.kubectl("apply", *manifests)
    yield control_plane.kubeconfig_for_token(control_plane.create_token(_HOME, "figgosync"))
    control_plane.kubectl("delete", *manifests)
    control_plane.kubectl("delete", "namespace", _HOME, "--wait=false")


@pytest.fixture
async def api(operator_kubeconfig: Path) -> AsyncIterator[ApiServer]:
    """The API server as the operator sees it."""
    server = ApiServer.from_kubeconfig(operator_kubeconfig)
    yield server
    await server.close()


@pytest.fixture
def client(api: ApiServer) -> KubeClient:
    return KubeClient(api)
