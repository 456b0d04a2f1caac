"""From an object's body to what it claims, whatever else its spec says and whoever serves it."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    StrictBool,
    StrictStr,
    ValidationError,
)
from pydantic.alias_generators import to_camel

from figgosync.core.absence import LegalEntityID
from figgosync.core.claims import Claim
from figgosync.kube import forms
from figgosync.kube.resources import TenantObject
from figgosync.kube.spec import Identifier


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, extra="ignore")


class _Host(_Model):
    url: Annotated[StrictStr, AfterValidator(forms.figgo_url)]


class _Claimed(_Model):
    figgo: _Host
    legal_entities: frozenset[Identifier] | None = None
    all_legal_entities: StrictBool = False


def claim_of(around: TenantObject, body: Mapping[str, Any]) -> Claim | None:
    """Return what a tenant claims; None where it names nobody that could be served.

    A spec that this operator refuses claims too: the one that serves it may understand it, and
    operators that judge by different claims could both serve the same people.
    """
    try:
        claimed = _Claimed.model_validate(body.get("spec"))
    except ValidationError:
        return None
    entities = None
    if not claimed.all_legal_entities:
        if not claimed.legal_entities:
            return None
        entities = frozenset(map(LegalEntityID, claimed.legal_entities))
    return Claim(around.name, forms.authority(claimed.figgo.url), entities, around.created)
