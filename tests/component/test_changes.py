"""What follows when the wishes of the company or its people change."""

import asyncio
from datetime import date

import pytest

from component.world import AWA, BRUNO, CHLOE, LOGIN, PASSWORD, PRISCILLA, Stage, World
from figgosync.core.claims import Overlap
from figgosync.core.tenant import TenantName
from figgosync.kube.resources import parse_tenant
from figgosync_sim.company import PARIS, REUNION, SICK
from figgosync_sim.ews import ews_simulator
from support.comes_true import comes_true


async def test_another_title_is_written_to_what_is_to_come(world: World) -> None:
    world.create_tenant()
    world.book("2026-12-24", confirmed=True)
    await world.start()
    await world.shows("2026-12-24 OOF Absent")
    world.cluster.edit({"events.title": "Away"})
    await world.shows("2026-12-24 OOF Away")
    assert world.writes() == ["CreateItem", "UpdateItem"]


async def test_time_slots_take_the_place_of_single_days_but_not_in_the_past(world: World) -> None:
    world.create_tenant({"activeSince": "2026-11-01T00:00:00Z"})
    world.book("2026-11-20", confirmed=True, at="2026-11-10T08:00")
    world.book("2026-12-24")
    world.book("2026-12-28", "2026-12-29")
    await world.start()
    history, week = "2026-11-20 OOF Absent", "2026-12-28/2026-12-29 Tentative Absent"
    await world.shows(history, "2026-12-24 Tentative Absent", week)
    world.cluster.edit({"events.fullDay": "TimeSlot"})
    await world.shows(history, "2026-12-24 09:00-18:00 Tentative Absent", week)
    world.cluster.edit({"events.workingHours": {"morning": {"from": "08:00"}}})
    await world.shows(history, "2026-12-24 08:00-18:00 Tentative Absent", week)


async def test_types_are_shown_and_hidden_again_also_in_the_past(world: World) -> None:
    world.create_tenant({"events.showAbsenceType": True})
    world.book("2026-12-24", account=SICK)
    world.book("2026-11-20", account=SICK, confirmed=True)
    await world.start()
    await world.shows("2026-11-20 OOF Maladie", "2026-12-24 Tentative Maladie")
    await world.in_sync()
    world.cluster.edit({"events.showAbsenceType": False})
    await world.shows("2026-11-20 OOF Absent", "2026-12-24 Tentative Absent")


async def test_a_spec_that_changed_is_in_sync_only_when_it_is_made(world: World) -> None:
    """`kubectl wait` looks at the generation that the condition speaks of."""
    world.create_tenant()
    world.book("2026-12-24")
    await world.start()
    await world.shows("2026-12-24 Tentative Absent")
    await world.in_sync()
    seen = len(world.cluster.status_writes)
    world.cluster.edit({"events.title": "Away"})
    await world.shows("2026-12-24 Tentative Away")
    await world.turns_to_generation(2)
    await world.in_sync()
    claims = [
        condition
        for status in world.cluster.status_writes[seen:]
        for condition in status["conditions"]
        if condition["type"] == "Synchronised" and condition["observedGeneration"] == 2
    ]
    said = [claim["reason"] for claim in claims]
    assert (said[0], said[-1]) == ("Progressing", "Synchronised")


async def test_somebody_with_a_new_address_is_served_there(world: World) -> None:
    world.create_tenant()
    world.book("2026-12-24")
    await world.start()
    await world.shows("2026-12-24 Tentative Absent")
    world.exchange.store.add("awa@societe.example", "Europe/Paris")
    world.state.change_mail(AWA, "awa@societe.example")
    world.leap(seconds=61)
    await world.shows("2026-12-24 Tentative Absent")


