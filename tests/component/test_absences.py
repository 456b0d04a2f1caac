"""What happens to an absence in Figgo happens in its owner's calendar."""

from datetime import UTC, date, datetime

import pytest

from component.world import AWA, BRUNO, CHLOE, World
from figgosync_sim.company import PAID_LEAVE, REMOTE_WORK, SICK


async def test_a_request_is_tentative_and_its_approval_confirms_it(world: World) -> None:
    world.create_tenant()
    await world.start()
    period = world.book("2026-12-24")
    await world.shows("2026-12-24 Tentative Absent")
    (before,) = world.ours()
    world.state.approve(period)
    await world.shows("2026-12-24 OOF Absent")
    (after,) = world.ours()
    assert after.id == before.id, "it is the same event"
    assert world.writes() == ["CreateItem", "UpdateItem"]


async def test_a_cancelled_absence_goes(world: World) -> None:
    world.create_tenant()
    period = world.book("2026-12-24", confirmed=True)
    await world.start()
    await world.shows("2026-12-24 OOF Absent")
    world.state.cancel(period)
    await world.shows()
    assert world.writes() == ["CreateItem", "DeleteItem"]


async def test_a_denied_request_goes(world: World) -> None:
    world.create_tenant()
    await world.start()
    period = world.book("2026-12-24")
    await world.shows("2026-12-24 Tentative Absent")
    world.state.refuse(period)
    await world.shows()


async def test_an_absence_stands_while_its_cancellation_waits_for_approval(world: World) -> None:
    world.create_tenant()
    period = world.book("2026-12-24", confirmed=True)
    await world.start()
    await world.shows("2026-12-24 OOF Absent")
    world.state.request_cancellation(period)
    await world.idle()
    assert world.calendar() == ["2026-12-24 OOF Absent"]
    world.state.refuse_cancellation(period)
    await world.idle()
    assert world.writes() == ["CreateItem"]


async def test_an_edit_moves_the_event_that_stands(world: World) -> None:
    """Figgo cancels the old half-days and lists new ones in the same period."""
    world.create_tenant()
    period = world.book("2026-12-21", "2026-12-22", confirmed=True)
    await world.start()
    await world.shows("2026-12-21/2026-12-22 OOF Absent")
    (before,) = world.ours()
    world.state.edit(period, (date(2026, 12, 28), "AM"), (date(2026, 12, 29), "AM"))
    await world.shows("2026-12-28/2026-12-29 09:00-12:30 OOF Absent")
    (after,) = world.ours()
    assert after.id == before.id
    assert world.writes() == ["CreateItem", "UpdateItem"]


async def test_a_half_day_takes_its_working_hours_in_the_zone_of_the_establishment(
    world: World,
) -> None:
    world.create_tenant()
    await world.start()
    world.book("2026-12-24 PM", confirmed=True)
    await world.shows("2026-12-24 14:00-18:00 OOF Absent")


async def test_a_day_given_back_leaves_two_events(world: World) -> None:
    world.create_tenant()
    period = world.book("2026-12-14", "2026-12-18", confirmed=True)
    await world.start()
    await world.shows("2026-12-14/2026-12-18 OOF Absent")
    world.state.give_back(period, date(2026, 12, 16))
    await world.shows("2026-12-14/2026-12-15 OOF Absent", "2026-12-17/2026-12-18 OOF Absent")
    assert world.writes() == ["CreateItem", "UpdateItem", "CreateItem"]


async def test_the_type_of_an_absence_is_never_shown_unless_the_company_chose_to(
    world: World,
) -> None:
    world.create_tenant()
    await world.start()
    world.book("2026-12-24", account=SICK)
    await world.shows("2026-12-24 Tentative Absent")
    await world.idle()
    asked = [r.query.get("fields", "") for r in world.figgo.log.to("/api/v3/leaves")]
    assert asked
    assert not any("name" in fields or "comment" in fields.lower() for fields in asked)


