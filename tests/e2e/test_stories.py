"""The main job, told as stories on a real API server, with the operator as a process."""

import json
import re
import time
from datetime import UTC, date, datetime, timedelta

import pytest

from figgosync_controlplane.kubectl import KubectlError
from figgosync_demo.manifests import TENANT, exchange_secret, figgo_secret
from figgosync_sim.faults import Delay
from figgosync_sim.figgo import CANARY_COMMENT
from figgosync_sim.stage import LOGIN
from support.eventually import eventually
from support.world import AWA, BRUNO, CHLOE, FAR, SOON, World

OOF, TENTATIVE = "OOF", "Tentative"


def test_an_absence_is_followed_from_request_to_cancellation(world: World) -> None:
    world.ready_tenant()
    state = world.stage.figgo.state
    period = world.book(AWA, 0, 2)
    world.nudge()
    world.shows(AWA, (0, 2, TENTATIVE))
    identity = world.items(AWA)[0].id
    world.figgo(state.approve, period)
    world.nudge()
    world.shows(AWA, (0, 2, OOF))
    world.figgo(
        state.edit, period, (FAR + timedelta(days=1), "AM"), (FAR + timedelta(days=3), "PM")
    )
    world.nudge()
    world.shows(AWA, (1, 3, OOF))
    assert world.items(AWA)[0].id == identity, "an event keeps its identity through all changes"
    world.figgo(state.cancel, period)
    world.nudge()
    world.shows(AWA)
    assert world.stage.act(world.stage.exchange.store.notifications) == 0


def test_a_wrong_password_is_told_with_its_remedy_and_tried_once_until_the_secret_changes(
    world: World,
) -> None:
    world.ready_tenant()
    accounts = world.stage.exchange.accounts
    world.figgo(accounts.set_password, LOGIN, "Another-Password-2")
    world.figgo(world.stage.exchange.drop_connections)
    world.kubectl("wait", f"cst/{TENANT}", "--for=condition=CalendarReady=False", "--timeout=15s")
    condition = world.condition("CalendarReady")
    assert condition["reason"] == "CredentialsRefused"
    assert "Write the new password to the Secret" in condition["message"]
    assert world.condition("Ready")["status"] == "False"
    assert world.condition("Stalled")["status"] == "True"
    # No nudge: with that annotation a person has the login tried once more.
    period = world.book(AWA, confirmed=True)
    polled = len(world.stage.figgo.log)
    eventually(lambda: len(world.stage.figgo.log) >= polled + 4, within=SOON)
    assert world.figgo(accounts.failures) == 1, "nobody hammers a refused login"
    world.kubectl(
        "apply",
        "--filename=-",
        stdin=exchange_secret("Another-Password-2", namespace=world.namespace),
    )
    world.shows(AWA, (0, 0, OOF))
    world.kubectl("wait", f"cst/{TENANT}", "--for=condition=Ready", "--timeout=20s")
    assert world.figgo(accounts.failures) == 1
    assert period > 0


def test_a_refused_api_key_is_told_and_a_new_one_taken_up_without_a_restart(world: World) -> None:
    world.kubectl(
        "apply", "--filename=-", stdin=figgo_secret("wrong-key", namespace=world.namespace)
    )
    key = world.stage.figgo.state
    world.apply_tenant()
    world.kubectl("wait", f"cst/{TENANT}", "--for=condition=Ready", "--timeout=30s")
    world.figgo(key.set_key, "b6f5d4c3-0000-4a39-9f61-0d6f6a7d4c11")
    world.kubectl("wait", f"cst/{TENANT}", "--for=condition=FiggoReady=False", "--timeout=20s")
    condition = world.condition("FiggoReady")
    assert condition["reason"] == "CredentialsRefused"
    assert "API key" in condition["message"]
    world.kubectl(
        "apply",
        "--filename=-",
        stdin=figgo_secret("b6f5d4c3-0000-4a39-9f61-0d6f6a7d4c11", namespace=world.namespace),
    )
    world.kubectl("wait", f"cst/{TENANT}", "--for=condition=Ready", "--timeout=30s")


def test_an_operator_killed_in_mid_sync_converges_without_duplicates(world: World) -> None:
    world.ready_tenant()
    employees = [AWA, BRUNO, CHLOE]
    for employee in employees:
        for week in range(3):
            world.book(employee, 7 * week, 7 * week + 1, confirmed=True)
    # Half of the creates are answered late, so that some are in flight when the end comes.
    world.figgo(world.stage.exchange.order, Delay(0.4), operation="CreateItem", times=20)
    world.nudge()
    eventually(lambda: world.writes() >= 2, within=SOON)
    world.operator.kill()
    world.operator.start()
    wanted = [(7 * week, 7 * week + 1, OOF) for week in range(3)]
    for employee in employees:
        world.shows(employee, *wanted)


