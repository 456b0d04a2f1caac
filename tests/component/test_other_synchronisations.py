"""Events that another synchronisation left are counted, taken over on demand, and noticed."""

from datetime import date, timedelta

from component.hold import Hold
from component.world import AWA, BRUNO, CHLOE, World
from figgosync.core.tenant import TenantName
from figgosync_sim.furnishing import furnish_by_hand, furnish_foreign
from figgosync_sim.mailboxes import Item, MailboxState
from support.comes_true import comes_true
from support.memory_cluster import NAMESPACE

LONG_AGO = "2026-01-05T09:00:00"
DAY = date(2026, 12, 24)
STANDS = "2026-12-24 OOF Absent"


async def a_company_that_moves(world: World) -> dict[int, Item]:
    """Start a tenant over calendars in which the vendor's own sync has written everything."""
    world.create_tenant()
    left = {}
    for employee in (AWA, BRUNO, CHLOE):
        world.book(DAY.isoformat(), owner=employee, confirmed=True, at=LONG_AGO)
        mail = world.mail(employee)
        left[employee] = furnish_foreign(world.exchange.store, mail, "Absent", DAY)
    await world.start()
    await world.in_sync()
    assert world.writes() == []
    return left


async def test_what_another_sync_left_is_counted_in_the_plan(world: World) -> None:
    """N05."""
    await a_company_that_moves(world)
    world.initialise({"mode": "Plan"}, "never")
    await world.comes_to("True", "Completed", "never")
    plan = world.cluster.initialisations.status("never")["plan"]
    assert (plan["create"], plan["adopt"], plan["lookAlikes"]) == (3, 0, 3)

    world.initialise({"mode": "Plan", "adopt": "Matching"}, "matching")
    await world.comes_to("True", "Completed", "matching")
    plan = world.cluster.initialisations.status("matching")["plan"]
    assert (plan["create"], plan["adopt"], plan["lookAlikes"]) == (0, 3, 3)
    assert world.writes() == []


async def test_what_another_sync_left_becomes_ours_in_place(world: World) -> None:
    """N05."""
    left = await a_company_that_moves(world)
    world.initialise({"adopt": "Matching"})
    message = await world.comes_to("True", "Completed")
    assert "3 taken over" in message
    for employee, item in left.items():
        assert world.calendar(employee) == [STANDS]
        (ours,) = world.ours(employee)
        assert ours.id == item.id
    assert world.writes() == ["UpdateItem"] * 3
    world.initialise(name="again")
    await world.comes_to("True", "Completed", "again")
    assert world.writes() == ["UpdateItem"] * 3


async def test_an_approved_plan_of_an_adoption_is_carried_out(world: World) -> None:
    await a_company_that_moves(world)
    world.initialise({"mode": "Plan", "adopt": "Matching"}, "plan")
    await world.comes_to("True", "Completed", "plan")
    digest = world.cluster.initialisations.status("plan")["plan"]["digest"]
    world.initialise({"adopt": "Matching", "planDigest": digest})
    await world.comes_to("True", "Completed")
    assert world.progress()["adopted"] == 3


async def test_without_a_word_they_are_left_alone(world: World) -> None:
    left = await a_company_that_moves(world)
    world.initialise()
    await world.comes_to("True", "Completed")
    for employee, item in left.items():
        assert world.calendar(employee) == [STANDS, STANDS]
        assert item in world.exchange.store.items(world.mail(employee))


async def test_what_somebody_entered_by_hand_is_never_taken_over(world: World) -> None:
    """N04: the same title and day; only a program's hand is learned."""
    world.create_tenant()
    for employee in (AWA, BRUNO, CHLOE):
        world.book(DAY.isoformat(), owner=employee, confirmed=True, at=LONG_AGO)
        furnish_by_hand(world.exchange.store, world.mail(employee), "Absent", DAY)
    await world.start()
    await world.in_sync()
    world.initialise({"adopt": "Matching"})
    await world.comes_to("True", "Completed")
    assert world.progress()["created"] == 3
    assert "adopted" not in world.progress()


