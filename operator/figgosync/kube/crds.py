"""Whether the installed CRDs are new enough for this operator."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from figgosync.errors import PermanentError, Reason
from figgosync.kube.kinds import INITIALISATION, TENANT
from figgosync.kube.names import CRD_VERSION, VERSION

REQUIRED_CRD_VERSIONS: Mapping[str, int] = {TENANT.crd: 3, INITIALISATION.crd: 1}
"""The annotation figgosync.io/crd-version that each CRD must carry at least."""

LOOK_AGAIN = timedelta(seconds=5)
_REMEDY = (
    "Run `helm upgrade` for the release that installed it, or "
    "`kubectl apply --server-side -f crds/` with the files of this release."
)


def missing_crd(name: str) -> PermanentError:
    """Say that a CRD is not installed."""
    return PermanentError(
        Reason.CRD_OUTDATED,
        f"The CustomResourceDefinition {name} is not installed. {_REMEDY}",
        tenant_wide=True,
        retry_after=LOOK_AGAIN,
    )


def outdated_crd(name: str, why: str) -> PermanentError:
    """Say that an installed CRD cannot be worked with."""
    return PermanentError(
        Reason.CRD_OUTDATED,
        f"The CustomResourceDefinition {name} {why}. {_REMEDY}",
        tenant_wide=True,
        retry_after=LOOK_AGAIN,
    )


def unserved_crd(name: str) -> PermanentError:
    """Say that the resource of a CRD is not served, or not yet."""
    return PermanentError(
        Reason.CRD_OUTDATED,
        f"The API server does not serve what the CustomResourceDefinition {name} defines. If it "
        f"was installed a moment ago, that takes some seconds. Otherwise: {_REMEDY}",
        tenant_wide=True,
        retry_after=LOOK_AGAIN,
    )


def newer_crd(name: str, version: int) -> str:
    """Say that the installed CRD is one of a later release."""
    return (
        f"The CustomResourceDefinition {name} is of version {version}, later than this operator "
        f"({REQUIRED_CRD_VERSIONS[name]}): upgrade the operator. Until then it serves no "
        "object of that kind that has a field which it does not know."
    )


def unchecked_crd(name: str) -> str:
    """Say that the version of a CRD is not known, and what would make it known."""
    return (
        f"The version of the CustomResourceDefinition {name} could not be checked: that takes the "
        "right to get customresourcedefinitions.apiextensions.k8s.io of that name, by a "
        "ClusterRole. It is served, so the operator goes on; should it lack a field that the "
        "operator writes, the log says so."
    )


class _Metadata(BaseModel):
    name: str
    annotations: Mapping[str, str] | None = None


class _Version(BaseModel):
    name: str
    served: bool


class _Spec(BaseModel):
    versions: tuple[_Version, ...]


class _Condition(BaseModel):
    type: str
    status: str


class _Status(BaseModel):
    conditions: tuple[_Condition, ...] | None = None


class _Definition(BaseModel):
    metadata: _Metadata
    spec: _Spec
    status: _Status | None = None

    @property
    def is_established(self) -> bool:
        conditions = (self.status and self.status.conditions) or ()
        return any(each.type == "Established" and each.status == "True" for each in conditions)


def check_crd(name: str, body: Mapping[str, Any]) -> int:
    """Return the version of a CRD that serves what this operator needs: its own or a later one.

    Raises PermanentError CRD_OUTDATED, and ValueError for a body that is not this definition.
    """
    definition = _Definition.model_validate(body)
    if definition.metadata.name != name:
        raise ValueError("another definition than the one that was asked for")
    found = (definition.metadata.annotations or {}).get(CRD_VERSION, "")
    required = REQUIRED_CRD_VERSIONS[name]
    version = int(found) if found.isascii() and found.isdecimal() else 0
    if version < required:
        raise outdated_crd(name, f"is of version {found or 'none'}, but {required} is needed")
    if not any(each.name == VERSION and each.served for each in definition.spec.versions):
        raise outdated_crd(name, f"does not serve {VERSION}")
    if not definition.is_established:
        raise outdated_crd(name, "is not established (its names may be taken by another one)")
    return version
