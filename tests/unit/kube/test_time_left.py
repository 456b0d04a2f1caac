"""How long something still takes, in few letters."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figgosync.kube import time_left


@pytest.mark.parametrize(
    ("remaining", "text"),
    [
        (timedelta(), "0s"),
        (timedelta(microseconds=1), "1s"),
        (timedelta(seconds=45), "45s"),
        (timedelta(seconds=59), "59s"),
        (timedelta(seconds=59, microseconds=1), "1m"),
        (timedelta(seconds=60), "1m"),
        (timedelta(seconds=61), "2m"),
        (timedelta(minutes=12), "12m"),
        (timedelta(minutes=59), "59m"),
        (timedelta(minutes=59, seconds=1), "1h"),
        (timedelta(hours=3, minutes=20), "3h20m"),
        (timedelta(hours=3, minutes=19, seconds=1), "3h20m"),
        (timedelta(hours=23, minutes=59), "23h59m"),
        (timedelta(hours=23, minutes=59, seconds=1), "1d"),
        (timedelta(days=1), "1d"),
        (timedelta(days=1, seconds=1), "1d1h"),
        (timedelta(days=2, hours=4), "2d4h"),
        (timedelta(days=2, hours=3, minutes=1), "2d4h"),
        (timedelta(days=2, hours=23, seconds=1), "3d"),
        (timedelta(days=9999, hours=23), "9999d23h"),
        (timedelta.max, "9999d23h"),
        (timedelta(seconds=-1), "0s"),
        (timedelta.min, "0s"),
    ],
)
def test_it_is_written_in_two_units_at_most_and_rounded_up(remaining: timedelta, text: str) -> None:
    assert time_left.written(remaining) == text


@given(st.timedeltas(timedelta(), time_left.LONGEST))
def test_what_is_written_is_never_less_and_is_read_back(remaining: timedelta) -> None:
    text = time_left.written(remaining)
    read = time_left.read(text)
    assert read is not None
    assert remaining <= read < remaining * 2 + timedelta(seconds=1)
    assert read - remaining < timedelta(hours=1)
    assert time_left.written(read) == text
    assert len(text) <= 16


@pytest.mark.parametrize(
    "text", ["", "soon", "12", "90s", "60m", "1h60m", "1d2h3m", "0h", "3h0m", "-5m", "٣m", "1m\n"]
)
def test_what_nobody_wrote_is_not_read(text: str) -> None:
    assert time_left.read(text) is None


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    read = time_left.read(text)
    assert read is None or time_left.written(read) == text
