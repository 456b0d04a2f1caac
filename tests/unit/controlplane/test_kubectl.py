"""kubectl, where there is no API server that would answer."""

import json
import socket
import sysconfig
from datetime import timedelta
from pathlib import Path

import pytest

from figgosync_controlplane.errors import ControlPlaneError
from figgosync_controlplane.kubeconfig import token_user, write_kubeconfig
from figgosync_controlplane.kubectl import Kubectl, KubectlError
from figgosync_controlplane.ports import LOOPBACK, ReservedPort


def _kubeconfig(folder: Path, port: int) -> Path:
    path = folder / "kubeconfig"
    write_kubeconfig(path, f"https://{LOOPBACK}:{port}", b"", token_user("secret-token"))
    return path


def test_a_server_that_never_answers_ends_in_an_error_and_not_in_a_wait(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        kubeconfig = _kubeconfig(tmp_path, silent.getsockname()[1])
        with pytest.raises(ControlPlaneError, match=r"did not end within 0\.5 s"):
            Kubectl(tmp_path).run(
                "get", "pods", kubeconfig=kubeconfig, limit=timedelta(seconds=0.5)
            )


def test_a_refusal_says_what_was_asked_and_what_kubectl_said(tmp_path: Path) -> None:
    with ReservedPort() as nobody:
        kubeconfig = _kubeconfig(tmp_path, nobody.number)
        with pytest.raises(KubectlError, match="kubectl get pods ended with 1") as caught:
            Kubectl(tmp_path).run("get", "pods", kubeconfig=kubeconfig)
    assert caught.value.exit_code == 1
    assert "refused" in caught.value.stderr
    assert caught.value.stderr.strip() in str(caught.value)
    assert "secret-token" not in str(caught.value)


def test_the_settings_of_the_user_have_no_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/of/the/user")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:1")
    kubeconfig = _kubeconfig(tmp_path, 1)
    seen = Kubectl(tmp_path).run("config", "view", "--output=json", kubeconfig=kubeconfig)
    assert json.loads(seen)["clusters"][0]["cluster"]["server"] == f"https://{LOOPBACK}:1"


def test_a_missing_kubectl_is_an_error_that_says_what_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    with pytest.raises(ControlPlaneError, match="the extra `sim`"):
        Kubectl(tmp_path)
