"""The commands about a tenant in the runbooks and the alerts, run as they stand there."""

import base64
import re

from figgosync_sim.stage import PASSWORD
from support.chart import ROOT
from support.promtool import SOURCE
from support.shell import run_as_documented
from support.world import World

PAGES = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
NOT_HERE = re.compile(r"kubectl get prometheuses|\blogs\b")
"""What needs a kind of somebody else, or a pod's log."""


def commands(text: str) -> list[str]:
    """Return the kubectl commands of a page that are about tenants and their namespace."""
    found: list[str] = re.findall(r"^ *\$ (kubectl .*)$", text, re.MULTILINE)
    found += re.findall(r"`(kubectl [^`]*)`", text)
    ours = [each for each in found if re.search(r" -n hr | cst\b", each)]
    return [each for each in ours if not NOT_HERE.search(each)]


def test_every_command_about_a_tenant_does_what_it_says(world: World) -> None:
    world.ready_tenant()
    answers: dict[str, str] = {}
    for command in _all_commands():
        done = run_as_documented(command.replace(" hr ", f" {world.namespace} "), world.plane)
        assert (done.returncode, done.stderr) == (0, ""), command
        answers[command] = done.stdout
    assert len(answers) >= 20
    secrets = (PASSWORD, base64.b64encode(PASSWORD.encode()).decode())
    assert not any(secret in text for text in answers.values() for secret in secrets)
    (named,) = (text for command, text in answers.items() if "apiKeySecretRef" in command)
    assert named == "acme-figgo\nacme-exchange\n"
    (counted,) = (text for command, text in answers.items() if "employees.total" in command)
    assert re.fullmatch(r"\d+ of \d+\n", counted)


def _all_commands() -> list[str]:
    """Return each once: those of the pages, and those of the alerts' descriptions."""
    texts = [page.read_text() for page in PAGES]
    for source in SOURCE:
        filled = source["description"].replace("{{ $labels.tenant_namespace }}", "hr")
        filled = filled.replace("{{ $labels.tenant }}", "acme")
        texts.append(re.sub(r"^  kubectl", "$ kubectl", filled, flags=re.MULTILINE))
    return list(dict.fromkeys(command for text in texts for command in commands(text)))
