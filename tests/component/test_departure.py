"""What becomes of the events when a tenant goes."""

import asyncio
from datetime import UTC, datetime

import pytest

from component.world import AWA, BRUNO, LOGIN, MARKER, World
from figgosync.core.claims import Overlap
from figgosync.core.tenant import TenantName
from figgosync.kube.names import FINALIZER
from figgosync.kube.resources import parse_tenant
from figgosync_sim.mailboxes import MailboxState
from support.comes_true import comes_true


async def stands(world: World, policy: str = "Delete") -> None:
    """Have a past, a present and a future absence, and events of the owner's own."""
    world.create_tenant({"deletionPolicy": policy, "activeSince": "2026-11-01T00:00:00Z"})
    world.book("2026-11-20", confirmed=True, at="2026-11-10T08:00")
    world.book("2026-11-23", "2026-11-24", confirmed=True)
    world.book("2026-12-24", owner=BRUNO)
    start = datetime(2026, 12, 1, 9, tzinfo=UTC)
    world.exchange.store.add_item(world.mail(), subject="Absent", start=start, end=start)
    await world.start()
    await comes_true(lambda: (len(world.ours()), len(world.ours(BRUNO))) == (2, 1))
    await world.in_sync()


async def goes(world: World) -> None:
    """Wait until the object is gone and the task over."""
    await comes_true(lambda: not world.cluster.has() and world.is_over, told=world.cluster.status)


async def test_by_default_nothing_holds_the_object_and_all_stays(world: World) -> None:
    await stands(world, "Orphan")
    assert "finalizers" not in world.cluster.body()["metadata"]
    writes = world.writes()
    world.cluster.delete()
    assert not world.cluster.has()
    await world.idle()
    assert world.writes() == writes


async def test_the_finalizer_is_there_before_the_first_event(world: World) -> None:
    await stands(world)
    assert world.cluster.body()["metadata"]["finalizers"] == [FINALIZER]


async def test_a_changed_mind_changes_the_finalizer(world: World) -> None:
    await stands(world)
    world.cluster.edit({"deletionPolicy": "Orphan"})
    await comes_true(lambda: world.cluster.body()["metadata"]["finalizers"] == [])
    world.cluster.edit({"deletionPolicy": "Delete"})
    await comes_true(lambda: world.cluster.body()["metadata"]["finalizers"] == [FINALIZER])


async def test_a_deletion_while_the_status_is_written_is_not_forgotten(world: World) -> None:
    await stands(world)
    world.cluster.before_answer = world.cluster.delete
    world.book("2026-12-28")
    await goes(world)


async def test_a_deletion_while_the_finalizer_is_added_is_not_forgotten(world: World) -> None:
    world.create_tenant({"deletionPolicy": "Delete"})
    world.cluster.before_answer = world.cluster.delete
    await world.start()
    await goes(world)


async def test_our_events_go_and_history_and_the_owners_own_stay(world: World) -> None:
    await stands(world)
    own = [i for i in world.exchange.store.items(world.mail()) if MARKER not in i.properties]
    world.cluster.delete()
    await goes(world)
    assert world.calendar(BRUNO) == []
    assert [item.start.date().isoformat() for item in world.ours()] == ["2026-11-19"], (
        "the one of the past, from midnight in Paris"
    )
    kept = [i for i in world.exchange.store.items(world.mail()) if MARKER not in i.properties]
    assert kept == own
    assert world.writes()[-2:] == ["DeleteItem", "DeleteItem"]


async def test_the_breaker_does_not_hold_back_a_removal(world: World) -> None:
    world.create_tenant({"deletionPolicy": "Delete", "maxDeletions": {"percent": 1, "atLeast": 0}})
    for day in range(14, 19):
        world.book(f"2026-12-{day}")
    await world.start()
    await comes_true(lambda: len(world.ours()) == 5)
    world.cluster.delete()
    await goes(world)
    assert world.calendar() == []


async def test_a_suspended_tenant_that_goes_removes_its_events(world: World) -> None:
    await stands(world)
    world.cluster.edit({"suspend": True})
    await world.turns("Ready", "False", "Suspended")
    world.cluster.delete()
    await goes(world)
    assert world.calendar(BRUNO) == []


