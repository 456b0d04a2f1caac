"""The operator's rights against what it does: nothing is refused, and nothing granted is unused.

The API server's own audit log is the witness, on a control plane where the chart alone was
installed and the operator runs as its Deployment says.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from figgosync_controlplane.binaries import Binaries
from figgosync_controlplane.helm import Helm
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.ports import spare_port
from figgosync_demo.installation import OperatorProcess, Release
from figgosync_demo.manifests import TENANT, chart_values, exchange_secret
from figgosync_sim.stage import LOGIN, Stage
from support.eventually import eventually
from support.namespaces import new_namespace
from support.world import AWA, SOON, World

_PASSWORD = "Another-Password-2"
_FORBIDDEN = 403

Values = Callable[[Stage, str], dict[str, object]]
"""Makes the values of a release for a stage and the namespace of its tenant."""


@dataclass(frozen=True, slots=True)
class Right:
    """What may be done to which resource (with subresource), by which name, in which namespace.

    An empty name or namespace stands for all.
    """

    verb: str
    group: str
    resource: str
    name: str
    namespace: str

    def allows(self, request: "Request") -> bool:
        right, asked = self, request.right
        return (
            (right.verb, right.group, right.resource) == (asked.verb, asked.group, asked.resource)
            and right.name in {"", asked.name}
            and right.namespace in {"", asked.namespace}
        )


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of the API server, and the status of its answer."""

    right: Right
    status: int


class Witness:
    """What the API server and its audit log know of the operator of a release."""

    def __init__(self, release: Release, audit_log: Path) -> None:
        self._release = release
        self._audit_log = audit_log

    def requests(self) -> list[Request]:
        """Return what it asked for, but for what is no resource (versions, discovery)."""
        entries = map(json.loads, self._audit_log.read_text().splitlines())
        return [
            Request(_asked(entry["verb"], entry["objectRef"]), entry["responseStatus"]["code"])
            for entry in entries
            if entry["user"]["username"] == self._release.user and "objectRef" in entry
        ]

    def rights(self) -> set[Right]:
        """Return what the bindings of its ServiceAccount grant."""
        kubectl = self._release.plane.kubectl
        kinds = "clusterrolebindings,rolebindings"
        bindings = json.loads(kubectl("get", kinds, "--all-namespaces", "--output=json"))["items"]
        subject = {
            "kind": "ServiceAccount",
            "name": self._release.deployment,
            "namespace": self._release.namespace,
        }
        rights: set[Right] = set()
        for binding in (each for each in bindings if subject in each.get("subjects", [])):
            namespace = binding["metadata"].get("namespace", "")
            role = binding["roleRef"]
            where = ["--namespace", namespace] if role["kind"] == "Role" else []
            body = kubectl("get", role["kind"], role["name"], *where, "--output=json")
            for rule in json.loads(body)["rules"]:
                rights |= _granted(rule, namespace)
        return rights


def _asked(verb: str, reference: Mapping[str, str]) -> Right:
    resource = "/".join(
        part for part in (reference["resource"], reference.get("subresource", "")) if part
    )
    return Right(
        verb,
        reference.get("apiGroup", ""),
        resource,
        reference.get("name", ""),
        reference.get("namespace", ""),
    )


def _granted(rule: Mapping[str, Any], namespace: str) -> set[Right]:
    assert rule.keys() <= {"apiGroups", "resources", "resourceNames", "verbs"}
    return {
        Right(verb, group, resource, name, namespace)
        for verb in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for name in rule.get("resourceNames", [""])
    }


@pytest.fixture
def audit_log(tmp_path: Path) -> Path:
    return tmp_path / "audit.log"


@pytest.fixture
def release(binaries: Binaries, helm_binary: Path, audit_log: Path) -> Iterator[Release]:
    """A release to be installed on a control plane where nothing of ours is yet."""
    with ControlPlane.start(binaries, audit_log=audit_log) as plane:
        yield Release(plane, Helm(helm_binary, plane.admin_kubeconfig))


