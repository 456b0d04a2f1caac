"""What the latest timestamps say of the zone that they are written in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figgosync.core.clocks import ENOUGH, ClockReading, StampZone, WrittenMoment, read_clock

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
NOTHING = ClockReading(StampZone.UNKNOWN, None, 0)

ages = st.lists(st.integers(0, 3 * 24 * 3600), min_size=1, max_size=30)
skews = st.integers(-300, 300)


def written(*seconds_ago: float, ahead: float = 0, offset: bool = False) -> list[WrittenMoment]:
    """Return acts as a Figgo writes them whose local time is so many hours ahead of UTC."""
    return [
        WrittenMoment(NOW - timedelta(seconds=each) + timedelta(hours=ahead), offset)
        for each in seconds_ago
    ]


def minutes(*ago: float) -> list[float]:
    return [each * 60 for each in ago]


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ([], NOTHING),
        (written(*minutes(3)), ClockReading(StampZone.UNKNOWN, None, 1)),
        (written(*minutes(3, 8, 14, 40, 59)), ClockReading(StampZone.UTC, None, 5)),
        (written(*minutes(3, 8, 14, 40, 61)), ClockReading(StampZone.UNKNOWN, None, 4)),
        # The same act in twenty rows.
        (written(*minutes(*[3] * 20)), ClockReading(StampZone.UNKNOWN, None, 1)),
        (written(*minutes(3, 8), ahead=1), ClockReading(StampZone.LOCAL, 1, 0)),
        (written(*minutes(50), ahead=1), ClockReading(StampZone.LOCAL, 1, 0)),
        (written(*minutes(58), ahead=1), ClockReading(StampZone.UNKNOWN, None, 1)),
        (written(*minutes(3), ahead=2), ClockReading(StampZone.LOCAL, 2, 0)),
        (written(*minutes(200), ahead=4), ClockReading(StampZone.LOCAL, 1, 0)),
        (written(*minutes(3), ahead=5.5), ClockReading(StampZone.LOCAL, 6, 0)),
        # A database whose clock is a little fast.
        (written(*minutes(-4, 3, 8, 14, 40)), ClockReading(StampZone.UTC, None, 5)),
        (written(*minutes(-6)), ClockReading(StampZone.LOCAL, 1, 0)),
        (written(*minutes(3), offset=True), ClockReading(StampZone.WITH_OFFSET, None, 1)),
    ],
)
def test_the_zone_is_told_by_what_is_ahead_and_by_what_is_not(
    moments: list[WrittenMoment], expected: ClockReading
) -> None:
    assert read_clock(moments, NOW) == expected


@pytest.mark.parametrize("offset", [False, True])
def test_without_the_servers_own_time_only_an_offset_can_be_seen(*, offset: bool) -> None:
    moments = written(*minutes(3, 8, 14, 40, 59), ahead=1, offset=offset)
    zone = StampZone.WITH_OFFSET if offset else StampZone.UNKNOWN
    assert read_clock(moments, None) == ClockReading(zone, None, 0)


@given(ages, skews)
def test_utc_is_never_taken_for_local_time(seconds_ago: list[int], skew: int) -> None:
    moments = written(*(each + skew for each in seconds_ago))
    assert read_clock(moments, NOW).zone in {StampZone.UTC, StampZone.UNKNOWN}


@given(ages, st.integers(1, 13), skews)
def test_whole_hours_ahead_are_found_while_somebody_books(
    seconds_ago: list[int], ahead: int, skew: int
) -> None:
    latest = 300 - skew  # nobody's act is younger than its record may be late
    moments = written(latest, *(each + 300 for each in seconds_ago), ahead=ahead)
    reading = read_clock(moments, NOW)
    assert (reading.zone, reading.hours_ahead) == (StampZone.LOCAL, ahead)


@given(ages, st.integers(1, 13))
def test_local_time_is_called_utc_only_after_an_hour_without_any_act(
    seconds_ago: list[int], ahead: int
) -> None:
    reading = read_clock(written(*seconds_ago, ahead=ahead), NOW)
    if reading.zone is StampZone.UTC:
        assert reading.lately >= ENOUGH
        assert min(seconds_ago) >= 3300
