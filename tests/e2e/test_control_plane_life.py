"""How a real control plane ends: asked to, killed, or with a server that died."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from figgosync_controlplane.binaries import Binaries
from figgosync_controlplane.errors import ControlPlaneError
from figgosync_controlplane.plane import ControlPlane
from support.eventually import eventually
from support.process_ids import children, runs

SOON = timedelta(seconds=20)
SERVERS = {"etcd", "kube-apiserver", "kube-controller-manager"}


@contextmanager
def _running_command(
    binaries: Binaries, temporary: Path
) -> Iterator[tuple["subprocess.Popen[str]", dict[int, str]]]:
    """Run `python -m figgosync_controlplane run` until it is ready; yield it and its servers."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "KUBEBUILDER_ASSETS": str(binaries.etcd.parent),
        "TMPDIR": str(temporary),
    }
    command = (sys.executable, "-m", "figgosync_controlplane", "run")
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as parent:
        try:
            assert parent.stdout is not None
            assert parent.stdout.readline().startswith("export KUBECONFIG=")
            assert eventually(lambda: set(children(parent.pid).values()) == SERVERS, within=SOON)
            yield parent, children(parent.pid)
        finally:
            parent.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_stops_all_when_asked_and_leaves_nothing(
    binaries: Binaries, tmp_path: Path, number: signal.Signals
) -> None:
    with _running_command(binaries, tmp_path) as (parent, servers):
        assert len(list(tmp_path.iterdir())) == 1
        parent.send_signal(number)
        assert parent.wait(timeout=40) == 0
        assert not any(map(runs, servers))
    assert list(tmp_path.iterdir()) == []


def test_nothing_runs_on_when_the_command_is_killed(binaries: Binaries, tmp_path: Path) -> None:
    with _running_command(binaries, tmp_path) as (parent, servers):
        assert all(map(runs, servers))
        parent.kill()
        assert eventually(lambda: not any(map(runs, servers)), within=SOON)


def test_a_server_that_died_is_named_and_its_log_kept(
    binaries: Binaries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    plane = ControlPlane.start(binaries)
    with pytest.raises(ControlPlaneError, match="kube-apiserver ended by itself") as caught, plane:
        _kill(plane.pids["kube-apiserver"])
    (folder,) = tmp_path.iterdir()
    assert f"All logs: {folder / 'logs'}" in str(caught.value)
    assert {path.stem for path in (folder / "logs").iterdir()} == SERVERS
    assert not any(map(runs, plane.pids.values()))


def test_the_audit_log_has_a_line_for_each_request_and_no_body(
    binaries: Binaries, tmp_path: Path
) -> None:
    log = tmp_path / "audit.jsonl"
    with ControlPlane.start(binaries, audit_log=log) as plane:
        plane.kubectl("create", "configmap", "audited", "--from-literal=key=hidden-from-the-log")
    entries = [json.loads(line) for line in log.read_text().splitlines()]
    (creation,) = (
        entry
        for entry in entries
        if entry["verb"] == "create" and entry.get("objectRef", {}).get("name") == "audited"
    )
    assert creation["user"]["username"] == "admin"
    assert creation["responseStatus"]["code"] == 201
    assert "hidden-from-the-log" not in log.read_text()


def test_two_control_planes_know_nothing_of_each_other(
    control_plane: ControlPlane, binaries: Binaries
) -> None:
    with ControlPlane.start(binaries) as other:
        assert other.url != control_plane.url
        other.kubectl("create", "namespace", "only-in-the-other")
        assert "only-in-the-other" not in control_plane.kubectl("get", "namespaces", "-o", "name")


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: not runs(pid), within=SOON)
