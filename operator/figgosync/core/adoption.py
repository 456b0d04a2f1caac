"""Which look-alikes are another synchronisation's, and which of them we take over."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from figgosync.core.event import BY_HAND, AllDay, Event, Stranger, Timed
from figgosync.core.initialisation import Sighting
from figgosync.core.plan import Action, Adopt, Create

MOST_SIGHTINGS = 50
"""Kinds of look-alikes that are remembered: a program makes a few, people make the rest."""

MOST_MAKERS = 10
"""Different fingerprints that are told apart among the look-alikes of one event."""

ENOUGH_PEOPLE = 3
"""Two may have agreed on how to enter an absence, or have one assistant."""

ENOUGH_SHARE = 4
"""One in so many people with look-alikes must have one of the program's: it serves everybody."""

Makers = tuple[str, ...]


def adopting(
    actions: Sequence[Action], strangers: Sequence[Stranger], known: frozenset[str]
) -> tuple[Action, ...]:
    """Return the actions with an Adopt in place of each Create that a known stranger stands for.

    Of several the oldest is taken. No stranger is taken twice; the order stays.
    """
    dealt = _dealt(actions, strangers)
    return tuple(
        _adoption(action, [each for each in dealt.get(place, ()) if each.fingerprint in known])
        if isinstance(action, Create)
        else action
        for place, action in enumerate(actions)
    )


def _adoption(create: Create, candidates: Sequence[Stranger]) -> Create | Adopt:
    if not candidates:
        return create
    oldest = min(candidates, key=lambda each: (each.created_at, each.ref))
    return Adopt(oldest.ref, create.key, create.event, oldest.event)


def sightings_of(actions: Sequence[Action], strangers: Sequence[Stranger]) -> tuple[Sighting, ...]:
    """Return what look-alikes one employee's planned creations have."""
    kinds = Counter(
        tuple(sorted({each.fingerprint for each in hand}))
        for hand in _dealt(actions, strangers).values()
    )
    return _most_met(Sighting(makers, events, 1) for makers, events in kinds.items())


def merged(some: Iterable[Sighting], more: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Return the sightings of different employees together, the most frequent first.

    Where there are more than MOST_SIGHTINGS kinds, the rarest are forgotten.
    """
    events: Counter[Makers] = Counter()
    employees: Counter[Makers] = Counter()
    for sighting in (*some, *more):
        events[sighting.fingerprints] += sighting.events
        employees[sighting.fingerprints] += sighting.employees
    return _most_met(Sighting(makers, events[makers], employees[makers]) for makers in events)


def learned(sightings: Sequence[Sighting]) -> frozenset[str]:
    """Return the fingerprints that are surely another program's; rather too few than too many.

    A program serves everybody, writes an absence once, and always in the same way. So its
    fingerprint was met at ENOUGH_PEOPLE people, with no other beside it. (Where only two people
    have look-alikes at all, it must be the one kind of both; one person's never count.) It was met
    at one in ENOUGH_SHARE of all who have look-alikes; a way in which a few people enter their
    absences is not. And wherever it stood beside another for the same event, at most one of the two
    is the program's: the one met at more people, or neither. What looks like a person's own work
    (BY_HAND) is never learned, and standing beside it says nothing.

    People are counted once for each kind of look-alikes that they have, so there may be fewer than
    it seems: the share, which is taken of the larger number, errs on the safe side. No more than
    ENOUGH_SHARE fingerprints can be learned.
    """
    people = sum(sighting.employees for sighting in sightings)
    enough = max(2, min(ENOUGH_PEOPLE, people))
    alone: Counter[str] = Counter()
    rivals: dict[str, set[str]] = defaultdict(set)
    for sighting in sightings:
        makers = set(sighting.fingerprints) - {BY_HAND}
        for maker in makers:
            rivals[maker] |= makers - {maker}
        if len(makers) == 1:
            (maker,) = makers
            alone[maker] = max(alone[maker], sighting.employees)
    return frozenset(
        maker
        for maker, met in alone.items()
        if met >= enough
        and met * ENOUGH_SHARE >= people
        and all(met > alone[rival] for rival in rivals[maker])
    )


def adopted(sightings: Iterable[Sighting], known: frozenset[str]) -> int:
    """Return how many creations become adoptions once these fingerprints are known."""
    return sum(each.events for each in sightings if not known.isdisjoint(each.fingerprints))


def look_alikes(sightings: Iterable[Sighting]) -> int:
    """Return how many creations would double something that stands there already."""
    return sum(each.events for each in sightings)


def _dealt(
    actions: Sequence[Action], strangers: Iterable[Stranger]
) -> Mapping[int, Sequence[Stranger]]:
    """Return the look-alikes of each Create, by its place among the actions.

    Creations that show the same share the look-alikes among them, each of which goes to one alone,
    and in an order that no knowledge changes: thus what was counted before anything was learned
    is what is adopted afterwards.
    """
    places: dict[tuple[str, AllDay | Timed], list[int]] = defaultdict(list)
    for place, action in enumerate(actions):
        if isinstance(action, Create):
            places[_spot(action.event)].append(place)
    dealt: dict[int, list[Stranger]] = defaultdict(list)
    turns: Counter[tuple[str, AllDay | Timed]] = Counter()
    for stranger in sorted(
        {each.ref: each for each in strangers}.values(),
        key=lambda each: (each.fingerprint, each.created_at, each.ref),
    ):
        spot = _spot(stranger.event)
        if spot not in places:
            continue
        hand = dealt[places[spot][turns[spot] % len(places[spot])]]
        turns[spot] += 1
        if len({each.fingerprint for each in hand} | {stranger.fingerprint}) <= MOST_MAKERS:
            hand.append(stranger)
    return dealt


def _spot(event: Event) -> tuple[str, AllDay | Timed]:
    return event.title, event.when


def _most_met(sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
    ordered = sorted(sightings, key=lambda each: (-each.employees, -each.events, each.fingerprints))
    return tuple(ordered[:MOST_SIGHTINGS])
