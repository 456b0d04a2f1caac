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


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_it_says_what_it_is_without_a_cluster(argument: str) -> None:
    done = _run(argument)
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
