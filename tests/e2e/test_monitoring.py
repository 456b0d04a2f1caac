"""The chart's PodMonitor and PrometheusRule on a real API server, with and without their kinds."""

from collections.abc import Iterator

import pytest
import yaml

from figgosync_controlplane.binaries import Binaries
from figgosync_controlplane.helm import Helm
from figgosync_controlplane.kubectl import KubectlError
from figgosync_controlplane.plane import ControlPlane
from support.chart import CHART, ROOT, Manifest, helm_executable, manifests
from support.promtool import ALERTS

KINDS = ROOT / "tests" / "data" / "monitoring"
OURS = ("PodMonitor", "PrometheusRule")


class Cluster:
    """A control plane of its own: these kinds change what others install."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        self._helm = Helm(helm_executable(), plane.admin_kubeconfig)

    def install(self) -> list[Manifest]:
        """Install the chart with its defaults, or upgrade it; return what was installed."""
        options = ("--namespace=figgo", "--create-namespace")
        self._helm.run("upgrade", "--install", "acme", str(CHART), *options)
        return manifests(self._helm.run("get", "manifest", "acme", "--namespace=figgo"))

    def add_kinds(self) -> None:
        """Bring the kinds, as the Prometheus operator's own chart does."""
        for path in sorted(KINDS.glob("*.yaml")):
            self.plane.kubectl("apply", "--server-side", f"--filename={path}")
            self.plane.kubectl("wait", "--for=condition=Established", f"--filename={path}")

    def try_strictly(self, manifest: Manifest) -> str:
        """Return what the server says of it; raises KubectlError when it refuses."""
        options = ("--dry-run=server", "--validate=strict", "--filename=-")
        return self.plane.kubectl("apply", *options, stdin=yaml.safe_dump(dict(manifest)))


@pytest.fixture
def cluster(binaries: Binaries) -> Iterator[Cluster]:
    with ControlPlane.start(binaries) as plane:
        yield Cluster(plane)


def test_both_are_installed_by_default_where_their_kinds_are_and_pass_strictly(
    cluster: Cluster,
) -> None:
    assert [each["kind"] for each in cluster.install() if each["kind"] in OURS] == []

    cluster.add_kinds()
    installed = {each["kind"]: each for each in cluster.install() if each["kind"] in OURS}
    assert sorted(installed) == sorted(OURS)
    for kind, manifest in installed.items():
        name = "acme-figgo-calendar-sync"
        stored = cluster.plane.kubectl("get", kind, name, "--namespace=figgo", "--output=yaml")
        assert yaml.safe_load(stored)["spec"] == manifest["spec"]
        assert f"{name} " in cluster.try_strictly(manifest)
    (group,) = installed["PrometheusRule"]["spec"]["groups"]
    assert [rule["alert"] for rule in group["rules"]] == ALERTS

    for manifest in installed.values():
        misspelt = {**manifest, "spec": {**manifest["spec"], "jobLable": "x"}}
        with pytest.raises(KubectlError, match="jobLable"):
            cluster.try_strictly(misspelt)
