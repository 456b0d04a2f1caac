"""Who is served, in which mailbox and zone; who is not, and why; and what follows from a change."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from builders import an_employee, day
from figgosync.core.absence import EmployeeID, LegalEntityID, Reading
from figgosync.core.directory import Directory, Employee, Establishment
from figgosync.core.tenant import TenantSpec
from figgosync.errors import Reason
from figgosync.figgo.changes import ChangeKind, Changes
from figgosync.sync.agenda import Agenda
from figgosync.sync.deliveries import Deliveries
from figgosync.sync.employee import Report
from figgosync.sync.people import People
from figgosync.sync.roster import Roster, draw_up
from syncing import NOW, a_reading_of, absent, scope_rules, tenant

TODAY = date(2026, 11, 24)
ANNE, BERT = EmployeeID(1207), EmployeeID(1208)
ONE, FOUR = LegalEntityID(1), LegalEntityID(4)


def directory(*employees: Employee, zone: str | None = "Europe/Paris") -> Directory:
    return Directory(
        {employee.id: employee for employee in employees},
        {
            ONE: Establishment(ONE, "Paris", zone),
            FOUR: Establishment(FOUR, "Réunion", "Indian/Reunion"),
        },
    )


def spec(changes: Mapping[str, object] | None = None) -> TenantSpec:
    return tenant(changes).spec


def drawn(
    of: Directory,
    changes: Mapping[str, object] | None = None,
    *,
    invisible: Iterable[LegalEntityID] = (),
    **scope: Any,  # noqa: ANN401 - fields of the rules
) -> Roster:
    rules = scope_rules(legal_entities=frozenset({ONE, FOUR}), **scope)
    return draw_up(of, frozenset(invisible), spec(changes), rules, TODAY)


def test_an_employee_is_served_in_the_mailbox_that_figgo_names() -> None:
    roster = drawn(directory(an_employee()))
    place = roster.places[ANNE]
    assert (place.mailbox.address, place.mailbox.time_zone) == ("e1207@societe.com", "Europe/Paris")
    assert place.assignment.host == "acme.ilucca.net"
    assert roster.refusals == {}
    assert roster.everybody == {ANNE}


def test_the_zone_is_that_of_the_establishment() -> None:
    roster = drawn(directory(an_employee(legal_entity=FOUR)))
    assert roster.places[ANNE].assignment.zone.key == "Indian/Reunion"
    assert roster.places[ANNE].mailbox.time_zone == "Indian/Reunion"


def test_the_companys_zone_stands_in_where_figgo_has_none() -> None:
    roster = drawn(directory(an_employee(), zone=None), {"events.timeZone": "America/Martinique"})
    assert roster.places[ANNE].assignment.zone.key == "America/Martinique"


@pytest.mark.parametrize(
    "zone", ["Romance Standard Time", "Europe/Pariss", "../etc/passwd", "x" * 5000, "Europe"]
)
def test_a_zone_that_does_not_exist_is_a_refusal_and_never_silently_another_one(zone: str) -> None:
    roster = drawn(directory(an_employee(), zone=zone))
    refusal = roster.refusals[ANNE]
    assert refusal.reason is Reason.UNKNOWN_TIME_ZONE
    assert len(refusal.message) < 500
    assert roster.everybody == {ANNE}


def test_without_an_address_nobody_is_served() -> None:
    roster = drawn(directory(an_employee(mail="")))
    assert roster.refusals[ANNE].reason is Reason.NO_ADDRESS


def test_two_with_one_address_are_both_refused() -> None:
    roster = drawn(directory(an_employee(), an_employee(1208, mail="E1207@societe.com")))
    assert {r.reason for r in roster.refusals.values()} == {Reason.ADDRESS_NOT_UNIQUE}
    assert roster.places == {}


def test_somebody_out_of_scope_shares_an_address_all_the_same() -> None:
    other = an_employee(1208, mail="e1207@societe.com", legal_entity=LegalEntityID(9))
    roster = drawn(directory(an_employee(), other))
    assert list(roster.refusals) == [ANNE]


@pytest.mark.parametrize(
    "leaver",
    [
        an_employee(contract_end=day("2026-11-23")),
        an_employee(legal_entity=LegalEntityID(9)),
        an_employee(legal_entity=None),
    ],
    ids=["left", "elsewhere", "nowhere"],
)
def test_who_is_no_longer_there_is_neither_served_nor_refused(leaver: Employee) -> None:
    assert drawn(directory(leaver)).everybody == frozenset()


def test_the_last_day_of_a_contract_is_still_served() -> None:
    assert ANNE in drawn(directory(an_employee(contract_end=TODAY))).places


def test_of_people_whom_figgo_does_not_show_nothing_is_concluded() -> None:
    roster = drawn(directory(an_employee(), an_employee(1208, legal_entity=FOUR)), invisible={FOUR})
    assert list(roster.places) == [ANNE]
    assert roster.refusals[BERT].reason is Reason.LEGAL_ENTITY_NOT_VISIBLE


class Staff:
    """People with an agenda, as one tenant keeps them."""

    def __init__(self) -> None:
        self.agenda = Agenda(timedelta(hours=6))
        self.deliveries = Deliveries(None)
        self.people = People(self.agenda, self.deliveries)
        self.spec = spec()

    def hears(
        self,
        *employees: Employee,
        kind: ChangeKind = ChangeKind.SWEEP,
        **more: Any,  # noqa: ANN401 - see above
    ) -> None:
        readings = more.pop("readings", {e.id: a_reading_of(e.id) for e in employees})
        changes = Changes(kind, directory(*employees), readings, frozenset(), NOW)
        changes = replace(changes, **more)
        self.people.learn(changes)
        self.follow()
        self.people.deliver(changes, NOW)

    def follow(self) -> None:
        rules = scope_rules(legal_entities=frozenset({ONE, FOUR}), employees=self.spec.employees)
        self.people.follow(self.spec, rules, NOW)

    def serve(self, *employees: EmployeeID) -> None:
        for entry in list(self.agenda.due(NOW, 100)):
            if entry.employee in employees:
                self.agenda.start(entry)
                self.agenda.finish(entry, Report(), entry.wanted, NOW)
                self.deliveries.attempted(entry.employee)

    def due(self) -> list[EmployeeID]:
        return sorted(entry.employee for entry in self.agenda.due(NOW, 100))


def readings_of(*employees: EmployeeID) -> dict[EmployeeID, Reading]:
    return {who: a_reading_of(who, *absent("2026-12-24")) for who in employees}


def test_nothing_is_known_before_figgo_was_read() -> None:
    staff = Staff()
    staff.follow()
    assert staff.people.legal_entities == ()
    assert not staff.people.swept
    assert staff.due() == []


def test_a_sweep_puts_everybody_on_the_agenda_with_what_was_read() -> None:
    staff = Staff()
    staff.hears(an_employee(), an_employee(1208))
    assert staff.people.swept
    assert staff.due() == [ANNE, BERT]
    assert all(entry.reading for entry in staff.agenda)
    assert sorted(staff.people.legal_entities) == [ONE, FOUR]


def test_the_same_again_is_no_news_and_settles_the_watermark() -> None:
    staff = Staff()
    staff.hears(an_employee())
    assert not staff.deliveries.is_settled
    staff.serve(ANNE)
    staff.hears(an_employee(), watermark=NOW + timedelta(minutes=1))
    assert staff.due() == []
    assert staff.deliveries.watermark == NOW + timedelta(minutes=1)


def test_a_poll_alone_is_no_sweep() -> None:
    staff = Staff()
    staff.hears(an_employee(), kind=ChangeKind.POLL)
    assert not staff.people.swept


def test_what_is_read_of_people_out_of_scope_is_not_looked_at() -> None:
    staff = Staff()
    staff.hears(an_employee(legal_entity=LegalEntityID(9)), readings=readings_of(ANNE))
    assert len(staff.agenda) == 0
    assert staff.deliveries.is_settled


def test_a_new_address_means_another_look() -> None:
    staff = Staff()
    staff.hears(an_employee(), an_employee(1208))
    staff.serve(ANNE, BERT)
    staff.hears(an_employee(mail="anne@societe.com"), an_employee(1208), readings={})
    assert staff.due() == [ANNE]
    assert staff.people.roster.places[ANNE].mailbox.address == "anne@societe.com"


def test_new_wishes_mean_another_look_at_everybody() -> None:
    staff = Staff()
    staff.hears(an_employee(), an_employee(1208))
    staff.serve(ANNE, BERT)
    staff.spec = spec({"events.title": "Away"})
    staff.follow()
    assert staff.due() == [ANNE, BERT]
    assert all(entry.reading is None for entry in staff.agenda)


def test_who_leaves_the_scope_is_forgotten_and_not_waited_for() -> None:
    staff = Staff()
    staff.hears(an_employee(), an_employee(1208))
    staff.serve(BERT)
    staff.spec = spec({"employees.except": [ANNE]})
    staff.follow()
    assert [entry.employee for entry in staff.agenda] == [BERT]
    assert staff.deliveries.is_settled


def test_who_loses_the_address_is_refused_and_comes_back_with_a_new_one() -> None:
    staff = Staff()
    staff.hears(an_employee())
    staff.serve(ANNE)
    staff.hears(an_employee(mail=""), readings={})
    (entry,) = staff.agenda
    assert entry.failure is not None
    assert entry.failure.reason is Reason.NO_ADDRESS
    assert staff.due() == []
    staff.hears(an_employee(), readings={})
    assert staff.due() == [ANNE]


def test_mailboxes_to_try_are_others_at_each_attempt() -> None:
    staff = Staff()
    staff.hears(*(an_employee(number) for number in range(1, 6)))
    tried = [[m.address for m in staff.people.mailboxes(start, 2)] for start in (0, 2, 4)]
    assert tried == [
        ["e1@societe.com", "e2@societe.com"],
        ["e3@societe.com", "e4@societe.com"],
        ["e5@societe.com", "e1@societe.com"],
    ]


def test_no_mailbox_is_tried_twice_at_one_attempt() -> None:
    staff = Staff()
    assert staff.people.mailboxes(3, 3) == []
    staff.hears(an_employee(1), an_employee(2))
    assert len(staff.people.mailboxes(1, 3)) == 2
