"""An estimate of time as people read it at a glance: 45s, 12m, 3h20m, 2d4h."""

import re
from datetime import timedelta

LONGEST = timedelta(days=9999, hours=23)
"""What is longer is written as this: nobody waits for it."""

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_FORM = re.compile(r"(?:([0-9]{1,4})d)?(?:([0-9]{1,2})h)?(?:([0-9]{1,2})m)?(?:([0-9]{1,2})s)?")


def written(remaining: timedelta) -> str:
    """Return it in two units at most, rounded up: nothing is over before it says so."""
    remaining = min(max(remaining, timedelta()), LONGEST)
    if (seconds := _whole(remaining, timedelta(seconds=1))) < 60:  # noqa: PLR2004 - a minute's
        return f"{seconds}s"
    if (minutes := _whole(remaining, _MINUTE)) * _MINUTE < _HOUR:
        return f"{minutes}m"
    if minutes * _MINUTE < _DAY:
        return _two(minutes, 60, "h", "m")
    return _two(_whole(remaining, _HOUR), 24, "d", "h")


def read(text: str) -> timedelta | None:
    """Return what was written; None for what `written` never writes."""
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in form.groups())
    remaining = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return remaining if written(remaining) == text else None


def _whole(remaining: timedelta, unit: timedelta) -> int:
    return -(-remaining // unit)


def _two(count: int, to_the_larger: int, larger: str, smaller: str) -> str:
    whole, rest = divmod(count, to_the_larger)
    return f"{whole}{larger}{rest}{smaller}" if rest else f"{whole}{larger}"
