"""Random values for property tests, and independent, naive readings to hold the product against."""

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from builders import PERIOD, SICKNESS, VACATION, a_half_day, at
from figgosync.core.absence import Half, HalfDay, Moment, PeriodID

# Whole hours, half hours, both hemispheres, midnight changes, the date line, and Ramadan.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Paris",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "Pacific/Apia",
        "Pacific/Pago_Pago",
        "Africa/Cairo",
        "Africa/Casablanca",
        "America/Havana",
        "Indian/Reunion",
    )
]

zones = st.sampled_from(ZONES)


def moments_around(first: date, count: int) -> st.SearchStrategy[Moment]:
    return st.builds(
        lambda offset, half: Moment(first + timedelta(days=offset), half),
        st.integers(0, count - 1),
        st.sampled_from(Half),
    )


def choices(seed: int, *bases: int) -> list[int]:
    """Return a number below each base: one draw gives many small choices, cheaply and evenly."""
    chance = Random(seed)  # noqa: S311 - for tests
    return [chance.randrange(base) for base in bases]


def rows_of_one_employee(
    first: date = date(2026, 10, 19), days: int = 10, periods: int = 2
) -> st.SearchStrategy[list[HalfDay]]:
    """Draw a messy but possible listing: at most one row per period and half-day.

    The days include the end of daylight saving time in Europe.
    """
    spots = periods * days * 2

    def row(code: int) -> HalfDay:
        seed, spot = divmod(code, spots)
        period, slot = divmod(spot, days * 2)
        offset, half = divmod(slot, 2)
        kind, confirmed, active = choices(seed, 3, 3, 4)
        return a_half_day(
            Moment(first + timedelta(days=offset), Half(half)),
            period=PeriodID(PERIOD + period),
            account=[VACATION, VACATION, SICKNESS][kind],
            confirmed=confirmed > 0,
            active=active > 0,
            created_at=at("2026-10-01 08:00"),
            confirmed_at=None,
            cancelled_at=None if active > 0 else at("2026-10-05 08:00"),
        )

    codes = st.integers(0, spots * 100 - 1)
    listings = st.lists(codes, max_size=16, unique_by=lambda code: code % spots)
    return listings.map(lambda drawn: [row(code) for code in drawn])


def naively_covered(rows: Iterable[HalfDay]) -> set[tuple[PeriodID, Moment]]:
    """Return what is absent by definition: what lies between two active half-days of one period
    that have nothing but half-days of their own type and status between them.

    Expects at most one row for each period and half-day.
    """
    rows = list(rows)
    covered = set()
    for start in rows:
        for end in rows:
            between = [
                row
                for row in rows
                if row.period == start.period == end.period
                and start.moment <= row.moment <= end.moment
            ]
            kinds = {(row.active, row.account, row.remote_work, row.confirmed) for row in between}
            if len(kinds) == 1 and start.active:
                half_day = start.moment
                while half_day <= end.moment:
                    covered.add((start.period, half_day))
                    half_day = half_day.next()
    return covered
