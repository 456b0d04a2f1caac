"""What the metrics show of a tenant, from its first moment to its last."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from component.control import Control
from component.world import AWA, CHLOE, World
from figgosync.controller.exposition import exposition
from figgosync.core.tenant import TenantName
from figgosync.core.traffic import Result, System
from figgosync.errors import Reason, TransientError
from figgosync.tenant_table import TenantRecord
from figgosync_sim.company import REUNION
from figgosync_sim.faults import Answer, Delay
from support.comes_true import comes_true
from support.memory_cluster import NAMESPACE


def shown(world: World, name: str = "acme") -> TenantRecord:
    record = world.metrics.tenants.get(TenantName(NAMESPACE, name))
    assert record is not None
    return record


def readiness(world: World, name: str = "acme") -> tuple[bool, Reason]:
    record = shown(world, name)
    return record.ready, record.reason


def requests(world: World, system: System, result: Result) -> float:
    value: float = world.metrics.requests.labels(system.value, result.value)._value.get()  # noqa: SLF001 - the library gives no other way
    return value


@pytest.fixture
async def control(world: World) -> AsyncIterator[Control]:
    control = Control(world)
    yield control
    await control.supervisor.stop()


async def test_a_tenant_that_was_never_synchronised_counts_from_its_creation(
    world: World,
) -> None:
    world.create_tenant({"figgo.pollInterval": "2m"})
    await world.start()
    created = datetime.fromisoformat(world.cluster.body()["metadata"]["creationTimestamp"])
    assert shown(world).last_success == created.timestamp()
    assert shown(world).sync_interval == 120
    assert readiness(world) == (False, Reason.PENDING)


async def test_a_tenant_in_sync_shows_so_and_when(world: World) -> None:
    world.create_tenant()
    await world.start()
    await world.in_sync()
    before = shown(world)
    assert (before.ready, before.reason) == (True, Reason.SYNCHRONISED)
    world.leap(minutes=1)
    await comes_true(lambda: shown(world).last_success >= before.last_success + 60)
    assert shown(world).last_attempt >= shown(world).last_success
    assert (shown(world).pending_changes, shown(world).failing_employees) == (0, 0)


async def test_a_tenant_whose_calendars_are_still_being_read_is_not_up_to_date_yet(
    world: World,
) -> None:
    world.exchange.order(Delay(60), operation="FindItem", times=100)
    world.create_tenant({"employees": {"only": [AWA]}})
    await world.start()
    created = shown(world).last_success
    await comes_true(lambda: "GetFolder" in {each.operation for each in world.exchange.log.calls})
    await asyncio.sleep(0.05)  # the calendar is asked for
    before = shown(world).last_attempt
    world.cluster.annotate("figgosync.io/requestedAt", "now")
    await comes_true(lambda: shown(world).last_attempt > before)
    assert shown(world).last_success == created


async def test_a_restart_begins_with_what_the_status_remembers(world: World) -> None:
    world.create_tenant()
    world.exchange.store.remove(world.mail(CHLOE))
    await world.start()
    await comes_true(lambda: world.cluster.status().get("employees", {}).get("failing") == 1)
    await world.stop()
    world.metrics.tenants.forget(TenantName(NAMESPACE, "acme"))
    await world.start()
    assert shown(world).failing_employees == 1, "before anybody was asked again"


async def test_a_restart_does_not_make_a_tenant_stale(world: World) -> None:
    world.create_tenant()
    await world.start()
    await world.in_sync()
    await world.stop()
    written = datetime.fromisoformat(world.cluster.status()["lastSyncTime"]).timestamp()
    world.metrics.tenants.forget(TenantName(NAMESPACE, "acme"))
    world.figgo.faults.order(Answer(503), times=1000)
    await world.start()
    assert shown(world).last_success == written
    assert readiness(world) == (True, Reason.SYNCHRONISED)


async def test_a_tenant_whose_api_server_is_away_still_shows_its_trouble(world: World) -> None:
    world.create_tenant()
    await world.start()
    await world.in_sync()
    world.cluster.trouble = TransientError(Reason.UNREACHABLE, "Away.", tenant_wide=True)
    world.state.set_key("5b3b8d0c-0000-4000-8000-000000000000")

    def shows_the_refusal() -> bool:
        world.leap(seconds=31)
        return readiness(world) == (False, Reason.CREDENTIALS_REFUSED)

    await comes_true(shows_the_refusal)
    assert world.condition("Ready") == ("True", "Synchronised"), "nobody could write it"


async def test_changes_that_wait_and_employees_who_fail_are_counted(world: World) -> None:
    world.create_tenant()
    await world.start()
    await world.in_sync()
    world.exchange.store.remove(world.mail(CHLOE))
    world.book("2026-12-24", owner=CHLOE)
    world.book("2026-12-24", owner=AWA)
    await world.shows("2026-12-24 Tentative Absent")
    await comes_true(lambda: shown(world).failing_employees == 1)
    assert shown(world).pending_changes == 1, "Chloe's change was heard of and is not made"
    assert shown(world).ready


@pytest.mark.parametrize("name", ["suspended", "claimed", "broken"])
async def test_a_tenant_that_is_not_served_shows_why(control: Control, name: str) -> None:
    world = control.world
    wishes: dict[str, tuple[dict[str, object], Reason]] = {
        "suspended": ({"suspend": True}, Reason.SUSPENDED),
        "claimed": ({"legalEntities": [REUNION]}, Reason.LEGAL_ENTITY_CLAIMED),
        "broken": ({"events.timeZone": "Europe/Pariss"}, Reason.INVALID_SPEC),
    }
    changes, reason = wishes[name]
    if name == "claimed":
        world.create_tenant({"legalEntities": [REUNION]}, "aaa")
    world.create_tenant(changes | {"figgo.pollInterval": "1m"}, name)
    await comes_true(lambda: world.cluster.condition("Ready", name) is not None)
    assert readiness(world, name) == (False, reason)
    record = shown(world, name)
    assert record.suspended is (name == "suspended")
    assert record.sync_interval == 60
    assert record.last_attempt > record.last_success > 0
    assert (record.pending_changes, record.blocked_deletions) == (0, 0)
    world.cluster.delete(name)
    await comes_true(lambda: world.metrics.tenants.get(TenantName(NAMESPACE, name)) is None)


async def test_a_tenant_that_rests_is_not_synchronised_meanwhile(control: Control) -> None:
    world = control.world
    world.create_tenant()
    await comes_true(lambda: world.cluster.condition("Ready") == ("True", "Synchronised"))
    world.cluster.edit({"suspend": True})
    await comes_true(lambda: readiness(world) == (False, Reason.SUSPENDED))
    before = shown(world)
    world.leap(minutes=30)
    world.cluster.annotate("figgosync.io/requestedAt", "now")
    await comes_true(lambda: shown(world).last_attempt >= before.last_attempt + 1800)
    assert shown(world).last_success == before.last_success


async def test_a_spec_without_an_interval_that_can_be_read_shows_the_default(
    control: Control,
) -> None:
    world = control.world
    world.create_tenant({"figgo.pollInterval": "soon"})
    await comes_true(lambda: world.cluster.condition("Ready") == ("False", "InvalidSpec"))
    assert shown(world).sync_interval == 20


async def test_a_spec_that_cannot_be_served_may_wish_to_rest_all_the_same(
    control: Control,
) -> None:
    """No alert of a tenant that is suspended fires."""
    world = control.world
    world.create_tenant({"suspend": True, "events.timeZone": "Europe/Pariss"})
    await comes_true(lambda: world.cluster.condition("Ready") == ("False", "InvalidSpec"))
    assert shown(world).suspended


async def test_a_tenant_that_goes_takes_its_series_with_it(control: Control) -> None:
    world = control.world
    world.create_tenant()
    await comes_true(lambda: world.cluster.condition("Ready") == ("True", "Synchronised"))
    assert b'tenant="acme"' in exposition(world.metrics, "")[0]
    world.cluster.delete()
    await comes_true(lambda: len(control.supervisor) == 0)
    await world.stop()
    assert b'tenant="acme"' not in exposition(world.metrics, "")[0]


async def test_a_tenant_of_another_class_has_no_series_but_is_counted(control: Control) -> None:
    world = control.world
    world.metrics.count_objects(control.supervisor.census.sizes)
    world.create_tenant({"operatorClass": "team-a"})
    await comes_true(lambda: control.supervisor.census.sizes() == {"team-a": 1})
    page = exposition(world.metrics, "")[0].decode()
    assert 'tenant="acme"' not in page
    assert 'figgosync_tenant_objects{operator_class="team-a"} 1.0' in page


async def test_the_comparison_is_dated_by_its_success(control: Control) -> None:
    world = control.world
    dated = world.metrics.last_comparison._value  # noqa: SLF001 - the library gives no other way
    started = dated.get()
    assert started <= world.clock().timestamp()
    world.clock.leap(timedelta(minutes=10))
    world.cluster.trouble = TransientError(Reason.UNREACHABLE, "Away.", tenant_wide=True)
    with pytest.raises(TransientError):
        await control.supervisor.catch_up()
    assert dated.get() == started
    world.cluster.trouble = None
    await control.supervisor.catch_up()
    assert dated.get() >= started + 600


async def test_a_breaker_that_trips_is_counted_once_and_its_deletions_are_shown(
    world: World,
) -> None:
    world.create_tenant({"maxDeletions": {"percent": 10, "atLeast": 1}})
    periods = [world.book(f"2026-12-{day}", confirmed=True) for day in (14, 15, 16)]
    await world.start()
    await comes_true(lambda: len(world.ours()) == 3)
    await world.in_sync()
    for period in periods:
        world.state.cancel(period)
    await comes_true(lambda: shown(world).blocked_deletions == 2)
    await world.idle()
    world.leap(hours=8)
    await world.idle()
    assert world.metrics.breaker_trips._value.get() == 1  # noqa: SLF001 - as above
    world.cluster.edit({"maxDeletions": {"percent": 100, "atLeast": 1}})

    def is_let_through() -> bool:
        world.leap(hours=8)
        return shown(world).blocked_deletions == 0

    await comes_true(is_let_through)


async def test_requests_and_reconciles_are_counted_by_their_ends(world: World) -> None:
    world.create_tenant()
    await world.start()
    await world.in_sync()
    assert requests(world, System.FIGGO, Result.OK) > 0
    assert requests(world, System.EXCHANGE, Result.OK) >= len(world.exchange.log.calls)
    assert requests(world, System.EXCHANGE, Result.REFUSED) == 0
    page = exposition(world.metrics, "")[0].decode()
    assert 'figgosync_reconciles_total{result="ok"} 3.0' in page
    assert "figgosync_reconcile_seconds_count 3.0" in page
    world.figgo.faults.order(Answer(429, {"Retry-After": "1"}), times=1)
    await comes_true(lambda: requests(world, System.FIGGO, Result.THROTTLED) == 1)
    page = exposition(world.metrics, "")[0].decode()
    assert 'figgosync_throttled_total{system="figgo"} 1.0' in page
