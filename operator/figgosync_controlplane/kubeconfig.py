"""Kubeconfig files: how a client finds the API server and proves who it is."""

import base64
import json
from pathlib import Path

from figgosync_controlplane.certificates import ClientCertificate


def certificate_user(client: ClientCertificate) -> dict[str, str]:
    """Return the kubeconfig user that shows this certificate."""
    return {
        "client-certificate-data": _base64(client.certificate),
        "client-key-data": _base64(client.key),
    }


def token_user(token: str) -> dict[str, str]:
    """Return the kubeconfig user that shows this bearer token."""
    return {"token": token}


def write_kubeconfig(path: Path, url: str, ca: bytes, user: dict[str, str]) -> None:
    """Write a kubeconfig that holds all it needs, readable by its owner alone.

    As JSON, which every reader of YAML reads.
    """
    cluster = {"server": url, "certificate-authority-data": _base64(ca)}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": cluster}],
        "users": [{"name": "user", "user": user}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "user"}}],
        "current-context": "test",
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(content, indent=2))


def _base64(pem: bytes) -> str:
    return base64.b64encode(pem).decode()
