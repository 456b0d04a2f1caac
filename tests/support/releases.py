"""Releases of the chart on one control plane, as its users handle them."""

import json
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from figgosync_controlplane.helm import Helm
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.rest import RestError
from support.access import may
from support.chart import CHART, CRD, CRD_VERSION, CRDS, ROOT, Manifest, manifests
from support.eventually import eventually
from support.namespaces import apply_definitions

_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_SOON = timedelta(seconds=20)


class Releases:
    """What helm and kubectl do with the chart and with what it leaves."""

    def __init__(self, plane: ControlPlane, helm: Helm) -> None:
        self.plane = plane
        self.helm = helm

    def install(
        self, name: str, namespace: str, *options: str, chart: Path = CHART, **values: object
    ) -> str:
        """Install; return what helm prints."""
        return self._run("install", name, namespace, options, chart, values)

    def upgrade(
        self, name: str, namespace: str, *options: str, chart: Path = CHART, **values: object
    ) -> str:
        """Upgrade; return what helm prints."""
        return self._run("upgrade", name, namespace, options, chart, values)

    def uninstall(self, name: str, namespace: str) -> str:
        """Uninstall; return what helm prints."""
        return self.helm.run("uninstall", name, f"--namespace={namespace}")

    def manifests(self, name: str, namespace: str) -> list[Manifest]:
        """Return what the release consists of."""
        return manifests(self.helm.run("get", "manifest", name, f"--namespace={namespace}"))

    def uninstall_all(self) -> None:
        """Uninstall every release; helm 4 lists the failed ones, too."""
        listed = self.helm.run("list", "--all-namespaces", "--output=json")
        for each in json.loads(listed):
            self.uninstall(each["name"], each["namespace"])

    def definition(self, crd: str = CRD) -> dict[str, Any] | None:
        """Return a CustomResourceDefinition, None if there is none of that name."""
        try:
            return self.plane.rest.get(f"{_DEFINITIONS}/{crd}")
        except RestError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return None

    def annotations(self, crd: str = CRD) -> dict[str, str]:
        """Return the annotations of a CustomResourceDefinition."""
        definition = self.definition(crd)
        assert definition is not None
        annotations: dict[str, str] = definition["metadata"]["annotations"]
        return annotations

    def set_version(self, version: str, crd: str = CRD) -> None:
        """Have an installed definition be of another version."""
        self.plane.kubectl("annotate", "crd", crd, "--overwrite", f"{CRD_VERSION}={version}")

    def remove_definitions(self) -> None:
        """Leave the cluster without any of our definitions."""
        self.plane.kubectl("delete", "crd", *CRDS, "--ignore-not-found")

    def apply_definitions(self) -> None:
        """Have the definitions as `kubectl apply --server-side -f crds/` makes them."""
        apply_definitions(self.plane, ROOT / "crds")

    def expect_allowed(
        self, account: str, verb: str, resource: str, namespace: str | None = None
    ) -> None:
        """Expect that a ServiceAccount `namespace:name` may do it there, or everywhere."""
        # The API server learns of changed rights by a watch, a moment after it stored them.
        eventually(
            lambda: may(self.plane, account, verb, resource, namespace=namespace), within=_SOON
        )

    def expect_refused(
        self, account: str, verb: str, resource: str, namespace: str | None = None
    ) -> None:
        """Expect that it may not; asked after what it may, as what it got is known then."""
        eventually(
            lambda: not may(self.plane, account, verb, resource, namespace=namespace), within=_SOON
        )

    def _run(
        self,
        verb: str,
        name: str,
        namespace: str,
        options: tuple[str, ...],
        chart: Path,
        values: dict[str, Any],
    ) -> str:
        return self.helm.run(
            verb,
            name,
            str(chart),
            f"--namespace={namespace}",
            "--values=-",
            *options,
            stdin=json.dumps(values),
        )
