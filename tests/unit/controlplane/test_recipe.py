"""The key under which binaries are kept, and that the pinned modules are of the stated versions."""

import platform
import re
import shutil
from pathlib import Path

import pytest

from figgosync_controlplane import recipe
from figgosync_controlplane.errors import NotBuiltError
from figgosync_controlplane.recipe import MODULES, Platform, cache_key, helm, servers
from figgosync_controlplane.versions import ETCD, GO, HELM, KUBERNETES

LINUX = Platform("linux", "amd64")


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """A copy of the Go modules that a test may change."""
    return Path(shutil.copytree(MODULES, tmp_path / "modules"))


def test_the_key_says_what_it_stands_for() -> None:
    assert re.fullmatch(
        rf"kubernetes-{KUBERNETES}_etcd-{ETCD}_go{GO}_linux-amd64_[0-9a-f]{{12}}",
        cache_key(servers(), LINUX),
    )
    assert re.fullmatch(rf"helm-{HELM}_go{GO}_linux-amd64_[0-9a-f]{{12}}", cache_key(helm(), LINUX))


def test_the_same_recipe_has_the_same_key_wherever_it_lies(modules: Path) -> None:
    assert cache_key(servers(), LINUX, modules) == cache_key(servers(), LINUX)


@pytest.mark.parametrize(
    "file", ["kubernetes/go.mod", "kubernetes/go.sum", "kubernetes/tools.go", "etcd/go.sum"]
)
def test_another_byte_in_the_modules_is_another_key(modules: Path, file: str) -> None:
    with (modules / file).open("a") as changed:
        changed.write("\n")
    assert cache_key(servers(), LINUX, modules) != cache_key(servers(), LINUX)


@pytest.mark.parametrize("file", ["helm/go.mod", "helm/go.sum"])
def test_another_helm_leaves_the_servers_as_they_were_built(modules: Path, file: str) -> None:
    with (modules / file).open("a") as changed:
        changed.write("\n")
    assert cache_key(servers(), LINUX, modules) == cache_key(servers(), LINUX)
    assert cache_key(helm(), LINUX, modules) != cache_key(helm(), LINUX)


def test_other_flags_are_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache_key(servers(), LINUX)
    monkeypatch.setattr(recipe, "BUILD_FLAGS", ("-race",))
    assert cache_key(servers(), LINUX) != before


def test_each_platform_has_its_own_key() -> None:
    machines = (LINUX, Platform("linux", "arm64"), Platform("darwin", "arm64"))
    assert len({cache_key(servers(), machine) for machine in machines}) == len(machines)


@pytest.mark.parametrize(
    ("machine", "expected"),
    [("x86_64", "amd64"), ("AMD64", "amd64"), ("aarch64", "arm64"), ("arm64", "arm64")],
)
def test_the_processor_is_called_what_go_calls_it(
    monkeypatch: pytest.MonkeyPatch, machine: str, expected: str
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert Platform.of_this_machine().arch == expected


def test_an_exotic_processor_is_an_error_that_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "s390x")
    with pytest.raises(NotBuiltError, match="s390x"):
        Platform.of_this_machine()


def test_the_pinned_modules_are_of_the_versions_that_the_key_names() -> None:
    kubernetes = (MODULES / "kubernetes" / "go.mod").read_text()
    etcd = (MODULES / "etcd" / "go.mod").read_text()
    staging = KUBERNETES.replace("1.", "0.", 1)
    assert f"\nrequire k8s.io/kubernetes v{KUBERNETES}\n" in kubernetes
    replaced = re.findall(r"^replace (\S+) => (\S+) (\S+)$", kubernetes, re.MULTILINE)
    assert len(replaced) > 20
    assert {(old == new, version) for old, new, version in replaced} == {(True, f"v{staging}")}
    assert re.search(rf"\sgo\.etcd\.io/etcd/server/v3 v{re.escape(ETCD)}\b", etcd)
    tool = (MODULES / "helm" / "go.mod").read_text()
    assert "\ntool helm.sh/helm/v4/cmd/helm\n" in tool
    assert re.search(rf"\shelm\.sh/helm/v4 v{re.escape(HELM)}\b", tool)
    for text in (kubernetes, etcd, tool):
        assert f"\ngo {GO}.0\n" in text


def test_each_program_that_needs_it_is_told_its_version() -> None:
    stamped = [
        target for target in servers().targets if f"gitVersion=v{KUBERNETES}" in target.ldflags
    ]
    assert [target.name for target in stamped] == ["kube-apiserver", "kube-controller-manager"]
    assert helm().targets[0].ldflags.endswith(f"version.version=v{HELM}")
