"""What the operator does in the cluster: with its two kinds, and with the tenants' Secrets."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from figgosync.core.initialisation import InitialisationName
from figgosync.core.tenant import TenantName
from figgosync.kube.answers import content
from figgosync.kube.api import ApiServer
from figgosync.kube.credentials import Secret, secret_from, secret_missing, secrets_forbidden
from figgosync.kube.kinds import INITIALISATION, TENANT
from figgosync.kube.names import API_VERSION, FINALIZER, TENANT_KIND
from figgosync.kube.objects import Objects

_FINALIZERS_RACED = (
    "The finalizers of a tenant changed, or its deletion began, before ours was written"
)
_OWNERS_RACED = "The owners of an initialisation changed before its tenant was written"


class KubeClient:
    """The operator's calls to the API server. They raise only `figgosync.errors.SyncError`s.

    Nothing is tried twice here. Bodies are given as the API server sent them (JSON values):
    `figgosync.kube.resources` and `figgosync.kube.initialisations` read them, one at a time, so
    that a bad one harms no other. `secrets_role` is the ClusterRole that a tenant's namespace has
    to bind, None where there is none.
    """

    def __init__(self, api: ApiServer, secrets_role: str | None) -> None:
        self._api = api
        self._secrets_role = secrets_role
        self._tenants = Objects(api, TENANT)
        self._initialisations = Objects(api, INITIALISATION)

    async def secret(self, namespace: str, name: str) -> Secret:
        """Return a Secret by its name.

        Raises PermanentError SECRET_NOT_FOUND, SECRET_NOT_LABELLED, or REQUEST_REFUSED where the
        role is not bound in the namespace, each with the command that helps.
        """
        answer = await self._api.get(
            f"/api/v1/namespaces/{quote(namespace, safe='')}/secrets/{quote(name, safe='')}"
        )
        match answer.status:
            case HTTPStatus.NOT_FOUND:
                raise secret_missing(namespace, name)
            case HTTPStatus.FORBIDDEN:
                raise secrets_forbidden(namespace, answer, self._secrets_role)
            case _:
                return secret_from(content(answer, "Secret", "read a Secret"))

    async def list_tenants(self, namespace: str | None = None) -> Sequence[Mapping[str, Any]]:
        """Return the bodies of all tenants of a namespace, or of all: whole, or an error."""
        return await self._tenants.list(namespace)

    async def get_tenant(self, name: TenantName) -> Mapping[str, Any] | None:
        """Return the body of a tenant, None when it is gone."""
        return await self._tenants.get(name)

    async def apply_status(
        self, name: TenantName, resource_version: str, status: Mapping[str, Any]
    ) -> str | None:
        """Make `status` the whole status; return the new resourceVersion, None when it is gone.

        Raises ConflictError when the object changed since `resource_version`; more of it at
        `Objects.apply_status`.
        """
        return await self._tenants.apply_status(name, resource_version, status)

    async def add_finalizer(self, name: TenantName) -> None:
        """Hold the object until `remove_finalizer`; nothing happens when it is held or gone.

        Raises ConflictError when others changed the finalizers meanwhile, or the deletion has
        begun: from then on the API server takes no finalizer.
        """
        body = await self._tenants.get(name)
        if body is None or FINALIZER in _finalizers(body):
            return
        held = _finalizers(body)
        patch = _with_list(body, "finalizers", held, [*held, FINALIZER])
        await self._tenants.patch(name, patch, "the finalizers", _FINALIZERS_RACED)

    async def remove_finalizer(self, name: TenantName) -> None:
        """Let the object go; nothing happens when it is not held or gone.

        Raises ConflictError when others changed the finalizers meanwhile.
        """
        body = await self._tenants.get(name)
        if body is None or FINALIZER not in _finalizers(body):
            return
        at = f"/metadata/finalizers/{_finalizers(body).index(FINALIZER)}"
        patch = [
            {"op": "test", "path": "/metadata/uid", "value": body["metadata"]["uid"]},
            {"op": "test", "path": at, "value": FINALIZER},
            {"op": "remove", "path": at},
        ]
        await self._tenants.patch(name, patch, "the finalizers", _FINALIZERS_RACED)

    async def list_initialisations(
        self, namespace: str | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """Return the bodies of all of a namespace, or of the cluster: whole, or an error."""
        return await self._initialisations.list(namespace)

    async def get_initialisation(self, name: InitialisationName) -> Mapping[str, Any] | None:
        """Return the body of an initialisation, None when it is gone."""
        return await self._initialisations.get(name)

    async def apply_initialisation_status(
        self, name: InitialisationName, resource_version: str, status: Mapping[str, Any]
    ) -> str | None:
        """Make `status` the whole status; return the new resourceVersion, None when it is gone.

        Raises ConflictError when the object changed since `resource_version`; more of it at
        `Objects.apply_status`.
        """
        return await self._initialisations.apply_status(name, resource_version, status)

    async def own_initialisation(
        self, name: InitialisationName, uid: str, tenant: TenantName, tenant_uid: str
    ) -> None:
        """Have Kubernetes delete an initialisation when its tenant goes.

        Nothing happens when that is so, or the object is gone or has become a namesake. Raises
        ConflictError when others changed the owners meanwhile. `tenant` stands in the same
        namespace: an owner elsewhere counts as gone, and everything of it is deleted.
        """
        body = await self._initialisations.get(name)
        if body is None or body["metadata"]["uid"] != uid:
            return
        owners = list(body["metadata"].get("ownerReferences") or ())
        if any(owner["uid"] == tenant_uid for owner in owners):
            return
        ours = {
            "apiVersion": API_VERSION,
            "kind": TENANT_KIND,
            "name": tenant.name,
            "uid": tenant_uid,
            "controller": False,
            "blockOwnerDeletion": False,
        }
        patch = _with_list(body, "ownerReferences", owners, [*owners, ours])
        await self._initialisations.patch(name, patch, "the owners", _OWNERS_RACED)

    async def delete_initialisation(self, name: InitialisationName, uid: str) -> None:
        """Delete this very object; one that is gone, or is a namesake now, counts as deleted."""
        await self._initialisations.delete(name, uid)


def _finalizers(body: Mapping[str, Any]) -> list[str]:
    return list(body["metadata"].get("finalizers") or ())


def _with_list(
    body: Mapping[str, Any], field: str, before: Sequence[Any], after: Sequence[Any]
) -> Sequence[Mapping[str, Any]]:
    """Return the JSON patch that gives a list of the metadata a new value, if nobody was faster."""
    metadata, path = body["metadata"], f"/metadata/{field}"
    if before:
        unchanged = {"op": "test", "path": path, "value": before}
    else:  # the path of a list that is not there cannot be tested
        version = metadata["resourceVersion"]
        unchanged = {"op": "test", "path": "/metadata/resourceVersion", "value": version}
    return [
        {"op": "test", "path": "/metadata/uid", "value": metadata["uid"]},
        unchanged,
        {"op": "add", "path": path, "value": after},
    ]
