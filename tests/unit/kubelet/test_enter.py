"""A command in a mount namespace of its own: what it sees, and that the machine keeps nothing."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from figgosync_controlplane.processes import leashed
from figgosync_kubelet.namespaces import Placed, Plan, entering
from support.eventually import eventually
from support.process_ids import runs

_WITHOUT_RIGHTS = """
import ctypes, os, sys
CAPBSET_DROP, SYS_ADMIN = 24, 21
ctypes.CDLL(None).prctl(CAPBSET_DROP, SYS_ADMIN, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
"""Root becomes somebody who may make a mount namespace only within a user namespace."""

SOON = timedelta(seconds=10)


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    folder = tmp_path / "volume"
    folder.mkdir()
    (folder / "file").write_text("content")
    return folder


@pytest.fixture(params=["as whoever runs the tests", "in a user namespace"])
def prefix(request: pytest.FixtureRequest) -> Sequence[str]:
    ordinary: Sequence[str] = ()
    return {
        "as whoever runs the tests": ordinary,
        "in a user namespace": (sys.executable, "-c", _WITHOUT_RIGHTS),
    }[request.param]


def _plan(tmp_path: Path, *mounts: tuple[Path, str, bool], kept: Sequence[str] = ()) -> Plan:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    placed = [Placed(str(source), target, read_only) for source, target, read_only in mounts]
    return Plan(placed, kept, str(scratch), "/", "pod-1")


def _says(plan: Plan, script: str, prefix: Sequence[str] = ()) -> str:
    command = [*prefix, *entering(plan, [sys.executable, "-c", script])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("target", "beside"),
    [
        ("/etc/figgosync-test/ca", "/etc"),  # in a folder with many others
        ("/var/run/figgosync-test/deep/er", "/var"),  # through a link, usually
        ("/figgosync-test", "/"),
        ("/opt", "/"),  # over a folder that is there
    ],
)
def test_a_volume_stands_at_its_path_for_the_command_alone_and_hides_nothing_else(
    tmp_path: Path, volume: Path, prefix: Sequence[str], target: str, beside: str
) -> None:
    there_before = os.path.lexists(target)
    neighbours = [path.name for path in Path(beside).iterdir()]
    assert neighbours
    script = f"""if True:
        import os
        print(open("{target}/file").read())
        try:
            open("{target}/other", "w")
        except OSError as error:
            print(error.strerror)
        print(set({neighbours}) - set(os.listdir("{beside}")))
    """
    plan = _plan(tmp_path, (volume, target, True))
    assert _says(plan, script, prefix) == "content\nRead-only file system\nset()"
    assert not Path(target, "file").exists()
    assert os.path.lexists(target) == there_before


def test_an_empty_folder_can_be_written_and_may_hold_another_volume(
    tmp_path: Path, volume: Path, prefix: Sequence[str]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    plan = _plan(tmp_path, (empty, "/figgosync-test", False), (volume, "/figgosync-test/v", True))
    script = (
        'open("/figgosync-test/mine", "w").write("1"); print(open("/figgosync-test/v/file").read())'
    )
    assert _says(plan, script, prefix) == "content"
    assert (empty / "mine").read_text() == "1"


def test_one_file_can_be_mounted(tmp_path: Path, volume: Path, prefix: Sequence[str]) -> None:
    plan = _plan(tmp_path, (volume / "file", "/etc/figgosync-test/only", True))
    script = """if True:
        import os
        print(os.listdir("/etc/figgosync-test"), open("/etc/figgosync-test/only").read())
    """
    assert _says(plan, script, prefix) == "['only'] content"


def test_what_the_command_needs_is_there_even_where_a_volume_covers_it(
    tmp_path: Path, volume: Path, prefix: Sequence[str]
) -> None:
    program = tmp_path / "deep" / "program"
    program.mkdir(parents=True)
    (program / "code").write_text("code")
    link = tmp_path / "link"
    link.symlink_to(program)
    empty = tmp_path / "empty"
    empty.mkdir()
    kept = [str(program), str(link)]
    plan = _plan(tmp_path, (empty, str(tmp_path), False), (volume, "/opt", True), kept=kept)
    script = f"""if True:
        import os
        print(open("{program}/code").read(), open("{link}/code").read())
        print(sorted(os.listdir("{tmp_path}")), os.listdir("/opt"))
    """
    assert _says(plan, script, prefix) == "code code\n['deep', 'link'] ['file']"


def test_what_changes_behind_a_volume_is_seen(tmp_path: Path, volume: Path) -> None:
    plan = _plan(tmp_path, (volume, "/figgosync-test", True))
    script = """if True:
        import sys
        print(open("/figgosync-test/file").read(), flush=True)
        sys.stdin.readline()
        print(open("/figgosync-test/file").read(), flush=True)
    """
    with subprocess.Popen(
        entering(plan, [sys.executable, "-c", script]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "content\n"
        (volume / "new").write_text("changed")
        (volume / "new").rename(volume / "file")
        process.stdin.write("\n")
        process.stdin.close()
        assert process.stdout.readline() == "changed\n"


def test_the_host_name_is_the_pods_and_the_machines_stays(
    tmp_path: Path, prefix: Sequence[str]
) -> None:
    before = socket.gethostname()
    script = "import os, socket; print(socket.gethostname(), os.getuid())"
    assert _says(_plan(tmp_path), script, prefix) == f"pod-1 {os.getuid()}"
    assert socket.gethostname() == before


def test_signals_and_exit_codes_are_the_commands_own(tmp_path: Path) -> None:
    script = """if True:
        import os, signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
        print(os.getpid(), flush=True)
        time.sleep(60)
    """
    plan = _plan(tmp_path)
    for sign, code in ((signal.SIGTERM, 7), (signal.SIGKILL, -9)):
        command = entering(plan, leashed([sys.executable, "-c", script]))
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert int(process.stdout.readline()) == process.pid, "no wrapper stays in between"
            process.send_signal(sign)
            assert process.wait(10) == code


def test_the_command_dies_with_whoever_started_it(tmp_path: Path) -> None:
    script = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    starter = f"""if True:
        import os, subprocess, sys
        from figgosync_controlplane.processes import leashed
        from figgosync_kubelet.namespaces import Plan, entering
        plan = Plan([], [], {str(tmp_path)!r}, "/", "pod-1")
        subprocess.run(entering(plan, leashed([sys.executable, "-c", {script!r}])))
    """
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", starter], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert runs(pid)
        process.kill()
        process.wait(10)
    assert eventually(lambda: not runs(pid), within=SOON)


def test_a_mount_that_fails_is_said_with_its_path(tmp_path: Path) -> None:
    plan = _plan(tmp_path, (tmp_path / "nothing", "/figgosync-test", True))
    done = subprocess.run(
        entering(plan, ["/bin/true"]), capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert str(tmp_path / "nothing") in done.stderr
