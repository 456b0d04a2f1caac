"""Which of our events are to be taken out of a calendar, when somebody wishes so."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from figgosync.core.coverage import days
from figgosync.core.event import OwnedEvent


def ending_from(
    found: Sequence[OwnedEvent], first_day: date, zone: ZoneInfo
) -> tuple[OwnedEvent, ...]:
    """Return those whose last day, in `zone`, is `first_day` or later."""
    return tuple(each for each in found if days(each.event.when, zone)[1] >= first_day)
