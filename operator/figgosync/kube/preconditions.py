"""What must be there before anything can be watched: rights, and definitions that fit."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from pydantic import BaseModel, StrictBool

from figgosync.kube.answers import Answer, read_content
from figgosync.kube.api import ApiServer
from figgosync.kube.crds import (
    REQUIRED_CRD_VERSIONS,
    check_crd,
    missing_crd,
    newer_crd,
    unchecked_crd,
    unserved_crd,
)
from figgosync.kube.discovery import is_discovered
from figgosync.kube.rights import RIGHTS, Need, Where, needs, rights_missing

_CRD_KIND = "CustomResourceDefinition"
_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_CANNOT_ASK = (
    "The operator may not ask which rights it has: create selfsubjectaccessreviews"
    ".authorization.k8s.io, which every account has by Kubernetes' own ClusterRole "
    "system:basic-user. It goes on, and each request that is refused says so."
)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be said although work can begin; `is_warning` where somebody should act."""

    message: str
    is_warning: bool


class Preconditions:
    """Asks the API server. No `namespaces` stand for the whole cluster."""

    def __init__(self, api: ApiServer, namespaces: Sequence[str]) -> None:
        self._api = api
        self._namespaces = namespaces

    @property
    def doubt(self) -> asyncio.Event:
        """Set when the API server refused something for want of a right."""
        return self._api.refused

    async def check(self) -> Sequence[Notice]:
        """Return what is worth saying. Raises SyncError, with the remedy, where something lacks.

        `retry_after` of that error says when to look again.
        """
        try:
            notices = await self._check_rights()
            return [*notices, *[notice async for notice in self._check_crds()]]
        finally:
            self.doubt.clear()  # what was refused here is said already

    async def _check_rights(self) -> Sequence[Notice]:
        missing: list[Need] = []
        for need in needs(self._namespaces):
            allowed = await self._may(need)
            if allowed is None:
                return [Notice(_CANNOT_ASK, is_warning=True)]
            if not allowed:
                missing.append(need)
        if missing:
            raise rights_missing(missing)
        return []

    async def _may(self, need: Need) -> bool | None:
        """Ask whether we have a right; None where not even that may be asked."""
        answer = await self._api.post(_REVIEWS, need.right.review(need.namespace))
        if answer.status == HTTPStatus.FORBIDDEN:
            return None
        asked = "ask which rights it has"
        review = read_content(answer, "SelfSubjectAccessReview", asked, _Review.model_validate)
        return review.status.allowed

    async def _check_crds(self) -> AsyncIterator[Notice]:
        for name, known in REQUIRED_CRD_VERSIONS.items():
            answer = await self._definition(name)
            if answer is None:
                yield Notice(unchecked_crd(name), is_warning=False)
            elif answer.status == HTTPStatus.NOT_FOUND:
                raise missing_crd(name)
            else:
                asked = "read its CustomResourceDefinitions"
                version = read_content(answer, _CRD_KIND, asked, partial(check_crd, name))
                if version > known:
                    yield Notice(newer_crd(name, version), is_warning=True)
            if not await is_discovered(self._api, name.partition(".")[0]):
                raise missing_crd(name) if answer is None else unserved_crd(name)

    async def _definition(self, name: str) -> Answer | None:
        """Read a definition; None where we may not.

        With Roles alone nobody may: then it is not even tried, or each check would be a refused
        request in the API server's audit log.
        """
        (right,) = (r for r in RIGHTS if r.where is Where.CLUSTER and r.name == name)
        if self._namespaces and await self._may(Need(right, None)) is False:
            return None
        answer = await self._api.get(f"{_CRDS}/{name}")
        return None if answer.status == HTTPStatus.FORBIDDEN else answer


class _Verdict(BaseModel):
    allowed: StrictBool


class _Review(BaseModel):
    status: _Verdict
