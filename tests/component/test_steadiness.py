"""What was written once stays as it is: over restarts, lost statuses and quiet hours."""

import asyncio

import pytest

from component.world import BRUNO, CHLOE, LOGIN, MARKER, World
from support.comes_true import comes_true


async def stands(world: World) -> None:
    """Have two absences in two calendars, and everything at rest."""
    world.create_tenant()
    world.book("2026-12-24", confirmed=True)
    world.book("2026-12-28", "2026-12-30 AM", owner=BRUNO)
    await world.start()
    await world.shows("2026-12-24 OOF Absent")
    await world.shows("2026-12-28/2026-12-30 09:00-12:30 Tentative Absent", employee=BRUNO)
    await world.in_sync()
    assert world.writes() == ["CreateItem", "CreateItem"]


async def test_a_restart_writes_nothing_to_the_calendars(world: World) -> None:
    await stands(world)
    await world.restart()
    await world.in_sync()
    assert len(world.writes()) == 2


async def test_a_wiped_status_costs_one_status_and_no_calendar_write(world: World) -> None:
    await stands(world)
    before = world.cluster.status()
    world.cluster.wipe_status()
    await world.turns("Synchronised", "True", "Synchronised")
    await world.idle()
    assert len(world.writes()) == 2
    assert world.cluster.status()["events"] == before["events"]
    assert world.cluster.status()["activations"] == before["activations"]


async def test_a_status_that_was_wiped_while_nobody_ran_deletes_nothing(world: World) -> None:
    """All is older than the activation then, but what stands is kept."""
    await stands(world)
    await world.stop()
    world.cluster.wipe_status()
    world.leap(days=1)
    await world.start()
    await world.in_sync()
    assert len(world.writes()) == 2
    assert world.cluster.status()["events"] == {"managed": 2, "tentative": 1}


async def test_another_cluster_takes_over_without_a_write(world: World) -> None:
    """The object is created anew under another name: identity lives in the events."""
    await stands(world)
    await world.stop()
    world.cluster.delete()
    world.create_tenant()
    world.leap(days=1)
    await world.start()
    await world.in_sync()
    assert len(world.writes()) == 2


async def test_a_quiet_hour_writes_nothing_but_heartbeats(world: World) -> None:
    await stands(world)
    world.leap(minutes=2)
    await world.idle()
    asked, told = len(world.exchange.log.calls), len(world.recorder.occurrences)
    before = len(world.cluster.status_writes)
    for _ in range(12):
        polled = len(world.figgo.log)
        world.leap(minutes=5)
        await world.idle()
        assert len(world.figgo.log) > polled, "Figgo is polled all the while"
    operations = {call.operation for call in world.exchange.log.calls[asked:]}
    assert operations == {"GetFolder"}, "the login is proved, no calendar is read or written"
    written = world.cluster.status_writes[before:]
    assert len(written) <= 6
    lasting = [
        {key: value for key, value in status.items() if key not in {"lastSyncTime", "stream"}}
        for status in written
    ]
    assert all(each == lasting[0] for each in lasting)
    assert len(world.recorder.occurrences) == told


async def test_ten_quiet_minutes_write_no_status_at_all(world: World) -> None:
    await stands(world)
    before = len(world.cluster.status_writes)
    for _ in range(3):
        world.leap(minutes=3)
        await world.idle()
    assert len(world.cluster.status_writes) == before


async def test_a_rest_is_a_rest(world: World) -> None:
    """Nothing that was due in the past may make the loop spin."""
    await stands(world)
    await rests(world)


@pytest.mark.parametrize(
    "change",
    [{"suspend": True}, {"employees": {"only": [4711]}}, {"legalEntities": [9]}],
    ids=["suspended", "nobody in scope", "no such legal entity"],
)
async def test_a_tenant_without_work_rests_too(world: World, change: dict[str, object]) -> None:
    await stands(world)
    world.cluster.edit(change)
    await world.turns_to_generation(2)
    world.leap(hours=3)
    await rests(world)


async def test_people_who_cannot_be_served_let_the_others_rest(world: World) -> None:
    world.state.change_mail(CHLOE, None)
    world.create_tenant()
    await world.start()
    await world.turns("Synchronised", "False", "FailingEmployees")
    world.leap(hours=8)
    await world.idle()
    await rests(world)


async def rests(world: World) -> None:
    """Hold it against a loop that spins, which takes a turn every 20 ms."""
    await asyncio.sleep(0.05)
    before = world.looks
    for _ in range(4):
        await asyncio.sleep(0.05)
    assert world.looks - before <= 10, "one turn or two, each of which looks a few times"


async def test_the_copy_that_somebody_made_of_an_event_goes(world: World) -> None:
    await stands(world)
    (item,) = world.ours()
    world.exchange.store.add_item(world.mail(), copy_of=item)
    assert len(world.ours()) == 2
    world.leap(hours=8)
    await world.shows("2026-12-24 OOF Absent")
    assert MARKER in world.ours()[0].properties


async def test_nobody_is_ever_notified(world: World) -> None:
    await stands(world)
    assert world.exchange.store.notifications() == 0
    (item,) = world.ours()
    assert (item.reminder_is_set, item.attendees, item.body) == (False, (), "")


async def test_what_changed_long_ago_during_a_long_pause_is_caught_up(world: World) -> None:
    """The status says where the stream ended; the window of an ordinary read is thirty days."""
    world.create_tenant({"activeSince": "2026-01-01T00:00:00Z"})
    period = world.book("2026-12-01", at="2026-11-23T08:00", confirmed=True)
    await world.start()
    await world.shows("2026-12-01 OOF Absent")
    world.leap(days=90)
    await world.idle()
    world.leap(minutes=11)
    await world.idle()
    await world.stop()
    world.leap(days=2)
    world.state.cancel(period)
    world.leap(days=2)
    await world.start()
    await world.shows()


async def test_what_changed_long_ago_is_made_also_by_a_second_attempt(world: World) -> None:
    world.create_tenant({"activeSince": "2026-01-01T00:00:00Z"})
    period = world.book("2026-12-01", at="2026-11-23T08:00", confirmed=True)
    await world.start()
    await world.shows("2026-12-01 OOF Absent")
    world.leap(days=90)
    await world.idle()
    world.exchange.accounts.set_password(LOGIN, "another")
    world.leap(seconds=30)
    await world.turns("CalendarReady", "False", "CredentialsRefused")
    world.state.cancel(period)
    await world.idle()
    assert world.calendar() == ["2026-12-01 OOF Absent"]
    world.exchange.accounts.set_password(LOGIN, "s3cret")
    world.leap(hours=1)
    await world.shows()


async def test_a_restart_does_not_turn_the_conditions(world: World) -> None:
    await stands(world)
    told = len(world.recorder.told())
    before = {c["type"]: c["lastTransitionTime"] for c in world.cluster.status()["conditions"]}
    world.leap(minutes=1)
    await world.restart()
    await world.idle()
    after = {c["type"]: c["lastTransitionTime"] for c in world.cluster.status()["conditions"]}
    assert after == before
    assert len(world.recorder.told()) == told


async def test_what_a_predecessor_of_the_predecessor_still_wrote_is_found(world: World) -> None:
    """Killed twice in a row: the third process created nothing, and still looks twice."""
    await stands(world)
    await world.restart()
    await world.in_sync()
    (item,) = world.ours()
    world.exchange.store.add_item(world.mail(), copy_of=item)
    world.leap(seconds=61)
    await comes_true(lambda: len(world.ours()) == 1)
