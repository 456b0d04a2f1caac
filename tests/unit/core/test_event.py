"""The identity that an event carries survives the way into a calendar and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from figgosync.core.absence import EmployeeID, PeriodID
from figgosync.core.event import EventKey

numbers = st.integers(0, 2**53)
hosts = st.sampled_from(["acme.ilucca.net", "acme.ilucca.ch", "localhost:8443"])


@settings(max_examples=100, deadline=None)
@given(hosts, numbers, numbers, st.integers(0, 400))
def test_a_marker_says_which_key_it_was_made_from(
    host: str, employee: int, period: int, part: int
) -> None:
    key = EventKey(host, EmployeeID(employee), PeriodID(period), part)
    assert EventKey.from_marker(key.marker()) == key


def test_two_spellings_of_a_host_are_one_identity() -> None:
    spellings = ("ACME.ilucca.net", "acme.ilucca.NET")
    keys = [EventKey(host, EmployeeID(1), PeriodID(2), 0) for host in spellings]
    assert keys[0].marker() == keys[1].marker() == "v1/acme.ilucca.net/1/2/0"


@pytest.mark.parametrize(
    "marker",
    [
        "",
        "v1",
        "v2/acme.ilucca.net/1/2/0",
        "v1/acme.ilucca.net/1/2",
        "v1/acme.ilucca.net/1/2/0/0",
        "v1//1/2/0",
        "v1/acme.ilucca.net/x/2/0",
        "v1/acme.ilucca.net/-1/2/0",
        "v1/acme.ilucca.net//2/0",
        "v1/acme.ilucca.net/\u0661/2/0",
        "v1/acme.ilucca.net/1_0/2/0",
    ],
)
def test_a_marker_that_this_version_cannot_read_is_no_key(marker: str) -> None:
    assert EventKey.from_marker(marker) is None
