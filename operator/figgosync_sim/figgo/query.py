"""The v3 query grammar: filters, sorting and paging of a list."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from figgosync_sim.figgo.refusal import bad_request
from figgosync_sim.figgo.schema import EntityType, Kind, Link, Scalar
from figgosync_sim.figgo.values import Converter

RESERVED = frozenset(
    {
        *("fields", "paging", "orderby", "metadata", "accept", "callback", "notify", "groupby"),
        *("httpmethod", "authtoken", "longtoken", "randomnumber", "template", "_"),
    }
)
"""Parameters that are not filters [verified]."""

_MOST_VALUES = 1000
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "since": operator.ge,
    "until": operator.le,
    "greaterthan": operator.gt,
    "greaterthanorequal": operator.ge,
    "lessthan": operator.lt,
    "lessthanorequal": operator.le,
}
_TEXT_OPERATORS = frozenset({"like", "starts"})
OPERATORS = frozenset({"equals", "notequal", "between", *_TEXT_OPERATORS, *_COMPARISONS})
RANGE_OPERATORS = frozenset({"between", *_COMPARISONS})

_DATES = frozenset({Kind.DAY, Kind.TIMESTAMP})
_ORDERED = _DATES | {Kind.INTEGER, Kind.NUMBER}
_TEXTS = frozenset({Kind.TEXT, Kind.URL})

Test = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Filter:
    """One parameter that narrows a list: `path` in lower case, operator, texts of the values."""

    path: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for."""

    offset: int
    limit: int


def filters_of(parameters: Mapping[str, str]) -> list[Filter]:
    """Return the filters among the parameters: all that is not reserved [verified].

    A parameter that is sent twice counts as one with both values [assumed], as ASP.NET joins
    them; so `date=since,A&date=until,B` is refused for its second operator.
    """
    return [
        _filter(name.lower(), text)
        for name, text in parameters.items()
        if name.lower() not in RESERVED
    ]


def _filter(path: str, text: str) -> Filter:
    head, *rest = text.split(",")
    if rest and head.lower() in OPERATORS:
        return Filter(path, head.lower(), tuple(rest))
    return Filter(path, "equals", (head, *rest))


def page_of(text: str | None, *, default: int, largest: int) -> Page:
    """Read `paging`; without it, or with `1`, the first page of the default size [verified].

    A Refusal for a bad format, a negative offset, or a limit above the largest [verified].
    """
    if text is None or text == "1":
        return Page(0, default)
    parts = text.split(",")
    if len(parts) != 2 or not all(p.lstrip("-").isdecimal() for p in parts):  # noqa: PLR2004 - offset and limit
        raise bad_request("Paging should be in the form offset,limit")
    offset, limit = map(int, parts)
    if offset < 0:
        raise bad_request("Paging offset should be greater than or equal to 0")
    if not 1 <= limit <= largest:
        raise bad_request(f"Paging limit should be between 1 and {largest}")
    return Page(offset, limit)


