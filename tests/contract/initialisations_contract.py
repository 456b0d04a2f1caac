"""What the calls about initialisations do, on a real API server and on the one in memory alike."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import pytest

from figgosync.core.conditions import Condition, ConditionType, Status
from figgosync.core.initialisation import InitialisationName, Progress, Tally
from figgosync.core.tenant import TenantName
from figgosync.errors import ConflictError, Reason
from figgosync.kube.initialisation_status import InitialisationStatus
from figgosync.kube.initialisations import parse_initialisation
from support.initialisations import an_initialisation

_NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
_RUNNING = InitialisationStatus(
    observed_generation=1,
    conditions=(
        Condition(ConditionType.SUCCEEDED, Status.UNKNOWN, Reason.RUNNING, "At work.", 1, _NOON),
    ),
    start_time=_NOON,
    progress=Progress(total=10, tally=Tally(employees=3, created=8)),
)


class Calls(Protocol):
    """What is called: by the operator."""

    async def list_initialisations(
        self, namespace: str | None = None
    ) -> Sequence[Mapping[str, Any]]: ...

    async def get_initialisation(self, name: InitialisationName) -> Mapping[str, Any] | None: ...

    async def apply_initialisation_status(
        self, name: InitialisationName, resource_version: str, status: Mapping[str, Any]
    ) -> str | None: ...

    async def own_initialisation(
        self, name: InitialisationName, uid: str, tenant: TenantName, tenant_uid: str
    ) -> None: ...

    async def delete_initialisation(self, name: InitialisationName, uid: str) -> None: ...


class Site(ABC):
    """What happens around the calls: by administrators, in one namespace."""

    namespace: str

    @abstractmethod
    def create(self, manifest: Mapping[str, Any]) -> None:
        """Create an initialisation."""

    @abstractmethod
    def suspend(self, name: str) -> None:
        """Have it changed."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Have it gone."""

    @abstractmethod
    def create_tenant(self) -> str:
        """Create the tenant acme; return its uid."""

    @abstractmethod
    def create_other_owner(self) -> Mapping[str, str]:
        """Create something that may own an initialisation; return the reference to it."""


