"""The companies that simulators start with."""

from datetime import date

import pytest

from figgosync_sim.company import (
    EMPLOYEE_WITHOUT_MAIL,
    FORMER_EMPLOYEE,
    believable_company,
    big_company,
)
from figgosync_sim.figgo import FiggoState
from figgosync_sim.holidays import is_french_holiday


def test_a_believable_company_has_the_people_that_stories_need() -> None:
    company = believable_company()
    assert len(company.people) == len({p.id for p in company.people}) == 25
    assert {p.legal_entity for p in company.people} == {e.id for e in company.establishments}
    assert [p.id for p in company.people if p.mail is None] == [EMPLOYEE_WITHOUT_MAIL]
    assert [p.id for p in company.people if p.contract_end] == [FORMER_EMPLOYEE]
    mails = [p.mail for p in company.people if p.mail]
    assert len(set(mails)) == len(mails)
    assert all(mail.isascii() and mail.endswith("@societe.example") for mail in mails)
    assert all(p.login.isascii() and p.login.isalpha() for p in company.people)
    assert len({p.login for p in company.people}) == 25
    assert len({e.time_zone for e in company.establishments}) == 2
    assert not {u.id for u in company.legal_units} & {e.id for e in company.establishments}
    assert any(a.remote_work for a in company.accounts)
    assert believable_company() == company


@pytest.mark.parametrize(("employees", "absences"), [(10, 50), (7, 100), (3, 2)])
def test_a_big_company_is_as_big_as_asked_and_the_same_for_a_seed(
    employees: int, absences: int
) -> None:
    company = big_company(employees, absences, seed=1)
    assert len(company.people) == employees
    assert len(company.bookings) == absences
    assert company == big_company(employees, absences, seed=1)
    assert company.bookings != big_company(employees, absences, seed=2).bookings
    periods = FiggoState(company).leave_book.periods.values()
    assert len(periods) == absences
    assert all(1 <= len(period.leaves) <= 10 for period in periods)


def test_the_absences_of_a_big_company_have_five_half_days_on_average() -> None:
    leaves = FiggoState(big_company(100, 1000, seed=1)).leave_book.leaves
    assert 4_700 < len(leaves) < 5_300


@pytest.mark.parametrize(
    ("year", "movable"),
    [
        (2025, [date(2025, 4, 21), date(2025, 5, 29), date(2025, 6, 9)]),
        (2026, [date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25)]),
        (2027, [date(2027, 3, 29), date(2027, 5, 6), date(2027, 5, 17)]),
    ],
)
def test_the_movable_holidays_follow_easter(year: int, movable: list[date]) -> None:
    days = [
        date.fromordinal(n)
        for n in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
    ]
    holidays = [day for day in days if is_french_holiday(day)]
    assert len(holidays) == 11
    assert set(movable) < set(holidays)
