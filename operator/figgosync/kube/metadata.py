"""The metadata of an object, as both of our kinds have them."""

from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from figgosync.kube.invalid import no_object


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel)


class OwnerReference(_Model):
    """An object with which this one goes."""

    uid: str


class Metadata(_Model):
    """What the API server keeps of every object."""

    name: str = Field(min_length=1)
    namespace: str = Field(min_length=1)
    uid: str = Field(min_length=1)
    generation: int
    resource_version: str = Field(min_length=1)
    creation_timestamp: AwareDatetime
    deletion_timestamp: AwareDatetime | None = None
    finalizers: tuple[str, ...] = ()
    owner_references: tuple[OwnerReference, ...] = ()
    annotations: Mapping[str, str] = Field(default_factory=dict)


def metadata_of(body: Mapping[str, Any]) -> Metadata:
    """Read them; raises PermanentError INVALID_SPEC only for a body that no API server gives."""
    try:
        return Metadata.model_validate(body.get("metadata"))
    except ValidationError as error:
        raise no_object(error) from None
