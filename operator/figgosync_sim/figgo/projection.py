"""The `fields` parameter: which properties an answer shows, and how their values are written."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from figgosync_sim.figgo.readings import AccountForm, DateForm, Readings
from figgosync_sim.figgo.refusal import bad_request
from figgosync_sim.figgo.schema import EntityType, Kind, Link, Property, Scalar

Selection = dict[str, "Selection"]
"""The properties asked for, as first spelt; an empty one below means "the usual ones"."""

_TOKEN = re.compile(r"[^\[\],.\s]+|[\[\],.]")
_DEFAULT = ("id", "name", "url")


@dataclass(frozen=True, slots=True)
class Fields:
    """What a list query wants: properties of the items, and whether to count them.

    `items` is False where only the count was asked for.
    """

    selection: Selection
    count: bool
    items: bool


def fields_of_list(text: str) -> Fields:
    """Read `fields` of a list; without it, id, name and url are served [verified].

    `collection.count` adds the count; asked for alone, it leaves the items out [verified].
    """
    selection = parse(text)
    collection = selection.pop(_spelt("collection", selection), None)
    if collection is not None and {name.lower() for name in collection} != {"count"}:
        raise bad_request("the only property of a collection is its count")
    count = collection is not None
    items = bool(selection) or not count
    return Fields(selection or chosen(_DEFAULT), count, items)


def chosen(names: Iterable[str]) -> Selection:
    """Return the selection of some properties, each with its usual content."""
    return {name: {} for name in names}


def parse(text: str) -> Selection:
    """Read `a,b[c,d],e.f`; a Refusal when it is not well formed."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text):
        raise bad_request("fields are not well formed")
    selection, rest = _list(tokens, 0)
    if rest != len(tokens):
        raise bad_request("fields are not well formed: a bracket too many")
    return selection


def _list(tokens: list[str], at: int) -> tuple[Selection, int]:
    selection: Selection = {}
    while at < len(tokens) and tokens[at] != "]":
        at = _property(tokens, at, selection)
        if at == len(tokens) or tokens[at] == "]":
            break
        if tokens[at] != ",":
            raise bad_request("fields are not well formed: a comma is missing")
        at += 1
        if at == len(tokens) or tokens[at] in ",]":
            raise bad_request("fields are not well formed: a comma too many")
    return selection, at


def _property(tokens: list[str], at: int, into: Selection) -> int:
    name = tokens[at]
    if name in "[],.":
        raise bad_request("fields are not well formed: a name is missing")
    below = into.setdefault(_spelt(name, into), {})
    at += 1
    if at == len(tokens):
        return at
    match tokens[at]:
        case ".":
            if at + 1 == len(tokens):
                raise bad_request("fields are not well formed: a name is missing")
            return _property(tokens, at + 1, below)
        case "[":
            inner, at = _list(tokens, at + 1)
            if at == len(tokens):
                raise bad_request("fields are not well formed: a bracket is open")
            _merge(below, inner)
            return at + 1
        case _:
            return at


def _merge(into: Selection, more: Selection) -> None:
    for name, below in more.items():
        _merge(into.setdefault(_spelt(name, into), {}), below)


def _spelt(name: str, selection: Selection) -> str:
    """Return the name as the selection has it already, in whatever case; else as it is."""
    return next((known for known in selection if known.lower() == name.lower()), name)


class Projector:
    """Writes objects as JSON values for one answer. `base` is the server's URL."""

    def __init__(self, readings: Readings, base: str) -> None:
        self._readings = readings
        self._base = base

    def compile(
        self, entity: EntityType, selection: Selection
    ) -> Callable[[Any], dict[str, object]]:
        """Return a function from an object to its JSON; a Refusal for an unknown property."""
        found = [(entity.find(name), below) for name, below in selection.items()]
        compiled = [(prop, self._part(prop, below)) for prop, below in found]
        parts = [
            (self._name(prop), self._masked(prop, part))
            for prop, part in compiled
            if not (prop.detail and self._readings.account is AccountForm.ABSENT)
        ]
        return lambda item: {name: part(item) for name, part in parts}

    def _masked(self, prop: Property, part: Callable[[Any], object]) -> Callable[[Any], object]:
        if prop.detail and self._readings.account is AccountForm.NULL:
            return lambda _: None
        return part

    def _name(self, prop: Property) -> str:
        # Answers spell a name in their own way, however it was asked for [verified].
        return self._readings.half_name if prop.name == "isAM" else prop.name

    def _part(self, prop: Property, below: Selection) -> Callable[[Any], object]:
        match prop:
            case Scalar():
                return self._scalar(prop, below)
            case Link():
                return self._link(prop, below)
            case _:
                assert_never(prop)

    def _scalar(self, prop: Scalar, below: Selection) -> Callable[[Any], object]:
        if below:
            raise bad_request(f"Property {prop.name} has no properties of its own")
        get = prop.get
        write = self._writer(prop.kind)
        if write is None:
            return get

        def part(item: object) -> object:
            value = get(item)
            return None if value is None else write(value)

        return part

    def _link(self, link: Link, below: Selection) -> Callable[[Any], object]:
        usual = [name for name in link.summary if name.lower() in link.target.properties]
        project = self.compile(link.target, below or chosen(usual))
        get = link.get
        if link.many:
            return lambda item: [project(one) for one in get(item)]

        def part(item: object) -> object:
            value = get(item)
            return None if value is None else project(value)

        return part

    def _writer(self, kind: Kind) -> Callable[[Any], object] | None:
        match kind:
            case Kind.DAY:
                plain = self._readings.dates is DateForm.PLAIN
                return _plain_date if plain else _midnight
            case Kind.TIMESTAMP:
                return self._timestamp
            case Kind.URL:
                return self._url
            case Kind.INTEGER | Kind.NUMBER | Kind.TEXT | Kind.BOOLEAN | Kind.VERBATIM:
                return None
            case _:
                assert_never(kind)

    def _url(self, path: str) -> str:
        return self._base + path

    def _timestamp(self, moment: datetime) -> str:
        return written(
            moment.astimezone(self._readings.timestamp_zone), offset=self._readings.offsets
        )


def _midnight(day: datetime) -> str:
    return f"{day:%Y-%m-%d}T00:00:00"


def _plain_date(day: datetime) -> str:
    return f"{day:%Y-%m-%d}"


def written(moment: datetime, *, offset: bool = False) -> str:
    """Write a date-time, its fraction without trailing zeros, without an offset [verified].

    With `offset`, `moment` must be aware [assumed: how an offset would be written].
    """
    text = moment.replace(tzinfo=None, microsecond=moment.microsecond // 1000 * 1000).isoformat()
    short = text.rstrip("0") if "." in text else text
    return f"{short}{moment.isoformat()[-len('+01:00') :]}" if offset else short
