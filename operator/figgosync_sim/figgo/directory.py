"""The people and places of a simulated tenant, and what personnel changes do to them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from figgosync_sim.holidays import is_french_holiday
from figgosync_sim.organisation import Account, Company, Establishment, Person, Unit

Clock = Callable[[], datetime]

_SATURDAY = 5
_SUNDAY = 6


def wall_clock() -> datetime:
    """Return the time of day, aware."""
    return datetime.now(UTC)


class Directory:
    """The present state of the company's people; each change advances `modifiedAt` [verified]."""

    def __init__(self, company: Company, now: Clock) -> None:
        self.company = company
        self.now = now
        self.people = {person.id: person for person in company.people}
        self.establishments = {place.id: place for place in company.establishments}
        self.accounts = {account.id: account for account in company.accounts}

    def person(self, employee: int) -> Person:
        """Return an employee; raises KeyError for an unknown id."""
        return self.people[employee]

    def account(self, account: int) -> Account:
        """Return a kind of absence; raises KeyError for an unknown id."""
        return self.accounts[account]

    def counts(self, account: Account, owner: int, day: date) -> bool:
        """Say whether an absence on `account` has rows on `day` for this person.

        [assumed] Accounts in calendar days have rows on weekends and holidays too, the others
        only on the days that they count; the holidays are those of the person's establishment.
        """
        if account.unit is Unit.CALENDAR_DAYS:
            return True
        if self._is_holiday(owner, day) or day.weekday() == _SUNDAY:
            return False
        return account.unit is Unit.BUSINESS_DAYS or day.weekday() != _SATURDAY

    def _is_holiday(self, owner: int, day: date) -> bool:
        calendar = self.establishments[self.people[owner].legal_entity].calendar
        extra = self.company.extra_holidays.get(calendar, frozenset())
        return day in extra or is_french_holiday(day)

    def hire(
        self,
        first_name: str,
        last_name: str,
        legal_entity: int,
        *,
        mail: str | None,
        login: str = "",
        department: int | None = None,
        start: date | None = None,
    ) -> int:
        """Take somebody on; return the new employee's id."""
        number = max(self.people, default=1200) + 1
        self._check(legal_entity)
        self.people[number] = Person(
            id=number,
            first_name=first_name,
            last_name=last_name,
            legal_entity=legal_entity,
            department=department or self.company.departments[0].id,
            mail=mail,
            login=login or f"{first_name[:1]}{last_name}".lower(),
            contract_start=start or self.now().date(),
            modified_at=self.now(),
        )
        return number

    def move(self, employee: int, legal_entity: int) -> None:
        """Move somebody to another establishment: all of his leaves follow at once [verified]."""
        self._check(legal_entity)
        self._change(replace(self.people[employee], legal_entity=legal_entity))

    def change_mail(self, employee: int, mail: str | None) -> None:
        """Give somebody another mail address, or none."""
        self._change(replace(self.people[employee], mail=mail))

    def change_login(self, employee: int, login: str) -> None:
        """Give somebody another login."""
        self._change(replace(self.people[employee], login=login))

    def rename(self, employee: int, first_name: str, last_name: str) -> None:
        """Give somebody another name."""
        person = self.people[employee]
        self._change(replace(person, first_name=first_name, last_name=last_name))

    def rename_account(self, account: int, name: str) -> None:
        """Call a kind of absence something else; no leave shows that it changed [assumed]."""
        self.accounts[account] = replace(self.accounts[account], name=name)

    def delete_account(self, account: int) -> None:
        """Delete a kind of absence: its leaves keep the id, which leads nowhere [assumed]."""
        del self.accounts[account]

    def end_contract(self, employee: int, on: date | None) -> None:
        """Set the last day at work; None re-opens the contract."""
        self._change(replace(self.people[employee], contract_end=on))

    def open_establishment(self, establishment: Establishment) -> None:
        """Add an establishment, or replace the one with the same id."""
        self.establishments[establishment.id] = establishment

    def _check(self, legal_entity: int) -> None:
        if legal_entity not in self.establishments:
            raise KeyError(f"no establishment {legal_entity}")

    def _change(self, person: Person) -> None:
        self.people[person.id] = replace(person, modified_at=self.now())
