"""The chart under test, and what the real helm makes of it."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from figgosync_controlplane.helm import Helm, find_helm
from figgosync_controlplane.progress import Progress

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "figgo-calendar-sync"
APP_VERSION: str = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]
CRD = "calendarsynctenants.figgosync.io"
CRDS = (CRD, "syncinitialisations.figgosync.io")
CRD_VERSION = "figgosync.io/crd-version"
PREVIOUS_CHART = ROOT / "tests" / "data" / "charts" / "figgo-calendar-sync-0.1.0.tgz"
"""The chart of the version before, as it was packaged then."""

VALUES_FILES = sorted((CHART / "ci").glob("*-values.yaml"))
"""One for each way to install."""

Manifest = Mapping[str, Any]


def helm_executable() -> Path:
    """Find the real helm, or build it; raises HelmMissingError."""
    return find_helm(os.environ, Progress(sys.stderr))


def render(
    helm: Helm, values: Mapping[str, Any] | None = None, *options: str, release: str = "acme"
) -> list[Manifest]:
    """Return what `helm template` renders in namespace `figgo`; raises HelmError."""
    return manifests(_rendered(helm, release, options, json.dumps(values or {})))


@cache  # it asks no cluster, and many tests begin with the same values
def _rendered(helm: Helm, release: str, options: tuple[str, ...], values: str) -> str:
    command = ("template", release, str(CHART), "--namespace=figgo", "--values=-", *options)
    return helm.run(*command, stdin=values)


def manifests(text: str) -> list[Manifest]:
    """Read a stream of manifests."""
    # The loader in C: the other one takes longer than helm.
    return [each for each in yaml.load_all(text, yaml.CSafeLoader) if each]


def of_kind(rendered: list[Manifest], kind: str) -> list[Manifest]:
    """Return the manifests of a kind."""
    return [each for each in rendered if each["kind"] == kind]


def the_only(rendered: list[Manifest], kind: str) -> Manifest:
    """Return the one manifest of a kind."""
    (found,) = of_kind(rendered, kind)
    return found


def pod_spec(rendered: list[Manifest]) -> dict[str, Any]:
    """Return the spec of the Deployment's pod."""
    spec: dict[str, Any] = the_only(rendered, "Deployment")["spec"]["template"]["spec"]
    return spec


def container(rendered: list[Manifest]) -> dict[str, Any]:
    """Return the operator's container."""
    (found,) = pod_spec(rendered)["containers"]
    container_: dict[str, Any] = found
    return container_


def rules_of(role: Manifest) -> set[str]:
    """Return the rights of a role one by one, as `verb group/resource[/name]`."""
    return set(_rights(role))


def _rights(role: Manifest) -> Iterator[str]:
    for rule in role["rules"]:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for name in rule.get("resourceNames", [""]):
                    for verb in rule["verbs"]:
                        yield f"{verb} {group}/{resource}" + (f"/{name}" if name else "")
