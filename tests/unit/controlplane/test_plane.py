"""Starting and stopping three servers, with stand-ins that can be made to misbehave."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from figgosync_controlplane import servers as servers_module
from figgosync_controlplane.errors import ControlPlaneError
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.processes import leashed
from support.eventually import eventually
from support.process_ids import runs
from support.stand_in_servers import StandInServers

SOON = timedelta(seconds=10)
IN_ORDER = ["etcd", "kube-apiserver", "kube-controller-manager"]

_RUN_UNTIL_KILLED = """
import sys, time
from pathlib import Path
from figgosync_controlplane.binaries import Binaries
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.processes import leashed
with ControlPlane.start(Binaries.in_folder(Path(sys.argv[1]))):
    print("ready", flush=True)
    time.sleep(60)
"""

_WAIT = "import time; print('leashed', flush=True); time.sleep(60)"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the folders of the planes come to lie, so that a test can see what is left."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def stand_ins(tmp_path: Path) -> StandInServers:
    folder = tmp_path / "binaries"
    folder.mkdir()
    return StandInServers(folder)


def test_the_servers_start_in_the_order_of_their_needs_and_stop_in_the_reverse(
    stand_ins: StandInServers,
) -> None:
    with ControlPlane.start(stand_ins.binaries) as plane:
        assert eventually(lambda: list(stand_ins.pids()) == IN_ORDER, within=SOON)
        assert plane.pids == stand_ins.pids()  # the leash became the server: same process
    assert stand_ins.stopped() == IN_ORDER[::-1]
    assert not any(map(runs, stand_ins.pids().values()))


def test_nothing_is_left_on_disk_when_all_went_well(
    stand_ins: StandInServers, temporary: Path
) -> None:
    with ControlPlane.start(stand_ins.binaries):
        assert len(list(temporary.iterdir())) == 1
    assert list(temporary.iterdir()) == []


def test_a_failure_of_the_user_stops_all_and_keeps_the_logs_alone(
    stand_ins: StandInServers, temporary: Path
) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        ControlPlane.start(stand_ins.binaries),
    ):
        _ = 1 / 0
    assert not any(map(runs, stand_ins.pids().values()))
    (folder,) = temporary.iterdir()
    assert [path.name for path in folder.iterdir()] == ["logs"]
    assert {path.name for path in (folder / "logs").iterdir()} == {f"{n}.log" for n in IN_ORDER}
    assert "etcd starts" in (folder / "logs" / "etcd.log").read_text()


def test_ctrl_c_stops_all_in_order_and_leaves_nothing(
    stand_ins: StandInServers, temporary: Path
) -> None:
    def interrupted() -> None:
        with ControlPlane.start(stand_ins.binaries):
            assert eventually(lambda: list(stand_ins.pids()) == IN_ORDER, within=SOON)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert stand_ins.stopped() == IN_ORDER[::-1]
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("name", ["etcd", "kube-apiserver"])
def test_a_server_that_dies_at_its_start_is_named_at_once_with_the_end_of_its_log(
    stand_ins: StandInServers, temporary: Path, name: str
) -> None:
    stand_ins.misbehave(name, "dies")
    with pytest.raises(ControlPlaneError) as caught:
        ControlPlane.start(stand_ins.binaries)
    message = str(caught.value)
    assert f"{name} ended by itself with 3" in message
    assert "cannot go on" in message
    (folder,) = temporary.iterdir()
    assert str(folder / "logs") in message
    assert "cannot go on" in (folder / "logs" / f"{name}.log").read_text()
    assert not any(map(runs, stand_ins.pids().values()))


@pytest.mark.parametrize("manner", ["mute", "unready"])
def test_a_server_that_never_gets_ready_is_given_up(
    stand_ins: StandInServers, monkeypatch: pytest.MonkeyPatch, manner: str
) -> None:
    monkeypatch.setattr(servers_module, "_READY_WITHIN", timedelta(seconds=1))
    stand_ins.misbehave("kube-apiserver", manner)
    with pytest.raises(ControlPlaneError, match="kube-apiserver was not ready after 1 s"):
        ControlPlane.start(stand_ins.binaries)
    assert list(stand_ins.pids()) == IN_ORDER[:2]
    assert not any(map(runs, stand_ins.pids().values()))


def test_a_server_that_dies_later_fails_the_user_who_saw_nothing(
    stand_ins: StandInServers, temporary: Path
) -> None:
    def unaware() -> None:
        with ControlPlane.start(stand_ins.binaries) as plane:
            pid = plane.pids["kube-controller-manager"]
            os.kill(pid, signal.SIGKILL)
            assert eventually(lambda: not runs(pid), within=SOON)

    with pytest.raises(ControlPlaneError, match="kube-controller-manager ended by itself with -9"):
        unaware()
    assert len(list(temporary.iterdir())) == 1
    assert not any(map(runs, stand_ins.pids().values()))


def test_a_server_that_ignores_sigterm_is_killed(
    stand_ins: StandInServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers_module, "_GRACE", timedelta(milliseconds=200))
    stand_ins.misbehave("kube-apiserver", "deaf")
    with ControlPlane.start(stand_ins.binaries):
        pass
    assert "kube-apiserver" in stand_ins.stopped()
    assert not any(map(runs, stand_ins.pids().values()))


def test_no_server_outlives_a_process_that_is_killed(stand_ins: StandInServers) -> None:
    command = [sys.executable, "-c", _RUN_UNTIL_KILLED, str(stand_ins.folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=_with_our_path()) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        assert eventually(lambda: list(stand_ins.pids()) == IN_ORDER, within=SOON)
        pids = stand_ins.pids().values()
        assert all(map(runs, pids))
        parent.kill()
    assert eventually(lambda: not any(map(runs, pids)), within=SOON)
    assert stand_ins.stopped() == []  # the kernel killed them: nobody was left to ask


def test_the_servers_outlive_the_thread_that_started_them(stand_ins: StandInServers) -> None:
    started: list[tuple[ControlPlane, subprocess.Popen[bytes]]] = []

    def start() -> None:
        plane = ControlPlane.start(stand_ins.binaries)
        # Started last and from this thread: once it is dead, nothing more will be killed.
        control = subprocess.Popen(leashed([sys.executable, "-c", _WAIT]), stdout=subprocess.PIPE)
        assert control.stdout is not None
        assert control.stdout.readline() == b"leashed\n"
        started.append((plane, control))

    _in_a_thread(start)
    ((plane, control),) = started
    try:
        with control:
            assert control.wait(timeout=20) == -signal.SIGKILL
        plane.check()
        assert all(map(runs, plane.pids.values()))
    finally:
        plane.stop()


def test_stopping_twice_is_harmless(stand_ins: StandInServers) -> None:
    plane = ControlPlane.start(stand_ins.binaries)
    plane.stop()
    plane.stop()
    assert not any(map(runs, stand_ins.pids().values()))


def _in_a_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def _with_our_path() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
