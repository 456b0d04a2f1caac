"""Whose turn it is among the initialisations of one tenant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from figgosync.core.absence import LegalEntityID
from figgosync.core.claims import shared
from figgosync.core.initialisation import InitialisationName


@dataclass(frozen=True, slots=True)
class Applicant:
    """An initialisation that is not over; `legal_entities` is None for all of them."""

    name: InitialisationName
    created: datetime
    has_begun: bool
    legal_entities: frozenset[LegalEntityID] | None


def ahead(applicants: Iterable[Applicant]) -> Mapping[InitialisationName, tuple[Applicant, ...]]:
    """Return for each one the older ones that go first, the oldest first; none: it may go now.

    Those go first that have a legal entity in common with it: two at a time would undo each
    other's work, or do it twice. Whoever has begun is not overtaken by one of the same second that
    was heard of later; else of two equally old ones the first by name goes first. The others need
    not wait: they share the calendars' and Figgo's budgets.
    """
    in_order = sorted(applicants, key=lambda each: (not each.has_begun, each.created, each.name))
    return {
        each.name: tuple(older for older in in_order[:index] if _meet(each, older))
        for index, each in enumerate(in_order)
    }


def _meet(one: Applicant, other: Applicant) -> bool:
    common = shared(one.legal_entities, other.legal_entities)
    return common is None or bool(common)