@pytest.mark.parametrize("policy", ["Orphan", "Delete"])
def test_a_tenant_that_goes_leaves_exactly_what_its_policy_promises(
    world: World, policy: str
) -> None:
    state = world.stage.figgo.state
    today = datetime.now(UTC).date()
    world.ready_tenant(more=f"  deletionPolicy: {policy}\n")
    world.book(AWA, 0, 1, confirmed=True)
    past = world.figgo(
        state.book,
        AWA,
        (_working_day_before(today - timedelta(days=7)), "AM"),
        (_working_day_before(today - timedelta(days=7)), "PM"),
        8,
        confirmed=True,
    )
    world.nudge()
    eventually(lambda: len(world.outlook(AWA)) == 2, within=SOON)
    address = world.address(AWA)
    store = world.stage.exchange.store
    mine = world.figgo(
        store.add_item,
        address,
        subject="Dentist",
        start=datetime(2027, 6, 7, 8, tzinfo=UTC),
        end=datetime(2027, 6, 7, 9, tzinfo=UTC),
    )
    world.kubectl("delete", f"cst/{TENANT}", "--timeout=30s")
    remaining = world.items(AWA)
    subjects = sorted(item.subject for item in remaining)
    if policy == "Delete":
        assert subjects == ["Absent", "Dentist"], "the past stays, the future is removed"
        assert all(item.end.date() < today or item.id == mine.id for item in remaining)
    else:
        assert subjects == ["Absent", "Absent", "Dentist"]
    assert next(item for item in remaining if item.id == mine.id) == mine
    assert past > 0


def test_a_tenant_created_anew_adopts_its_events_without_a_write(world: World) -> None:
    world.ready_tenant()
    world.book(AWA, 0, 4, confirmed=True)
    world.nudge()
    world.shows(AWA, (0, 4, OOF))
    world.kubectl("delete", f"cst/{TENANT}", "--timeout=30s")
    writes = world.writes()
    world.ready_tenant(name=TENANT)
    eventually(lambda: world.tenant()["status"]["events"]["managed"] == 1, within=SOON)
    assert world.writes() == writes


def test_a_wiped_status_leads_to_no_write(world: World) -> None:
    world.ready_tenant()
    world.book(AWA, 0, 4, confirmed=True)
    world.book(BRUNO, 1, 1)
    world.nudge()
    world.shows(AWA, (0, 4, OOF))
    world.shows(BRUNO, (1, 1, TENTATIVE))
    writes = world.writes()
    world.operator.stop()
    world.kubectl(
        "patch", f"cst/{TENANT}", "--subresource=status", "--type=merge", '--patch={"status": null}'
    )
    world.operator.start()
    world.operator.wait_ready()
    world.kubectl("wait", f"cst/{TENANT}", "--for=condition=Ready", "--timeout=30s")
    eventually(lambda: world.tenant()["status"]["events"]["managed"] == 2, within=SOON)
    assert world.writes() == writes


def test_only_what_happens_after_the_activation_appears(world: World) -> None:
    state = world.stage.figgo.state
    long_ago = datetime.now(UTC) - timedelta(days=30)
    world.book(AWA, 0, 4, confirmed=True, at=long_ago)
    pending = world.book(BRUNO, 0, 1, at=long_ago)
    world.ready_tenant()
    assert world.outlook(AWA) == [], "older absences come with an initialisation"
    assert world.outlook(BRUNO) == []
    world.figgo(state.approve, pending)
    world.nudge()
    world.shows(BRUNO, (0, 1, OOF))
    assert world.outlook(AWA) == []


def test_a_bad_spec_is_refused_with_a_sentence(world: World) -> None:
    with pytest.raises(KubectlError, match="the morning must end after it begins"):
        world.apply_tenant(more='    workingHours: {morning: {from: "14:00", to: "12:00"}}\n')


def test_the_operator_ends_in_order_while_exchange_is_slow(world: World) -> None:
    world.ready_tenant()
    world.book(AWA, 0, 2, confirmed=True)
    world.figgo(world.stage.exchange.order, Delay(5), operation="CreateItem", times=1)
    world.nudge()
    # The delay is taken when the request comes; the log has the call only once it is answered.
    eventually(lambda: not world.stage.exchange.faults.pending, within=SOON)
    assert world.items(AWA) == [], "the call is in flight"
    code, seconds = world.operator.stop()
    assert code == 0
    assert seconds < 10
    assert len(world.items(AWA)) == 1, "the call in flight came to its end"
    world.operator.start()
    world.shows(AWA, (0, 2, OOF))
    assert len(world.items(AWA)) == 1


