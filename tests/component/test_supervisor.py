"""Tenants come, change and go; the supervisor follows the watch, and the list where it failed."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from component.control import Control
from component.world import AWA, PRISCILLA, World
from figgosync.controller import supervisor
from figgosync.core.tenant import TenantName
from figgosync.errors import Reason, TransientError
from figgosync_sim.company import PARIS, REUNION
from support.comes_true import comes_true
from support.memory_cluster import NAMESPACE, MemoryCluster


@pytest.fixture
async def control(world: World) -> AsyncIterator[Control]:
    # Whoever joins a Figgo that is read already hears of everybody at the next sweep.
    world.sweep_interval = timedelta(milliseconds=300)
    control = Control(world)
    yield control
    await control.supervisor.stop()


def cluster_of(control: Control) -> MemoryCluster:
    return control.world.cluster


async def ready(control: Control, name: str = "acme") -> None:
    await comes_true(
        lambda: cluster_of(control).condition("Ready", name) == ("True", "Synchronised"),
        told=lambda: cluster_of(control).status(name),
    )


async def test_a_tenant_that_comes_is_served_and_one_that_goes_is_not(control: Control) -> None:
    world = control.world
    world.create_tenant()
    world.book("2026-12-24")
    await world.shows("2026-12-24 Tentative Absent")
    assert len(control.supervisor) == 1
    world.cluster.delete()
    await comes_true(lambda: len(control.supervisor) == 0)
    asked = len(world.figgo.log)
    world.book("2026-12-28")
    await asyncio.sleep(0.05)
    await asyncio.sleep(0.05)
    assert len(world.figgo.log) <= asked + 1, "at most what was under way"
    assert world.calendar() == ["2026-12-24 Tentative Absent"]


async def test_a_changed_spec_is_followed(control: Control) -> None:
    world = control.world
    world.create_tenant()
    world.book("2026-12-24")
    await world.shows("2026-12-24 Tentative Absent")
    world.cluster.edit({"events.title": "Away"})
    await world.shows("2026-12-24 Tentative Away")


async def test_two_tenants_on_one_figgo_read_it_once(control: Control) -> None:
    world = control.world
    world.create_tenant()
    world.create_tenant({"legalEntities": [REUNION], "events.title": "Absente"}, "reunion")
    world.book("2026-12-24", owner=AWA)
    world.book("2026-12-24", owner=PRISCILLA)
    await world.shows("2026-12-24 Tentative Absent", employee=AWA)
    await world.shows("2026-12-24 Tentative Absente", employee=PRISCILLA)
    await ready(control)
    await ready(control, "reunion")
    before = len(world.figgo.log)
    await comes_true(lambda: len(world.figgo.log) >= before + 6)
    polls = [r for r in list(world.figgo.log)[before:] if r.path.endswith("/leaves")]
    assert {r.query["leavePeriod.owner.legalEntityId"] for r in polls} == {"1,4"}


async def test_of_two_that_overlap_the_older_serves_and_the_younger_takes_over(
    control: Control,
) -> None:
    world = control.world
    world.create_tenant(name="older")
    await ready(control, "older")
    world.create_tenant({"legalEntities": [PARIS, REUNION]}, "younger")
    await comes_true(
        lambda: world.cluster.condition("Ready", "younger") == ("False", "LegalEntityClaimed")
    )
    assert "hr/older" in world.cluster.message("Ready", "younger")
    world.book("2026-12-24", owner=PRISCILLA)
    world.book("2026-12-24", owner=AWA)
    await world.shows("2026-12-24 Tentative Absent", employee=AWA)
    assert world.calendar(PRISCILLA) == []
    world.cluster.delete("older")
    await world.shows("2026-12-24 Tentative Absent", employee=PRISCILLA)
    await ready(control, "younger")
    assert world.writes() == ["CreateItem", "CreateItem"], "the events that stand are adopted"


async def test_a_spec_that_cannot_be_served_is_told_and_harms_no_other(control: Control) -> None:
    world = control.world
    world.create_tenant({"events.timeZone": "Europe/Pariss", "legalEntities": [REUNION]}, "broken")
    world.create_tenant()
    await ready(control)
    await comes_true(lambda: world.cluster.condition("Ready", "broken") is not None)
    assert world.cluster.condition("Ready", "broken") == ("False", "InvalidSpec")
    assert world.cluster.condition("Stalled", "broken") == ("True", "InvalidSpec")
    writes = len(world.cluster.status_writes)
    await control.supervisor.catch_up()
    assert len(world.cluster.status_writes) == writes, "it is told once"
    world.cluster.edit({"events.timeZone": "Europe/Paris"}, "broken")
    await ready(control, "broken")


async def test_a_spec_that_breaks_ends_the_service(control: Control) -> None:
    world = control.world
    world.create_tenant()
    await ready(control)
    activations = world.cluster.status()["activations"]
    world.cluster.edit({"events.timeZone": "Europe/Pariss"})
    await comes_true(lambda: world.cluster.condition("Ready") == ("False", "InvalidSpec"))
    assert len(control.supervisor) == 0
    assert world.cluster.status()["activations"] == activations, "that is remembered"


async def test_a_namesake_is_another_tenant(control: Control) -> None:
    world = control.world
    world.create_tenant()
    await ready(control)
    world.book("2026-12-24")
    await world.shows("2026-12-24 Tentative Absent")
    control.deaf = True
    world.cluster.delete()
    control.deaf = False
    world.create_tenant()
    await ready(control)
    assert len(control.supervisor) == 1
    assert world.calendar() == ["2026-12-24 Tentative Absent"]


async def test_what_the_watch_lost_is_found_in_the_list(control: Control) -> None:
    world = control.world
    world.create_tenant(name="lost")
    await ready(control, "lost")
    control.deaf = True
    world.cluster.delete("lost")
    world.create_tenant(name="found")
    await asyncio.sleep(0.01)
    await control.supervisor.catch_up()
    control.deaf = False
    assert len(control.supervisor) == 1
    await ready(control, "found")


async def test_who_starts_with_a_deaf_watch_serves_all_the_same(control: Control) -> None:
    control.deaf = True
    control.world.create_tenant()
    comparing = asyncio.create_task(control.supervisor.compare())
    await ready(control)
    comparing.cancel()


async def test_what_only_the_list_knows_is_logged_and_the_second_time_it_is_over(
    control: Control, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervisor, "COMPARE_INTERVAL", timedelta(milliseconds=20))

    def told() -> list[str]:
        return [each.getMessage() for each in caplog.records if "watch had not" in each.msg]

    world = control.world
    world.create_tenant(name="gone")
    comparing = asyncio.create_task(control.supervisor.compare())
    await ready(control, "gone")
    assert told() == [], "the first list comes before the watch has spoken"
    control.deaf = True
    world.cluster.delete("gone")
    await comes_true(lambda: len(told()) == 1)
    await asyncio.sleep(0.05)
    world.create_tenant(name="come")
    await comes_true(lambda: len(told()) == 2)
    await asyncio.sleep(0.05)
    assert not comparing.done(), "in between all was told"
    control.before_listing = edits(world, "come")
    await comes_true(comparing.done)
    assert len(told()) == 4
    assert all("(not told: 1)" in message for message in told())


def edits(world: World, name: str) -> Callable[[], Awaitable[object]]:
    """Return what changes an object before each list is read."""
    titles = itertools.count()

    async def edit() -> None:
        world.cluster.edit({"events.title": f"Away {next(titles)}"}, name)

    return edit


async def test_the_younger_one_takes_over_when_only_the_list_knows(control: Control) -> None:
    world = control.world
    world.create_tenant(name="older")
    world.create_tenant(name="younger")
    await comes_true(lambda: world.cluster.condition("Ready", "younger") is not None)
    control.deaf = True
    world.cluster.delete("older")
    await asyncio.sleep(0.01)
    control.deaf = False
    await control.supervisor.catch_up()
    await ready(control, "younger")


async def test_a_tenant_that_comes_while_the_list_is_read_stays(control: Control) -> None:
    world = control.world
    control.while_listing = world.create_tenant
    await control.supervisor.catch_up()
    assert len(control.supervisor) == 1
    await ready(control)


async def test_a_tenant_that_goes_while_the_list_is_read_is_no_ghost(control: Control) -> None:
    world = control.world
    world.create_tenant()
    await ready(control)
    control.while_listing = world.cluster.delete
    await control.supervisor.catch_up()
    assert len(control.supervisor) == 0


async def test_a_spec_that_changes_while_the_list_is_read_stays_changed(control: Control) -> None:
    world = control.world
    world.create_tenant()
    world.book("2026-12-24")
    await ready(control)

    def edit_as_the_last_thing_that_the_watch_tells() -> None:
        world.cluster.edit({"events.title": "Away"})
        asyncio.get_running_loop().call_soon(setattr, control, "deaf", True)  # noqa: FBT003 - setattr

    control.while_listing = edit_as_the_last_thing_that_the_watch_tells
    await control.supervisor.catch_up()
    await world.shows("2026-12-24 Tentative Away")
    await asyncio.sleep(0.05)
    assert world.calendar() == ["2026-12-24 Tentative Away"]


class Untouched:
    """What stands of the tenants of another class: compared, it must be the same for ever."""

    def __init__(self, control: Control, *names: str) -> None:
        self._cluster = cluster_of(control)
        self._names = names
        self._bodies = [self._cluster.body(name) for name in names]

    def check(self) -> None:
        assert [self._cluster.body(name) for name in self._names] == self._bodies


async def test_a_tenant_of_another_class_is_seen_and_never_touched(
    control: Control, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    world = control.world
    foreign = {"operatorClass": "other", "deletionPolicy": "Delete", "legalEntities": [REUNION]}
    world.create_tenant(foreign, "foreign")
    broken = foreign | {"events.timeZone": "Europe/Pariss", "events.fromTheFuture": "x"}
    world.create_tenant(broken, "broken")
    untouched = Untouched(control, "foreign", "broken")
    world.create_tenant()
    world.book("2026-12-24", owner=PRISCILLA)
    await ready(control)
    await control.supervisor.catch_up()
    await world.idle()
    untouched.check()
    assert len(control.supervisor) == 1
    assert control.supervisor.census.sizes() == {"default": 1, "other": 2}
    assert world.calendar(PRISCILLA) == []
    assert not [r for r in caplog.records if "foreign" in str(vars(r)) or "broken" in str(vars(r))]
    world.cluster.delete("foreign")
    await comes_true(lambda: control.supervisor.census.sizes()["other"] == 1)


async def test_an_operator_of_another_class_serves_its_own_alone(world: World) -> None:
    control = Control(world, "other")
    world.create_tenant({"legalEntities": [PARIS]}, "plain")
    world.create_tenant({"legalEntities": [REUNION], "operatorClass": "other"})
    plain = Untouched(control, "plain")
    await ready(control)
    plain.check()
    assert len(control.supervisor) == 1
    await control.supervisor.stop()


async def test_a_tenant_of_another_class_that_is_being_deleted_keeps_its_finalizer(
    control: Control,
) -> None:
    world = control.world
    world.create_tenant({"operatorClass": "other", "deletionPolicy": "Delete"}, "foreign")
    await cluster_of(control).add_finalizer(TenantName(NAMESPACE, "foreign"))
    world.cluster.delete("foreign")
    untouched = Untouched(control, "foreign")
    world.create_tenant({"legalEntities": [REUNION]})
    await ready(control)
    await control.supervisor.catch_up()
    untouched.check()


async def test_an_older_tenant_of_another_class_is_in_the_way_until_it_goes(
    control: Control,
) -> None:
    world = control.world  # of two of the same age the first by name counts as the older one
    world.create_tenant({"operatorClass": "other"}, "abroad")
    world.create_tenant()
    await comes_true(lambda: world.cluster.condition("Ready") == ("False", "LegalEntityClaimed"))
    assert "hr/abroad" in world.cluster.message("Ready")
    world.book("2026-12-24")
    await asyncio.sleep(0.05)
    assert world.calendar() == []
    assert len(world.figgo.log) == 0, "nothing is read for a tenant that must rest"
    world.cluster.delete("abroad")
    await ready(control)
    await world.shows("2026-12-24 Tentative Absent")


async def test_a_younger_tenant_of_another_class_is_in_nobodys_way(control: Control) -> None:
    world = control.world
    world.create_tenant()
    await ready(control)
    world.create_tenant({"operatorClass": "other"}, "younger")
    await comes_true(lambda: control.supervisor.census.sizes().get("other") == 1)
    world.book("2026-12-24")
    await world.shows("2026-12-24 Tentative Absent")
    assert world.cluster.condition("Ready") == ("True", "Synchronised")


async def test_a_namesake_of_another_class_ends_the_service(control: Control) -> None:
    world = control.world
    world.create_tenant()
    await ready(control)
    control.deaf = True
    world.cluster.delete()
    await asyncio.sleep(0.01)
    control.deaf = False
    world.create_tenant({"operatorClass": "other"})
    namesake = Untouched(control, "acme")
    await comes_true(lambda: len(control.supervisor) == 0)
    namesake.check()
    assert control.supervisor.census.sizes() == {"other": 1}


async def test_a_spec_that_cannot_be_served_claims_all_the_same(control: Control) -> None:
    world = control.world
    world.create_tenant({"events.timeZone": "Europe/Pariss"}, "absurd")
    world.create_tenant()
    await comes_true(lambda: world.cluster.condition("Ready") == ("False", "LegalEntityClaimed"))
    assert "hr/absurd" in world.cluster.message("Ready")
    world.cluster.delete("absurd")
    await ready(control)


async def test_comparisons_that_fail_are_no_reason_for_a_restart_but_one_that_hangs_is(
    control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "COMPARE_INTERVAL", timedelta(milliseconds=5))
    monkeypatch.setattr(supervisor, "STUCK_AFTER", timedelta(milliseconds=500))
    cluster_of(control).trouble = TransientError(Reason.UNREACHABLE, "Away.", tenant_wide=True)
    assert not control.supervisor.is_stuck, "nothing is compared before the watch"
    comparing = asyncio.create_task(control.supervisor.compare())
    started = time.monotonic()
    while time.monotonic() - started < 0.7:
        assert not control.supervisor.is_stuck
        await asyncio.sleep(0.02)
    cluster_of(control).trouble = None
    never = asyncio.Event()
    control.before_listing = never.wait
    await comes_true(lambda: control.supervisor.is_stuck)
    never.set()
    await comes_true(lambda: not control.supervisor.is_stuck)
    comparing.cancel()


async def test_all_end_together(control: Control) -> None:
    world = control.world
    world.create_tenant()
    world.create_tenant({"legalEntities": [REUNION]}, "reunion")
    await ready(control)
    async with asyncio.timeout(5):
        await control.supervisor.stop()
    control.supervisor.seen(world.cluster.body())
    assert len(control.supervisor) == 0, "a late word of the watch begins nothing"
    asked = len(world.figgo.log)
    await asyncio.sleep(0.05)
    await asyncio.sleep(0.05)
    assert len(world.figgo.log) == asked
