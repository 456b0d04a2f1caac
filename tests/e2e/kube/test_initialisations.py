"""The calls about initialisations on a real API server, as the operator's own ServiceAccount."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contract.initialisations_contract import InitialisationsContract, Site
from figgosync.core.absence import EmployeeID, LegalEntityID
from figgosync.core.conditions import Condition, ConditionType, Status
from figgosync.core.initialisation import (
    Checkpoint,
    Phase,
    Plan,
    Progress,
    Shortfall,
    Sighting,
    Tally,
)
from figgosync.core.initialised import Initialised, Step
from figgosync.errors import ConflictError, PermanentError, Reason
from figgosync.kube.api import ApiServer
from figgosync.kube.client import KubeClient
from figgosync.kube.initialisation_status import InitialisationStatus
from figgosync.kube.initialisations import parse_initialisation
from figgosync.kube.resources import parse_tenant
from figgosync.kube.status import CatchUp, TenantStatus
from support.cluster import Cluster
from support.eventually import eventually
from support.initialisations import A_DIGEST, an_initialisation
from support.tenants import a_tenant

_NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
_GARBAGE_COLLECTED = timedelta(seconds=60)
"""The garbage collector looks for new kinds every 30 s."""


class RealSite(Site):
    def __init__(self, cluster: Cluster) -> None:
        self.namespace = cluster.namespace
        self._cluster = cluster

    def create(self, manifest: Mapping[str, Any]) -> None:
        self._cluster.create(manifest)

    def suspend(self, name: str) -> None:
        patch = '--patch={"spec": {"suspend": true}}'
        self._cluster.kubectl("patch", "syncinit", name, "--type=merge", patch)

    def delete(self, name: str) -> None:
        self._cluster.kubectl("delete", "syncinit", name)

    def create_tenant(self) -> str:
        return str(self._cluster.create(a_tenant())["metadata"]["uid"])

    def create_other_owner(self) -> Mapping[str, str]:
        self._cluster.kubectl("create", "configmap", "theirs")
        uid = self._cluster.stored("theirs", "configmap")["metadata"]["uid"]
        return {"apiVersion": "v1", "kind": "ConfigMap", "name": "theirs", "uid": uid}


class TestKubeClient(InitialisationsContract):
    @pytest.fixture
    def calls(self, client: KubeClient) -> KubeClient:
        return client

    @pytest.fixture
    def site(self, cluster: Cluster) -> Site:
        return RealSite(cluster)


async def test_a_list_of_several_pages_is_whole(
    client: KubeClient, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("figgosync.kube.objects._PAGE", 2)
    wanted = [f"backfill-{number}" for number in range(5)]
    manifests = [an_initialisation(name=name) for name in wanted]
    cluster.kubectl(
        "create", "--filename=-",
        stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}),
    )  # fmt: skip
    listed = await client.list_initialisations(cluster.namespace)
    assert sorted(body["metadata"]["name"] for body in listed) == wanted


async def test_a_field_that_the_crd_lacks_asks_for_newer_crds(
    client: KubeClient, cluster: Cluster
) -> None:
    version = cluster.create(an_initialisation())["metadata"]["resourceVersion"]
    status = InitialisationStatus().to_body() | {"inventedTomorrow": 1}
    with pytest.raises(
        PermanentError, match=r"syncinitialisations\.figgosync\.io lacks a field"
    ) as refused:
        await client.apply_initialisation_status(cluster.backfill, version, status)
    assert refused.value.reason is Reason.CRD_OUTDATED


async def test_a_status_that_the_schema_refuses_is_a_permanent_error_that_says_why(
    client: KubeClient, cluster: Cluster
) -> None:
    version = cluster.create(an_initialisation())["metadata"]["resourceVersion"]
    status = InitialisationStatus().to_body() | {"queuePosition": 0}
    with pytest.raises(PermanentError, match=r"status\.queuePosition") as refused:
        await client.apply_initialisation_status(cluster.backfill, version, status)
    assert refused.value.reason is Reason.REQUEST_REFUSED


def _largest() -> InitialisationStatus:
    """Everything up to the limits of the schema, and beyond them where writing cuts."""
    digests = tuple(f"{number:064x}" for number in range(20))
    most = 2**31 - 1
    return InitialisationStatus(
        observed_generation=2,
        conditions=tuple(
            Condition(kind, Status.TRUE, Reason.RUNNING, "é" * 2000, 2, _NOON)
            for kind in (ConditionType.SUCCEEDED, ConditionType.RECONCILING)
        ),
        queue_position=most,
        start_time=_NOON,
        completion_time=_NOON,
        progress=Progress(most, Tally(*[most] * 8), timedelta.max),
        plan=Plan(*[most] * 7, A_DIGEST),
        checkpoint=Checkpoint(
            Phase.PLANNING,
            EmployeeID(2**53),
            frozenset(EmployeeID(2**53 - number) for number in range(2000)),
            "f" * 64,
            tuple(Sighting(digests, most, most) for _ in range(60)),
            frozenset((*digests, "0")),
            foundation="f" * 64,
        ),
        shortfalls=tuple(
            Shortfall(EmployeeID(2**53), Reason.INTERNAL_ERROR, "é" * 2000) for _ in range(30)
        ),
        legal_entities=frozenset(map(LegalEntityID, range(1, 12_000))),
    )


async def test_the_largest_status_is_taken_and_read_back(
    client: KubeClient, cluster: Cluster
) -> None:
    version = cluster.create(an_initialisation())["metadata"]["resourceVersion"]
    body = _largest().to_body()
    written = await client.apply_initialisation_status(cluster.backfill, version, body)
    stored = cluster.stored("backfill", "syncinit")
    assert stored["metadata"]["resourceVersion"] == written
    assert stored["status"] == body
    assert parse_initialisation(stored).status.to_body() == body
    assert len(json.dumps(stored)) < 1_000_000, "etcd takes no more than 1.5 MB"


async def test_the_largest_memory_of_a_tenant_is_taken_and_read_back(
    client: KubeClient, cluster: Cluster
) -> None:
    version = cluster.create(a_tenant())["metadata"]["resourceVersion"]
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(1200)]
    steps = {
        LegalEntityID(entity): tuple(
            Step(day, removed_at=_NOON if (at + entity) % 2 else None)
            for at, day in enumerate(days)
        )
        for entity in range(1, 21)
    }
    status = TenantStatus(
        observed_generation=1,
        initialised=Initialised(steps),
        catch_up=tuple(
            CatchUp(day, frozenset(EmployeeID(2**53 - 3 * at - number) for number in range(2)))
            for at, day in enumerate(days)
        ),
        other_sync_seen=_NOON,
    )
    body = status.to_body()
    assert len(body["initialisedFrom"]) == len(body["removedFrom"]) == 1000
    await client.apply_status(cluster.acme, version, body)
    stored = cluster.stored()
    assert stored["status"] == body
    assert parse_tenant(stored).status.to_body() == body
    assert len(json.dumps(stored)) < 1_000_000


async def test_owners_that_others_change_meanwhile_are_a_conflict(
    operator_kubeconfig: Path, cluster: Cluster
) -> None:
    site = RealSite(cluster)
    theirs = site.create_other_owner()

    class Racing(ApiServer):
        """Somebody else gives it an owner between our reading and our writing."""

        async def patch(self, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - passes all on
            change = {"metadata": {"ownerReferences": [theirs]}}
            cluster.kubectl(
                "patch", "syncinit", "backfill", "--type=merge", f"--patch={json.dumps(change)}"
            )
            return await super().patch(*args, **more)

    uid = cluster.create(an_initialisation())["metadata"]["uid"]
    tenant_uid = site.create_tenant()
    api = Racing.from_kubeconfig(operator_kubeconfig)
    with pytest.raises(ConflictError, match="The owners of an initialisation changed"):
        await KubeClient(api, None).own_initialisation(
            cluster.backfill, uid, cluster.acme, tenant_uid
        )
    await api.close()
    stored = cluster.stored("backfill", "syncinit")
    assert stored["metadata"]["ownerReferences"] == [theirs]


async def test_a_namesake_that_comes_meanwhile_gets_no_owner(
    operator_kubeconfig: Path, cluster: Cluster
) -> None:
    class Racing(ApiServer):
        """It is created anew between our reading and our writing."""

        async def patch(self, *args: Any, **more: Any) -> Any:  # noqa: ANN401 - passes all on
            cluster.kubectl("delete", "syncinit", "backfill")
            cluster.create(an_initialisation())
            return await super().patch(*args, **more)

    uid = cluster.create(an_initialisation())["metadata"]["uid"]
    tenant_uid = RealSite(cluster).create_tenant()
    api = Racing.from_kubeconfig(operator_kubeconfig)
    with pytest.raises(ConflictError):
        await KubeClient(api, None).own_initialisation(
            cluster.backfill, uid, cluster.acme, tenant_uid
        )
    await api.close()
    assert "ownerReferences" not in cluster.stored("backfill", "syncinit")["metadata"]


async def test_one_that_somebody_holds_is_deleted_when_they_let_it_go(
    client: KubeClient, cluster: Cluster
) -> None:
    manifest = an_initialisation()
    manifest["metadata"]["finalizers"] = ["example.com/theirs"]
    uid = cluster.create(manifest)["metadata"]["uid"]
    await client.delete_initialisation(cluster.backfill, uid)
    await client.delete_initialisation(cluster.backfill, uid)
    assert parse_initialisation(cluster.stored("backfill", "syncinit")).deleting
    cluster.kubectl(
        "patch", "syncinit", "backfill", "--type=merge",
        '--patch={"metadata": {"finalizers": null}}',
    )  # fmt: skip
    assert await client.get_initialisation(cluster.backfill) is None


async def test_kubernetes_deletes_it_with_its_tenant_and_leaves_others(
    client: KubeClient, cluster: Cluster
) -> None:
    tenant_uid = cluster.create(a_tenant())["metadata"]["uid"]
    uid = cluster.create(an_initialisation())["metadata"]["uid"]
    cluster.create(an_initialisation(name="free"))
    await client.own_initialisation(cluster.backfill, uid, cluster.acme, tenant_uid)
    cluster.kubectl("delete", "cst", "acme", "--wait=false")

    def left() -> list[str]:
        return cluster.kubectl("get", "syncinit", "--output=name").split()

    free = "syncinitialisation.figgosync.io/free"
    eventually(lambda: left() == [free], within=_GARBAGE_COLLECTED)
    assert await client.get_tenant(cluster.acme) is None


async def test_it_may_be_owned_while_its_tenant_has_a_finalizer_and_stays_as_long(
    client: KubeClient, cluster: Cluster
) -> None:
    """With deletionPolicy Delete the tenant goes later; nothing of ours blocks it."""
    tenant_uid = cluster.create(a_tenant())["metadata"]["uid"]
    await client.add_finalizer(cluster.acme)
    uid = cluster.create(an_initialisation())["metadata"]["uid"]
    await client.own_initialisation(cluster.backfill, uid, cluster.acme, tenant_uid)
    cluster.kubectl("delete", "cst", "acme", "--wait=false")
    assert parse_tenant(cluster.stored()).deleting
    assert not parse_initialisation(cluster.stored("backfill", "syncinit")).deleting
    await client.remove_finalizer(cluster.acme)

    def is_gone() -> bool:
        return cluster.kubectl("get", "syncinit,cst", "--output=name") == ""

    eventually(is_gone, within=_GARBAGE_COLLECTED)
