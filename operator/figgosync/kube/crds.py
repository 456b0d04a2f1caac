"""Whether the installed CRDs are new enough for this operator."""

from collections.abc import Mapping
from typing import Any

from figgosync.errors import PermanentError, Reason
from figgosync.kube.names import CRD_VERSION, GROUP, TENANT_PLURAL, VERSION

REQUIRED_CRD_VERSIONS: Mapping[str, int] = {f"{TENANT_PLURAL}.{GROUP}": 2}
"""The annotation figgosync.io/crd-version that each CRD must carry at least."""

_REMEDY = "Run `kubectl apply -f crds/` with the files of this release."


def missing_crd(name: str) -> PermanentError:
    """Say that a CRD is not installed."""
    return PermanentError(
        Reason.CRD_OUTDATED,
        f"The CustomResourceDefinition {name} is not installed. {_REMEDY}",
        tenant_wide=True,
    )


def outdated_crd(name: str, why: str) -> PermanentError:
    """Say that an installed CRD cannot be worked with."""
    return PermanentError(
        Reason.CRD_OUTDATED,
        f"The CustomResourceDefinition {name} {why}. {_REMEDY}",
        tenant_wide=True,
    )


def check_crd(body: Mapping[str, Any]) -> None:
    """Raise PermanentError CRD_OUTDATED unless this CRD serves what this operator needs.

    A newer one is fine: versions only add.
    """
    metadata, spec = body["metadata"], body["spec"]
    name = metadata["name"]
    found = metadata.get("annotations", {}).get(CRD_VERSION, "")
    required = REQUIRED_CRD_VERSIONS[name]
    if not found.isdecimal() or int(found) < required:
        raise outdated_crd(name, f"is of version {found or 'none'}, but {required} is needed")
    if not any(version["name"] == VERSION and version["served"] for version in spec["versions"]):
        raise outdated_crd(name, f"does not serve {VERSION}")
    conditions = body.get("status", {}).get("conditions", [])
    if not any(each["type"] == "Established" and each["status"] == "True" for each in conditions):
        raise outdated_crd(name, "is not established (its names may be taken by another one)")
