"""What a plan would do, counted, and as a digest by which it is recognised."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import assert_never

from figgosync.core.event import AllDay, Event, EventKey, OwnedEvent, Timed
from figgosync.core.initialisation import InitialisationSpec
from figgosync.core.plan import Action, Adopt, Create, Delete, Update
from figgosync.core.render import discloses
from figgosync.core.tenant import EventRules

_ROOM = 2**256


@dataclass(frozen=True, slots=True)
class Entries:
    """What goes into a digest, in any order and in as many parts as one likes.

    `total` is the sum of the SHA-256 of each entry, modulo 2**256.
    """

    total: int = 0

    def __add__(self, other: "Entries") -> "Entries":
        """Return both together."""
        return Entries((self.total + other.total) % _ROOM)

    def hex(self) -> str:
        """Return it as 64 digits."""
        return f"{self.total:064x}"

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Entries":
        """Enter some texts; one that comes twice counts twice."""
        return cls(sum(int.from_bytes(sha256(text.encode()).digest()) for text in texts) % _ROOM)

    @classmethod
    def from_hex(cls, text: str) -> "Entries":
        """Read what `hex` returned. Raises ValueError."""
        return cls(int(text or "0", 16) % _ROOM)


@dataclass(frozen=True, slots=True)
class Foresight:
    """What would be done with one employee's calendar."""

    create: int
    update: int
    delete: int
    unchanged: int
    discloses: bool
    entries: Entries


def foresee(actions: Sequence[Action], found: Sequence[OwnedEvent], rules: EventRules) -> Foresight:
    """Foresee a plan for the events of ours that were `found`.

    Its deletions and what it discloses are entered. Neither titles nor absence types are: a
    digest of few and guessable words would tell them.
    """
    entered: list[str] = []
    disclosing = False
    counts = {Create: 0, Update: 0, Delete: 0, Adopt: 0}
    for action in actions:
        counts[type(action)] += 1
        match action:
            case Create(key, event):
                shown = discloses(event, rules)
            case Update(_, key, event, before) | Adopt(_, key, event, before):
                shown = discloses(event, rules) and event.title != before.title
            case Delete(_, key, event):
                shown = False
                entered.append(_entry("delete", key, event))
            case _:
                assert_never(action)
        if shown:
            disclosing = True
            entered.append(_entry("disclose", key, event))
    touched = counts[Update] + counts[Delete]
    return Foresight(
        create=counts[Create] + counts[Adopt],
        update=counts[Update],
        delete=counts[Delete],
        unchanged=len(found) - touched,
        discloses=disclosing,
        entries=Entries.of(entered),
    )


def foresee_removal(doomed: Sequence[OwnedEvent], found: Sequence[OwnedEvent]) -> Foresight:
    """Foresee that `doomed` of the events of ours that were `found` are deleted."""
    entered = (_entry("delete", each.key, each.event) for each in doomed)
    return Foresight(
        0, 0, len(doomed), len(found) - len(doomed), discloses=False, entries=Entries.of(entered)
    )


def digest_of(entries: Entries, spec: InitialisationSpec, host: str) -> str:
    """Return the digest of a whole plan, which is that of this wish alone."""
    entities = "all" if spec.legal_entities is None else sorted(spec.legal_entities)
    wish = f"{host} {spec.action.value} {spec.first_day} {entities} {spec.adoption.value}"
    return f"sha256:{sha256(f'{wish} {entries.hex()}'.encode()).hexdigest()}"


def _entry(what: str, key: EventKey, event: Event) -> str:
    match event.when:
        case AllDay(first, last):
            time = f"{first} {last}"
        case Timed(start, end):
            time = f"{start.isoformat()} {end.isoformat()}"
        case _:
            assert_never(event.when)
    return f"{what} {key.marker()} {time}"
