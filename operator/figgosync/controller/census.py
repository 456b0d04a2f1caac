"""All the tenant objects that were seen, of whatever class: how many, and who claims what."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from figgosync.core.claims import Claim, Overlap, overlaps
from figgosync.core.tenant import TenantName
from figgosync.kube.resources import TenantObject


@dataclass(frozen=True, slots=True)
class _Sighting:
    uid: str
    generation: int
    operator_class: str
    claim: Claim | None


class Census:
    """Kept by the supervisor.

    Claims are judged over all objects: two operators would rewrite each other's events without
    either knowing, and each sees the other's objects where it watches the whole cluster.
    """

    def __init__(self) -> None:
        self._objects: dict[TenantName, _Sighting] = {}
        self._claims: dict[str, dict[TenantName, Claim]] = {}

    def knows_newer(self, found: TenantObject) -> bool:
        """Tell whether `found` is a known object as it was before its spec last changed."""
        known = self._objects.get(found.name)
        return known is not None and known.uid == found.uid and found.generation < known.generation

    def knows(self, name: TenantName) -> bool:
        """Tell whether there is an object of that name."""
        return name in self._objects

    def class_of(self, name: TenantName) -> str | None:
        """Return the class of the object of that name, None where there is none."""
        known = self._objects.get(name)
        return known.operator_class if known is not None else None

    def is_news(self, found: TenantObject) -> bool:
        """Tell whether `found` is not known, or not with this generation of its spec."""
        known = self._objects.get(found.name)
        return known is None or (known.uid, known.generation) != (found.uid, found.generation)

    def note(self, found: TenantObject, claim: Claim | None) -> Collection[str]:
        """Note an object as it is now; return the Figgo hosts on which somebody may be in the way.

        Its own is always among them, so that it hears of its place.
        """
        hosts = self._withdraw(found.name)
        self._objects[found.name] = _Sighting(
            found.uid, found.generation, found.operator_class, claim
        )
        if claim is None:
            return hosts
        self._claims.setdefault(claim.host, {})[found.name] = claim
        return hosts | {claim.host}

    def forget(self, name: TenantName, uid: str) -> Collection[str]:
        """Forget an object, unless a namesake has taken its place; return the hosts as `note`."""
        known = self._objects.get(name)
        if known is None or known.uid != uid:
            return frozenset()
        hosts = self._withdraw(name)
        del self._objects[name]
        return hosts

    def names(self) -> Mapping[str, TenantName]:
        """Return the name of each object by its uid."""
        return {sighting.uid: name for name, sighting in self._objects.items()}

    def sizes(self) -> Mapping[str, int]:
        """Return how many objects each class has."""
        return Counter(sighting.operator_class for sighting in self._objects.values())

    def standing(self, host: str) -> Mapping[TenantName, Overlap | None]:
        """Return who claims on a host, each with the older one that is in its way."""
        claims = self._claims.get(host, {})
        refused = overlaps(claims.values())
        return {name: refused.get(name) for name in claims}

    def _withdraw(self, name: TenantName) -> frozenset[str]:
        known = self._objects.get(name)
        if known is None or known.claim is None:
            return frozenset()
        claims = self._claims[known.claim.host]
        del claims[name]
        if not claims:
            del self._claims[known.claim.host]
        return frozenset({known.claim.host})
