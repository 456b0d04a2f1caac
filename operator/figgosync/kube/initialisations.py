"""From the body of a SyncInitialisation to the values that the rest of the code works with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from figgosync.core.initialisation import InitialisationName, InitialisationSpec
from figgosync.core.tenant import TenantName
from figgosync.kube import forms, lenient
from figgosync.kube.initialisation_spec import InitialisationSpecModel
from figgosync.kube.initialisation_status import InitialisationStatus
from figgosync.kube.invalid import invalid_spec
from figgosync.kube.metadata import metadata_of

_REMEDY = (
    "Create a new SyncInitialisation with another name; "
    "`kubectl explain syncinitialisation.spec` describes every field."
)
_WITHOUT = "create a new SyncInitialisation with another name"


@dataclass(frozen=True, slots=True)
class InitialisationObject:
    """What stands around an initialisation's spec; it can be read even where the spec is refused.

    `created` is aware. `owners` are the uids of the objects with which it goes. `tenant` is whose
    operator it concerns, None where not even that can be read: then nobody knows whose.
    """

    name: InitialisationName
    uid: str
    generation: int
    resource_version: str
    created: datetime
    deleting: bool
    owners: frozenset[str]
    tenant: TenantName | None
    status: InitialisationStatus


@dataclass(frozen=True, slots=True)
class Initialisation(InitialisationObject):
    """A SyncInitialisation, parsed."""

    spec: InitialisationSpec


def parse_initialisation(body: Mapping[str, Any]) -> Initialisation:
    """Read a SyncInitialisation as the API server gives it (a mapping of JSON values).

    Raises PermanentError INVALID_SPEC, naming the first field that is wrong and never its value,
    where the spec is not what this version can run: the CRD refuses such a spec, but the object
    may be older than the rule. `parse_initialisation_object` still reads it then.
    """
    around = parse_initialisation_object(body)
    try:
        model = InitialisationSpecModel.model_validate(body.get("spec"))
    except ValidationError as error:  # as a cause it would hold the refused values
        raise invalid_spec(error, remedy=_REMEDY, without=_WITHOUT) from None
    known = {name: getattr(around, name) for name in InitialisationObject.__slots__}
    return Initialisation(**known, spec=model.settings(around.name.namespace))


def parse_initialisation_object(body: Mapping[str, Any]) -> InitialisationObject:
    """Read what stands around the spec.

    Raises PermanentError INVALID_SPEC only for a body that no API server gives.
    """
    metadata = metadata_of(body)
    return InitialisationObject(
        name=InitialisationName(metadata.namespace, metadata.name),
        uid=metadata.uid,
        generation=metadata.generation,
        resource_version=metadata.resource_version,
        created=metadata.creation_timestamp,
        deleting=metadata.deletion_timestamp is not None,
        owners=frozenset(owner.uid for owner in metadata.owner_references),
        tenant=_tenant(metadata.namespace, body.get("spec")),
        status=InitialisationStatus.from_body(body.get("status")),
    )


def _tenant(namespace: str, spec: object) -> TenantName | None:
    """Read it of any spec, also of one that only another version understands."""
    named = lenient.mapping(lenient.mapping(spec).get("tenantRef")).get("name")
    try:
        return TenantName(namespace, forms.tenant_name(lenient.string(named)))
    except ValueError:
        return None
