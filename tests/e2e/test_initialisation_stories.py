"""The back-fill as its users see it: applied with kubectl, done by the installed operator."""

import json
import re
import time
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from figgosync_demo.manifests import TENANT
from figgosync_sim.faults import Delay
from support.eventually import eventually
from support.kstatus import kstatus
from support.tables import rows
from support.world import AWA, BRUNO, CHLOE, FAR, SOON, World

OOF = "OOF"
PARIS_STAFF = range(1201, 1216)
SERVED = 23
"""Of the 25 people one has left, and one has no mail address."""


def test_old_absences_come_once_a_plan_was_looked_at_and_applied(world: World) -> None:
    world.book_long_ago(AWA, 0, 2)
    world.book_long_ago(BRUNO, 4, 4)
    world.book_long_ago(CHLOE, -14, -13)
    world.ready_tenant()
    assert [world.items(each) for each in (AWA, BRUNO, CHLOE)] == [[], [], []]

    world.initialise("plan", more="  mode: Plan\n")
    world.ends("plan")
    assert world.writes() == 0
    digest = world.kubectl("get", "syncinit/plan", "--output=jsonpath={.status.plan.digest}")
    assert re.fullmatch("sha256:[0-9a-f]{64}", digest)
    (plan,) = rows(world.kubectl("get", "syncinit", "--output=wide"))
    assert (plan["MODE"], plan["STATUS"], plan["TO CREATE"]) == ("Plan", "Completed", "2")

    world.initialise("backfill", more=f"  planDigest: {digest}\n")
    world.kubectl("wait", "syncinit/backfill", "--for=condition=Succeeded", "--timeout=30s")
    world.shows(AWA, (0, 2, OOF))
    world.shows(BRUNO, (4, 4, OOF))
    assert world.items(CHLOE) == [], "its last day is before the first day that was asked for"
    (row,) = rows(world.kubectl("get", "syncinit/backfill"))
    assert row.pop("AGE")
    assert row == {
        "NAME": "backfill",
        "TENANT": TENANT,
        "ACTION": "Sync",
        "MODE": "Apply",
        "STATUS": "Completed",
        "%": "100",
        "EMPLOYEES": f"{len(PARIS_STAFF)}",
        "CREATED": "2",
        "UPDATED": "0",
        "DELETED": "0",
        "FAILED": "0",
        "LEFT": "",
    }

    world.initialise("again")
    world.kubectl("wait", "syncinit/again", "--for=condition=Succeeded", "--timeout=30s")
    assert world.initialisation("again")["status"]["progress"]["unchanged"] == 2
    assert world.writes() == 2, "run again, it writes nothing"


def test_what_was_brought_in_is_taken_out_again_and_stays_out(world: World) -> None:
    world.book_long_ago(AWA, 0, 2)
    world.book_long_ago(BRUNO, 4, 4)
    world.ready_tenant()
    morning = datetime(FAR.year, FAR.month, FAR.day, 8, tzinfo=ZoneInfo("Europe/Paris"))
    store, hours = world.stage.exchange.store, timedelta(hours=8)
    by_hand = world.figgo(
        store.add_item, world.address(AWA), subject="Absent", start=morning, end=morning + hours
    )
    world.initialise("backfill")
    world.ends("backfill")
    assert len(world.items(AWA)) == 2
    world.shows(BRUNO, (4, 4, OOF))

    world.initialise("undo", more="  action: Remove\n")
    world.kubectl("wait", "syncinit/undo", "--for=condition=Succeeded", "--timeout=30s")
    assert world.initialisation("undo")["status"]["progress"]["deleted"] == 2
    assert world.items(AWA) == [by_hand]
    assert world.items(BRUNO) == []

    writes = world.writes()
    world.operator.stop()
    world.operator.start()
    world.operator.wait_ready()
    eventually(lambda: _reconciled(world) >= SERVED, within=SOON)
    assert world.writes() == writes, "a new process reads everything, and brings nothing back"


def test_an_operator_killed_in_mid_run_goes_on_with_it_and_doubles_nothing(world: World) -> None:
    people = (AWA, BRUNO, CHLOE, 1205, 1206, 1207)
    for employee in people:
        world.book_long_ago(employee, 0, 1)
        world.book_long_ago(employee, 7, 8)
    world.ready_tenant()
    exchange, held = world.stage.exchange, 100
    world.figgo(exchange.order, Delay(0), operation="CreateItem", times=3)
    world.figgo(exchange.order, Delay(1), operation="CreateItem", times=held)
    world.initialise("backfill")
    eventually(lambda: world.writes() == 3 and len(exchange.faults.pending) < held, within=SOON)
    world.operator.kill()
    begun = world.initialisation("backfill")["status"]
    assert begun["checkpoint"]["phase"] == "Running"
    assert "completionTime" not in begun
    in_flight = held - len(exchange.faults.pending)
    world.figgo(exchange.faults.cancel)
    eventually(lambda: world.writes() == 3 + in_flight, within=SOON)

    world.operator.start()
    ended = world.ends("backfill")
    assert ended["startTime"] == begun["startTime"], "it is the same run, and goes on"
    for employee in people:
        world.shows(employee, (0, 1, OOF), (7, 8, OOF))
    assert world.writes() == 2 * len(people), "nothing was written twice, or taken out again"
    progress = ended["progress"]
    assert (progress["employeesDone"], progress["percent"]) == (len(PARIS_STAFF), 100)
    assert progress["created"] + progress["unchanged"] == 2 * len(people)


