"""What the operator does in the cluster: read tenants and Secrets, write status and finalizers."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, Field

from figgosync.core.tenant import TenantName
from figgosync.errors import ConflictError, Reason
from figgosync.kube.answers import Answer, content, read_content
from figgosync.kube.api import ApiServer, PatchType
from figgosync.kube.crds import missing_crd, outdated_crd
from figgosync.kube.credentials import Secret, secret_from, secret_missing, secrets_forbidden
from figgosync.kube.names import (
    API_VERSION,
    FIELD_MANAGER,
    FINALIZER,
    GROUP,
    TENANT_KIND,
    TENANT_PLURAL,
)

_PAGE = 500
_TENANT_CRD = f"{TENANT_PLURAL}.{GROUP}"
# What kube-apiserver 1.37 says, with status 500, of a status field that the CRD does not know.
_UNDECLARED = "field not declared in schema"


class _Rest(BaseModel):
    following: str | None = Field(default=None, alias="continue")


class _Page(BaseModel):
    items: list[dict[str, Any]]
    metadata: _Rest


class KubeClient:
    """The operator's calls to the API server. They raise only `figgosync.errors.SyncError`s.

    Nothing is tried twice here. Bodies are given as the API server sent them (JSON values):
    `figgosync.kube.resources` reads them, one at a time, so that a bad one harms no other.
    `secrets_role` is the ClusterRole that a tenant's namespace has to bind, None where there is
    none.
    """

    def __init__(self, api: ApiServer, secrets_role: str | None) -> None:
        self._api = api
        self._secrets_role = secrets_role

    async def list_tenants(self, namespace: str | None = None) -> Sequence[Mapping[str, Any]]:
        """Return the bodies of all tenants of a namespace, or of all: whole, or an error."""
        path = _tenants(namespace)
        found: list[Mapping[str, Any]] = []
        query = {"limit": str(_PAGE)}
        while True:
            answer = await self._api.get(path, query)
            if answer.status == HTTPStatus.NOT_FOUND:
                raise missing_crd(_TENANT_CRD)
            kind, asked = f"{TENANT_KIND}List", "list the tenants"
            page = read_content(answer, kind, asked, _Page.model_validate)
            found += page.items
            if not page.metadata.following:
                return found
            query = {"limit": str(_PAGE), "continue": page.metadata.following}

    async def get_tenant(self, name: TenantName) -> Mapping[str, Any] | None:
        """Return the body of a tenant, None when it is gone."""
        answer = await self._api.get(_tenant(name))
        return None if _is_gone(answer) else content(answer, TENANT_KIND, "read a tenant")

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

    async def apply_status(
        self, name: TenantName, resource_version: str, status: Mapping[str, Any]
    ) -> str | None:
        """Make `status` the whole status; return the new resourceVersion, None when it is gone.

        Raises ConflictError when the object changed since `resource_version` (read it again and
        compose the status anew), PermanentError CRD_OUTDATED when the installed CRD does not know
        a field. When the answer is lost the status may have been written; the next try with the
        same `resource_version` is then a ConflictError, and so harmless.

        Only the resourceVersion protects a namesake that was created anew: the API server
        ignores `metadata.uid` here (tried on 1.37).
        """
        body = {
            "apiVersion": API_VERSION,
            "kind": TENANT_KIND,
            "metadata": {
                "name": name.name,
                "namespace": name.namespace,
                "resourceVersion": resource_version,
            },
            "status": status,
        }
        answer = await self._api.patch(
            f"{_tenant(name)}/status",
            PatchType.APPLY,
            body,
            {"fieldManager": FIELD_MANAGER, "force": "true"},
        )
        if _is_gone(answer):
            return None
        if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR and _UNDECLARED in answer.message:
            raise outdated_crd(_TENANT_CRD, "lacks a field that this operator writes")
        return _version(content(answer, TENANT_KIND, "write the status of a tenant"))

    async def add_finalizer(self, name: TenantName) -> None:
        """Hold the object until `remove_finalizer`; nothing happens when it is held or gone.

        Raises ConflictError when others changed the finalizers meanwhile, or the deletion has
        begun: from then on the API server takes no finalizer.
        """
        body = await self.get_tenant(name)
        if body is None or FINALIZER in _finalizers(body):
            return
        held = _finalizers(body)
        patch: list[dict[str, Any]] = [
            {"op": "test", "path": "/metadata/uid", "value": body["metadata"]["uid"]}
        ]
        if held:
            patch.append({"op": "test", "path": "/metadata/finalizers", "value": held})
        else:
            version = body["metadata"]["resourceVersion"]
            patch.append({"op": "test", "path": "/metadata/resourceVersion", "value": version})
        patch.append({"op": "add", "path": "/metadata/finalizers", "value": [*held, FINALIZER]})
        await self._patch_finalizers(name, patch)

    async def remove_finalizer(self, name: TenantName) -> None:
        """Let the object go; nothing happens when it is not held or gone.

        Raises ConflictError when others changed the finalizers meanwhile.
        """
        body = await self.get_tenant(name)
        if body is None or FINALIZER not in _finalizers(body):
            return
        at = f"/metadata/finalizers/{_finalizers(body).index(FINALIZER)}"
        await self._patch_finalizers(
            name,
            [
                {"op": "test", "path": "/metadata/uid", "value": body["metadata"]["uid"]},
                {"op": "test", "path": at, "value": FINALIZER},
                {"op": "remove", "path": at},
            ],
        )

    async def _patch_finalizers(self, name: TenantName, patch: Sequence[Mapping[str, Any]]) -> None:
        answer = await self._api.patch(_tenant(name), PatchType.JSON, patch)
        if _is_gone(answer):
            return
        if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            raise ConflictError(
                Reason.CONFLICT,
                "The finalizers of a tenant changed, or its deletion began, before ours was "
                f"written: {answer.message}",
                tenant_wide=True,
            )
        content(answer, TENANT_KIND, "change the finalizers of a tenant")


def _tenants(namespace: str | None) -> str:
    where = "" if namespace is None else f"/namespaces/{quote(namespace, safe='')}"
    return f"/apis/{API_VERSION}{where}/{TENANT_PLURAL}"


def _tenant(name: TenantName) -> str:
    return f"{_tenants(name.namespace)}/{quote(name.name, safe='')}"


def _finalizers(body: Mapping[str, Any]) -> list[str]:
    return list(body["metadata"].get("finalizers") or ())


def _version(body: Mapping[str, Any]) -> str:
    return str(body["metadata"]["resourceVersion"])


def _is_gone(answer: Answer) -> bool:
    """Tell a missing object from a missing CRD, which raises."""
    if answer.status != HTTPStatus.NOT_FOUND:
        return False
    if answer.reason == "NotFound" and _details(answer).get("name"):
        return True
    raise missing_crd(_TENANT_CRD)


def _details(answer: Answer) -> Mapping[str, Any]:
    details = (answer.body or {}).get("details")
    return details if isinstance(details, dict) else {}