class Grammar:
    """Compiles one query's filters and sorting against a type."""

    def __init__(self, entity: EntityType, converter: Converter, timestamp_zone: ZoneInfo) -> None:
        self._entity = entity
        self._converter = converter
        self._zone = timestamp_zone

    def scalar(self, path: str) -> tuple[Scalar, Callable[[Any], Any]]:
        """Return the property at the end of a dotted path, and the way from an object to it.

        The value found is comparable with the Converter's: texts without case, moments without
        a zone. A Refusal for an unknown property, and for one that is not a plain value.
        """
        *above, last = path.split(".")
        entity, ways = self._entity, []
        for name in above:
            link = entity.find(name)
            if not isinstance(link, Link) or link.many:
                raise bad_request(f"Property {link.name} cannot be filtered on")
            entity = link.target
            ways.append(link.get)
        prop = entity.find(last)
        if not isinstance(prop, Scalar) or prop.kind is Kind.VERBATIM:
            raise bad_request(f"Property {prop.name} cannot be filtered on")
        return prop, _through(ways, self._comparable(prop))

    def _comparable(self, prop: Scalar) -> Callable[[Any], Any]:
        get: Callable[[Any], Any] = prop.get
        if prop.kind is Kind.TIMESTAMP:
            zone = self._zone

            def local(item: object) -> datetime | None:
                moment = get(item)
                return None if moment is None else moment.astimezone(zone).replace(tzinfo=None)

            return local
        if prop.kind in _TEXTS:

            def folded(item: object) -> str | None:
                text = get(item)
                return None if text is None else text.casefold()

            return folded
        return get

    def test(self, wanted: Filter) -> Test:
        """Return what a filter asks of an object; a Refusal when it cannot be understood.

        [verified] `between` includes both ends. [assumed] Values of one `notequal` must all
        differ, those of `like` and `starts` are alternatives, null is in no range.
        """
        prop, get = self.scalar(wanted.path)
        name, kind, texts = prop.name, prop.kind, wanted.values
        if wanted.operator == "equals":
            return _among(get, {self._converter.value(kind, text, name) for text in texts})
        if len(texts) > _MOST_VALUES:
            raise bad_request(f"Too many values for property {name}")
        if wanted.operator == "notequal":
            equal = _among(get, {self._converter.value(kind, text, name) for text in texts})
            return lambda item: not equal(item)
        if wanted.operator in _TEXT_OPERATORS:
            return _text_test(wanted, name, kind, get)
        return self._range_test(wanted, prop, get)

    def _range_test(self, wanted: Filter, prop: Scalar, get: Callable[[Any], Any]) -> Test:
        name, kind, texts = prop.name, prop.kind, wanted.values
        dates_only = wanted.operator in ("since", "until", "between")
        if kind not in (_DATES if dates_only else _ORDERED):
            raise bad_request(f"Operator {wanted.operator} does not apply to property {name}")
        if len(texts) != (2 if wanted.operator == "between" else 1):
            raise bad_request(f"Wrong number of values for {wanted.operator} on property {name}")
        if any(text.lower() == "null" for text in texts):
            raise bad_request(f"Operator {wanted.operator} takes no null on property {name}")
        if wanted.operator == "between":
            low: Any = self._converter.value(kind, texts[0], name)
            high: Any = self._converter.last_moment(kind, texts[1], name)
            return lambda item: (value := get(item)) is not None and low <= value <= high
        bound = self._converter.value(kind, texts[0], name)
        compare = _COMPARISONS[wanted.operator]
        return lambda item: (value := get(item)) is not None and compare(value, bound)

    def sort(self, rows: list[Any], order_by: str) -> None:
        """Sort in place by `a,asc,b,desc` [verified]; nulls come first, as in SQL Server."""
        parts = order_by.split(",")
        if len(parts) % 2 or any(d.lower() not in ("asc", "desc") for d in parts[1::2]):
            raise bad_request("OrderBy should be in the form property,asc or property,desc")
        for path, direction in reversed(list(zip(parts[::2], parts[1::2], strict=True))):
            _, get = self.scalar(path)
            keys = [get(row) for row in rows]
            # A column without nulls, as ids are, is compared as it is: a large one takes half
            # the time.
            key = _nulls_first(get) if None in keys else get
            rows.sort(key=key, reverse=direction.lower() == "desc")


def _through(
    ways: Sequence[Callable[[Any], Any]], get: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    if not ways:
        return get

    def walk(item: Any) -> Any:  # noqa: ANN401 - whatever type the path leads through
        for way in ways:
            item = way(item)
            if item is None:
                return None
        return get(item)

    return walk


def _among(get: Callable[[Any], Any], values: set[object]) -> Test:
    if len(values) == 1:
        (only,) = values
        return lambda item: get(item) == only
    return lambda item: get(item) in values


def _text_test(wanted: Filter, name: str, kind: Kind, get: Callable[[Any], Any]) -> Test:
    if kind not in _TEXTS:
        raise bad_request(f"Operator {wanted.operator} does not apply to property {name}")
    texts = tuple(text.casefold() for text in wanted.values)
    if wanted.operator == "starts":
        return lambda item: (get(item) or "").startswith(texts)
    return lambda item: any(text in (get(item) or "") for text in texts)


def _nulls_first(get: Callable[[Any], Any]) -> Callable[[Any], tuple[bool, Any]]:
    def key(item: object) -> tuple[bool, Any]:
        value = get(item)
        return (value is not None, 0 if value is None else value)

    return key
