"""Windows' names of time zones, the only ones that Exchange knows."""

from functools import cache
from zoneinfo import ZoneInfo

from tzlocal.windows_tz import tz_win, win_tz

from figgosync_sim.ews.errors import EWSError


@cache
def zone_of(windows_id: str) -> ZoneInfo:
    """Return the zone of a Windows id.

    Raises EWSError(ErrorCalendarInvalidTimeZone) for any other name, IANA names included (the
    refusal is verified [ResponseCode page], that it is this code of the two is assumed).
    """
    if windows_id == "UTC":
        return ZoneInfo("UTC")
    name = win_tz.get(windows_id)
    if name is None:
        raise EWSError("ErrorCalendarInvalidTimeZone")
    return ZoneInfo(name)


@cache
def windows_id_of(zone: str) -> str:
    """Return the Windows id of an IANA zone, UTC where Windows has none."""
    return tz_win.get(zone, "UTC")
