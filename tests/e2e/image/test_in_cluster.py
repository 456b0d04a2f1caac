"""The container under the chart's own limits, against a real API server and both simulators."""

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from figgosync_controlplane.binaries import Binaries
from figgosync_controlplane.helm import Helm
from figgosync_controlplane.plane import ControlPlane
from figgosync_demo.manifests import TENANT, exchange_secret, figgo_secret, tenant
from figgosync_kubelet.cluster import Cluster
from figgosync_sim.stage import Stage
from support.eventually import eventually
from support.image.container import Container, Hardening
from support.image.operator_image import ROOT, OperatorImage
from support.image.pod import hardening, pod, with_variables

_SYSTEM = "figgosync-system"
_RELEASE = "figgosync"
_DEPLOYMENT = "figgosync-figgo-calendar-sync"
_AWA = 1202
_FAR = date(2027, 6, 7)
"""A Monday far enough ahead that no test ever runs into it."""

_START = timedelta(seconds=30)
_SOON = timedelta(seconds=20)
_GRACE = 10.0
"""Seconds; the chart grants thirty."""


@dataclass(frozen=True)
class Site:
    """A cluster with the chart installed, and the two systems between which the operator stands."""

    plane: ControlPlane
    stage: Stage
    cluster: Cluster


@pytest.fixture(scope="module")
def site(
    binaries: Binaries, helm_binary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A control plane of this module's own: an installation is a matter of the whole cluster."""
    folder = tmp_path_factory.mktemp("site")
    with (
        ControlPlane.start(binaries) as plane,
        Stage(folder, requests_per_minute=None) as stage,
    ):
        plane.kubectl("create", "namespace", "hr")
        helm = Helm(helm_binary, plane.admin_kubeconfig)
        helm.run(
            *("install", _RELEASE, str(ROOT / "helm" / "figgo-calendar-sync")),
            *(f"--namespace={_SYSTEM}", "--create-namespace", "--values=-"),
            stdin=json.dumps(_values(stage)),
        )
        yield Site(plane, stage, Cluster(plane, _SYSTEM))


def _values(stage: Stage) -> dict[str, object]:
    return {
        "tenantNamespaces": ["hr"],
        "hosts": {
            "figgo": [urlsplit(stage.figgo.url).netloc],
            "exchange": [urlsplit(stage.exchange.url).netloc],
        },
        "caBundle": {"pem": stage.ca_file.read_text()},
    }


class Operator:
    """The running container, and what can be seen of it."""

    def __init__(self, container: Container) -> None:
        self.container = container

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.container.log.read_text().splitlines()]

    def answers(self, path: str) -> int:
        """Return the status of its own HTTP server, 0 while there is none."""
        self.container.check()
        ports = [line["port"] for line in self.lines() if line["message"] == "operator started"]
        if not ports:
            return 0
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{ports[0]}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


def test_the_chart_hardens_the_container_as_the_image_is_made_for(site: Site) -> None:
    assert hardening(site.cluster.deployment(_DEPLOYMENT)) == Hardening(
        uid=65532,
        gid=65532,
        groups=(65532,),
        capabilities=(),
        no_new_privileges=True,
        read_only_root=True,
    )


def test_the_operator_works_and_ends_in_order_within_the_limits_of_the_chart(
    site: Site, operator_image: OperatorImage, tmp_path: Path
) -> None:
    # Port 0: the container has this machine's network, where 8080 may be taken.
    with (
        pod(site.cluster, _DEPLOYMENT, operator_image.environment) as its_job,
        operator_image.store.mounted(operator_image.name) as root,
        Container(root, with_variables(its_job, FIGGOSYNC_HTTP_PORT="0"), tmp_path) as container,
    ):
        operator = Operator(container)
        eventually(lambda: operator.answers("/readyz") == 200, within=_START)
        assert operator.answers("/healthz") == 200
        _expect_limits(container.pid)

        _apply_tenant(site)
        eventually(lambda: _ready(site), within=_START)
        _expect_an_absence_to_arrive(site)

        began = time.monotonic()
        os.kill(container.pid, signal.SIGTERM)
        assert container.wait(_GRACE) == 0
        assert time.monotonic() - began < _GRACE
        assert root.written_files() == [], "the root was written to"
        [temporary] = [mount.outside for mount in its_job.mounts if not mount.read_only]
        assert list(temporary.iterdir()) == [], "exchangelib looks for it, and nobody uses it"
    assert "Traceback" not in container.log.read_text()


def _expect_limits(pid: int) -> None:
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    assert status["Uid"].split() == ["65532"] * 4
    assert status["Gid"].split() == ["65532"] * 4
    assert {int(status[f"Cap{kind}"], 16) for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {0}
    assert status["NoNewPrivs"].strip() == "1"
    [of_root] = [
        fields[5].split(",")
        for fields in map(str.split, Path(f"/proc/{pid}/mountinfo").read_text().splitlines())
        if fields[4] == "/"
    ]
    assert "ro" in of_root


def _apply_tenant(site: Site) -> None:
    documents = (
        figgo_secret(namespace="hr"),
        exchange_secret(namespace="hr"),
        tenant(site.stage, namespace="hr", name=TENANT),
    )
    site.plane.kubectl("apply", "--namespace=hr", "--filename=-", stdin="---".join(documents))


def _ready(site: Site) -> bool:
    body = json.loads(site.plane.kubectl("get", f"cst/{TENANT}", "--namespace=hr", "-o=json"))
    conditions = body.get("status", {}).get("conditions", [])
    assert ("Ready", "True") in [(each["type"], each["status"]) for each in conditions], conditions
    return True


def _expect_an_absence_to_arrive(site: Site) -> None:
    figgo, store = site.stage.figgo.state, site.stage.exchange.store
    address = figgo.people[_AWA].mail
    assert address is not None
    assert site.stage.act(lambda: list(store.outlook_view(address))) == []
    days = ((_FAR, "AM"), (_FAR, "PM"))
    site.stage.act(lambda: figgo.book(_AWA, *days, 8, confirmed=True))
    eventually(
        lambda: (
            [
                (event.first, event.last)
                for event in site.stage.act(lambda: list(store.outlook_view(address)))
            ]
            == [(_FAR, _FAR)]
        ),
        within=_SOON,
    )
