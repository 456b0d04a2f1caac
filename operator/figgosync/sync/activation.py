"""When each legal entity of a tenant came alive: older absences are not ours to create."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from figgosync.core.absence import LegalEntityID
from figgosync.kube.status import Activation


def known(activations: Iterable[Activation]) -> Mapping[LegalEntityID, datetime]:
    """Spread the grouped form of the status out, by legal entity; the earliest moment counts."""
    spread: dict[LegalEntityID, datetime] = {}
    for activation in activations:
        for entity in activation.legal_entities:
            spread[entity] = min(activation.at, spread.get(entity, activation.at))
    return spread


def extended(
    activations: tuple[Activation, ...], entities: Iterable[LegalEntityID], now: datetime
) -> tuple[Activation, ...]:
    """Activate, as of `now`, the entities that are not yet; the rest stays as it is.

    Whole seconds, because that is what survives the way through the status.
    """
    new = frozenset(entities) - known(activations).keys()
    if not new:
        return activations
    return (*activations, Activation(now.replace(microsecond=0), new))
