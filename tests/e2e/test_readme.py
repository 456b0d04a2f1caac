"""The README's quick start, run as it stands."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from figgosync_controlplane.plane import ControlPlane
from figgosync_demo.installation import SYSTEM_NAMESPACE, Release

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
TENANT_NAMESPACE = "hr"


def _commands(step: str) -> list[list[str]]:
    """Return the kubectl commands of a numbered step, paths made absolute."""
    text = README[README.index(step) :]
    lines = re.findall(r"^ +\$ kubectl (.+)$", text[: text.index("```\n\n")], re.MULTILINE)
    places = {"acme.yaml": "docs/examples/acme.yaml"}
    return [
        [
            str(ROOT / places.get(word, word)) if word.endswith((".yaml", "/")) else word
            for word in shlex.split(line)
        ]
        for line in lines
    ]


@pytest.fixture
def quick_start(control_plane: ControlPlane) -> Iterator[ControlPlane]:
    yield control_plane
    control_plane.kubectl("delete", "namespace", TENANT_NAMESPACE, "--wait=false")
    control_plane.kubectl("delete", "cst", "--all", f"--namespace={TENANT_NAMESPACE}")


def test_the_commands_of_the_quick_start_work(
    quick_start: ControlPlane,
    installation: Release,  # noqa: ARG001 - it made the namespace, whichever test came first
) -> None:
    commands = [*_commands("1. Install the resource"), *_commands("2. Describe your company")]
    assert len(commands) == 6
    for command in commands:
        # The installation has made this one for all tests of the control plane.
        dry = ["--dry-run=client"] if command == ["create", "namespace", SYSTEM_NAMESPACE] else []
        quick_start.kubectl(*command, *dry)
    printed = quick_start.kubectl("get", "cst", f"--namespace={TENANT_NAMESPACE}")
    shown = re.search(r"^ +(NAME +READY.*)$", README, re.MULTILINE)
    assert shown is not None
    assert printed.splitlines()[0].split() == shown[1].split()


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
