"""From employees to mailboxes: nobody ever gets somebody else's absences."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import an_employee, day
from figgosync.core.absence import EmployeeID
from figgosync.core.directory import Employee
from figgosync.core.scope import Refusal, addresses
from figgosync.core.tenant import AddressSource, DomainRewrite, MailboxRules
from figgosync.errors import Reason

TODAY = day("2026-11-24")
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def mailbox(**changes: Any) -> MailboxRules:  # noqa: ANN401 - a builder takes any field
    fields = {"source": AddressSource.MAIL, "allowed_domains": frozenset(), "rewrites": ()}
    return MailboxRules(**fields | changes)


def address_of(employee: Employee, rules: MailboxRules) -> str | Refusal:
    return addresses([employee], rules, TODAY)[employee.id]


@pytest.mark.parametrize(
    ("employee", "rules", "address"),
    [
        (an_employee(mail="ana@societe.com"), mailbox(), "ana@societe.com"),
        (an_employee(mail="  Ana@Societe.COM "), mailbox(), "Ana@societe.com"),
        (an_employee(mail="josé@société.com"), mailbox(), "josé@société.com"),
        (
            an_employee(mail="", login="ana@societe.com"),
            mailbox(source=AddressSource.LOGIN),
            "ana@societe.com",
        ),
        (
            an_employee(mail="ana@Old.example"),
            mailbox(rewrites=(DomainRewrite("old.example", "societe.com"),)),
            "ana@societe.com",
        ),
        pytest.param(
            an_employee(mail="ana@old.example"),
            mailbox(
                rewrites=(
                    DomainRewrite("old.example", "mid.example"),
                    DomainRewrite("mid.example", "societe.com"),
                )
            ),
            "ana@mid.example",
            id="rewritten-once-only",
        ),
        pytest.param(
            an_employee(mail="ana@old.example"),
            mailbox(
                rewrites=(DomainRewrite("old.example", "societe.com"),),
                allowed_domains=frozenset({"societe.com"}),
            ),
            "ana@societe.com",
            id="rewritten-before-it-is-judged",
        ),
    ],
)
def test_an_address_is_taken_from_figgo_and_rewritten(
    employee: Employee, rules: MailboxRules, address: str
) -> None:
    assert address_of(employee, rules) == address


@pytest.mark.parametrize(
    ("employee", "rules", "reason"),
    [
        (an_employee(mail=""), mailbox(), Reason.NO_ADDRESS),
        (an_employee(mail=" "), mailbox(), Reason.NO_ADDRESS),
        (an_employee(login="ana.canary"), mailbox(source=AddressSource.LOGIN), Reason.NO_ADDRESS),
        (an_employee(mail="@canary.com"), mailbox(), Reason.NO_ADDRESS),
        (an_employee(mail="canary@"), mailbox(), Reason.NO_ADDRESS),
        (an_employee(mail="canary@a.com,b@a.com"), mailbox(), Reason.NO_ADDRESS),
        (an_employee(mail="canary@a.com b"), mailbox(), Reason.NO_ADDRESS),
        (an_employee(mail="Canary <canary@a.com>"), mailbox(), Reason.NO_ADDRESS),
        (an_employee(mail="canary@\u202ea.com"), mailbox(), Reason.NO_ADDRESS),
        (
            an_employee(mail="canary@gmail.example"),
            mailbox(allowed_domains=frozenset({"societe.com"})),
            Reason.ADDRESS_NOT_ALLOWED,
        ),
        pytest.param(
            an_employee(mail="canary@evil.societe.com"),
            mailbox(allowed_domains=frozenset({"societe.com"})),
            Reason.ADDRESS_NOT_ALLOWED,
            id="a-subdomain-is-another-domain",
        ),
    ],
)
def test_f14_without_a_usable_address_the_employee_is_refused_with_the_reason(
    employee: Employee, rules: MailboxRules, reason: Reason
) -> None:
    refusal = address_of(employee, rules)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is reason
    assert "canary" not in refusal.message.lower()
    assert "Figgo" in refusal.message


RUNNING = {"contract_start": day("2020-01-01"), "contract_end": None}
ENDS_TODAY = {"contract_start": None, "contract_end": TODAY}
STARTS_TODAY = {"contract_start": TODAY, "contract_end": None}
FORMER = {"contract_start": day("2020-01-01"), "contract_end": YESTERDAY}
FUTURE = {"contract_start": TOMORROW, "contract_end": None}


@pytest.mark.parametrize(
    ("contracts", "winner"),
    [
        pytest.param([RUNNING, FORMER], 0, id="F03-the-new-hire-not-the-one-who-left"),
        pytest.param([FUTURE, RUNNING], 1, id="not-the-one-who-is-still-to-come"),
        pytest.param([FUTURE, FORMER, RUNNING, FORMER], 2, id="one-running-among-many"),
        pytest.param([RUNNING, RUNNING], None, id="F05_F14-two-running"),
        pytest.param([ENDS_TODAY, STARTS_TODAY], None, id="both-running-today"),
        pytest.param([RUNNING, RUNNING, FORMER], None, id="two-running-and-a-former"),
        pytest.param([FORMER, FUTURE], 1, id="F15-between-two-contracts"),
        pytest.param([FORMER, FORMER], None, id="two-former"),
        pytest.param([FUTURE, FUTURE], None, id="two-future"),
        pytest.param([FORMER], 0, id="a-former-alone"),
    ],
)
def test_of_employees_with_one_address_only_the_one_with_the_best_claim_gets_it(
    contracts: list[dict[str, Any]], winner: int | None
) -> None:
    employees = [
        an_employee(number, mail=mail, **contract)
        for number, (mail, contract) in enumerate(
            zip(["canary@societe.com", "Canary@Societe.com"] * 2, contracts, strict=False)
        )
    ]
    answers = addresses(employees, mailbox(), TODAY)
    assert answers == addresses(reversed(employees), mailbox(), TODAY)
    winners = [number for number, answer in answers.items() if isinstance(answer, str)]
    assert winners == ([] if winner is None else [EmployeeID(winner)])
    for answer in answers.values():
        if isinstance(answer, Refusal):
            assert answer.reason is Reason.ADDRESS_NOT_UNIQUE
            assert "canary" not in answer.message.lower()


def test_addresses_that_rewriting_makes_equal_are_one_address() -> None:
    rules = mailbox(rewrites=(DomainRewrite("old.example", "societe.com"),))
    employees = [an_employee(1, mail="a@old.example"), an_employee(2, mail="A@societe.com")]
    answers = addresses(employees, rules, TODAY)
    assert all(isinstance(answer, Refusal) for answer in answers.values())
    assert len(answers) == 2


def test_a_shared_address_names_the_others_by_their_ids_and_not_all_of_hundreds() -> None:
    employees = [an_employee(number, mail="a@societe.com") for number in range(1, 300)]
    refusal = addresses(employees, mailbox(), TODAY)[EmployeeID(1)]
    assert isinstance(refusal, Refusal)
    assert "employee 2, 3, 4, 5, 6, ..." in refusal.message
    assert len(refusal.message) < 300


def who_may_share(facts: list[dict[str, Any]]) -> list[Employee]:
    return [an_employee(number, **each) for number, each in enumerate(facts)]


employees_who_share = st.lists(
    st.fixed_dictionaries(
        {
            "mail": st.sampled_from(
                ["a@x.com", "A@x.com", "b@y.com", "b@z.com", "c@x.com", "", "d"]
            ),
            "contract_start": st.sampled_from([None, YESTERDAY, TODAY, TOMORROW]),
            "contract_end": st.sampled_from([None, YESTERDAY, TODAY, TOMORROW]),
        }
    ),
    max_size=8,
).map(who_may_share)


@settings(max_examples=200, deadline=None)
@given(
    employees=employees_who_share,
    allowed=st.sampled_from([frozenset(), frozenset({"x.com", "z.com"})]),
    rewrites=st.sampled_from([(), (DomainRewrite("y.com", "z.com"),)]),
)
def test_no_mailbox_ever_belongs_to_two_and_everybody_has_an_answer(
    employees: list[Employee],
    allowed: frozenset[str],
    rewrites: tuple[DomainRewrite, ...],
) -> None:
    answers = addresses(employees, mailbox(allowed_domains=allowed, rewrites=rewrites), TODAY)
    assert answers.keys() == {employee.id for employee in employees}
    given_out = [answer.lower() for answer in answers.values() if isinstance(answer, str)]
    assert len(given_out) == len(set(given_out))
    domains = {address.rpartition("@")[2] for address in given_out}
    assert not allowed or domains <= allowed
    assert not rewrites or "y.com" not in domains
