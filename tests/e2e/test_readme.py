"""The README's quick start, run as it stands, in a cluster where nothing of ours is yet."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from figgosync_controlplane.binaries import Binaries
from figgosync_controlplane.plane import ControlPlane

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
def empty_cluster(binaries: Binaries) -> Iterator[ControlPlane]:
    """A control plane of its own: what the quick start installs is there once in a cluster."""
    with ControlPlane.start(binaries) as plane:
        yield plane


def test_the_commands_of_the_quick_start_work(empty_cluster: ControlPlane) -> None:
    commands = [*_commands("1. Install the resource"), *_commands("2. Describe your company")]
    assert len(commands) == 6
    for command in commands:
        empty_cluster.kubectl(*command)
    printed = empty_cluster.kubectl("get", "cst", f"--namespace={TENANT_NAMESPACE}")
    shown = re.search(r"^ +(NAME +READY.*)$", README, re.MULTILINE)
    assert shown is not None
    assert printed.splitlines()[0].split() == shown[1].split()


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
