"""The types of Lucca's v3 objects: which properties they have and where the values come from."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from figgosync_sim.figgo.refusal import unknown_property


class Kind(Enum):
    """What a property holds, which decides how it is written and filtered.

    The Python values behind them: DAY a datetime at midnight without a zone, TIMESTAMP an aware
    datetime, URL a path, VERBATIM anything that JSON can say.
    """

    INTEGER = auto()
    NUMBER = auto()
    TEXT = auto()
    BOOLEAN = auto()
    DAY = auto()
    TIMESTAMP = auto()
    URL = auto()
    VERBATIM = auto()


@dataclass(frozen=True, slots=True)
class Scalar:
    """A property with a plain value. `detail` marks what shows the kind of an absence."""

    name: str
    kind: Kind
    get: Callable[[Any], object]
    detail: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A property that holds another object, or a list of them where `many`.

    `summary` names what is served of it when a query does not say.
    """

    name: str
    target: "EntityType"
    get: Callable[[Any], Any]
    many: bool = False
    detail: bool = False
    summary: tuple[str, ...] = ("id", "name", "url")


Property = Scalar | Link


@dataclass(slots=True)
class EntityType:
    """A type by its .NET name; property names are found without regard to case [verified]."""

    name: str
    properties: dict[str, Property] = field(default_factory=dict)

    def add(self, properties: Iterable[Property]) -> "EntityType":
        """Add properties; return the type."""
        self.properties.update((p.name.lower(), p) for p in properties)
        return self

    def find(self, name: str) -> Property:
        """Return a property; a Refusal with the server's sentence when there is none."""
        found = self.properties.get(name.lower())
        if found is None:
            raise unknown_property(name, self.name)
        return found


def reference(name: str, collection: str, label: Callable[[int], str | None]) -> EntityType:
    """Return the type of an object known by its id alone, served as id, name and url."""
    return EntityType(name).add(
        [
            Scalar("id", Kind.INTEGER, lambda number: number),
            Scalar("name", Kind.TEXT, label),
            Scalar("url", Kind.URL, lambda number: f"/api/v3/{collection}/{number}"),
        ]
    )