def test_progress_is_told_at_least_every_five_seconds(world: World) -> None:
    for employee in PARIS_STAFF:
        world.book_long_ago(employee, 0, 1)
        world.book_long_ago(employee, 7, 8)
    world.ready_tenant()
    world.figgo(
        world.stage.exchange.order, Delay(1.2), operation="CreateItem", times=2 * len(PARIS_STAFF)
    )
    world.initialise("backfill")
    told: list[tuple[float, dict[str, Any]]] = []
    watch = ("get", "syncinit/backfill", f"--namespace={world.namespace}", "--watch")
    with world.plane.follow(*watch, '--output=jsonpath={.status}{"\\n"}') as lines:
        for line in lines:
            status = json.loads(line)
            if "progress" in status:
                told.append((time.monotonic(), status["progress"]))
            if "completionTime" in status:
                break
    moves = [one for before, one in pairwise(told) if one[1] != before[1]]
    done = [progress["employeesDone"] for _, progress in moves]
    assert len(done) >= 3
    assert done == sorted(set(done)), "more people are done each time"
    assert done[-1] == len(PARIS_STAFF)
    first = moves[0][1]
    assert 0 < first["percent"] < 100
    assert first["created"] == 2 * first["employeesDone"]
    assert all("timeLeft" in progress for _, progress in moves[1:-1])
    times = [told[0][0], *(at for at, _ in moves)]
    assert max(later - earlier for earlier, later in pairwise(times)) <= 5


def test_one_applied_before_its_tenant_waits_for_it_and_goes_with_it(world: World) -> None:
    world.book_long_ago(AWA, 0, 2)
    world.initialise("backfill")
    waiting = '--for=jsonpath={.status.conditions[?(@.type=="Succeeded")].reason}=WaitingForTenant'
    world.kubectl("wait", "syncinit/backfill", waiting, "--timeout=20s")
    assert kstatus(world.initialisation("backfill")) == "InProgress"
    world.apply_tenant()
    world.kubectl("wait", "syncinit/backfill", "--for=condition=Succeeded", "--timeout=30s")
    world.shows(AWA, (0, 2, OOF))
    assert kstatus(world.initialisation("backfill")) == "Current"
    world.kubectl("delete", f"cst/{TENANT}", "--timeout=30s")
    # The garbage collector learns of kinds that are new in the cluster every half minute.
    world.kubectl("wait", "syncinit/backfill", "--for=delete", "--timeout=60s")
    assert len(world.items(AWA)) == 1, "the run is gone, and what it brought in stays"


def test_tools_see_that_one_is_at_work_and_that_one_failed(world: World) -> None:
    world.ready_tenant()
    world.initialise("held", legal_entities=[4], more="  suspend: true\n")
    world.initialise("wrong", legal_entities=[1, 4711])
    status = world.ends("wrong")
    conditions = {each["type"]: each for each in status["conditions"]}
    assert conditions.keys() == {"Succeeded", "Stalled"}
    assert conditions["Succeeded"]["status"] == "False"
    assert conditions["Stalled"]["reason"] == "ValidationFailed"
    assert conditions["Stalled"]["message"].startswith("spec.legalEntities names 4711, which ")
    assert kstatus(world.initialisation("wrong")) == "Failed"

    held = world.initialisation("held")
    assert {each["type"] for each in held["status"]["conditions"]} == {"Succeeded", "Reconciling"}
    assert kstatus(held) == "InProgress"
    cancel = '--patch={"spec": {"cancel": true}}'
    world.kubectl("patch", "syncinit/held", "--type=merge", cancel)
    world.ends("held")
    assert kstatus(world.initialisation("held")) == "Current", "that is what was asked for"

    suspend = '--patch={"spec": {"suspend": true}}'
    world.kubectl("patch", "syncinit/wrong", "--type=merge", suspend)
    eventually(lambda: kstatus(world.initialisation("wrong")) == "Failed", within=SOON)
    assert world.initialisation("wrong")["status"]["observedGeneration"] == 2


def _reconciled(world: World) -> int:
    """Return how many calendars the operator has compared since it was started."""
    metrics = world.operator.get("/metrics")[1]
    count = re.search(r'^figgosync_reconciles_total\{result="ok"\} (\d+)', metrics, re.MULTILINE)
    return int(count[1]) if count else 0