async def test_remote_work_is_no_absence(world: World) -> None:
    world.create_tenant()
    world.book("2026-12-23", account=REMOTE_WORK)
    world.book("2026-12-24", account=PAID_LEAVE)
    await world.start()
    await world.shows("2026-12-24 Tentative Absent")
    await world.in_sync()
    assert world.writes() == ["CreateItem"]


async def test_what_was_booked_before_the_activation_does_not_appear(world: World) -> None:
    world.create_tenant()
    world.book("2026-12-24", at="2026-11-20T08:00", confirmed=True)
    await world.start()
    await world.in_sync()
    assert world.calendar() == []
    assert world.writes() == []


async def test_what_is_approved_after_the_activation_appears_whole(world: World) -> None:
    world.create_tenant()
    period = world.book("2026-12-21", "2026-12-24", at="2026-11-20T08:00")
    await world.start()
    await world.in_sync()
    world.state.approve(period)
    await world.shows("2026-12-21/2026-12-24 OOF Absent")


async def test_a_given_activation_time_counts_instead_of_our_own(world: World) -> None:
    world.create_tenant({"activeSince": "2026-11-20T00:00:00Z"})
    world.book("2026-12-24", at="2026-11-20T08:00", confirmed=True)
    world.book("2026-12-23", at="2026-11-19T08:00", confirmed=True)
    await world.start()
    await world.shows("2026-12-24 OOF Absent")
    await world.in_sync()
    assert world.writes() == ["CreateItem"]


async def test_an_old_absence_that_is_cancelled_now_goes_whatever_its_date(world: World) -> None:
    """Months before the window of an ordinary read."""
    world.create_tenant({"activeSince": "2026-01-01T00:00:00Z"})
    period = world.book("2026-12-01", "2026-12-02", at="2026-11-23T08:00", confirmed=True)
    await world.start()
    await world.shows("2026-12-01/2026-12-02 OOF Absent")
    world.leap(days=90)
    await world.idle()
    assert world.calendar() == ["2026-12-01/2026-12-02 OOF Absent"]
    world.state.cancel(period)
    await world.shows()


async def test_everybody_has_a_calendar_of_his_own(world: World) -> None:
    world.create_tenant()
    world.book("2026-12-24", owner=AWA)
    world.book("2026-12-28", owner=BRUNO)
    await world.start()
    await world.shows("2026-12-24 Tentative Absent", employee=AWA)
    await world.shows("2026-12-28 Tentative Absent", employee=BRUNO)
    await world.in_sync()
    assert world.calendar(CHLOE) == []


@pytest.mark.parametrize("act", ["delete", "edit"])
async def test_what_its_owner_did_to_an_event_is_repaired_at_the_next_look(
    world: World, act: str
) -> None:
    world.create_tenant()
    world.book("2026-12-24")
    await world.start()
    await world.shows("2026-12-24 Tentative Absent")
    await world.in_sync()
    (item,) = world.ours()
    if act == "delete":
        world.exchange.store.delete(world.mail(), item.id)
    else:
        world.exchange.store.edit(world.mail(), item.id, subject="Ski")
    await world.idle()
    assert world.calendar() != ["2026-12-24 Tentative Absent"]
    world.leap(hours=8)
    await world.shows("2026-12-24 Tentative Absent")


async def test_the_owners_own_events_are_never_touched(world: World) -> None:
    world.create_tenant()
    store, mail = world.exchange.store, world.mail()
    start = datetime(2026, 11, 25, 14, tzinfo=UTC)
    store.add_item(mail, subject="Absent", start=start, end=start.replace(hour=15))
    own = store.items(mail)
    period = world.book("2026-11-24")
    await world.start()
    await world.shows("2026-11-24 Tentative Absent", "2026-11-25 15:00-16:00 Busy Absent")
    world.state.cancel(period)
    await world.shows("2026-11-25 15:00-16:00 Busy Absent")
    assert store.items(mail) == own
