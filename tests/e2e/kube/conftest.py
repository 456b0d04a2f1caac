"""The operator's own identity: what the manifests under deploy/ make of it, and nothing more."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from figgosync.kube.api import ApiServer
from figgosync.kube.client import KubeClient
from figgosync_controlplane.plane import ControlPlane
from figgosync_demo.installation import SERVICE_ACCOUNT, SYSTEM_NAMESPACE
from support.cluster import Cluster

_DEPLOY = Path(__file__).parents[3] / "deploy"


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
def operator_kubeconfig(installation: ControlPlane) -> Path:
    """The operator's ServiceAccount, as the installation made it."""
    token = installation.create_token(SYSTEM_NAMESPACE, SERVICE_ACCOUNT)
    return installation.kubeconfig_for_token(token)


@pytest.fixture
async def api(operator_kubeconfig: Path) -> AsyncIterator[ApiServer]:
    """The API server as the operator sees it."""
    server = ApiServer.from_kubeconfig(operator_kubeconfig)
    yield server
    await server.close()


@pytest.fixture
def client(api: ApiServer) -> KubeClient:
    return KubeClient(api)
