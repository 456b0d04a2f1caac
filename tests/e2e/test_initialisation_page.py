"""docs/syncinitialisation.md on a real API server: what it shows and asks for works."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from figgosync_controlplane.kubectl import KubectlError
from support.resource_page import INITIALISATION_PAGE as PAGE
from support.shell import run_as_documented
from support.world import AWA, BRUNO, FAR, World

OOF = "OOF"
SPRING = (date(2025, 3, 3) - FAR).days
"""A Monday of 2025, counted from FAR."""

NOBODYS_DIGEST = f"sha256:{'0' * 64}"


class Reader:
    """Somebody who types what the page says, in its order, with files that hold what it shows."""

    def __init__(self, world: World, folder: Path) -> None:
        self._world = world
        self._folder = folder
        self._commands = iter(PAGE.commands())
        self.write_files(NOBODYS_DIGEST)

    def write_files(self, digest: str) -> None:
        """Write each manifest of the page; one that approves a plan approves this one."""
        for body in PAGE.manifests(PAGE.kind):
            name = body["metadata"]["name"]
            text = yaml.safe_dump(body).replace(NOBODYS_DIGEST, digest)
            text = text.replace("namespace: hr", f"namespace: {self._world.namespace}")
            (self._folder / f"{name}.yaml").write_text(text)

    def type(self, expected: str) -> str:
        """Type the next command, which is to be this one; return what it prints."""
        command = next(self._commands)
        assert expected in command
        command = command.removesuffix(" -w").replace("-n hr", f"-n {self._world.namespace}")
        done = run_as_documented(f"cd {self._folder}; {command}", self._world.plane)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def has_typed_all(self) -> bool:
        """Tell whether no command is left."""
        return next(self._commands, None) is None


def _columns(table: str) -> list[str]:
    return table.splitlines()[0].split()


def test_the_commands_of_the_page_bring_a_company_in_and_plan_to_take_it_out(
    world: World, tmp_path: Path
) -> None:
    world.book_long_ago(AWA)
    world.book_long_ago(BRUNO, SPRING, SPRING)
    world.ready_tenant()
    reader = Reader(world, tmp_path)
    reader.type("apply -f acme-2026.yaml")
    reader.type("wait syncinit/acme-2026 ")
    table = reader.type("get syncinit acme-2026")
    (shown,) = re.findall(r"^NAME .*$", PAGE.text, re.MULTILINE)
    assert _columns(table) == _columns(shown)
    world.shows(AWA, (0, 0, OOF))

    reader.type("apply -f acme-2025-plan.yaml")
    reader.type("wait syncinit/acme-2025-plan ")
    told = reader.type("get syncinit acme-2025-plan")
    assert told.startswith("Nothing was written. It would create 1 event, update 0, delete 0,")
    digest = reader.type(".status.plan.digest").strip()
    reader.write_files(digest)
    reader.type("apply -f acme-2025.yaml")
    assert _columns(reader.type("get syncinit")) == _columns(shown)
    reader.type("describe syncinit acme-2025")
    reader.type("wait syncinit/acme-2025 ")
    assert reader.type('?(@.type=="Succeeded")].status') == "True\n"
    reader.type("--for=condition=Succeeded")
    world.shows(BRUNO, (SPRING, SPRING, OOF))
    assert re.fullmatch(r"\d+\tNoAddress\tFiggo has no address .*\n", reader.type(".failures["))
    for change in ('"suspend": true', '"suspend": false', '"cancel": true'):
        reader.type(change)

    reader.type("apply -f acme-2025-undo-plan.yaml")
    reader.type("wait syncinit/acme-2025-undo-plan ")
    assert reader.type(".status.plan.delete") == "2\n"
    reader.type("apply -f take-over-plan.yaml")
    reader.type("wait syncinit/take-over-plan ")
    assert json.loads(reader.type(".status.plan}"))["lookAlikes"] == 0
    assert reader.has_typed_all()
    assert world.writes() == 2


def test_the_usual_wait_does_not_end_with_a_failure_and_that_of_the_page_does(
    world: World,
) -> None:
    world.ready_tenant()
    world.initialise("refused", more=f"  planDigest: {NOBODYS_DIGEST}\n")
    assert world.ends("refused")["conditions"][0]["reason"] == "PlanChanged"
    with pytest.raises(KubectlError, match="timed out"):
        world.kubectl("wait", "syncinit/refused", "--for=condition=Succeeded", "--timeout=1s")
