"""A back-fill brings in what is older than the activation, and can be planned, stopped, undone."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from component.hold import Hold
from component.world import AWA, BRUNO, CHLOE, LOGIN, PRISCILLA, World
from figgosync.errors import Reason, TransientError
from figgosync_sim.company import PARIS, REUNION
from figgosync_sim.faults import HtmlError, Truncate
from support.comes_true import comes_true

LONG_AGO = "2026-01-05T09:00:00"
PAST, TODAY, FUTURE = "2026-03-02", "2026-11-24", "2026-12-24"


async def a_tenant_with_history(world: World, **changes: object) -> Mapping[int, int]:
    """Start a tenant in whose Figgo stands what is older than it; none of it is brought in.

    Returns one leave period of each employee.
    """
    world.create_tenant({"legalEntities": [PARIS, REUNION], **changes})
    periods = {
        AWA: world.book(PAST, confirmed=True, at=LONG_AGO),
        BRUNO: world.book(FUTURE, owner=BRUNO, at=LONG_AGO),
        PRISCILLA: world.book(FUTURE, owner=PRISCILLA, confirmed=True, at=LONG_AGO),
    }
    for day in (TODAY, FUTURE):
        world.book(day, confirmed=True, at=LONG_AGO)
    await world.start()
    await world.in_sync()
    assert world.writes() == []
    return periods


def entry(day: str, status: str = "OOF") -> str:
    return f"{day} {status} Absent"


@pytest.mark.parametrize(
    ("start", "days"),
    [
        pytest.param("2026-01-01", [PAST, TODAY, FUTURE], id="N01-past"),
        pytest.param(TODAY, [TODAY, FUTURE], id="N01-today"),
        pytest.param("2026-12-24", [FUTURE], id="N01-future"),
        pytest.param("2026-12-25", [], id="N01-after-everything"),
    ],
)
async def test_what_ends_on_its_day_or_later_is_brought_in(
    world: World, start: str, days: list[str]
) -> None:
    await a_tenant_with_history(world)
    world.initialise({"from": start})
    await world.comes_to("True", "Completed")
    assert world.calendar() == [entry(day) for day in days]
    assert world.progress() == {
        "employeesTotal": 3,
        "employeesDone": 3,
        "percent": 100,
        **({"created": len(days) + bool(days)} if days else {}),
    }


async def test_nobody_is_notified_or_reminded(world: World) -> None:
    """N07."""
    await a_tenant_with_history(world)
    world.initialise()
    await world.comes_to("True", "Completed")
    world.initialise({"action": "Remove", "from": TODAY}, "undo")
    await world.comes_to("True", "Completed", "undo")
    assert world.exchange.store.notifications() == 0
    (left,) = world.ours()
    assert not left.reminder_is_set


async def test_nobody_of_another_legal_entity_is_touched(world: World) -> None:
    """N02."""
    await a_tenant_with_history(world)
    world.initialise()
    await world.comes_to("True", "Completed")
    assert world.calendar(BRUNO) == [entry(FUTURE, "Tentative")]
    assert world.calendar(PRISCILLA) == []
    assert world.cluster.status()["initialisedFrom"] == [
        {"from": "2026-01-01", "legalEntities": [PARIS]}
    ]


async def test_all_legal_entities_are_those_of_the_tenant(world: World) -> None:
    await a_tenant_with_history(world)
    world.initialise({"legalEntities": None, "allLegalEntities": True})
    await world.comes_to("True", "Completed")
    assert world.calendar(PRISCILLA) == [entry(FUTURE)]
    assert world.cluster.initialisations.status()["legalEntities"] == sorted([PARIS, REUNION])


async def test_the_second_one_writes_nothing(world: World) -> None:
    """N03."""
    await a_tenant_with_history(world)
    world.initialise()
    await world.comes_to("True", "Completed")
    written = world.writes()
    world.initialise(name="again")
    await world.comes_to("True", "Completed", "again")
    assert world.writes() == written
    assert world.progress("again")["unchanged"] == 4
    assert "created" not in world.progress("again")


async def test_what_it_brought_in_is_kept_by_the_tenants_own_sync(world: World) -> None:
    periods = await a_tenant_with_history(world)
    world.initialise()
    await world.comes_to("True", "Completed")
    world.cluster.initialisations.delete()
    await world.restart()
    await world.in_sync()
    assert len(world.writes()) == 4
    world.state.cancel(periods[AWA])
    await world.shows(entry(TODAY), entry(FUTURE))


# Planning.


async def test_a_plan_writes_nothing_and_is_what_an_apply_then_does(world: World) -> None:
    await a_tenant_with_history(world)
    world.initialise({"mode": "Plan"}, "plan")
    await world.comes_to("True", "Completed", "plan")
    assert world.writes() == []
    plan = world.cluster.initialisations.status("plan")["plan"]
    assert plan["create"] == 4
    assert "initialisedFrom" not in world.cluster.status()

    world.initialise({"planDigest": plan["digest"]})
    await world.comes_to("True", "Completed")
    assert world.progress()["created"] == plan["create"]


async def test_an_apply_refuses_when_more_would_be_disclosed_than_was_approved(
    world: World,
) -> None:
    await a_tenant_with_history(world, **{"events.showAbsenceType": True})
    world.initialise({"mode": "Plan"}, "plan")
    message = await world.comes_to("True", "Completed", "plan")
    assert "of 2 people an absence type would become visible" in message
    plan = world.cluster.initialisations.status("plan")["plan"]
    assert plan["disclosing"] == 2

    world.book("2026-12-28", owner=CHLOE, confirmed=True, at=LONG_AGO)
    world.initialise({"planDigest": plan["digest"]})
    message = await world.comes_to("False", "PlanChanged")
    assert world.writes() == []
    current = world.cluster.initialisations.status()["plan"]["digest"]
    assert current != plan["digest"]
    assert current in message
    assert world.cluster.initialisations.condition("Stalled") == ("True", "PlanChanged")


async def test_a_change_that_neither_deletes_nor_discloses_needs_no_new_approval(
    world: World,
) -> None:
    await a_tenant_with_history(world)
    world.initialise({"mode": "Plan"}, "plan")
    await world.comes_to("True", "Completed", "plan")
    digest = world.cluster.initialisations.status("plan")["plan"]["digest"]
    world.book("2026-12-28", owner=CHLOE, confirmed=True, at=LONG_AGO)
    world.initialise({"planDigest": digest})
    await world.comes_to("True", "Completed")
    assert world.calendar(CHLOE) == [entry("2026-12-28")]


async def test_the_plan_of_a_removal_approves_these_deletions_alone(world: World) -> None:
    await a_tenant_with_history(world)
    world.initialise()
    await world.comes_to("True", "Completed")
    world.initialise({"action": "Remove", "mode": "Plan", "from": TODAY}, "plan")
    await world.comes_to("True", "Completed", "plan")
    plan = world.cluster.initialisations.status("plan")["plan"]
    assert (plan["delete"], plan["unchanged"]) == (3, 1)
    written = world.writes()

    await world.turns("Ready", "True", "Synchronised")
    world.book("2026-12-28", owner=CHLOE, confirmed=True)
    await world.shows(entry("2026-12-28"), employee=CHLOE)
    removal = {"action": "Remove", "from": TODAY, "planDigest": plan["digest"]}
    world.initialise(removal, "stale")
    await world.comes_to("False", "PlanChanged", "stale")
    assert world.writes() == [*written, "CreateItem"]


# Undoing.


async def test_a_removal_takes_out_what_was_brought_in_and_the_leave_to_bring_it_in(
    world: World,
) -> None:
    await a_tenant_with_history(world)
    world.initialise()
    await world.comes_to("True", "Completed")
    world.initialise({"action": "Remove", "from": TODAY}, "undo")
    message = await world.comes_to("True", "Completed", "undo")
    assert world.calendar() == [entry(PAST)]
    assert world.calendar(BRUNO) == []
    assert "3 events deleted" in message
    status = world.cluster.status()
    assert status["initialisedFrom"] == [{"from": "2026-01-01", "legalEntities": [PARIS]}]
    (removed,) = status["removedFrom"]
    assert (removed["from"], removed["legalEntities"]) == (TODAY, [PARIS])

    written = world.writes()
    await world.restart()
    await world.in_sync()
    assert world.writes() == written, "nothing comes back by itself"


async def test_after_a_removal_what_changes_in_figgo_comes_back(world: World) -> None:
    periods = await a_tenant_with_history(world)
    world.initialise()
    await world.comes_to("True", "Completed")
    world.initialise({"action": "Remove"}, "undo")
    await world.comes_to("True", "Completed", "undo")
    assert world.calendar(BRUNO) == []
    world.leap(minutes=30)
    world.state.approve(periods[BRUNO])
    await world.shows(entry(FUTURE), employee=BRUNO)
    assert world.calendar() == []


async def test_a_removal_touches_nothing_that_is_not_marked(world: World) -> None:
    """N04."""
    await a_tenant_with_history(world)
    whole_day = datetime(2026, 12, 24, tzinfo=ZoneInfo("Europe/Paris"))
    by_hand = world.exchange.store.add_item(
        world.mail(),
        subject="Absent",
        start=whole_day,
        end=whole_day + timedelta(days=1),
        is_all_day=True,
        free_busy="OOF",
    )
    world.initialise()
    await world.comes_to("True", "Completed")
    assert world.calendar().count(entry(FUTURE)) == 2
    before = [item for item in world.exchange.store.items(world.mail()) if not item.properties]
    assert before == [by_hand]
    world.initialise({"action": "Remove"}, "undo")
    await world.comes_to("True", "Completed", "undo")
    assert world.ours() == []
    assert [i for i in world.exchange.store.items(world.mail()) if not i.properties] == before


# Stopping and going on.


async def test_cancelling_keeps_what_was_written_and_starts_nothing_new(world: World) -> None:
    await a_tenant_with_history(world)
    held = Hold(world, "CreateItem", after=2)
    world.initialise()
    await held.reached()
    world.cluster.initialisations.edit({"cancel": True})
    message = await world.comes_to("False", "Cancelled")
    held.let_go()
    await world.idle()
    assert "What it did stays" in message
    assert "may have arrived in addition" in message
    assert 2 <= len(world.writes()) <= 3, "only what was on its way came through"
    assert "initialisedFrom" not in world.cluster.status()
    assert world.cluster.initialisations.condition("Stalled") is None
    await world.restart()
    await world.in_sync()
    assert len(world.writes()) <= 3, "what it had not come to stays out"


async def test_cancelling_counts_what_was_on_its_way(world: World) -> None:
    await a_tenant_with_history(world)
    held = Hold(world, "CreateItem", after=1)
    world.initialise()
    await held.reached()
    world.cluster.initialisations.edit({"cancel": True})
    objects = world.cluster.initialisations
    await comes_true(lambda: "nothing new is begun" in objects.message("Succeeded", "backfill"))
    assert objects.condition("Succeeded") == ("Unknown", "Running")
    held.let_go()
    message = await world.comes_to("False", "Cancelled")
    await world.idle()
    written = len(world.writes())
    assert 2 <= written < 4
    assert world.progress()["created"] == written
    assert f"What it did stays: {written} events created" in message
    assert "in addition" not in message


async def test_what_is_done_and_only_to_be_written_down_is_not_cancelled_any_more(
    world: World,
) -> None:
    await a_tenant_with_history(world)
    away = TransientError(Reason.SERVER_ERROR, "Away.", tenant_wide=True)
    held = Hold(world, "CreateItem", after=3)
    world.initialise()
    await held.reached()
    world.cluster.status_trouble = away
    held.let_go()
    await comes_true(lambda: len(world.writes()) == 4)
    await world.idle()
    world.cluster.initialisations.edit({"cancel": True})
    await world.idle()
    world.cluster.status_trouble = None
    await world.comes_to("True", "Completed")
    assert world.cluster.status()["initialisedFrom"] == [
        {"from": "2026-01-01", "legalEntities": [PARIS]}
    ]


async def test_a_suspended_one_goes_on_where_it_was(world: World) -> None:
    await a_tenant_with_history(world)
    world.initialise({"suspend": True})
    message = await world.comes_to("Unknown", "Suspended")
    assert "spec.suspend" in message
    await world.idle()
    assert world.writes() == []
    world.cluster.initialisations.edit({"suspend": False})
    await world.comes_to("True", "Completed")
    assert len(world.writes()) == 4


@pytest.mark.parametrize("creations", [0, 1, 2, 3, 4])
async def test_killed_anywhere_it_goes_on_and_writes_nothing_twice(
    world: World, creations: int
) -> None:
    await a_tenant_with_history(world)
    held = Hold(world, "CreateItem", after=creations)
    world.initialise()
    if creations < 4:
        await held.reached()
    else:
        await world.comes_to("Unknown", "Running")
        await comes_true(lambda: len(world.writes()) == 4)
    world.kill()
    held.let_go()
    await world.start(connect=world.connect_quickly_settled)
    await world.comes_to("True", "Completed")
    world.leap(minutes=3)
    await world.in_sync()
    assert world.calendar() == [entry(PAST), entry(TODAY), entry(FUTURE)]
    assert world.calendar(BRUNO) == [entry(FUTURE, "Tentative")]


async def test_one_that_is_over_follows_what_is_changed_afterwards_without_doing_anything(
    world: World,
) -> None:
    await a_tenant_with_history(world)
    world.initialise()
    said = await world.comes_to("True", "Completed")
    objects = world.cluster.initialisations
    ended_at, written = objects.status()["completionTime"], world.writes()
    objects.edit({"suspend": True, "cancel": True})

    def is_seen() -> bool:
        world.leap(seconds=0.5)
        return objects.status()["observedGeneration"] == 2

    await comes_true(is_seen, told=objects.status)
    (condition,) = objects.status()["conditions"]
    assert (condition["reason"], condition["message"]) == ("Completed", said)
    assert condition["observedGeneration"] == 2, "or kubectl wait would go on waiting"
    assert objects.status()["completionTime"] == ended_at
    assert world.writes() == written


# Waiting.


async def test_those_with_a_legal_entity_in_common_go_one_after_the_other(world: World) -> None:
    await a_tenant_with_history(world)
    world.initialise({"suspend": True}, "first")
    await world.comes_to("Unknown", "Suspended", "first")
    world.initialise(name="second")
    world.initialise({"legalEntities": [REUNION]}, "elsewhere")
    message = await world.comes_to("Unknown", "Queued", "second")
    assert "first" in message
    assert world.cluster.initialisations.status("second")["queuePosition"] == 1
    await world.comes_to("True", "Completed", "elsewhere")
    assert world.calendar() == []
    world.cluster.initialisations.edit({"cancel": True}, "first")
    await world.comes_to("True", "Completed", "second")
    assert "queuePosition" not in world.cluster.initialisations.status("second")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        pytest.param(
            {"suspend": True}, "CalendarSyncTenant acme, which says: Suspended", id="suspended"
        ),
        pytest.param(
            {"figgo.apiKeySecretRef.name": "nowhere"}, "Secret", id="without-its-credentials"
        ),
    ],
)
async def test_it_waits_for_a_tenant_that_cannot_serve(
    world: World, changes: Mapping[str, object], says: str
) -> None:
    world.create_tenant(changes)
    world.book(FUTURE, confirmed=True, at=LONG_AGO)
    await world.start()
    world.initialise()
    assert says in await world.comes_to("Unknown", "WaitingForTenant")
    assert world.cluster.initialisations.condition("Reconciling") == ("True", "WaitingForTenant")
    back = {"suspend": False, "figgo.apiKeySecretRef.name": "acme-figgo"}
    world.cluster.edit({key: back[key] for key in changes})
    await world.comes_to("True", "Completed")
    assert world.calendar() == [entry(FUTURE)]


@pytest.mark.parametrize(
    ("tenant", "says"),
    [
        pytest.param(
            {"legalEntities": [PARIS]}, "of the tenant does not name", id="not-the-tenants"
        ),
        pytest.param(
            {"legalEntities": None, "allLegalEntities": True}, "Figgo does not show", id="nobodys"
        ),
    ],
)
async def test_a_legal_entity_that_cannot_be_served_is_named(
    world: World, tenant: Mapping[str, object], says: str
) -> None:
    world.create_tenant(tenant)
    await world.start()
    world.initialise({"legalEntities": [PARIS, 4711]})
    message = await world.comes_to("False", "ValidationFailed")
    assert message.startswith("spec.legalEntities names 4711, which ")
    assert "`figgosync discover --namespace hr --tenant acme`" in message
    assert says in message
    assert "create a new SyncInitialisation with another name" in message
    assert "completionTime" in world.cluster.initialisations.status()


# Failing.


async def test_one_failing_employee_stops_nobody_and_is_served_by_the_tenants_sync_later(
    world: World,
) -> None:
    await a_tenant_with_history(world)
    world.exchange.store.remove(world.mail(BRUNO))
    world.initialise()
    message = await world.comes_to("True", "CompletedWithErrors")
    assert "1 of 3 employees failed" in message
    assert len(world.calendar()) == 3
    status = world.cluster.initialisations.status()
    assert [each["employee"] for each in status["failures"]] == [BRUNO]
    assert status["progress"]["failed"] == 1
    assert world.cluster.status()["catchUp"] == [{"from": "2026-01-01", "employees": [BRUNO]}]

    await world.restart()
    world.exchange.store.add(world.mail(BRUNO), "Europe/Paris")
    world.leap(hours=2)
    await world.shows(entry(FUTURE, "Tentative"), employee=BRUNO)
    world.leap(minutes=1)
    await comes_true(lambda: "catchUp" not in world.cluster.status())


async def test_one_whose_absences_cannot_be_read_fails_alone(world: World) -> None:
    await a_tenant_with_history(world)
    world.figgo.faults.order(
        Truncate(),
        when=lambda r: str(BRUNO) in r.query.get("leavePeriod.ownerId", ""),
        times=10_000,
    )
    world.initialise()
    await world.comes_to("True", "CompletedWithErrors")
    status = world.cluster.initialisations.status()
    assert [(each["employee"], each["reason"]) for each in status["failures"]] == [
        (BRUNO, "IncompleteRead")
    ]
    assert world.calendar() == [entry(PAST), entry(TODAY), entry(FUTURE)]


async def test_a_figgo_that_is_away_is_waited_for(world: World) -> None:
    await a_tenant_with_history(world)
    world.figgo.faults.order(
        HtmlError(503), when=lambda r: "leavePeriod.ownerId" in r.query, times=10_000
    )
    world.initialise()
    objects = world.cluster.initialisations

    def says_why() -> bool:
        world.leap(seconds=1)
        return "Figgo is asked again soon" in objects.message("Succeeded")

    await world.comes_to("Unknown", "Running")
    await comes_true(says_why, told=objects.status)
    for _ in range(30):
        world.leap(minutes=2)
        await asyncio.sleep(0.01)
    assert objects.condition("Succeeded") == ("Unknown", "Running")
    world.figgo.faults.cancel()
    await world.comes_to("True", "Completed")


async def test_a_broken_connection_interrupts_it_and_nobody_fails(world: World) -> None:
    await a_tenant_with_history(world)
    held = Hold(world, "CreateItem", after=1)
    world.initialise()
    await held.reached()
    world.exchange.accounts.set_password(LOGIN, "another")
    world.exchange.drop_connections()
    held.let_go()

    def is_refused() -> bool:
        world.leap(seconds=1)
        return world.condition("CalendarReady") == ("False", "CredentialsRefused")

    await comes_true(is_refused)
    objects = world.cluster.initialisations

    def says_why() -> bool:
        world.leap(seconds=1)
        return "refused the login" in objects.message("Succeeded")

    await comes_true(says_why, told=objects.status)
    assert objects.condition("Succeeded") == ("Unknown", "Running")
    world.cluster.put_secret("acme-exchange", accountLogin=LOGIN, accountPass="another")
    await world.comes_to("True", "Completed")
    world.leap(minutes=3)
    await world.in_sync()
    assert world.calendar() == [entry(PAST), entry(TODAY), entry(FUTURE)]


# Life in the cluster.


async def test_it_goes_with_its_tenant(world: World) -> None:
    await a_tenant_with_history(world)
    world.initialise()
    await world.comes_to("True", "Completed")
    (owner,) = world.cluster.initialisations.body()["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"]) == ("CalendarSyncTenant", "acme")


async def test_it_is_deleted_when_it_has_been_over_for_as_long_as_it_was_to_stay(
    world: World,
) -> None:
    await a_tenant_with_history(world)
    world.initialise({"ttlSecondsAfterFinished": 3600})
    await world.comes_to("True", "Completed")
    world.leap(minutes=59)
    await world.idle()
    assert world.cluster.initialisations.has("backfill")
    world.leap(minutes=2)
    await comes_true(lambda: not world.cluster.initialisations.has("backfill"))


async def test_one_that_is_over_is_never_done_again(world: World) -> None:
    await a_tenant_with_history(world)
    world.initialise()
    await world.comes_to("True", "Completed")
    written, status = world.writes(), world.cluster.initialisations.status()
    await world.restart()
    await world.in_sync()
    world.leap(minutes=5)
    await world.idle()
    assert world.writes() == written
    assert world.cluster.initialisations.status() == status


async def test_a_steady_state_costs_no_writes(world: World) -> None:
    await a_tenant_with_history(world)
    world.initialise({"suspend": True})
    await world.comes_to("Unknown", "Suspended")
    written = len(world.cluster.initialisations.status_writes)
    for _ in range(5):
        world.leap(seconds=30)
        await world.idle()
    assert len(world.cluster.initialisations.status_writes) == written


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"suspend": True}, ("Unknown", "Suspended"), id="suspended"),
        pytest.param({"ttlSecondsAfterFinished": 600}, ("True", "Completed"), id="over"),
        pytest.param({"mode": "Plan"}, ("True", "Completed"), id="planned"),
    ],
)
async def test_one_that_rests_does_not_keep_the_tenant_busy(
    world: World, changes: Mapping[str, object], reason: tuple[str, str]
) -> None:
    await a_tenant_with_history(world)
    world.initialise(changes)
    await world.comes_to(*reason)
    world.leap(seconds=6)
    await world.idle()
    before = world.looks
    for _ in range(4):
        await asyncio.sleep(0.05)
    assert world.looks - before <= 10, "one turn, but not one every 20 ms"


async def test_one_that_is_deleted_in_mid_run_stops_and_keeps_what_it_wrote(world: World) -> None:
    await a_tenant_with_history(world)
    held = Hold(world, "CreateItem", after=2)
    world.initialise()
    await held.reached()
    world.cluster.initialisations.delete()
    await asyncio.sleep(0.02)
    held.let_go()
    await world.idle()
    assert 2 <= len(world.writes()) <= 3
    assert "initialisedFrom" not in world.cluster.status()


async def test_a_change_that_is_booked_meanwhile_is_made_as_ever(world: World) -> None:
    await a_tenant_with_history(world)
    held = Hold(world, "CreateItem", after=1)
    world.initialise()
    await held.reached()
    world.book("2026-12-30", owner=CHLOE, confirmed=True)
    held.let_go()
    await world.shows(entry("2026-12-30"), employee=CHLOE)
    await world.comes_to("True", "Completed")
