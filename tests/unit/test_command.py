"""The command `figgosync`, as an administrator types it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "figgosync", *arguments],
        env={"PYTHONPATH": str(ROOT / "operator"), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["discover", "--help"]])
def test_it_says_what_it_is_without_a_cluster(arguments: list[str]) -> None:
    done = _run(*arguments)
    assert done.returncode == 0
    assert done.stdout
    assert not done.stderr


@pytest.mark.parametrize("content", ["", "x", "{", "apiVersion: v1\nkind: Config\n"])
def test_a_kubeconfig_that_leads_nowhere_is_said_in_one_sentence(
    content: str, tmp_path: Path
) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(content)
    done = _run(KUBECONFIG=str(kubeconfig))
    assert done.returncode == 2
    assert "figgosync: KUBECONFIG: " in done.stderr
    assert "Traceback" not in done.stderr


def test_outside_of_a_cluster_the_missing_kubeconfig_is_named() -> None:
    done = _run()
    assert done.returncode == 2
    assert "figgosync: KUBECONFIG: the pod's ServiceAccount" in done.stderr


def test_a_typing_error_in_a_setting_is_named() -> None:
    done = _run(FIGGOSYNC_EXCHANGE_HOST="mail.societe.example")
    assert done.returncode == 2
    assert "FIGGOSYNC_EXCHANGE_HOST is no setting" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["discovr"], "invalid choice: 'discovr'"),
        (["discover"], "required: --tenant"),
        (["discover", "--tenant", "acme", "--output", "yaml"], "invalid choice: 'yaml'"),
        (["discover", "acme"], "required: --tenant"),
        (["--tenant", "acme"], "figgosync"),
    ],
)
def test_a_typing_error_in_the_command_is_an_error_of_usage(
    arguments: list[str], says: str
) -> None:
    done = _run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_help_version_and_typing_errors_load_no_library_that_takes_its_time() -> None:
    heavy = ("aiohttp", "exchangelib", "kopf", "kubernetes", "prometheus_client", "pydantic")
    code = f"import sys, figgosync.__main__; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT / "operator")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_the_settings_are_read_before_a_question_is_asked() -> None:
    done = _run("discover", "--tenant", "acme", FIGGOSYNC_FIGGO_HOST="acme.ilucca.net")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("figgosync: FIGGOSYNC_FIGGO_HOST is no setting")


_NOWHERE = """
apiVersion: v1
kind: Config
current-context: here
contexts: [{name: here, context: {cluster: here, user: me}}]
clusters: [{name: here, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: me, user: {token: x}}]
"""


@pytest.mark.parametrize("namespace", [[], ["--namespace", "hr"]])
def test_a_cluster_that_cannot_be_reached_is_said_in_one_sentence(
    namespace: list[str], tmp_path: Path
) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(_NOWHERE)
    done = _run("discover", "--tenant", "acme", *namespace, KUBECONFIG=str(kubeconfig))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "figgosync: The Kubernetes API server cannot be reached."
        " Check the server that KUBECONFIG names, and the way to it.\n"
    )
