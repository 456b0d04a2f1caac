"""Reading tenants, as the operator's own ServiceAccount."""

import json

import pytest

from figgosync.kube.client import KubeClient
from figgosync.kube.resources import parse_tenant
from figgosync.kube.status import TenantStatus
from support.cluster import Cluster
from support.tenants import a_tenant


async def test_tenants_are_listed_of_one_namespace_or_of_all(
    client: KubeClient, cluster: Cluster
) -> None:
    cluster.create(a_tenant())
    cluster.create(a_tenant(name="acme-east"))
    names = [body["metadata"]["name"] for body in await client.list_tenants(cluster.namespace)]
    assert sorted(names) == ["acme", "acme-east"]
    everywhere = await client.list_tenants()
    ours = [b for b in everywhere if b["metadata"]["namespace"] == cluster.namespace]
    assert len(ours) == 2
    assert await client.list_tenants("no-such-namespace") == []


async def test_a_listed_tenant_can_be_parsed(client: KubeClient, cluster: Cluster) -> None:
    cluster.create(a_tenant())
    (body,) = await client.list_tenants(cluster.namespace)
    tenant = parse_tenant(body)
    assert tenant.name == cluster.acme
    assert tenant.status == TenantStatus()
    assert tenant == parse_tenant(await client.get_tenant(cluster.acme) or {})


async def test_a_list_of_several_pages_is_whole(
    client: KubeClient, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("figgosync.kube.objects._PAGE", 2)
    wanted = [f"acme-{number}" for number in range(5)]
    manifests = [a_tenant(name=name) for name in wanted]
    cluster.kubectl(
        "create", "--filename=-",
        stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}),
    )  # fmt: skip
    listed = await client.list_tenants(cluster.namespace)
    assert sorted(body["metadata"]["name"] for body in listed) == wanted


async def test_a_tenant_that_does_not_exist_is_none(client: KubeClient, cluster: Cluster) -> None:
    assert await client.get_tenant(cluster.acme) is None
