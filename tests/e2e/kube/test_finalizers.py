"""Holding tenants and letting them go, as the operator's own ServiceAccount."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from figgosync.errors import ConflictError
from figgosync.kube.api import ApiServer
from figgosync.kube.client import KubeClient
from figgosync.kube.credentials import credentials_role
from figgosync.kube.names import FINALIZER
from figgosync.kube.resources import parse_tenant
from figgosync.kube.status import TenantStatus
from support.cluster import Cluster
from support.eventually import eventually
from support.tenants import a_tenant


async def test_the_finalizer_is_added_once_and_holds_the_object(
    client: KubeClient, cluster: Cluster
) -> None:
    cluster.create(a_tenant())
    await client.add_finalizer(cluster.acme)
    version = cluster.version()
    await client.add_finalizer(cluster.acme)
    assert cluster.version() == version
    assert cluster.stored()["metadata"]["finalizers"] == [FINALIZER]
    cluster.kubectl("delete", "cst", "acme", "--wait=false")
    assert parse_tenant(cluster.stored()).deleting
    await client.remove_finalizer(cluster.acme)
    assert await client.get_tenant(cluster.acme) is None
    await client.remove_finalizer(cluster.acme)
    await client.add_finalizer(cluster.acme)


async def test_the_finalizers_of_others_stay(client: KubeClient, cluster: Cluster) -> None:
    manifest = a_tenant()
    manifest["metadata"]["finalizers"] = ["example.com/first"]
    cluster.create(manifest)
    await client.add_finalizer(cluster.acme)
    assert cluster.stored()["metadata"]["finalizers"] == ["example.com/first", FINALIZER]
    cluster.kubectl(
        "patch", "cst", "acme", "--type=json",
        '--patch=[{"op": "add", "path": "/metadata/finalizers/-", "value": "example.com/last"}]',
    )  # fmt: skip
    await client.remove_finalizer(cluster.acme)
    await client.remove_finalizer(cluster.acme)
    finalizers = cluster.stored()["metadata"]["finalizers"]
    assert finalizers == ["example.com/first", "example.com/last"]


async def test_a_finalizer_comes_too_late_once_the_deletion_has_begun(
    client: KubeClient, cluster: Cluster
) -> None:
    manifest = a_tenant()
    manifest["metadata"]["finalizers"] = ["example.com/first"]
    cluster.create(manifest)
    cluster.kubectl("delete", "cst", "acme", "--wait=false")
    with pytest.raises(ConflictError, match="its deletion began"):
        await client.add_finalizer(cluster.acme)


async def test_removing_a_finalizer_that_is_not_there_writes_nothing(
    client: KubeClient, cluster: Cluster
) -> None:
    cluster.create(a_tenant())
    version = cluster.version()
    await client.remove_finalizer(cluster.acme)
    assert cluster.version() == version


@pytest.mark.parametrize("adding", [True, False])
async def test_a_finalizer_changed_by_others_meanwhile_is_a_conflict(
    operator_kubeconfig: Path, cluster: Cluster, *, adding: bool
) -> None:
    class Racing(ApiServer):
        """Somebody else changes the finalizers between our reading and our writing."""

        async def patch(self, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - passes all on
            theirs = '[{"op": "add", "path": "/metadata/finalizers", "value": ["example.com/x"]}]'
            cluster.kubectl("patch", "cst", "acme", "--type=json", f"--patch={theirs}")
            return await super().patch(*args, **more)

    manifest = a_tenant()
    if not adding:
        manifest["metadata"]["finalizers"] = [FINALIZER]
    cluster.create(manifest)
    api = Racing.from_kubeconfig(operator_kubeconfig)
    client = KubeClient(api, credentials_role("default"))
    with pytest.raises(ConflictError):
        await (client.add_finalizer if adding else client.remove_finalizer)(cluster.acme)
    await api.close()
    assert cluster.stored()["metadata"]["finalizers"] == ["example.com/x"]


async def test_in_a_namespace_that_is_going_status_and_finalizer_still_work(
    client: KubeClient, cluster: Cluster
) -> None:
    cluster.create(a_tenant())
    await client.add_finalizer(cluster.acme)
    cluster.kubectl("delete", "namespace", cluster.namespace, "--wait=false")
    eventually(lambda: parse_tenant(cluster.stored()).deleting, within=timedelta(seconds=30))
    status = TenantStatus(observed_generation=1).to_body()
    assert await client.apply_status(cluster.acme, cluster.version(), status) is not None
    await client.remove_finalizer(cluster.acme)
    assert await client.get_tenant(cluster.acme) is None