def _in_the_whole_cluster(stage: Stage, namespace: str) -> dict[str, object]:
    return chart_values(stage, port=spare_port(), namespaces=[namespace])


def _in_one_namespace(stage: Stage, namespace: str) -> dict[str, object]:
    values = chart_values(stage, port=spare_port(), namespaces=[])
    return {**values, "watchNamespaces": [namespace]}


def _play(world: World) -> None:
    """Have the operator do everything that it ever does with the API server."""
    world.ready_tenant(more="  deletionPolicy: Delete\n")
    world.book(AWA, 0, 1, confirmed=True)
    world.nudge()
    world.shows(AWA, (0, 1, "OOF"))
    # That Exchange accepts the account is told twice, and the second time counted.
    world.figgo(world.stage.exchange.accounts.set_password, LOGIN, _PASSWORD)
    world.figgo(world.stage.exchange.drop_connections)
    world.kubectl("wait", f"cst/{TENANT}", "--for=condition=CalendarReady=False", "--timeout=20s")
    secret = exchange_secret(_PASSWORD, namespace=world.namespace)
    world.kubectl("apply", "--filename=-", stdin=secret)
    world.kubectl("wait", f"cst/{TENANT}", "--for=condition=CalendarReady", "--timeout=30s")
    world.initialise("backfill", more="  ttlSecondsAfterFinished: 0\n")
    world.kubectl("wait", "syncinit/backfill", "--for=delete", "--timeout=30s")
    world.kubectl("delete", f"cst/{TENANT}", "--timeout=30s")
    assert world.outlook(AWA) == []


@pytest.mark.parametrize("values", [_in_the_whole_cluster, _in_one_namespace])
def test_the_operator_is_refused_nothing_and_uses_every_right(
    release: Release, audit_log: Path, tmp_path: Path, values: Values
) -> None:
    namespace = new_namespace(release.plane)
    witness = Witness(release, audit_log)
    with Stage(tmp_path, requests_per_minute=None) as stage:
        release.install(values(stage, namespace))
        with OperatorProcess(release, tmp_path / "operator.log") as operator:
            _play(World(release, stage, operator, namespace))
            rights = witness.rights()
            assert len(rights) >= 8

            def all_used() -> bool:
                requests = [each for each in witness.requests() if each.status != _FORBIDDEN]
                unused = {
                    (right.verb, right.resource)
                    for right in rights
                    if not any(right.allows(request) for request in requests)
                }
                assert unused == set()
                return True

            # Events are counted and statuses written a moment after what they tell of.
            eventually(all_used, within=SOON)
    requests = witness.requests()
    assert [request.right for request in requests if request.status == _FORBIDDEN] == []
    strange = {
        request.right
        for request in requests
        if request.right.group not in {"authorization.k8s.io", "authentication.k8s.io"}
        and not any(right.allows(request) for right in rights)
    }
    assert strange == set(), "what no rule of ours allows, somebody else's rule must allow"


def test_the_witness_tells_a_refused_request_and_a_right_that_nobody_uses(
    release: Release, audit_log: Path
) -> None:
    plane = release.plane
    release.install({"hosts": {"exchange": ["mail.acme.example"]}})
    token = plane.create_token(release.namespace, release.deployment)
    kubeconfig = plane.kubeconfig_for_token(token)
    plane.kubectl("get", "cst", "--all-namespaces", kubeconfig=kubeconfig)
    with pytest.raises(Exception, match="pods is forbidden"):
        plane.kubectl("get", "pods", kubeconfig=kubeconfig)
    witness = Witness(release, audit_log)

    def both() -> bool:
        told = {(each.right.verb, each.right.resource): each.status for each in witness.requests()}
        assert told[("list", "pods")] == _FORBIDDEN
        assert told[("list", "calendarsynctenants")] == 200
        return True

    eventually(both, within=timedelta(seconds=10), not_yet=(AssertionError, KeyError))
    requests = witness.requests()
    used = {right for right in witness.rights() if any(right.allows(each) for each in requests)}
    assert {(right.verb, right.resource) for right in used} == {("list", "calendarsynctenants")}
