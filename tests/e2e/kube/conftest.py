"""The operator's own identity: what the chart makes of it, and nothing more."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from figgosync.kube.api import ApiServer
from figgosync.kube.client import KubeClient
from figgosync.kube.credentials import credentials_role
from figgosync_controlplane.plane import ControlPlane
from figgosync_demo.installation import Release
from support.cluster import Cluster


@pytest.fixture
def cluster(control_plane: ControlPlane, namespace: str) -> Cluster:
    """A namespace that this test alone uses."""
    return Cluster(control_plane, namespace)


@pytest.fixture
def tenant_namespace(installation: Release, cluster: Cluster) -> str:
    """The same namespace, opened to the operator by the command that the chart's notes show."""
    role = "figgosync-credentials-default"
    account = f"{installation.namespace}:{installation.deployment}"
    cluster.kubectl(
        "create", "rolebinding", role, f"--clusterrole={role}", f"--serviceaccount={account}"
    )
    return cluster.namespace


@pytest.fixture(scope="session")
def operator_kubeconfig(installation: Release) -> Path:
    """The operator's ServiceAccount, as the installation made it."""
    plane = installation.plane
    token = plane.create_token(installation.namespace, installation.deployment)
    return plane.kubeconfig_for_token(token)


@pytest.fixture
async def api(operator_kubeconfig: Path) -> AsyncIterator[ApiServer]:
    """The API server as the operator sees it."""
    server = ApiServer.from_kubeconfig(operator_kubeconfig)
    yield server
    await server.close()


@pytest.fixture
def client(api: ApiServer) -> KubeClient:
    return KubeClient(api, credentials_role("default"))
