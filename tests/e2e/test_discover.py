"""`figgosync discover` as an administrator runs it: in the operator's pod, and on a laptop."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from figgosync_demo.installation import ROOT
from figgosync_demo.manifests import TENANT
from figgosync_sim.company import PAID_LEAVE, REMOTE_WORK
from support.namespaces import new_namespace, remove_namespace
from support.world import AWA, BRUNO, World

COMMAND = ("figgosync", "discover")


def _on_a_laptop(
    world: World, kubeconfig: Path, *arguments: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", *COMMAND, *arguments],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "operator"),
            "KUBECONFIG": str(kubeconfig),
            "FIGGOSYNC_FIGGO_HOSTS": urlsplit(world.stage.figgo.url).netloc,
            "FIGGOSYNC_CA_BUNDLE": str(world.stage.ca_file),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_in_the_pod_it_tells_what_figgo_shows_with_the_settings_of_the_installation(
    world: World,
) -> None:
    # As the page advises: nothing is synchronised before the ids are known.
    world.apply_tenant(more="  suspend: true\n")
    world.book(AWA, account=PAID_LEAVE)
    world.book(BRUNO, account=REMOTE_WORK, confirmed=True)
    where = ("--namespace", world.namespace, "--tenant", TENANT)

    report = world.operator.run(*COMMAND, *where)

    assert (report.returncode, report.stderr) == (0, "")
    lines = report.stdout.splitlines()
    assert lines[0] == (
        f"CalendarSyncTenant {world.namespace}/{TENANT} and its Figgo, {world.stage.figgo.url}"
    )
    assert "   1  ACME Paris    Europe/Paris         15       1         2  yes" in lines
    assert "  27  Télétravail          1  remote work" in lines
    assert "  pending absences                      listed: 2 of 4 half-days wait for approval" in (
        lines
    )
    assert max(map(len, lines)) <= 100

    document = json.loads(world.operator.run(*COMMAND, *where, "--output", "json").stdout)
    assert document["tenant"] == {"namespace": world.namespace, "name": TENANT}
    assert [each["id"] for each in document["absences"]["types"]] == [PAID_LEAVE, REMOTE_WORK]
    assert document["timestamps"]["zone"] == "Local"

    # Nobody else hears of it: not the log of the pod, not the status, not Figgo's other side.
    assert "Télétravail" not in world.operator.output()
    assert world.writes() == 0
    world.operator.check()


def test_beside_a_running_sync_it_finds_the_tenant_by_its_name_alone(world: World) -> None:
    world.ready_tenant()
    ready = world.condition("Ready")
    # One whose namespace keeps its Secrets to itself.
    other = new_namespace(world.plane)
    try:
        done = world.operator.run(*COMMAND, "--tenant", TENANT)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"CalendarSyncTenant {world.namespace}/{TENANT} ")

        manifest = world.tenant()
        body = {name: manifest[name] for name in ("apiVersion", "kind", "spec")}
        body["metadata"] = {"name": TENANT, "namespace": other}
        world.plane.kubectl("apply", "--filename=-", stdin=json.dumps(body))
        unclear = world.operator.run(*COMMAND, "--tenant", TENANT)
        assert (unclear.returncode, unclear.stdout) == (1, "")
        names = ", ".join(sorted((other, world.namespace)))
        assert f"in each of {names}: say which by --namespace." in unclear.stderr

        closed = world.operator.run(*COMMAND, "--tenant", TENANT, "--namespace", other)
        assert (closed.returncode, closed.stdout) == (1, "")
        assert f"may not read Secrets in namespace {other}. Run `kubectl -n {other} create" in (
            closed.stderr
        )
    finally:
        remove_namespace(world.plane, other)
    assert world.condition("Ready") == ready


def test_a_tenant_that_does_not_exist_is_told_by_the_api_server(world: World) -> None:
    done = world.operator.run(*COMMAND, "--namespace", world.namespace, "--tenant", "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        f"figgosync: There is no CalendarSyncTenant nobody in namespace {world.namespace}."
    )


def test_on_a_laptop_a_kubeconfig_is_enough(world: World) -> None:
    world.apply_tenant(more="  suspend: true\n")
    arguments = ("--namespace", world.namespace, "--tenant", TENANT, "--output", "json")

    done = _on_a_laptop(world, world.plane.admin_kubeconfig, *arguments)

    assert (done.returncode, done.stderr) == (0, "")
    assert [each["id"] for each in json.loads(done.stdout)["legalEntities"]] == [1, 4]


@pytest.mark.parametrize("known", [True, False])
def test_a_person_without_the_rights_is_told_which_it_takes(world: World, *, known: bool) -> None:
    world.apply_tenant(more="  suspend: true\n")
    world.kubectl("create", "serviceaccount", "visitor")
    token = world.plane.create_token(world.namespace, "visitor") if known else "no-token"
    kubeconfig = world.plane.kubeconfig_for_token(token)
    asked = len(world.stage.figgo.log)

    done = _on_a_laptop(world, kubeconfig, "--namespace", world.namespace, "--tenant", TENANT)

    assert (done.returncode, done.stdout) == (1, "")
    says = "lacks a right that this takes" if known else "Log in to the cluster again."
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert len(world.stage.figgo.log) == asked
