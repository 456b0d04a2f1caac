"""`figgosync discover` names nobody, and asks for nothing that it does not need."""

import re
from collections.abc import Iterator
from datetime import date

import pytest

from component.desk import Desk, a_desk
from figgo_world import AWA, BRUNO, CHLOE, LEAVES, ROSE, THERESE, USERS, book
from figgosync.discovery.command import Output
from figgosync_sim.company import REMOTE_WORK, SICK
from figgosync_sim.faults import Answer
from figgosync_sim.figgo.leaves import CANARY_COMMENT
from figgosync_sim.organisation import Person

_ROW = "id,date,isAM,isActive,creationDate,cancellationDate,leaveAccountId"
_PERIOD = "leavePeriod[id,ownerId,isConfirmed,confirmationDate],collection.count"
NEEDED = {
    LEAVES: {
        f"{_ROW},leaveAccount[id,isRemoteWork],{_PERIOD}",
        f"{_ROW},leaveAccount[id,isRemoteWork,name],{_PERIOD}",
        "creationDate",
    },
    USERS: {"id,mail,login,legalEntityId,dtContractStart,dtContractEnd,collection.count"},
}
"""The fields that may be asked for, word by word; the only name is that of an absence type."""


def identities(person: Person) -> Iterator[str]:
    yield from (person.first_name, person.last_name, person.name, person.login)
    if person.mail is not None:
        yield from (person.mail, person.mail.partition("@")[0])


def named_in(text: str, desk: Desk) -> list[str]:
    """Return whatever of the company's people stands in a text, as words, in any case."""
    folded = text.casefold()
    return [
        each
        for person in desk.world.state.people.values()
        for each in identities(person)
        if re.search(rf"(?<!\w){re.escape(each.casefold())}(?!\w)", folded)
    ]


async def busy_company(desk: Desk) -> None:
    state = desk.world.state
    for employee in (AWA, BRUNO, CHLOE, ROSE, THERESE):
        book(desk.world, employee, account=SICK)
        book(desk.world, employee, date(2026, 12, 15), REMOTE_WORK)
    state.change_mail(AWA, state.person(BRUNO).mail)
    state.change_mail(CHLOE, "chloe.dasilva@elsewhere.example")


@pytest.mark.parametrize("output", list(Output))
async def test_no_employee_is_named_in_any_report(output: Output) -> None:
    async with a_desk(mailbox__allowedDomains=["societe.example"]) as desk:
        await busy_company(desk)
        outcome = await desk.ask(output)
        assert outcome.code == 0
        assert "Maladie" in outcome.out, "the names of types are what it is asked for"
        assert named_in(outcome.out + outcome.err, desk) == []
        assert CANARY_COMMENT not in outcome.out
        # The search would find them.
        assert "Mercier" in named_in(f"{outcome.out} awa MERCIER", desk)
        assert len(desk.world.state.people) == 25


async def test_no_number_of_an_employee_is_printed_unless_the_spec_has_it() -> None:
    async with a_desk(employees__except=[4711]) as desk:
        await busy_company(desk)
        text = await desk.text()
        assert "4711" in text
        for employee in desk.world.state.people:
            assert str(employee) not in text


@pytest.mark.parametrize("output", list(Output))
async def test_no_employee_is_named_by_a_failure(output: Output) -> None:
    row = '{"id":1202,"name":"Awa MERCIER","mail":"awa.mercier@societe.example","dtContractEnd":7}'
    body = f'{{"data":{{"count":1,"items":[{row}]}}}}'
    async with a_desk() as desk:
        desk.world.figgo.faults.order(Answer(200, body=body), path=USERS)
        outcome = await desk.ask(output)
        assert outcome.code == 1
        assert "dtcontractend" in outcome.err
        assert named_in(outcome.out + outcome.err, desk) == []
        assert "1202" not in outcome.err


async def test_a_refusal_with_people_in_its_body_is_not_quoted() -> None:
    async with a_desk() as desk:
        desk.world.figgo.faults.order(
            Answer(400, body='{"detail":"Awa MERCIER is absent: Maladie"}'), path=LEAVES, times=9
        )
        outcome = await desk.ask()
        assert named_in(outcome.out + outcome.err, desk) == []
        assert "Maladie" not in outcome.out + outcome.err


@pytest.mark.parametrize("page", [None, 3])
async def test_no_more_is_asked_than_the_report_needs(page: int | None) -> None:
    async with a_desk(page=page, allowance=None) as desk:
        await busy_company(desk)
        await desk.json()
        log = list(desk.world.figgo.log)
    of_lists = [request for request in log if request.path in NEEDED]
    assert len(of_lists) >= 7
    for request in of_lists:
        assert request.query["fields"] in NEEDED[request.path]
    assert {r.path for r in log} - NEEDED.keys() == {"/organization/structure/api/establishments"}
    assert not any("comment" in str(request.query).casefold() for request in log)


async def test_names_of_types_are_asked_of_the_legal_entities_served_alone() -> None:
    async with a_desk(legalEntities=[4]) as desk:
        await busy_company(desk)
        await desk.json()
        with_names = [r for r in desk.world.figgo.log if "name]" in r.query.get("fields", "")]
        asked = {int(who) for r in with_names for who in r.query["leavePeriod.ownerId"].split(",")}
        assert {desk.world.state.person(who).legal_entity for who in asked} == {4}
