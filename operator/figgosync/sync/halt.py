"""Why a tenant rests on purpose: somebody suspended it, or an older one is in its way."""

from dataclasses import dataclass

from figgosync.core.claims import Overlap
from figgosync.errors import Reason
from figgosync.kube.resources import Tenant


@dataclass(frozen=True, slots=True)
class Halt:
    """The reason, and the sentence for people."""

    reason: Reason
    message: str

    @property
    def needs_a_person(self) -> bool:
        """Whether it is no rest that somebody wished for."""
        return self.reason is not Reason.SUSPENDED


def halt_of(tenant: Tenant, overlap: Overlap | None) -> Halt | None:
    """Return why nothing may be read or written; None when all may go on.

    A tenant that is being deleted is not halted by `suspend`: its deletion policy was a wish too.
    """
    if overlap is not None:
        entities = overlap.legal_entities
        named = ", ".join(map(str, sorted(entities))) if entities else "all"
        return Halt(
            Reason.LEGAL_ENTITY_CLAIMED,
            f"Legal entities ({named}) of this Figgo are already served by {overlap.tenant}. Two "
            "tenants would rewrite each other's events: take them out of one of the two.",
        )
    if tenant.spec.suspend and not tenant.deleting:
        return Halt(
            Reason.SUSPENDED,
            "Suspended: nothing is read or written. Set spec.suspend to false to go on.",
        )
    return None
