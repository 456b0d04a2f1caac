"""How the tests come by a Prometheus: by a variable, from the cache, or from Debian, once."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support.debian import PrometheusMissingError, prometheus_binaries

_APT = """#!/bin/sh
echo "$*" >> "$XDG_CACHE_HOME/calls"
case "$1 $(cat "$XDG_CACHE_HOME/mode")" in
"download works") cp "$XDG_CACHE_HOME/prometheus.deb" prometheus_1_amd64.deb ;;
"download "*) echo "E: Unable to locate package prometheus" >&2; exit 100 ;;
"update updates") echo works > "$XDG_CACHE_HOME/mode" ;;
esac
"""


class Machine:
    """A machine whose apt-get is ours: it `works`, `updates` first, or is `broken`."""

    def __init__(self, folder: Path, mode: str, *, programs: tuple[str, ...]) -> None:
        self.folder = folder
        self.environ = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
        self.environ["XDG_CACHE_HOME"] = str(folder)
        (folder / "mode").write_text(mode)
        (folder / "bin").mkdir()
        _executable(folder / "bin" / "apt-get", _APT)
        _package(folder, programs)

    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()


def _executable(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def _package(folder: Path, programs: tuple[str, ...]) -> None:
    root = folder / "package"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN" / "control").write_text(
        "Package: prometheus\nVersion: 1\nArchitecture: all\n"
        "Maintainer: Nobody <nobody@example.org>\nDescription: stand-in\n"
    )
    (root / "usr" / "bin").mkdir(parents=True)
    for name in programs:
        _executable(root / "usr" / "bin" / name, "#!/bin/sh\n")
    tool = shutil.which("dpkg-deb")
    assert tool is not None
    subprocess.run(
        [tool, "--build", root, folder / "prometheus.deb"], check=True, capture_output=True
    )


BOTH = ("prometheus", "promtool")


def test_it_is_fetched_once_and_leaves_nothing_else_behind(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "works", programs=BOTH)
    first = prometheus_binaries(machine.environ)
    assert [path.name for path in first] == ["prometheus", "promtool"]
    assert all(os.access(path, os.X_OK) for path in first)
    assert prometheus_binaries(machine.environ) == first
    assert machine.calls() == ["download prometheus"]
    left = sorted(path.name for path in (tmp_path / "figgosync").iterdir())
    assert left == ["prometheus", "prometheus.lock"]


def test_lists_that_are_missing_are_brought_up_to_date_by_root_alone(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "updates", programs=BOTH)
    if os.geteuid() == 0:
        prometheus_binaries(machine.environ)
        assert machine.calls() == ["download prometheus", "update", "download prometheus"]
    else:
        with pytest.raises(PrometheusMissingError, match="Unable to locate package"):
            prometheus_binaries(machine.environ)
        assert machine.calls() == ["download prometheus"]


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "works", programs=BOTH)
    left = tmp_path / "figgosync" / "prometheus.partial-abc"
    left.mkdir(parents=True)
    prometheus_binaries(machine.environ)
    assert not left.exists()


def test_a_download_that_fails_says_why_and_what_helps(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "broken", programs=BOTH)
    with pytest.raises(PrometheusMissingError, match="Unable to locate package") as refusal:
        prometheus_binaries(machine.environ)
    assert "PROMETHEUS_BIN" in str(refusal.value)
    assert not (tmp_path / "figgosync" / "prometheus").exists()


def test_a_package_without_the_tool_is_named(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "works", programs=("prometheus",))
    with pytest.raises(PrometheusMissingError, match="no executable promtool"):
        prometheus_binaries(machine.environ)


def test_a_machine_without_apt_says_so(tmp_path: Path) -> None:
    environ = {"PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    with pytest.raises(PrometheusMissingError, match="no `apt-get` on the PATH"):
        prometheus_binaries(environ)


def test_the_variable_goes_before_all_and_is_checked(tmp_path: Path) -> None:
    environ = {"PROMETHEUS_BIN": str(tmp_path), "PATH": str(tmp_path)}
    with pytest.raises(PrometheusMissingError, match=re.escape(f"PROMETHEUS_BIN is {tmp_path}")):
        prometheus_binaries(environ)
    for name in BOTH:
        _executable(tmp_path / name, "#!/bin/sh\n")
    assert prometheus_binaries(environ) == (tmp_path / "prometheus", tmp_path / "promtool")
