"""A real Prometheus that scrapes the real operator, with the chart's own rules."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from figgosync_controlplane.helm import Helm
from figgosync_demo.manifests import TENANT
from figgosync_sim.faults import Delay
from figgosync_sim.stage import LOGIN
from support.chart import ROOT, helm_executable
from support.debian import prometheus_binaries
from support.eventually import eventually
from support.prometheus import Prometheus
from support.promtool import rule_object
from support.shell import run_as_documented
from support.world import World

SOON = timedelta(seconds=40)
PASSWORD = "N3w $Pass\"w'rd\\!"
"""With all that a shell or JSON could stumble upon."""

AT_ONCE = {
    "prometheusRule": {
        "rules": {"credentialsRefused": {"for": "2s"}, "operatorDown": {"for": "2s"}}
    }
}


class Watch:
    """Prometheus beside a world, which knows the operator by the labels that a PodMonitor gives."""

    def __init__(self, world: World, prometheus: Prometheus, rule: Mapping[str, Any]) -> None:
        self.world = world
        self.prometheus = prometheus
        namespace, name = rule["metadata"]["namespace"], rule["metadata"]["name"]
        self._labels = {"job": f"{namespace}/{name}", "namespace": namespace}
        self._pods = 0

    def scrape(self) -> None:
        """Scrape the operator as it runs now, in a pod of a new name; return once that is done."""
        (port,) = (
            int(str(line["port"]))
            for line in self.world.operator.lines()
            if line.get("message") == "operator started"
        )
        self._pods += 1
        pod = f"operator-{self._pods}"
        labels = {"pod": pod, "container": "operator", "endpoint": "http"}
        self.prometheus.scrape(port, {**self._labels, **labels})
        query = f'figgosync_build_info{{pod="{pod}"}}'
        eventually(lambda: self.prometheus.samples(query), within=SOON)

    def fires(self, alert: str) -> dict[str, Any]:
        """Wait until it does; return it."""
        return eventually(lambda: self.prometheus.firing().get(alert), within=SOON)

    def is_over(self, alert: str) -> None:
        """Wait until it does not fire any more."""
        eventually(lambda: alert not in self.prometheus.firing(), within=SOON)


@pytest.fixture
def watch(world: World, tmp_path: Path) -> Iterator[Watch]:
    """Prometheus scrapes the operator, and nothing fires."""
    executable, _ = prometheus_binaries()
    helm = Helm(helm_executable(), tmp_path / "there-is-no-cluster")
    rule = rule_object(helm, AT_ONCE, namespace="figgo-calendar-sync")
    with Prometheus(executable, tmp_path / "prometheus", rule["spec"]) as prometheus:
        watch = Watch(world, prometheus, rule)
        watch.scrape()
        yield watch


def test_a_refused_password_is_reported_with_its_remedy_until_it_is_repaired(watch: Watch) -> None:
    world = watch.world
    world.ready_tenant()
    watch.is_over("FiggosyncOperatorDown")  # it was, until the first scrape
    assert watch.prometheus.firing() == {}
    world.figgo(world.stage.exchange.accounts.set_password, LOGIN, PASSWORD)
    world.figgo(world.stage.exchange.drop_connections)

    alert = watch.fires("FiggosyncCredentialsRefused")
    assert alert["labels"] == {
        "alertname": "FiggosyncCredentialsRefused",
        "severity": "critical",
        "namespace": "figgo-calendar-sync",
        "tenant_namespace": world.namespace,
        "tenant": TENANT,
    }
    description = alert["annotations"]["description"]
    whom = f"Tenant {world.namespace}/{TENANT} cannot log in to Figgo or Exchange"
    assert f"{whom} (CredentialsRefused).\n" in description
    (command,) = re.findall(r"^  kubectl (.*)$", description, re.MULTILINE)
    shown = " ".join(world.plane.kubectl(*shlex.split(command)).split())
    assert "Credentials Secret Ref: Name: acme-exchange" in shown
    assert "Write the new password to the Secret (keys accountLogin, accountPass)" in shown

    world.operator.stop()
    world.operator.start()
    world.operator.wait_ready()
    watch.scrape()
    again = watch.fires("FiggosyncCredentialsRefused")
    assert again["activeAt"] == alert["activeAt"], "a restart neither ends nor renews an alert"

    _write_password_as_the_page_says(world)
    watch.is_over("FiggosyncCredentialsRefused")
    world.kubectl("wait", f"cst/{TENANT}", "--for=condition=Ready", "--timeout=20s")


def test_an_operator_that_dies_is_reported_until_it_is_back(watch: Watch) -> None:
    watch.is_over("FiggosyncOperatorDown")
    watch.world.operator.kill()
    alert = watch.fires("FiggosyncOperatorDown")
    assert alert["labels"]["job"] == "figgo-calendar-sync/op"
    watch.world.operator.start()
    watch.world.operator.wait_ready()
    watch.scrape()
    watch.is_over("FiggosyncOperatorDown")


def test_every_metric_that_the_rules_name_comes_from_the_operator(watch: Watch) -> None:
    watch.world.ready_tenant()
    _slow_initialisation(watch.world)
    source = (ROOT / "helm" / "figgo-calendar-sync" / "files" / "alerts.yaml").read_text()
    named = sorted(set(re.findall(r"\b(?:figgosync|process)_\w+(?=\{|\[)", source)))
    assert len(named) > 10

    def all_are_there() -> bool:
        assert [name for name in named if not watch.prometheus.samples(name)] == []
        return True

    eventually(all_are_there, within=SOON)


def _slow_initialisation(world: World) -> None:
    """Begin one that is at work for a while: only then there is a series of its progress."""
    world.figgo(world.stage.exchange.order, Delay(8), operation="FindItem", times=100)
    wish = {"tenantRef": {"name": TENANT}, "from": "2026-01-01", "allLegalEntities": True}
    manifest = {
        "apiVersion": "figgosync.io/v1alpha1",
        "kind": "SyncInitialisation",
        "metadata": {"name": "backfill"},
        "spec": {**wish, "mode": "Plan"},
    }
    world.kubectl("create", "--filename=-", stdin=json.dumps(manifest))


def _write_password_as_the_page_says(world: World) -> None:
    page = (ROOT / "docs" / "runbooks" / "FiggosyncCredentialsRefused.md").read_text()
    (script,) = re.findall(r"```bash\n(.*?)```", page, re.DOTALL)
    here = script.replace(" hr ", f" {world.namespace} ")
    done = run_as_documented(here, world.plane, stdin=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "secret/acme-exchange patched\n"
    assert done.stderr == ""
