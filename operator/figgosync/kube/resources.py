"""From the body of a CalendarSyncTenant to the values that the rest of the code works with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from figgosync.core.operator_class import DEFAULT_CLASS
from figgosync.core.tenant import TenantName, TenantSpec
from figgosync.errors import PermanentError
from figgosync.kube import forms
from figgosync.kube.invalid import invalid_spec
from figgosync.kube.metadata import metadata_of
from figgosync.kube.names import REQUESTED_AT
from figgosync.kube.spec import DEFAULT_POLL_INTERVAL, SpecModel
from figgosync.kube.status import TenantStatus


@dataclass(frozen=True, slots=True)
class TenantObject:
    """What stands around a tenant's spec; it can be read even where the spec is refused.

    `created` is aware. `requested_at` is the text of the annotation that asks for a cycle now:
    only its changing means something. `finalizers` are all of them, ours or not. An object of
    another `operator_class` than the operator's is another operator's, whatever it holds.
    """

    name: TenantName
    uid: str
    generation: int
    resource_version: str
    created: datetime
    deleting: bool
    finalizers: tuple[str, ...]
    requested_at: str | None
    operator_class: str
    status: TenantStatus


@dataclass(frozen=True, slots=True)
class Tenant(TenantObject):
    """A CalendarSyncTenant, parsed."""

    spec: TenantSpec


def parse_tenant(body: Mapping[str, Any]) -> Tenant:
    """Read a CalendarSyncTenant as the API server gives it (a mapping of JSON values).

    Raises PermanentError INVALID_SPEC, naming the first field that is wrong, where the spec is
    not what this version can serve: the CRD refuses such a spec, but the object may be older
    than the rule. `parse_object` still reads it then, so that its status can say so.
    """
    around = parse_object(body)
    try:
        spec = SpecModel.model_validate(body.get("spec")).settings()
    except ValidationError as error:
        raise _invalid(around.name, error) from None  # the cause would hold the refused values
    return Tenant(**{name: getattr(around, name) for name in TenantObject.__slots__}, spec=spec)


def parse_object(body: Mapping[str, Any]) -> TenantObject:
    """Read what stands around the spec.

    Raises PermanentError INVALID_SPEC only for a body that no API server gives.
    """
    metadata = metadata_of(body)
    return TenantObject(
        name=TenantName(metadata.namespace, metadata.name),
        uid=metadata.uid,
        generation=metadata.generation,
        resource_version=metadata.resource_version,
        created=metadata.creation_timestamp,
        deleting=metadata.deletion_timestamp is not None,
        finalizers=metadata.finalizers,
        requested_at=metadata.annotations.get(REQUESTED_AT),
        operator_class=_operator_class(body.get("spec")),
        status=TenantStatus.from_body(body.get("status")),
    )


def _operator_class(spec: object) -> str:
    """Read it of any spec, also of one that only another version understands."""
    named = spec.get("operatorClass") if isinstance(spec, Mapping) else None
    return named if isinstance(named, str) else DEFAULT_CLASS


def poll_interval_of(body: Mapping[str, Any]) -> timedelta:
    """Read how often Figgo is to be asked of a spec that cannot be served; the default if need be.

    Never raises.
    """
    try:
        return forms.duration(forms.poll_interval(body["spec"]["figgo"]["pollInterval"]))
    except (KeyError, TypeError, ValueError):
        return forms.duration(DEFAULT_POLL_INTERVAL)


def is_suspended(body: Mapping[str, Any]) -> bool:
    """Tell whether a spec, also one that cannot be served, says that the tenant is to rest.

    Never raises.
    """
    spec = body.get("spec")
    return isinstance(spec, Mapping) and spec.get("suspend") is True


def _invalid(name: TenantName, error: ValidationError) -> PermanentError:
    edit = f"`kubectl -n {name.namespace} edit calendarsynctenant {name.name}`"
    return invalid_spec(
        error,
        remedy=f"Correct it with {edit}; "
        "`kubectl explain calendarsynctenant.spec` describes every field.",
        without=f"take it out with {edit}",
    )