async def test_a_killed_adoption_goes_on_and_doubles_nothing(world: World) -> None:
    await a_company_that_moves(world)
    world.initialise({"adopt": "Matching"})
    await comes_true(world.writes, told=world.calendar)
    world.kill()
    await world.start()
    await world.comes_to("True", "Completed")
    for employee in (AWA, BRUNO, CHLOE):
        assert world.calendar(employee) == [STANDS]


async def test_whoever_failed_in_an_adoption_is_not_doubled_by_the_tenants_sync(
    world: World,
) -> None:
    left = await a_company_that_moves(world)
    held = Hold(world, "UpdateItem", after=0)
    world.initialise({"adopt": "Matching"})
    await held.reached()
    bruno = world.mail(BRUNO)
    world.exchange.store.set_state(bruno, MailboxState.READ_ONLY)
    held.let_go()
    assert "1 of 3 employees failed" in await world.comes_to("True", "CompletedWithErrors")
    (waiting,) = world.cluster.status()["catchUp"]
    assert waiting["employees"] == [BRUNO]
    assert len(waiting["fingerprints"]) == 1

    await world.restart()
    world.exchange.store.set_state(bruno, MailboxState.ACTIVE)
    world.leap(hours=2)
    await comes_true(lambda: world.ours(BRUNO), told=lambda: world.calendar(BRUNO))
    assert [item.id for item in world.ours(BRUNO)] == [left[BRUNO].id]
    assert world.calendar(BRUNO) == [STANDS]
    world.leap(minutes=1)
    await comes_true(lambda: "catchUp" not in world.cluster.status())


def alarms(world: World) -> float | None:
    return world.metrics.registry.get_sample_value("figgosync_tenants_with_other_sync")


async def test_another_sync_that_goes_on_writing_is_noticed(world: World) -> None:
    world.create_tenant()
    await world.start()
    await world.in_sync()
    for employee in (AWA, BRUNO):
        world.book(DAY.isoformat(), owner=employee, confirmed=True)
        await world.shows(STANDS, employee=employee)
        furnish_foreign(
            world.exchange.store,
            world.mail(employee),
            "Absent",
            DAY,
            created_at=world.clock() + timedelta(minutes=1),
        )
    await world.in_sync()  # the creations are known to have been made, and when
    world.leap(minutes=16)
    await world.turns("OtherSyncActive", "True", "OtherSyncActive")
    assert "adopt: Matching" in world.cluster.message("OtherSyncActive")
    assert world.condition("Ready") == ("True", "Synchronised")
    assert alarms(world) == 1
    await world.stop()
    world.metrics.tenants.forget(TenantName(NAMESPACE, "acme"))
    assert alarms(world) == 0
    await world.start()
    assert alarms(world) == 1, "before anything was asked again"
    await world.in_sync()
    assert world.condition("OtherSyncActive") == ("True", "OtherSyncActive"), "it is remembered"
    world.leap(days=8)
    await comes_true(lambda: world.condition("OtherSyncActive") is None)
    assert alarms(world) == 0
    assert world.writes() == ["CreateItem", "CreateItem"]


async def test_what_was_left_before_is_no_sign_of_another_sync_at_work(world: World) -> None:
    world.create_tenant()
    await world.start()
    await world.in_sync()
    for employee in (AWA, BRUNO):
        furnish_foreign(
            world.exchange.store,
            world.mail(employee),
            "Absent",
            DAY,
            created_at=world.clock() - timedelta(days=30),
        )
        world.book(DAY.isoformat(), owner=employee, confirmed=True)
        await world.shows(STANDS, STANDS, employee=employee)
    await world.in_sync()  # the creations are known to have been made, and when
    world.leap(minutes=16)
    await world.idle()
    world.leap(minutes=1)
    await world.idle()
    assert world.condition("OtherSyncActive") is None