def test_nothing_personal_is_logged_or_shown(world: World) -> None:
    world.ready_tenant(more="    showAbsenceType: true\n")
    world.book(AWA, 0, 2, account=21, confirmed=True)
    world.nudge()
    world.shows(AWA, (0, 2, OOF))
    assert world.outlook(AWA)[0].subject == "Maladie"
    world.figgo(world.stage.exchange.store.remove, world.address(BRUNO))
    world.book(BRUNO, 0, 0)
    world.nudge()
    eventually(lambda: world.condition("Synchronised").get("status") == "False", within=SOON)
    _, metrics = world.operator.get("/metrics")
    told = "\n".join(
        (
            world.operator.log.read_text(),
            json.dumps(world.tenant()["status"]),
            world.kubectl("get", "events.events.k8s.io", "--output=json"),
            metrics,
        )
    )
    people = world.stage.figgo.state.people.values()
    secrets = {"Maladie", "Absent", CANARY_COMMENT, "societe.example", LOGIN}
    secrets |= {name for p in people for name in (p.first_name, p.last_name, p.login)}
    assert not [secret for secret in secrets if secret in told]
    asked = "\n".join(str(request) for request in world.stage.figgo.log)
    assert "comment" not in asked.lower()


def test_probes_and_metrics_answer(world: World) -> None:
    world.ready_tenant()
    assert world.operator.get("/healthz") == (200, "ok\n")
    assert world.operator.get("/readyz") == (200, "ok\n")
    status, metrics = world.operator.get("/metrics")
    assert status == 200
    assert "figgosync_tenants 1.0" in metrics
    tenant = f'tenant_namespace="{world.namespace}",tenant="{TENANT}"'
    # One person of the company has no address in Figgo.
    assert f'figgosync_tenant_ready{{{tenant},reason="FailingEmployees"}} 1.0' in metrics
    assert f"figgosync_tenant_failing_employees{{{tenant}}} 1.0" in metrics
    assert metrics.count(f"{{{tenant}") == 8
    assert re.search(r'figgosync_requests_total\{result="ok",system="exchange"\} [1-9]', metrics)
    assert "process_resident_memory_bytes" in metrics
    assert 'figgosync_reconciles_total{result="ok"}' in metrics


def test_a_suspended_tenant_rests_and_catches_up(world: World) -> None:
    world.ready_tenant()
    world.kubectl("patch", f"cst/{TENANT}", "--type=merge", '--patch={"spec": {"suspend": true}}')
    eventually(lambda: world.condition("Ready").get("reason") == "Suspended", within=SOON)
    asked, writes = len(world.stage.figgo.log), world.writes()
    world.book(AWA, 0, 0, confirmed=True)
    world.nudge()
    time.sleep(0.05)
    assert (len(world.stage.figgo.log), world.writes()) == (asked, writes)
    world.kubectl("patch", f"cst/{TENANT}", "--type=merge", '--patch={"spec": {"suspend": false}}')
    world.shows(AWA, (0, 0, OOF))


def test_the_operator_says_that_the_crds_are_missing_and_starts_when_they_come(
    world: World,
) -> None:
    world.operator.stop()
    crd = world.kubectl("get", "crd/calendarsynctenants.figgosync.io", "--output=json")
    world.kubectl("delete", "crd/calendarsynctenants.figgosync.io")
    try:
        world.operator.start()
        eventually(lambda: "kubectl apply" in world.operator.get("/readyz")[1], within=SOON)
        assert world.operator.get("/readyz")[0] == 503
        assert world.operator.get("/healthz")[0] == 200
    finally:
        body = json.loads(crd)
        for name in ("resourceVersion", "uid", "creationTimestamp", "managedFields", "generation"):
            body["metadata"].pop(name, None)
        body.pop("status", None)
        world.kubectl("create", "--filename=-", stdin=json.dumps(body))
        world.kubectl("wait", "crd/calendarsynctenants.figgosync.io", "--for=condition=Established")
    world.operator.wait_ready()
    world.ready_tenant()


def test_the_operator_is_refused_nothing_that_it_asks_for(world: World) -> None:
    world.ready_tenant(more="  deletionPolicy: Delete\n")
    world.book(AWA, 0, 0)
    world.nudge()
    world.shows(AWA, (0, 0, TENTATIVE))
    world.kubectl("delete", f"cst/{TENANT}", "--timeout=30s")
    complaints = [line for line in world.operator.lines() if line.get("level") != "INFO"]
    assert [line for line in complaints if line.get("message") != "calendar not served"] == []


def _working_day_before(day: date) -> date:
    while day.weekday() > 4:
        day -= timedelta(days=1)
    return day
