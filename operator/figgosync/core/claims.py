"""Who serves whom, where several tenants stand on one Figgo host."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from figgosync.core.absence import LegalEntityID
from figgosync.core.tenant import TenantName


@dataclass(frozen=True, slots=True)
class Claim:
    """One tenant's wish to serve legal entities of a host; None stands for all of them."""

    tenant: TenantName
    host: str
    legal_entities: frozenset[LegalEntityID] | None
    created: datetime


@dataclass(frozen=True, slots=True)
class Overlap:
    """The older tenant that already serves `legal_entities` (None: all of them)."""

    tenant: TenantName
    legal_entities: frozenset[LegalEntityID] | None


def overlaps(claims: Iterable[Claim]) -> Mapping[TenantName, Overlap]:
    """Return the tenants that must not start, each with the older one it collides with.

    Two tenants that serve one legal entity with different options would rewrite each other's
    events for ever, since an event's identity names no tenant. The older object wins; of two
    equally old ones the first by name.
    """
    standing: list[Claim] = []
    refused: dict[TenantName, Overlap] = {}
    for claim in sorted(claims, key=lambda claim: (claim.created, claim.tenant)):
        for other in standing:
            common = shared(claim.legal_entities, other.legal_entities)
            if other.host == claim.host and (common is None or common):
                refused[claim.tenant] = Overlap(other.tenant, common)
                break
        else:
            standing.append(claim)
    return refused


def shared(
    some: frozenset[LegalEntityID] | None, others: frozenset[LegalEntityID] | None
) -> frozenset[LegalEntityID] | None:
    """Return the legal entities that are in both; None stands for all of them, here as there."""
    if some is None:
        return others
    return some if others is None else some & others
