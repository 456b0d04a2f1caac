"""In which zone Figgo writes its timestamps, told by the latest ones and by the server's clock."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST_SKEW = timedelta(minutes=5)
"""How far apart the clocks of a server and of its database may be."""

LATELY = timedelta(hours=1)
"""No zone east of Greenwich is nearer to UTC than this."""

ENOUGH = 5
"""Acts within `LATELY`. In a company that books so often, an hour without any is no chance."""

_AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WrittenMoment:
    """A timestamp as Figgo wrote it: `at` (aware) is read as UTC where it names no `offset`."""

    at: datetime
    offset: bool


class StampZone(StrEnum):
    """What timestamps are written in."""

    WITH_OFFSET = "WithOffset"
    UTC = "UTC"
    LOCAL = "Local"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class ClockReading:
    """The zone; how many whole hours ahead of UTC it seems (LOCAL alone), and the grounds for it.

    `lately` counts the different timestamps that lie, read as UTC, within the hour before the
    server's time.
    """

    zone: StampZone
    hours_ahead: int | None
    lately: int


def read_clock(moments: Iterable[WrittenMoment], server_time: datetime | None) -> ClockReading:
    """Judge timestamps of acts, among them the latest, by the server's time (aware) as they came.

    Nothing is created in the future: a timestamp ahead of the server's time is local time. None
    ahead proves UTC only where there would be some otherwise, so it takes ENOUGH acts of late.
    """
    written = set(moments)
    if any(moment.offset for moment in written):
        return ClockReading(StampZone.WITH_OFFSET, None, _lately(written, server_time))
    if server_time is None or not written:
        return ClockReading(StampZone.UNKNOWN, None, 0)
    lately = _lately(written, server_time)
    ahead = max(moment.at for moment in written) - server_time
    if ahead > MOST_SKEW:
        # The latest act happened a while ago, so the zone is at least so far ahead.
        hours = math.ceil((ahead - MOST_SKEW) / _AN_HOUR)
        return ClockReading(StampZone.LOCAL, hours, lately)
    zone = StampZone.UTC if lately >= ENOUGH else StampZone.UNKNOWN
    return ClockReading(zone, None, lately)


def _lately(written: Iterable[WrittenMoment], server_time: datetime | None) -> int:
    if server_time is None:
        return 0
    since, until = server_time - LATELY, server_time + MOST_SKEW
    return len({moment.at for moment in written if since <= moment.at <= until})
