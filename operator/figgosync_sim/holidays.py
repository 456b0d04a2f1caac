"""The public holidays of France, which decide where a simulated absence has no rows."""

from datetime import date, timedelta
from functools import lru_cache

_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER = (1, 39, 50)  # Easter Monday, Ascension, Whit Monday


@lru_cache(maxsize=64)
def easter(year: int) -> date:
    """Return Easter Sunday of a Gregorian year (the anonymous computus of 1876)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def is_french_holiday(day: date) -> bool:
    """Say whether `day` is one of the eleven public holidays."""
    if (day.month, day.day) in _FIXED:
        return True
    sunday = easter(day.year)
    return any(day == sunday + timedelta(days=n) for n in _AFTER_EASTER)