async def test_two_people_with_one_address_are_both_left_alone_with_the_reason(
    world: World,
) -> None:
    world.create_tenant()
    world.book("2026-12-24", owner=AWA)
    await world.start()
    await world.shows("2026-12-24 Tentative Absent")
    world.state.change_mail(BRUNO, world.mail(AWA))
    world.leap(seconds=61)
    await world.turns("Synchronised", "False", "FailingEmployees")
    failures = {f["employee"]: f["reason"] for f in world.cluster.status()["failures"]}
    assert failures == {AWA: "AddressNotUnique", BRUNO: "AddressNotUnique"}
    world.book("2026-12-28", owner=BRUNO)
    world.leap(hours=8)
    await world.idle()
    assert world.calendar(AWA) == ["2026-12-24 Tentative Absent"]
    world.state.change_mail(BRUNO, "bruno.lefevre@societe.example")
    world.leap(seconds=61)
    await world.shows("2026-12-28 Tentative Absent", employee=BRUNO)
    await world.turns("Synchronised", "True", "Synchronised")


async def test_who_moves_out_of_scope_keeps_the_calendar_as_it_is(world: World) -> None:
    world.create_tenant()
    period = world.book("2026-12-24", confirmed=True)
    await world.start()
    await world.shows("2026-12-24 OOF Absent")
    world.state.move(AWA, REUNION)
    world.leap(seconds=61)
    await comes_true(lambda: world.cluster.status()["employees"]["total"] == 2)
    world.state.cancel(period)
    world.leap(hours=8)
    await world.idle()
    assert world.calendar() == ["2026-12-24 OOF Absent"]
    assert world.writes() == ["CreateItem"]


async def test_who_is_taken_out_by_the_spec_keeps_the_calendar_as_it_is(world: World) -> None:
    world.create_tenant()
    world.book("2026-12-24")
    await world.start()
    await world.shows("2026-12-24 Tentative Absent")
    world.cluster.edit({"employees": {"except": [AWA]}})
    await world.turns_to_generation(2)
    world.book("2026-12-28")
    await world.idle()
    assert world.calendar() == ["2026-12-24 Tentative Absent"]
    world.cluster.edit({"employees": {"except": []}})
    await world.shows("2026-12-24 Tentative Absent", "2026-12-28 Tentative Absent")


async def test_a_new_hire_is_served(world: World) -> None:
    world.create_tenant()
    await world.start()
    await world.in_sync()
    world.exchange.store.add("zoe.new@societe.example")
    zoe = world.state.hire("Zoé", "New", PARIS, mail="zoe.new@societe.example")
    world.book("2026-12-24", owner=zoe)
    await world.shows("2026-12-24 Tentative Absent", employee=zoe)


async def test_an_entity_that_is_added_comes_alive_when_it_is_added(world: World) -> None:
    world.create_tenant()
    world.book("2026-12-24", owner=PRISCILLA)
    await world.start()
    await world.in_sync()
    world.leap(hours=5)
    world.cluster.edit({"legalEntities": [PARIS, REUNION]})
    await world.turns_to_generation(2)
    await world.idle()
    world.book("2026-12-28", owner=PRISCILLA)
    await world.shows("2026-12-28 Tentative Absent", employee=PRISCILLA)
    moments = [each["legalEntities"] for each in world.cluster.status()["activations"]]
    assert moments == [[PARIS], [REUNION]]


async def test_all_legal_entities_are_found_by_themselves(world: World) -> None:
    world.create_tenant({"legalEntities": None, "allLegalEntities": True})
    world.book("2026-12-24", owner=PRISCILLA)
    world.book("2026-12-28 PM", owner=CHLOE)
    await world.start()
    await world.shows("2026-12-24 Tentative Absent", employee=PRISCILLA)
    await world.shows("2026-12-28 14:00-18:00 Tentative Absent", employee=CHLOE)
    await world.in_sync()
    assert world.cluster.status()["activations"][0]["legalEntities"] == [PARIS, REUNION]


async def test_a_suspended_tenant_reads_and_writes_nothing_and_catches_up_after(
    world: World,
) -> None:
    world.create_tenant()
    period = world.book("2026-12-24")
    await world.start()
    await world.shows("2026-12-24 Tentative Absent")
    world.cluster.edit({"suspend": True})
    await world.turns("Ready", "False", "Suspended")
    asked = len(world.figgo.log), len(world.exchange.log)
    world.state.approve(period)
    world.book("2026-12-28")
    world.leap(days=7)
    assert (len(world.figgo.log), len(world.exchange.log)) == asked
    world.cluster.edit({"suspend": False})
    await world.shows("2026-12-24 OOF Absent", "2026-12-28 Tentative Absent")
    await world.turns("Ready", "True", "Synchronised")


