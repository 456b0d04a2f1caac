"""What a kubelet asks of the API server, for the pods of one namespace."""

import base64
import json
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from figgosync_controlplane.kubectl import KubectlError
from figgosync_controlplane.plane import ControlPlane
from figgosync_kubelet.errors import PodError
from figgosync_kubelet.volumes import Token

_ROOT_CA = ("ConfigMap", "kube-root-ca.crt")
_ROOT_CA_WITHIN = 10.0
_LOOK = 0.05

Objects = Mapping[tuple[str, str], Mapping[str, Any]]
"""API objects by kind and name."""


class Cluster:
    """One namespace of a control plane, seen by its administrator."""

    def __init__(self, plane: ControlPlane, namespace: str) -> None:
        self._plane = plane
        self.namespace = namespace

    def deployment(self, name: str) -> Mapping[str, Any]:
        """Return a Deployment; raises PodError where there is none."""
        found = self.objects([("Deployment", name)])
        if not found:
            raise PodError(f"there is no Deployment {name} in the namespace {self.namespace}")
        return found["Deployment", name]

    def objects(self, wanted: Iterable[tuple[str, str]]) -> Objects:
        """Return those of the objects that exist, by one request.

        The bundle that every namespace gets from the controller manager is waited for, as a
        namespace that was just made has it a moment later.
        """
        names = sorted(set(wanted))
        deadline = time.monotonic() + _ROOT_CA_WITHIN
        found = self._get(names)
        while _ROOT_CA in names and _ROOT_CA not in found:
            if time.monotonic() > deadline:
                raise PodError(f"the namespace {self.namespace} got no ConfigMap {_ROOT_CA[1]}")
            time.sleep(_LOOK)
            found = self._get(names)
        return found

    def _get(self, names: Iterable[tuple[str, str]]) -> Objects:
        resources = [f"{kind}/{name}" for kind, name in names]
        answer = self._kubectl("get", "--ignore-not-found", "--output=json", *resources)
        body: dict[str, Any] = json.loads(answer) if answer.strip() else {"items": []}
        # Of one object kubectl prints no list.
        items: list[dict[str, Any]] = body.get("items", [body])
        return {(item["kind"], item["metadata"]["name"]): item for item in items}

    def services(self) -> list[Mapping[str, Any]]:
        """Return the Services of the namespace."""
        items: list[Mapping[str, Any]] = json.loads(
            self._kubectl("get", "services", "--output=json")
        )["items"]
        return items

    def api_server(self) -> Mapping[str, Any]:
        """Return the Service `kubernetes` as it would be if its address led to the API server."""
        address = urlsplit(self._plane.url)
        return {
            "metadata": {"name": "kubernetes"},
            "spec": {
                "clusterIP": address.hostname,
                "ports": [{"name": "https", "port": address.port, "protocol": "TCP"}],
            },
        }

    def token(self, service_account: str, token: Token) -> str:
        """Return a token of a ServiceAccount (TokenRequest); raises PodError if it has none."""
        audience = [f"--audience={token.audience}"] if token.audience else []
        duration = f"--duration={token.seconds}s"
        try:
            answer = self._kubectl("create", "token", service_account, duration, *audience)
        except KubectlError as error:
            raise PodError(f"no token for the ServiceAccount {service_account}: {error}") from error
        return answer.strip()

    def _kubectl(self, *arguments: str) -> str:
        return self._plane.kubectl(f"--namespace={self.namespace}", *arguments)


def contents(objects: Objects, kind: str, name: str) -> Mapping[str, bytes] | None:
    """Return what a ConfigMap or a Secret holds, None where it is not among the objects."""
    body = objects.get((kind, name))
    if body is None:
        return None
    if kind == "Secret":
        return _decoded(body.get("data"))
    texts = {key: value.encode() for key, value in (body.get("data") or {}).items()}
    return {**texts, **_decoded(body.get("binaryData"))}


def _decoded(data: Mapping[str, str] | None) -> dict[str, bytes]:
    return {key: base64.b64decode(value) for key, value in (data or {}).items()}
