"""Writing the status by server-side apply, as the operator's own ServiceAccount."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from figgosync.core.conditions import Condition, ConditionType, Status
from figgosync.errors import ConflictError, PermanentError, Reason
from figgosync.kube.client import KubeClient
from figgosync.kube.names import FIELD_MANAGER
from figgosync.kube.resources import parse_tenant
from figgosync.kube.status import EmployeeCounts, TenantStatus
from support.cluster import Cluster
from support.tenants import a_tenant

_NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
_READY = Condition(ConditionType.READY, Status.TRUE, Reason.SYNCHRONISED, "All is well.", 1, _NOON)


async def test_the_whole_status_is_written_and_read_back(
    client: KubeClient, cluster: Cluster
) -> None:
    from_server = cluster.create(a_tenant())
    status = TenantStatus(observed_generation=1, conditions=(_READY,), last_sync_time=_NOON)
    version = await client.apply_status(
        cluster.acme, from_server["metadata"]["resourceVersion"], status.to_body()
    )
    stored = cluster.stored()
    assert stored["metadata"]["resourceVersion"] == version
    assert parse_tenant(stored).status == status
    owners = {entry["manager"] for entry in stored["metadata"]["managedFields"]}
    assert FIELD_MANAGER in owners


async def test_the_answered_version_is_the_one_to_write_the_next_status_with(
    client: KubeClient, cluster: Cluster
) -> None:
    cluster.create(a_tenant())
    version: str | None = cluster.version()
    for total in range(3):
        counts = EmployeeCounts(total, 0, 0)
        status = TenantStatus(observed_generation=1, employees=counts)
        assert version is not None
        version = await client.apply_status(cluster.acme, version, status.to_body())
    assert cluster.stored()["status"]["employees"]["total"] == 2


async def test_writing_the_same_status_again_changes_nothing(
    client: KubeClient, cluster: Cluster
) -> None:
    cluster.create(a_tenant())
    body = TenantStatus(observed_generation=1, conditions=(_READY,)).to_body()
    first = await client.apply_status(cluster.acme, cluster.version(), body)
    assert first is not None
    assert await client.apply_status(cluster.acme, first, body) == first


async def test_what_a_new_status_leaves_out_is_gone(client: KubeClient, cluster: Cluster) -> None:
    cluster.create(a_tenant())
    full = TenantStatus(observed_generation=1, conditions=(_READY,), last_sync_time=_NOON)
    version = await client.apply_status(cluster.acme, cluster.version(), full.to_body())
    assert version is not None
    less = replace(full, last_sync_time=None)
    await client.apply_status(cluster.acme, version, less.to_body())
    assert parse_tenant(cluster.stored()).status == less


async def test_the_conditions_of_others_stay(client: KubeClient, cluster: Cluster) -> None:
    cluster.create(a_tenant())
    theirs = {
        "type": "Audited",
        "status": "True",
        "reason": "Checked",
        "message": "",
        "lastTransitionTime": "2026-11-24T10:00:00Z",
    }
    manifest = a_tenant() | {"status": {"conditions": [theirs]}}
    del manifest["spec"]
    cluster.kubectl(
        "apply", "--server-side", "--subresource=status", "--field-manager=audit", "--filename=-",
        stdin=json.dumps(manifest),
    )  # fmt: skip
    ours = TenantStatus(observed_generation=1, conditions=(_READY,))
    await client.apply_status(cluster.acme, cluster.version(), ours.to_body())
    types = {condition["type"] for condition in cluster.stored()["status"]["conditions"]}
    assert types == {"Audited", "Ready"}


async def test_a_status_composed_from_an_old_object_is_a_conflict(
    client: KubeClient, cluster: Cluster
) -> None:
    cluster.create(a_tenant())
    old = cluster.version()
    cluster.kubectl("annotate", "cst", "acme", "figgosync.io/requestedAt=now")
    with pytest.raises(ConflictError):
        await client.apply_status(cluster.acme, old, TenantStatus().to_body())


async def test_a_status_for_a_namesake_that_was_created_anew_is_a_conflict(
    client: KubeClient, cluster: Cluster
) -> None:
    cluster.create(a_tenant())
    old = cluster.version()
    cluster.kubectl("delete", "cst", "acme")
    cluster.create(a_tenant())
    with pytest.raises(ConflictError):
        await client.apply_status(cluster.acme, old, TenantStatus().to_body())
    assert cluster.stored()["status"] == {"observedGeneration": -1}


async def test_a_status_for_an_object_that_is_gone_is_none(
    client: KubeClient, cluster: Cluster
) -> None:
    cluster.create(a_tenant())
    old = cluster.version()
    cluster.kubectl("delete", "cst", "acme")
    assert await client.apply_status(cluster.acme, old, TenantStatus().to_body()) is None


async def test_a_field_that_the_crd_lacks_asks_for_newer_crds(
    client: KubeClient, cluster: Cluster
) -> None:
    cluster.create(a_tenant())
    status = TenantStatus().to_body() | {"inventedTomorrow": 1}
    with pytest.raises(PermanentError, match="kubectl apply --server-side -f crds/") as refused:
        await client.apply_status(cluster.acme, cluster.version(), status)
    assert refused.value.reason is Reason.CRD_OUTDATED


async def test_a_status_that_the_schema_refuses_is_a_permanent_error_that_says_why(
    client: KubeClient, cluster: Cluster
) -> None:
    cluster.create(a_tenant())
    status = TenantStatus().to_body() | {"employees": {"total": -1}}
    with pytest.raises(PermanentError, match=r"status\.employees\.total") as refused:
        await client.apply_status(cluster.acme, cluster.version(), status)
    assert refused.value.reason is Reason.REQUEST_REFUSED
