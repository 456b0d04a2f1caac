"""The cluster in memory keeps the contract of the real one, and lets tests look and meddle."""

from collections.abc import Mapping
from typing import Any

import pytest

from contract.initialisations_contract import InitialisationsContract, Site
from figgosync.core.initialisation import InitialisationName
from figgosync.core.tenant import TenantName
from figgosync.errors import Reason, TransientError
from figgosync.kube.initialisation_status import InitialisationStatus
from support.comes_true import comes_true
from support.initialisations import an_initialisation
from support.memory_cluster import NAMESPACE, MemoryCluster
from support.tenants import a_tenant

_NAME = InitialisationName(NAMESPACE, "backfill")


class MemorySite(Site):
    namespace = NAMESPACE

    def __init__(self, cluster: MemoryCluster) -> None:
        self._cluster = cluster

    def create(self, manifest: Mapping[str, Any]) -> None:
        self._cluster.create_initialisation(manifest)

    def suspend(self, name: str) -> None:
        self._cluster.initialisations.edit({"suspend": True}, name)

    def delete(self, name: str) -> None:
        self._cluster.initialisations.delete(name)

    def create_tenant(self) -> str:
        self._cluster.create(a_tenant())
        return str(self._cluster.body()["metadata"]["uid"])

    def create_other_owner(self) -> Mapping[str, str]:
        return {"apiVersion": "v1", "kind": "ConfigMap", "name": "theirs", "uid": "7"}


@pytest.fixture
def cluster() -> MemoryCluster:
    return MemoryCluster()


class TestMemoryCluster(InitialisationsContract):
    @pytest.fixture
    def calls(self, cluster: MemoryCluster) -> MemoryCluster:
        return cluster

    @pytest.fixture
    def site(self, cluster: MemoryCluster) -> Site:
        return MemorySite(cluster)


async def test_a_run_goes_with_its_tenant_and_another_stays(cluster: MemoryCluster) -> None:
    cluster.create(a_tenant())
    cluster.create_initialisation(an_initialisation())
    cluster.create_initialisation(an_initialisation(name="free"))
    uid = cluster.initialisations.body()["metadata"]["uid"]
    tenant_uid = cluster.body()["metadata"]["uid"]
    assert uid != tenant_uid
    await cluster.own_initialisation(_NAME, uid, TenantName(NAMESPACE, "acme"), tenant_uid)
    cluster.delete()
    assert not cluster.initialisations.has()
    assert cluster.initialisations.has("free")


async def test_each_kind_has_watchers_of_its_own(cluster: MemoryCluster) -> None:
    heard: list[tuple[str, str]] = []
    cluster.watchers.append(lambda kind, body: heard.append((kind, body["kind"])))
    cluster.initialisations.watchers.append(
        lambda kind, body: heard.append((kind, body["metadata"]["name"]))
    )
    cluster.create(a_tenant())
    cluster.create_initialisation(an_initialisation())
    cluster.initialisations.edit({"cancel": True})
    cluster.initialisations.delete()
    expected = [("ADDED", "CalendarSyncTenant"), *((k, "backfill") for k in _LIFE)]
    await comes_true(lambda: heard == expected)


_LIFE = ("ADDED", "MODIFIED", "DELETED")


async def test_trouble_meets_every_call_and_that_of_a_status_its_writes_alone(
    cluster: MemoryCluster,
) -> None:
    cluster.create_initialisation(an_initialisation())
    body = cluster.initialisations.body()
    version, uid = body["metadata"]["resourceVersion"], body["metadata"]["uid"]
    status = InitialisationStatus(observed_generation=1).to_body()
    cluster.initialisations.status_trouble = TransientError(Reason.UNREACHABLE, "Away.")
    with pytest.raises(TransientError):
        await cluster.apply_initialisation_status(_NAME, version, status)
    assert await cluster.get_initialisation(_NAME) == body
    cluster.initialisations.status_trouble = None
    cluster.trouble = TransientError(Reason.UNREACHABLE, "Away.")
    for call in (
        cluster.list_initialisations(),
        cluster.get_initialisation(_NAME),
        cluster.apply_initialisation_status(_NAME, version, status),
        cluster.own_initialisation(_NAME, uid, TenantName(NAMESPACE, "acme"), "7"),
        cluster.delete_initialisation(_NAME, uid),
    ):
        with pytest.raises(TransientError):
            await call
    assert cluster.initialisations.body() == body
    assert cluster.initialisations.status_writes == []


async def test_what_is_written_is_kept_to_be_looked_at(cluster: MemoryCluster) -> None:
    cluster.create_initialisation(an_initialisation())
    version = cluster.initialisations.body()["metadata"]["resourceVersion"]
    status = InitialisationStatus(observed_generation=1).to_body()
    cluster.before_answer = lambda: cluster.initialisations.edit({"suspend": True})
    written = await cluster.apply_initialisation_status(_NAME, version, status)
    assert cluster.initialisations.status_writes == [status]
    assert cluster.initialisations.status() == status
    assert cluster.initialisations.body()["metadata"]["resourceVersion"] != written
    assert cluster.status_writes == [], "of a tenant nothing was written"
