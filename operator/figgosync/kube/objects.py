"""The calls to the API server that are the same for each of our kinds."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel, Field

from figgosync.errors import ConflictError, Reason
from figgosync.kube.answers import Answer, content, read_content
from figgosync.kube.api import ApiServer, PatchType
from figgosync.kube.crds import missing_crd, outdated_crd
from figgosync.kube.kinds import Kind, ObjectName
from figgosync.kube.metadata import Metadata
from figgosync.kube.names import API_VERSION, FIELD_MANAGER

_PAGE = 500
# What kube-apiserver 1.37 says, with status 500, of a status field that the CRD does not know.
_UNDECLARED = "field not declared in schema"


class _Rest(BaseModel):
    following: str | None = Field(default=None, alias="continue")


class _Page(BaseModel):
    items: list[dict[str, Any]]
    metadata: _Rest


class _Outcome(BaseModel):
    """What the API server answers where there is no object to show (any more)."""

    status: Literal["Success"]


class Objects:
    """The objects of one kind. Only SyncErrors are raised, and nothing is tried twice."""

    def __init__(self, api: ApiServer, kind: Kind) -> None:
        self._api = api
        self._kind = kind

    async def list(self, namespace: str | None) -> Sequence[Mapping[str, Any]]:
        """Return the bodies of all objects of a namespace, or of all: whole, or an error."""
        found: list[Mapping[str, Any]] = []
        query = {"limit": str(_PAGE)}
        while True:
            answer = await self._api.get(self._kind.collection(namespace), query)
            if answer.status == HTTPStatus.NOT_FOUND:
                raise missing_crd(self._kind.crd)
            page = read_content(
                answer, f"{self._kind.word}List", f"list {self._kind.all}", _Page.model_validate
            )
            found += page.items
            if not page.metadata.following:
                return found
            query = {"limit": str(_PAGE), "continue": page.metadata.following}

    async def get(self, name: ObjectName) -> Mapping[str, Any] | None:
        """Return the body of an object, None when it is gone."""
        answer = await self._api.get(self._kind.path(name))
        if self._is_gone(answer):
            return None
        return read_content(answer, self._kind.word, f"read {self._kind.one}", _whole)

    async def apply_status(
        self, name: ObjectName, resource_version: str, status: Mapping[str, Any]
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
            "kind": self._kind.word,
            "metadata": {
                "name": name.name,
                "namespace": name.namespace,
                "resourceVersion": resource_version,
            },
            "status": status,
        }
        answer = await self._api.patch(
            f"{self._kind.path(name)}/status",
            PatchType.APPLY,
            body,
            {"fieldManager": FIELD_MANAGER, "force": "true"},
        )
        if self._is_gone(answer):
            return None
        if answer.status == HTTPStatus.INTERNAL_SERVER_ERROR and _UNDECLARED in answer.message:
            raise outdated_crd(self._kind.crd, "lacks a field that this operator writes")
        asked = f"write the status of {self._kind.one}"
        return read_content(answer, self._kind.word, asked, _metadata).resource_version

    async def patch(
        self, name: ObjectName, changes: Sequence[Mapping[str, Any]], what: str, raced: str
    ) -> None:
        """Apply a JSON patch; nothing happens when the object is gone.

        `what` is changed, such as "the finalizers". Raises ConflictError, with the sentence
        `raced`, when a test in the patch does not hold or the object does not take it any more.
        """
        answer = await self._api.patch(self._kind.path(name), PatchType.JSON, changes)
        if self._is_gone(answer):
            return
        if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            said = f"{raced}: {answer.message}"
            raise ConflictError(Reason.CONFLICT, said, tenant_wide=True)
        content(answer, self._kind.word, f"change {what} of {self._kind.one}")

    async def delete(self, name: ObjectName, uid: str) -> None:
        """Delete this very object; one that is gone, or has become a namesake, counts as deleted.

        One that others hold by a finalizer goes when they let it go. When the answer is lost it
        may be deleted; another try does no harm.
        """
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": uid},
            "propagationPolicy": "Background",
        }
        answer = await self._api.delete(self._kind.path(name), options)
        if self._is_gone(answer):
            return
        if answer.status == HTTPStatus.CONFLICT and await self._is_another(name, uid):
            return
        asked = f"delete {self._kind.one}"
        if (answer.body or {}).get("kind") == self._kind.word:  # somebody's finalizer holds it
            read_content(answer, self._kind.word, asked, _metadata)
        else:
            read_content(answer, "Status", asked, _Outcome.model_validate)

    async def _is_another(self, name: ObjectName, uid: str) -> bool:
        body = await self.get(name)
        return body is None or body["metadata"]["uid"] != uid

    def _is_gone(self, answer: Answer) -> bool:
        """Tell a missing object from a missing CRD, which raises."""
        if answer.status != HTTPStatus.NOT_FOUND:
            return False
        if answer.reason == "NotFound" and _details(answer).get("name"):
            return True
        raise missing_crd(self._kind.crd)


def _metadata(body: Mapping[str, Any]) -> Metadata:
    return Metadata.model_validate(body.get("metadata"))


def _whole(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an object as it is; raises ValueError for half of one."""
    _metadata(body)
    return body


def _details(answer: Answer) -> Mapping[str, Any]:
    details = (answer.body or {}).get("details")
    return details if isinstance(details, dict) else {}
