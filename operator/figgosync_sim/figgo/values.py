"""Turns the texts of a filter into values that can be compared, as .NET's conversion does."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from figgosync_sim.figgo.refusal import Refusal, bad_request
from figgosync_sim.figgo.schema import Kind

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,7})?)?(Z|[+-]\d{2}:\d{2})?")
_INTEGER = re.compile(r"-?\d{1,18}")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_END_OF_DAY = time(23, 59, 59, 999000)


class Converter:
    """Reads filter values at one moment of the server's clock.

    [verified] A value that names its offset is converted to the server's local time, one that
    does not is taken as it is; `now` is the server's local time; `null` is a literal.
    """

    def __init__(self, server_zone: ZoneInfo, now: datetime) -> None:
        self._zone = server_zone
        self._now = now.astimezone(server_zone).replace(tzinfo=None)

    def value(self, kind: Kind, text: str, name: str) -> object:
        """Return one value, None for `null`; a Refusal for what the kind does not have."""
        if text.lower() == "null":
            return None
        converted = self._readers()[kind](text.strip())
        if converted is None:
            raise _unreadable(text, name)
        return converted

    def last_moment(self, kind: Kind, text: str, name: str) -> object:
        """Return the end of a `between`: a date without a time means all of that day [verified]."""
        value = self.value(kind, text, name)
        if isinstance(value, datetime) and _DATE.fullmatch(text.strip()):
            return datetime.combine(value, _END_OF_DAY)
        return value

    def _readers(self) -> Mapping[Kind, Callable[[str], object]]:
        return {
            Kind.INTEGER: _integer,
            Kind.NUMBER: _number,
            Kind.TEXT: str.casefold,
            Kind.URL: str.casefold,
            Kind.BOOLEAN: _boolean,
            Kind.DAY: self._moment,
            Kind.TIMESTAMP: self._moment,
        }

    def _moment(self, text: str) -> datetime | None:
        midnight = datetime.combine(self._now, time.min)
        keywords = {
            "now": self._now,
            "today": midnight,
            "tomorrow": midnight + timedelta(days=1),
            "yesterday": midnight - timedelta(days=1),
        }
        if text.lower() in keywords:
            return keywords[text.lower()]
        if not (_DATE.fullmatch(text) or _MOMENT.fullmatch(text)):
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            return moment
        return moment.astimezone(self._zone).replace(tzinfo=None)


def _integer(text: str) -> int | None:
    return int(text) if _INTEGER.fullmatch(text) else None


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def _unreadable(text: str, name: str) -> Refusal:
    return bad_request(f"Value '{text}' cannot be converted for property {name}")
