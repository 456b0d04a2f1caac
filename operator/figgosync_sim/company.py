"""A believable company, and one as big as a benchmark needs; the same ones at each start."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from figgosync_sim.holidays import is_french_holiday
from figgosync_sim.organisation import (
    Account,
    Booking,
    Boundary,
    Company,
    Department,
    Establishment,
    LegalUnit,
    Person,
    Unit,
)

PARIS = 1
REUNION = 4

PAID_LEAVE = 8
RTT = 12
SICK = 21
REMOTE_WORK = 27
RECUPERATION = 31
PARENTAL = 35

_IMPORTED_AT = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)

# The legal units have ids that no establishment has: whoever mixes the two up finds nobody.
_LEGAL_UNITS = (LegalUnit(2, "ACME SAS"), LegalUnit(7, "ACME Océan Indien SAS"))
_ESTABLISHMENTS = (
    Establishment(PARIS, "ACME Paris", 2, "Europe/Paris", "Paris"),
    Establishment(REUNION, "ACME Réunion", 7, "Indian/Reunion", "Saint-Denis", calendar=2),
)
_DEPARTMENTS = (
    Department(10, "Direction"),
    Department(11, "Ressources humaines", parent=10),
    Department(12, "Ventes", parent=10),
    Department(13, "R&D", parent=10),
    Department(14, "Support", parent=12),
)
_ACCOUNTS = (
    Account(PAID_LEAVE, "Congés payés"),
    Account(RTT, "RTT"),
    Account(SICK, "Maladie", Unit.CALENDAR_DAYS),
    Account(REMOTE_WORK, "Télétravail", remote_work=True),
    Account(RECUPERATION, "Récupération", Unit.WORKING_HOURS),
    Account(PARENTAL, "Congé parental", Unit.CALENDAR_DAYS),
)
# The abolition of slavery is a holiday on Réunion alone.
_REUNION_HOLIDAYS = frozenset(date(year, 12, 20) for year in range(2020, 2036))

# First name, last name, establishment, department.
_STAFF = (
    ("Hélène", "Castel", PARIS, 10),
    ("Awa", "Mercier", PARIS, 13),
    ("Bruno", "Lefèvre", PARIS, 13),
    ("Chloé", "Da Silva", PARIS, 13),
    ("David", "Nguyen", PARIS, 13),
    ("Élodie", "Marchand", PARIS, 11),
    ("Farid", "Benali", PARIS, 12),
    ("Gaëlle", "Le Goff", PARIS, 12),
    ("Hugo", "Perrin", PARIS, 12),
    ("Inès", "Roussel", PARIS, 13),
    ("Jean-Marc", "Fabre", PARIS, 14),
    ("Karim", "Haddad", PARIS, 14),
    ("Léa", "Fontaine", PARIS, 14),
    ("Mathieu", "Girard", PARIS, 13),
    ("Nadia", "Cohen", PARIS, 11),
    ("Olivier", "Dupuis", PARIS, 12),
    ("Priscilla", "Payet", REUNION, 12),
    ("Quentin", "Hoarau", REUNION, 12),
    ("Rose", "Grondin", REUNION, 14),
    ("Sylvain", "Fontaine", REUNION, 14),
    ("Thérèse", "O'Brien", REUNION, 13),
    ("Ulysse", "Boyer", REUNION, 13),
    ("Valérie", "Techer", REUNION, 12),
    ("William", "Robert", REUNION, 14),
    ("Yasmine", "Maillot", REUNION, 11),
)
_FIRST_ID = 1201
FORMER_EMPLOYEE = _FIRST_ID + 15
EMPLOYEE_WITHOUT_MAIL = _FIRST_ID + 23

_ASCII = str.maketrans("éèêëàâçïîôùûü", "eeeeaaciiouuu", " '-")


def _plain(name: str) -> str:
    return name.lower().translate(_ASCII)


def believable_company() -> Company:
    """Return 25 people in Paris and on Réunion, whose mail addresses are at societe.example.

    One is a former employee since June 2026 and one has no mail address. Nobody is absent yet.
    """
    people = tuple(
        Person(
            id=number,
            first_name=first,
            last_name=last,
            legal_entity=establishment,
            department=department,
            mail=None
            if number == EMPLOYEE_WITHOUT_MAIL
            else f"{_plain(first)}.{_plain(last)}@societe.example",
            login=_plain(first)[0] + _plain(last),
            contract_start=date(2018 + number % 7, 1 + number % 12, 1),
            contract_end=date(2026, 6, 30) if number == FORMER_EMPLOYEE else None,
            modified_at=_IMPORTED_AT,
            manager=None if number == _FIRST_ID else _FIRST_ID,
        )
        for number, (first, last, establishment, department) in enumerate(_STAFF, _FIRST_ID)
    )
    return Company(
        _LEGAL_UNITS,
        _ESTABLISHMENTS,
        _DEPARTMENTS,
        _ACCOUNTS,
        people,
        extra_holidays={2: _REUNION_HOLIDAYS},
    )


def big_company(
    employees: int, absences: int, seed: int, *, first_day: date = date(2026, 10, 1)
) -> Company:
    """Return a company with so many people and absences, shared out evenly among them.

    An absence has one to ten half-days of working time, five on average; four in five are
    confirmed. They begin on `first_day` and spread over about fifteen months, further only
    where a person has more than fits.
    """
    chance = random.Random(seed)  # noqa: S311 - test data, the same at each start
    people = tuple(
        Person(
            id=number,
            first_name=f"Prénom{number}",
            last_name=f"Nom{number}",
            legal_entity=(PARIS, REUNION)[number % 2],
            department=10 + number % 5,
            mail=f"employee{number}@societe.example",
            login=f"employee{number}",
            contract_start=date(2020, 1, 1),
            modified_at=_IMPORTED_AT,
        )
        for number in range(1, employees + 1)
    )
    shares = [absences // employees + (n < absences % employees) for n in range(employees)]
    bookings = tuple(
        booking
        for person, share in zip(people, shares, strict=True)
        for booking in _bookings(person.id, share, first_day, chance)
    )
    return Company(_LEGAL_UNITS, _ESTABLISHMENTS, _DEPARTMENTS, _ACCOUNTS, people, bookings)


_LENGTHS = (1, 2, 2, 5, 6, 9, 10)  # half-days; their mean is five
_WORKING_DAYS_TO_FILL = 300


def _bookings(owner: int, count: int, first_day: date, chance: random.Random) -> Iterator[Booking]:
    days = _working_days(first_day)
    room = max(_WORKING_DAYS_TO_FILL // max(count, 1) - 5, 1)
    for _ in range(count):
        for _ in range(chance.randint(1, room)):
            next(days)
        length = chance.choice(_LENGTHS)
        first, last = _stretch(days, length)
        yield Booking(
            owner,
            first,
            last,
            chance.choice((PAID_LEAVE, PAID_LEAVE, RTT)),
            confirmed=chance.random() < 0.8,  # noqa: PLR2004 - four in five
            at=_IMPORTED_AT + timedelta(minutes=chance.randint(0, 400_000)),
        )


def _working_days(day: date) -> Iterator[date]:
    while True:
        if day.weekday() < 5 and not is_french_holiday(day):  # noqa: PLR2004 - Monday to Friday
            yield day
        day += timedelta(days=1)


def _stretch(days: Iterator[date], half_days: int) -> tuple[Boundary, Boundary]:
    first = last = next(days)
    for _ in range((half_days - 1) // 2):
        last = next(days)
    return (first, "AM"), (last, "PM" if half_days % 2 == 0 else "AM")
