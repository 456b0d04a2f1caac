"""Which event in the calendar becomes which of the wanted ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from zoneinfo import ZoneInfo

from figgosync.core.coverage import days, walls
from figgosync.core.event import Event, OwnedEvent


@dataclass(frozen=True, slots=True)
class Pairing:
    """Who goes with whom; of `missing` and `surplus` one is always empty."""

    pairs: tuple[tuple[Event, OwnedEvent], ...]
    missing: tuple[Event, ...]
    surplus: tuple[OwnedEvent, ...]


def paired(wanted: Sequence[Event], found: Sequence[OwnedEvent], zone: ZoneInfo) -> Pairing:
    """Pair the events of one leave period so that as little as possible has to be written.

    Equal ones go together first, then those that share the most days, then the nearest in time.
    The best pair is taken first, so taking away what is settled never changes the rest of the
    answer; neither does the order of `found`.
    """
    candidates = sorted(
        product(range(len(wanted)), range(len(found))),
        key=lambda pair: (
            *distance(wanted[pair[0]], found[pair[1]].event, zone),
            pair[0],
            found[pair[1]].key,
            found[pair[1]].ref,
        ),
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for ours, theirs in candidates:
        if ours not in partner and theirs not in taken:
            partner[ours] = theirs
            taken.add(theirs)
    return Pairing(
        pairs=tuple((wanted[ours], found[theirs]) for ours, theirs in sorted(partner.items())),
        missing=tuple(event for i, event in enumerate(wanted) if i not in partner),
        surplus=tuple(event for i, event in enumerate(found) if i not in taken),
    )


def distance(wanted: Event, found: Event, zone: ZoneInfo) -> tuple[bool, int, float]:
    """Return how far two events are apart; to be compared, the nearest is the smallest.

    Equal before different, then by days in common, then by how far the edges moved on the wall:
    all-day events have no instants.
    """
    (first, last), (other_first, other_last) = days(wanted.when, zone), days(found.when, zone)
    shared = (min(last, other_last) - max(first, other_first)).days + 1
    (start, end), (other_start, other_end) = walls(wanted.when, zone), walls(found.when, zone)
    shift = abs(start - other_start) + abs(end - other_end)
    return wanted != found, -max(0, shared), shift.total_seconds()