class InitialisationsContract:
    """Subclasses give the fixtures `calls` and `site`."""

    @pytest.fixture
    def name(self, site: Site) -> InitialisationName:
        return InitialisationName(site.namespace, "backfill")

    @pytest.fixture
    def acme(self, site: Site) -> TenantName:
        return TenantName(site.namespace, "acme")

    @pytest.fixture
    async def body(self, calls: Calls, site: Site, name: InitialisationName) -> Mapping[str, Any]:
        """An initialisation, as it was created."""
        site.create(an_initialisation())
        return await _there(calls, name)

    async def test_they_are_listed_of_one_namespace_or_of_all(
        self, calls: Calls, site: Site, body: Mapping[str, Any]
    ) -> None:
        site.create(an_initialisation(name="undo"))
        listed = await calls.list_initialisations(site.namespace)
        assert sorted(each["metadata"]["name"] for each in listed) == ["backfill", "undo"]
        everywhere = await calls.list_initialisations()
        here = [e for e in everywhere if e["metadata"]["namespace"] == site.namespace]
        assert len(here) == 2
        assert body in here
        assert await calls.list_initialisations("no-such-namespace") == []

    async def test_one_can_be_parsed_as_it_is_given(
        self, calls: Calls, site: Site, name: InitialisationName, body: Mapping[str, Any]
    ) -> None:
        (listed,) = await calls.list_initialisations(site.namespace)
        found = parse_initialisation(body)
        assert found == parse_initialisation(listed)
        assert found.name == name
        assert found.owners == frozenset()
        assert found.status == InitialisationStatus()

    async def test_one_that_does_not_exist_is_none(
        self, calls: Calls, name: InitialisationName
    ) -> None:
        assert await calls.get_initialisation(name) is None

    async def test_a_status_is_written_whole_and_answered_with_the_next_version(
        self, calls: Calls, name: InitialisationName, body: Mapping[str, Any]
    ) -> None:
        first = await calls.apply_initialisation_status(name, _version(body), _RUNNING.to_body())
        assert first is not None
        assert parse_initialisation(await _there(calls, name)).status == _RUNNING
        less = InitialisationStatus(observed_generation=1)
        second = await calls.apply_initialisation_status(name, first, less.to_body())
        found = parse_initialisation(await _there(calls, name))
        assert (found.status, found.resource_version) == (less, second)

    async def test_the_same_status_again_changes_nothing(
        self, calls: Calls, name: InitialisationName, body: Mapping[str, Any]
    ) -> None:
        status = _RUNNING.to_body()
        first = await calls.apply_initialisation_status(name, _version(body), status)
        assert first is not None
        assert await calls.apply_initialisation_status(name, first, status) == first

    async def test_a_status_composed_from_an_old_object_is_a_conflict(
        self, calls: Calls, site: Site, name: InitialisationName, body: Mapping[str, Any]
    ) -> None:
        site.suspend("backfill")
        with pytest.raises(ConflictError):
            await calls.apply_initialisation_status(name, _version(body), _RUNNING.to_body())
        assert parse_initialisation(await _there(calls, name)).status == InitialisationStatus()

    async def test_a_status_for_a_namesake_is_a_conflict_and_for_one_that_is_gone_none(
        self, calls: Calls, site: Site, name: InitialisationName, body: Mapping[str, Any]
    ) -> None:
        status = _RUNNING.to_body()
        site.delete("backfill")
        assert await calls.apply_initialisation_status(name, _version(body), status) is None
        site.create(an_initialisation())
        with pytest.raises(ConflictError):
            await calls.apply_initialisation_status(name, _version(body), status)

    async def test_its_tenant_owns_it_once(
        self,
        calls: Calls,
        site: Site,
        name: InitialisationName,
        acme: TenantName,
        body: Mapping[str, Any],
    ) -> None:
        tenant_uid = site.create_tenant()
        await calls.own_initialisation(name, _uid(body), acme, tenant_uid)
        owned = await _there(calls, name)
        assert owned["metadata"]["ownerReferences"] == [
            {
                "apiVersion": "figgosync.io/v1alpha1",
                "kind": "CalendarSyncTenant",
                "name": "acme",
                "uid": tenant_uid,
                "controller": False,
                "blockOwnerDeletion": False,
            }
        ]
        assert parse_initialisation(owned).owners == {tenant_uid}
        assert parse_initialisation(owned).generation == parse_initialisation(body).generation
        await calls.own_initialisation(name, _uid(body), acme, tenant_uid)
        assert await _there(calls, name) == owned

    async def test_the_owners_that_others_gave_it_stay(
        self, calls: Calls, site: Site, name: InitialisationName, acme: TenantName
    ) -> None:
        theirs = site.create_other_owner()
        manifest = an_initialisation()
        manifest["metadata"]["ownerReferences"] = [theirs]
        site.create(manifest)
        before = await _there(calls, name)
        tenant_uid = site.create_tenant()
        await calls.own_initialisation(name, _uid(before), acme, tenant_uid)
        first, second = (await _there(calls, name))["metadata"]["ownerReferences"]
        assert (first, second["uid"]) == (theirs, tenant_uid)

    async def test_nobody_owns_one_that_is_gone_nor_its_namesake(
        self,
        calls: Calls,
        site: Site,
        name: InitialisationName,
        acme: TenantName,
        body: Mapping[str, Any],
    ) -> None:
        tenant_uid = site.create_tenant()
        site.delete("backfill")
        await calls.own_initialisation(name, _uid(body), acme, tenant_uid)
        site.create(an_initialisation())
        before = await _there(calls, name)
        await calls.own_initialisation(name, _uid(body), acme, tenant_uid)
        assert await _there(calls, name) == before

    async def test_it_is_deleted_and_deleting_it_again_does_no_harm(
        self, calls: Calls, name: InitialisationName, body: Mapping[str, Any]
    ) -> None:
        await calls.delete_initialisation(name, _uid(body))
        assert await calls.get_initialisation(name) is None
        await calls.delete_initialisation(name, _uid(body))

    async def test_a_namesake_is_not_deleted_in_its_place(
        self, calls: Calls, site: Site, name: InitialisationName, body: Mapping[str, Any]
    ) -> None:
        site.delete("backfill")
        site.create(an_initialisation())
        namesake = await _there(calls, name)
        await calls.delete_initialisation(name, _uid(body))
        assert await calls.get_initialisation(name) == namesake


async def _there(calls: Calls, name: InitialisationName) -> Mapping[str, Any]:
    body = await calls.get_initialisation(name)
    assert body is not None
    return body


def _version(body: Mapping[str, Any]) -> str:
    return str(body["metadata"]["resourceVersion"])


def _uid(body: Mapping[str, Any]) -> str:
    return str(body["metadata"]["uid"])
