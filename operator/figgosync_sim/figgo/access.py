"""Who may ask, and what each API key is allowed to see."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field


@dataclass(slots=True)
class Rights:
    """What is kept from one key: establishments as a whole, or only their leaves."""

    hidden_entities: set[int] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)

    def without_leaves(self) -> AbstractSet[int]:
        """Return the establishments of whose people no leave is shown."""
        return self.hidden_entities | self.hidden_rows


class Access:
    """The tenant's API keys. A key's lost rights are silent: what it may not see is not there.

    [assumed: that a list shrinks without an error; verified: that each key has a role of its own]
    """

    def __init__(self, key: str) -> None:
        self._keys = {key: Rights()}

    def rights_of(self, key: str) -> Rights | None:
        """Return the rights of a key, or None for one that does not exist."""
        return self._keys.get(key)

    def add_key(self, key: str) -> None:
        """Create a key that sees everything."""
        self._keys[key] = Rights()

    def set_key(self, key: str) -> None:
        """Replace all keys by one, which inherits the rights that the first of them had."""
        rights = next(iter(self._keys.values()), Rights())
        self._keys = {key: rights}

    def revoke_key(self, key: str | None = None) -> None:
        """Revoke one key, or all of them."""
        if key is None:
            self._keys.clear()
        else:
            del self._keys[key]

    def hide_rows_of(self, legal_entity: int) -> None:
        """Keep the leaves of an establishment's people from every key."""
        for rights in self._keys.values():
            rights.hidden_rows.add(legal_entity)

    def hide_legal_entity(self, legal_entity: int) -> None:
        """Keep an establishment, its people and their leaves from every key."""
        for rights in self._keys.values():
            rights.hidden_entities.add(legal_entity)

    def show_legal_entity(self, legal_entity: int) -> None:
        """Give every key back what was hidden of an establishment."""
        for rights in self._keys.values():
            rights.hidden_entities.discard(legal_entity)
            rights.hidden_rows.discard(legal_entity)