async def test_a_removal_goes_on_after_a_restart(world: World) -> None:
    await stands(world)
    await world.stop()
    world.cluster.delete()
    await world.start()
    await goes(world)
    assert world.calendar(BRUNO) == []


async def test_a_removal_goes_on_while_the_namespace_and_its_secrets_go(world: World) -> None:
    """The working connections are held on to."""
    await stands(world)
    world.exchange.store.set_state(world.mail(BRUNO), MailboxState.MOVING)
    world.cluster.delete()
    world.cluster.remove_secret("acme-figgo")
    world.cluster.remove_secret("acme-exchange")
    await comes_true(lambda: len(world.ours()) == 1)
    world.leap(minutes=2)
    await asyncio.sleep(0.1)
    assert world.cluster.has(), "Bruno's mailbox will be back"
    world.exchange.store.set_state(world.mail(BRUNO), MailboxState.ACTIVE)
    world.leap(hours=1)
    await goes(world)
    assert world.calendar(BRUNO) == []


@pytest.mark.parametrize("secret", ["acme-figgo", "acme-exchange"])
async def test_without_credentials_after_a_restart_it_lets_go(world: World, secret: str) -> None:
    await stands(world)
    await world.stop()
    world.cluster.delete()
    world.cluster.remove_secret(secret)
    await world.start()
    await goes(world)
    assert len(world.ours(BRUNO)) == 1, "nobody could take it out"


async def test_a_refused_login_waits_for_the_new_password(world: World) -> None:
    await stands(world)
    await world.stop()
    world.cluster.delete()
    world.exchange.accounts.set_password(LOGIN, "another")
    await world.start()
    await world.turns("CalendarReady", "False", "CredentialsRefused")
    assert world.cluster.has()
    world.cluster.put_secret("acme-exchange", accountLogin=LOGIN, accountPass="another")
    world.leap(seconds=6)
    await goes(world)
    assert world.calendar(BRUNO) == []


async def test_a_refused_api_key_waits_for_the_new_one(world: World) -> None:
    await stands(world)
    await world.stop()
    world.cluster.delete()
    world.state.set_key("9c0c0c0c-0000-4000-8000-000000000000")
    await world.start()
    await world.turns("FiggoReady", "False", "CredentialsRefused")
    assert world.cluster.has()
    world.cluster.put_secret("acme-figgo", apiKey="9c0c0c0c-0000-4000-8000-000000000000")
    world.leap(seconds=6)
    await goes(world)
    assert world.calendar(BRUNO) == []


async def test_refused_credentials_whose_secret_goes_too_let_it_go(world: World) -> None:
    await stands(world)
    await world.stop()
    world.cluster.delete()
    world.exchange.accounts.set_password(LOGIN, "another")
    await world.start()
    await world.turns("CalendarReady", "False", "CredentialsRefused")
    world.cluster.remove_secret("acme-exchange")
    world.leap(seconds=6)
    await goes(world)


async def test_a_mailbox_that_is_gone_holds_nothing_up(world: World) -> None:
    await stands(world)
    world.exchange.store.remove(world.mail(BRUNO))
    world.cluster.delete()
    await goes(world)
    assert len(world.ours(AWA)) == 1


async def test_whoever_was_being_served_when_it_was_deleted_is_cleared(world: World) -> None:
    """A job that is given up must not keep the finalizer for ever."""
    world.create_tenant({"deletionPolicy": "Delete"})
    await world.start()
    await world.in_sync()
    world.book("2026-12-24")
    await comes_true(lambda: "CreateItem" in world.writes() or bool(world.ours()))
    world.cluster.delete()
    await goes(world)
    assert world.calendar() == []


async def test_a_tenant_that_never_served_lets_the_older_ones_events_be(world: World) -> None:
    await stands(world)
    await world.stop()
    sync = await world.start()
    overlap = Overlap(TenantName("hr", "older"), None)
    sync.update(parse_tenant(world.cluster.body()), overlap)
    await world.turns("Ready", "False", "LegalEntityClaimed")
    world.cluster.delete()
    await goes(world)
    assert len(world.ours(BRUNO)) == 1
