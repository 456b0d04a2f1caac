"""Single values of a status, read whatever they are, and written as the API server takes them.

Anybody with the right may edit a status: what cannot be read counts as not there.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from figgosync.kube import forms

LARGEST_INT32 = 2**31 - 1

Choice = TypeVar("Choice", bound=StrEnum)


def known(**values: object) -> dict[str, Any]:
    """Leave out what is None or empty."""
    return {name: value for name, value in values.items() if value not in (None, [], {})}


def text(moment: datetime | None) -> str | None:
    """Return an aware moment in UTC, as RFC 3339."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment(value: object) -> datetime | None:
    """Return an RFC 3339 moment as an aware datetime in UTC."""
    if not isinstance(value, str):
        return None
    try:
        return forms.moment(value)
    except ValueError:
        return None


def day(value: object) -> date | None:
    """Return a day, such as 2026-01-01."""
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def integer(value: object) -> int | None:
    """Return a whole number; True is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def count(value: object) -> int:
    """Return a number of things that the schema takes, 0 where there is none."""
    return min(max(integer(value) or 0, 0), LARGEST_INT32)


def string(value: object) -> str:
    """Return a text, empty where there is none."""
    return value if isinstance(value, str) else ""


def choice(kind: type[Choice], value: object) -> Choice | None:
    """Return the member of that value; None for what another version wrote."""
    return next((member for member in kind if member.value == value), None)


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object, empty where there is none."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of a list."""
    return (
        [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []
    )


def strings(value: object, longest: int) -> list[str]:
    """Read a list of texts; entries that are none, or longer than that, are left out."""
    entries = value if isinstance(value, list) else []
    return [each for each in entries if isinstance(each, str) and len(each) <= longest]


def integers(value: object) -> list[int]:
    """Return the whole numbers of a list."""
    found = [integer(entry) for entry in value] if isinstance(value, list) else []
    return [entry for entry in found if entry is not None]