async def test_whoever_was_being_served_when_it_was_suspended_is_served_after(
    world: World,
) -> None:
    """A job that is given up must not leave its employee behind."""
    world.create_tenant()
    await world.start()
    await world.in_sync()
    for _ in range(3):
        period = world.book("2026-12-24")
        await comes_true(lambda: len(world.exchange.log.calls) > 0)
        world.cluster.edit({"suspend": True})
        await world.turns("Ready", "False", "Suspended")
        world.cluster.edit({"suspend": False})
        await world.shows("2026-12-24 Tentative Absent")
        world.state.cancel(period)
        await world.shows()


async def test_a_tenant_whose_people_another_one_serves_rests(world: World) -> None:
    world.create_tenant()
    world.book("2026-12-24")
    sync = await world.start()
    await world.shows("2026-12-24 Tentative Absent")
    tenant = parse_tenant(world.cluster.body())
    sync.update(tenant, Overlap(TenantName("hr", "older"), None))
    await world.turns("Ready", "False", "LegalEntityClaimed")
    await world.turns("Stalled", "True", "LegalEntityClaimed")
    assert "hr/older" in world.cluster.message("Ready")
    world.book("2026-12-28")
    world.leap(hours=8)
    assert world.calendar() == ["2026-12-24 Tentative Absent"]
    sync.update(parse_tenant(world.cluster.body()), None)
    await world.shows("2026-12-24 Tentative Absent", "2026-12-28 Tentative Absent")


@pytest.mark.parametrize("field", ["credentialsSecretRef", "authentication"])
async def test_another_way_to_log_in_is_taken_at_once(world: World, field: str) -> None:
    world.create_tenant()
    world.book("2026-12-24")
    await world.start()
    await world.shows("2026-12-24 Tentative Absent")
    world.exchange.accounts.add("other", "pw")
    world.cluster.put_secret("other-exchange", accountLogin="other", accountPass="pw")
    value = {"credentialsSecretRef": {"name": "other-exchange"}, "authentication": "NTLM"}[field]
    world.cluster.edit({f"calendar.exchange.{field}": value})
    world.book("2026-12-28")
    await world.shows("2026-12-24 Tentative Absent", "2026-12-28 Tentative Absent")
    call = world.exchange.log.calls[-1]
    expected = ("other", "Basic") if field == "credentialsSecretRef" else (None, "NTLM")
    assert call.account == (expected[0] or call.account)
    assert call.scheme.lower() == expected[1].lower()


async def test_on_another_server_every_calendar_is_compared_before_it_counts(
    world: World, stage: Stage
) -> None:
    async with ews_simulator({LOGIN: PASSWORD}, tls=stage.authority.server_context()) as new:
        for person in world.state.people.values():
            new.store.add(person.mail or "", "Europe/Paris")
        world.allowed_exchange_hosts += (new.url.split("/")[2],)
        world.create_tenant()
        await world.start()
        world.book("2026-12-24")
        await world.shows("2026-12-24 Tentative Absent")
        # Past the second look that follows a start: for hours it is nobody's turn.
        world.leap(minutes=2)
        await world.in_sync()
        world.cluster.edit({"calendar.exchange.serverURL": new.url})
        await world.turns_to_generation(2)
        await world.in_sync()
        shown = [each.first for each in new.store.outlook_view(world.mail())]
        await world.stop()
        new.drop_connections()
        await asyncio.sleep(0.005)  # the server's half of each connection sees the end
    assert shown == [date(2026, 12, 24)]


async def test_another_api_key_secret_is_taken_at_once(world: World) -> None:
    world.create_tenant()
    await world.start()
    await world.in_sync()
    world.state.add_key("9c0c0c0c-0000-4000-8000-000000000000")
    world.cluster.put_secret("other-figgo", apiKey="9c0c0c0c-0000-4000-8000-000000000000")
    world.cluster.edit({"figgo.apiKeySecretRef": {"name": "other-figgo"}})
    await world.turns_to_generation(2)
    world.state.revoke_key("2f1c6a0e-5d0b-4a39-9f61-0d6f6a7d4c11")
    world.book("2026-12-24")
    await world.shows("2026-12-24 Tentative Absent")
