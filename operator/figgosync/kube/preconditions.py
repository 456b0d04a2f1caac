"""What must be there before anything can be watched: rights, and definitions that fit."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

from pydantic import BaseModel, StrictBool

from figgosync.kube.answers import Answer, content, error_for
from figgosync.kube.api import ApiServer
from figgosync.kube.crds import (
    REQUIRED_CRD_VERSIONS,
    check_crd,
    missing_crd,
    newer_crd,
    unchecked_crd,
)
from figgosync.kube.names import API_VERSION
from figgosync.kube.rights import Need, needs, rights_missing

T = TypeVar("T")

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
            answer = await self._api.post(_REVIEWS, need.right.review(need.namespace))
            if answer.status == HTTPStatus.FORBIDDEN:
                return [Notice(_CANNOT_ASK, is_warning=True)]
            asked = "ask which rights it has"
            review = _read(answer, "SelfSubjectAccessReview", asked, _Review.model_validate)
            if not review.status.allowed:
                missing.append(need)
        if missing:
            raise rights_missing(missing)
        return []

    async def _check_crds(self) -> AsyncIterator[Notice]:
        for name, known in REQUIRED_CRD_VERSIONS.items():
            answer = await self._api.get(f"{_CRDS}/{name}")
            match answer.status:
                case HTTPStatus.NOT_FOUND:
                    raise missing_crd(name)
                case HTTPStatus.FORBIDDEN:
                    await self._discover(name)
                    yield Notice(unchecked_crd(name), is_warning=False)
                case _:
                    asked = "read its CustomResourceDefinitions"
                    version = _read(answer, _CRD_KIND, asked, partial(check_crd, name))
                    if version > known:
                        yield Notice(newer_crd(name, version), is_warning=True)

    async def _discover(self, name: str) -> None:
        """Look among the resources that are served, which everybody may, for one that is ours."""
        answer = await self._api.get(f"/apis/{API_VERSION}")
        if answer.status == HTTPStatus.NOT_FOUND:
            raise missing_crd(name)
        if answer.status != HTTPStatus.FORBIDDEN and name.partition(".")[0] not in _served(answer):
            raise missing_crd(name)


class _Verdict(BaseModel):
    allowed: StrictBool


class _Review(BaseModel):
    status: _Verdict


class _Resource(BaseModel):
    name: str


class _Resources(BaseModel):
    resources: tuple[_Resource, ...] | None = None


def _served(answer: Answer) -> frozenset[str]:
    asked = "read which resources are served"
    if answer.status != HTTPStatus.OK:
        raise error_for(answer, asked)
    listed = _read(answer, "APIResourceList", asked, _Resources.model_validate)
    return frozenset(each.name for each in listed.resources or ())


def _read(answer: Answer, kind: str, asked: str, read: Callable[[Mapping[str, Any]], T]) -> T:
    """Read the content of an answer; what `read` finds no sense in is as good as no answer."""
    body = content(answer, kind, asked)
    try:
        return read(body)
    except ValueError:
        raise error_for(answer, asked) from None
