"""What FindItem is asked to find: a Restriction turned into a predicate over stored items."""

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree

from figgosync_sim.ews.errors import EWSError, not_simulated
from figgosync_sim.ews.fields import instant
from figgosync_sim.ews.properties import property_named, value_of
from figgosync_sim.ews.shapes import field_named
from figgosync_sim.ews.soap import Element, T
from figgosync_sim.items import Item

Predicate = Callable[[Item], bool]
_Value = str | bool | int | datetime
Getter = Callable[[Item], _Value | None]

LONGEST = 255
"""Nodes of a restriction [verified: ErrorRestrictionTooLong on the ResponseCode page]."""

_FIELDS: Mapping[str, Getter] = {
    "Subject": lambda item: item.subject or None,
    "Location": lambda item: item.location or None,
    "Sensitivity": lambda item: item.sensitivity,
    "Importance": lambda item: item.importance,
    "Start": lambda item: item.start,
    "End": lambda item: item.end,
    "IsAllDayEvent": lambda item: item.is_all_day,
    "LegacyFreeBusyStatus": lambda item: item.free_busy,
    "ReminderIsSet": lambda item: item.reminder_is_set,
    "ReminderMinutesBeforeStart": lambda item: item.reminder_minutes,
}

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "IsEqualTo": eq,
    "IsNotEqualTo": ne,
    "IsGreaterThan": gt,
    "IsGreaterThanOrEqualTo": ge,
    "IsLessThan": lt,
    "IsLessThanOrEqualTo": le,
}


def predicate(restriction: Element | None, zone: ZoneInfo) -> Predicate:
    """Return what a Restriction asks for; without one everything is found."""
    if restriction is None:
        return lambda _: True
    if sum(1 for _ in restriction.iterdescendants()) > LONGEST:
        raise EWSError("ErrorRestrictionTooLong")
    return _expression(restriction[0], zone)


def _expression(element: Element, zone: ZoneInfo) -> Predicate:
    name = etree.QName(element).localname
    if name in {"And", "Or"}:
        parts = [_expression(child, zone) for child in element]
        together = all if name == "And" else any
        return lambda item: together(part(item) for part in parts)
    if name == "Not":
        part = _expression(element[0], zone)
        return lambda item: not part(item)
    if name == "Exists":
        value = getter(element[0])
        return lambda item: value(item) is not None
    if name == "Contains":
        return _contains(element)
    if name in _COMPARISONS:
        return _comparison(element, _COMPARISONS[name], zone)
    raise not_simulated(f"a restriction with {name}")


def getter(path: Element) -> Getter:
    """Return how to get what a path names, None where an item has no such thing.

    Verified [ResponseCode page]: computed properties cannot be searched or sorted for.
    """
    if path.tag == f"{T}ExtendedFieldURI":
        wanted = property_named(path)
        return lambda item: value_of(item, wanted)
    name = field_named(path)
    if name not in _FIELDS:
        raise EWSError("ErrorUnsupportedPathForQuery")
    return _FIELDS[name]


def _comparison(element: Element, compare: Callable[[Any, Any], bool], zone: ZoneInfo) -> Predicate:
    """Compare with a constant. Texts compare without case.

    Verified for Graph, which asks the same store [its page on extended properties]; assumed here.
    """
    value = getter(element[0])
    constant = element[1].find(f"{T}Constant")
    if constant is None:
        raise not_simulated("comparing two fields")
    text = constant.get("Value") or ""

    def holds(item: Item) -> bool:
        found = value(item)
        return found is not None and compare(_folded(found), _like(found, text, zone))

    return holds


def _folded(value: _Value) -> _Value:
    return value.casefold() if isinstance(value, str) else value


def _like(sample: _Value, text: str, zone: ZoneInfo) -> _Value:
    """Read a constant as the kind of thing that it is compared with."""
    match sample:
        case bool():
            return text.lower() in {"1", "true"}
        case int():
            return int(text)
        case datetime():
            return instant(text, zone)
        case str():
            return text.casefold()


def _contains(element: Element) -> Predicate:
    """Look for a text. Verified [types schema]: the modes; without attributes it is the whole."""
    value = getter(element[0])
    sought = element[1].get("Value") or ""
    exact = element.get("ContainmentComparison", "Exact") == "Exact"
    mode = element.get("ContainmentMode", "FullString")
    modes: Mapping[str, Callable[[str, str], bool]] = {
        "FullString": eq,
        "Prefixed": str.startswith,
        "Substring": str.__contains__,
    }
    if mode not in modes:
        raise not_simulated(f"ContainmentMode {mode}")

    def holds(item: Item) -> bool:
        found = value(item)
        if not isinstance(found, str):
            return False
        here, there = (found, sought) if exact else (found.casefold(), sought.casefold())
        return modes[mode](here, there)

    return holds
