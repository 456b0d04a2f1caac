"""The README's quick start, run as it stands, in a cluster where nothing of ours is yet."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from figgosync_controlplane.binaries import Binaries
from figgosync_controlplane.helm import Helm
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.ports import spare_port
from figgosync_demo.installation import OperatorProcess, Release
from figgosync_demo.manifests import chart_values
from figgosync_sim.company import PAID_LEAVE
from figgosync_sim.figgo import DEFAULT_KEY
from figgosync_sim.outlook import Appointment
from figgosync_sim.stage import LOGIN, PASSWORD, Stage
from support.readme import README, ROOT, backfill, quick_start
from support.shell import run_as_documented
from support.world import AWA

TENANT_NAMESPACE = "hr"
EXAMPLES = ROOT / "docs" / "examples"
EXAMPLE = EXAMPLES / "acme.yaml"


@dataclass(slots=True)
class Reader:
    """Somebody with an empty cluster who types what the README says, with their own names in it."""

    plane: ControlPlane
    helm: Path
    names: Mapping[str, str]
    printed: dict[str, str] = field(default_factory=dict)

    def type(self, command: str) -> None:
        for example, own in self.names.items():
            command = command.replace(example, own)
        done = run_as_documented(f"cd {ROOT}; {command}", self.plane, programs=[self.helm.parent])
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        self.printed[command] = done.stdout

    def shown(self, end: str) -> str:
        """Return what the command that ends so has printed."""
        return next(out for command, out in self.printed.items() if command.endswith(end))

    def approve_plan(self) -> None:
        """Write the file that the page shows, with the digest of the plan in it."""
        example = "sha256:..."
        assert example in backfill()
        digest = self.shown("""jsonpath='{.status.plan.digest}{"\\n"}'""").strip()
        Path(self.names["backfill.yaml"]).write_text(backfill().replace(example, digest))


@pytest.fixture
def empty_cluster(binaries: Binaries) -> Iterator[ControlPlane]:
    """A control plane of its own: what the quick start installs is there once in a cluster."""
    with ControlPlane.start(binaries) as plane:
        yield plane


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with Stage(tmp_path) as stage:
        yield stage


@pytest.fixture
def reader(empty_cluster: ControlPlane, helm_binary: Path, stage: Stage, tmp_path: Path) -> Reader:
    """Replaces the names of the example by those of the simulators, as a company by its own."""
    company = EXAMPLE.read_text()
    for example, own in {
        "https://acme.ilucca.net": stage.figgo.url,
        "https://mail.acme.example/EWS/Exchange.asmx": stage.exchange.url,
        "00000000-0000-0000-0000-000000000000": DEFAULT_KEY,
        "ACME\\SynchroFiggoUser": LOGIN,
        "change-me": PASSWORD,
    }.items():
        assert example in company
        company = company.replace(example, own)
    (tmp_path / "acme.yaml").write_text(company)
    values = chart_values(stage, port=spare_port(), namespaces=[])
    only_here = {name: values[name] for name in ("caBundle", "httpPort")}
    only_here["hosts"] = {"figgo": values["hosts"]["figgo"]}
    (tmp_path / "here.yaml").write_text(json.dumps(only_here))
    names = {
        "acme.yaml": str(tmp_path / "acme.yaml"),
        "initialisation.yaml": str(EXAMPLES / "initialisation.yaml"),
        "backfill.yaml": str(tmp_path / "backfill.yaml"),
        "mail.acme.example": urlsplit(stage.exchange.url).netloc,
        "helm install": f"helm install --values={tmp_path / 'here.yaml'}",
    }
    return Reader(empty_cluster, helm_binary, names)


def test_the_quick_start_leads_to_a_company_in_sync_with_its_older_absences(
    reader: Reader, empty_cluster: ControlPlane, helm_binary: Path, stage: Stage, tmp_path: Path
) -> None:
    _book_long_ago(stage)
    commands = [command for command in quick_start() if not command.startswith("make ")]
    installed = next(i for i, command in enumerate(commands) if command.startswith("helm "))
    for command in commands[: installed + 1]:
        reader.type(command)
    release = Release(empty_cluster, Helm(helm_binary, empty_cluster.admin_kubeconfig))
    with OperatorProcess(release, tmp_path / "operator.log"):
        for command in commands[installed + 1 :]:
            if command.endswith("backfill.yaml"):
                assert _outlook(stage) == []
                reader.approve_plan()
            reader.type(command)
        assert [str(entry.status) for entry in _outlook(stage)] == ["OOF"]
        # A reader of the page sees the columns that it shows.
        for end, first in (("get cst", "NAME +READY"), ("get syncinit", "NAME +TENANT")):
            shown = re.search(rf"^ +({first}.*)$", README, re.MULTILINE)
            assert shown is not None
            assert reader.shown(end).splitlines()[0].split() == shown[1].split()


def _book_long_ago(stage: Stage) -> None:
    day, state = datetime.now(UTC).date() + timedelta(days=30), stage.figgo.state
    days = (day, "AM"), (day + timedelta(days=6), "PM")
    when = datetime.now(UTC) - timedelta(days=30)
    stage.act(lambda: state.book(AWA, *days, PAID_LEAVE, confirmed=True, at=when))


def _outlook(stage: Stage) -> Sequence[Appointment]:
    mail = stage.figgo.state.people[AWA].mail
    assert mail is not None
    return stage.act(lambda: stage.exchange.store.outlook_view(mail))


def test_every_command_of_the_quick_start_is_run_by_a_test() -> None:
    programs = [command.split()[0] for command in quick_start()]
    assert programs.count("make") == 1, "tests/e2e/image/test_make.py runs it"
    assert programs.count("helm") == 1
    assert programs.count("kubectl") == len(programs) - 2 >= 6


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    headings = re.findall(r"^## (.+)$", README, re.MULTILINE)
    anchors = {f"#{heading.lower().replace(' ', '-')}" for heading in headings}
    local = [link for link in links if not link.startswith("https://") and link not in anchors]
    assert [link for link in local if not (ROOT / link).exists()] == []
