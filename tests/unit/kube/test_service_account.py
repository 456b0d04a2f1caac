"""What a pod finds out about its API server and itself."""

from pathlib import Path

import pytest
from kubernetes.config import ConfigException, incluster_config

from figgosync.kube.service_account import pod_access


@pytest.fixture
def mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that stands for the one in which Kubernetes mounts token and authority."""
    (tmp_path / "token").write_text("token-1")
    (tmp_path / "ca.crt").write_text("an authority")
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "6443")
    return tmp_path


def test_the_api_server_is_where_kubernetes_says_and_needs_no_dns(mounted: Path) -> None:
    access = pod_access()
    assert access.server == "https://10.0.0.1:6443"
    assert access.ca_file == str(mounted / "ca.crt")
    assert access.token == "token-1"


def test_an_address_of_ip_version_6_is_put_in_brackets(
    mounted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mounted.exists()
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    assert pod_access().server == "https://[fd00::1]:6443"


def test_a_token_that_was_renewed_is_found(mounted: Path) -> None:
    assert pod_access().token == "token-1"
    (mounted / "token").write_text("token-2\n")
    assert pod_access().token == "token-2"


def test_outside_of_a_pod_it_is_an_error(mounted: Path) -> None:
    (mounted / "token").unlink()
    with pytest.raises(ConfigException, match="token file does not exist"):
        pod_access()


def test_the_token_is_not_shown_where_the_access_is(
    mounted: Path,
) -> None:
    assert mounted.exists()
    assert "token-1" not in repr(pod_access())
