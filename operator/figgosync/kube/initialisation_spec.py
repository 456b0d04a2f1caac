"""The spec of a SyncInitialisation as the API server gives it, and what it means to the core.

As with the tenant's, the models apply the CRD's rules and defaults again, a test holds the two
against each other, and an unknown field is refused: it could limit what is written.
"""

from datetime import date, timedelta
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)
from pydantic.alias_generators import to_camel

from figgosync.core.absence import LegalEntityID
from figgosync.core.initialisation import Action, Adoption, InitialisationSpec, Mode
from figgosync.core.tenant import TenantName
from figgosync.kube import forms
from figgosync.kube.spec import Identifier

TenantWord = Annotated[StrictStr, Field(max_length=63), AfterValidator(forms.tenant_name)]
Day = Annotated[
    StrictStr,
    Field(max_length=10, json_schema_extra={"format": "date"}),
    AfterValidator(forms.day),
]
Digest = Annotated[StrictStr, Field(max_length=71), AfterValidator(forms.plan_digest)]


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=False, extra="forbid"
    )


class TenantRef(_Model):
    """A tenant in the object's own namespace."""

    name: TenantWord


class InitialisationSpecModel(_Model):
    """The whole spec."""

    tenant_ref: TenantRef
    action: Action = Action.SYNC
    first_day: Day = Field(alias="from")
    legal_entities: (
        Annotated[frozenset[Identifier], Field(min_length=1, max_length=1000)] | None
    ) = None
    all_legal_entities: StrictBool | None = None
    mode: Mode = Mode.APPLY
    plan_digest: Digest | None = None
    adopt: Adoption = Adoption.NEVER
    suspend: StrictBool = False
    cancel: StrictBool = False
    ttl_seconds_after_finished: Annotated[StrictInt, Field(ge=0, le=31_536_000)] | None = None

    @model_validator(mode="after")
    def _some_or_all(self) -> Self:
        if (self.legal_entities is not None) == bool(self.all_legal_entities):
            raise ValueError(
                "give either legalEntities, a list of ids, or allLegalEntities: true, and not both"
            )
        return self

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.adopt is Adoption.MATCHING and self.action is not Action.SYNC:
            raise ValueError("adopt: Matching is for the action Sync alone")
        if self.plan_digest is not None and self.mode is not Mode.APPLY:
            raise ValueError("planDigest is for the mode Apply alone")
        return self

    def settings(self, namespace: str) -> InitialisationSpec:
        """Return what the core knows of it; `namespace` is the object's own."""
        keep = self.ttl_seconds_after_finished
        entities = self.legal_entities
        return InitialisationSpec(
            tenant=TenantName(namespace, self.tenant_ref.name),
            action=self.action,
            first_day=date.fromisoformat(self.first_day),
            legal_entities=None if entities is None else frozenset(map(LegalEntityID, entities)),
            mode=self.mode,
            plan_digest=self.plan_digest,
            adoption=self.adopt,
            suspend=self.suspend,
            cancel=self.cancel,
            keep=None if keep is None else timedelta(seconds=keep),
        )
