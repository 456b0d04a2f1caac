"""The commands about a tenant in the runbooks and the alerts, run as they stand there."""

import base64
import json
import re

from figgosync_controlplane.plane import ControlPlane
from figgosync_sim.stage import PASSWORD
from support.chart import ROOT
from support.promtool import SOURCE
from support.shell import run_as_documented
from support.tenants import a_tenant
from support.world import World

PAGES = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
NOT_HERE = re.compile(r"kubectl get prometheuses|\blogs\b")
"""What needs a kind of somebody else, or a pod's log."""


def commands(text: str) -> list[str]:
    """Return the kubectl commands of a page that are about our objects and their namespace."""
    found: list[str] = re.findall(r"^ *\$ (kubectl .*)$", text, re.MULTILINE)
    found += re.findall(r"`(kubectl [^`]*)`", text)
    ours = [each for each in found if re.search(r" -n hr | (?:cst|syncinit)\b", each)]
    return [each for each in ours if not NOT_HERE.search(each)]


BACKFILL = """
apiVersion: figgosync.io/v1alpha1
kind: SyncInitialisation
metadata: {name: backfill}
spec: {tenantRef: {name: acme}, from: "2026-01-01", legalEntities: [1], planDigest: "sha256:%s"}
"""


def _refused_initialisation(world: World) -> None:
    """Leave one that has all that the commands ask for: a plan, a message, an end."""
    world.kubectl("apply", "--filename=-", stdin=BACKFILL % ("0" * 64))
    ended = "--for=jsonpath={.status.completionTime}"
    world.kubectl("wait", "syncinit/backfill", ended, "--timeout=30s")


def test_every_command_about_an_object_of_ours_does_what_it_says(world: World) -> None:
    world.ready_tenant()
    _refused_initialisation(world)
    answers: dict[str, str] = {}
    for command in _all_commands():
        done = run_as_documented(command.replace(" hr ", f" {world.namespace} "), world.plane)
        assert (done.returncode, done.stderr) == (0, ""), command
        answers[command] = done.stdout
    assert len(answers) >= 28
    secrets = (PASSWORD, base64.b64encode(PASSWORD.encode()).decode())
    assert not any(secret in text for text in answers.values() for secret in secrets)
    (named,) = (text for command, text in answers.items() if "apiKeySecretRef" in command)
    assert named == "acme-figgo\nacme-exchange\n"
    (counted,) = (text for command, text in answers.items() if "employees.total" in command)
    assert re.fullmatch(r"\d+ of \d+\n", counted)
    (planned,) = (text for command, text in answers.items() if ".status.plan}" in command)
    assert '"digest":"sha256:' in planned
    (found,) = (text for command, text in answers.items() if "get syncinit --all" in command)
    assert found.split()[-3] == "backfill"
    assert found.split()[-1] == "PlanChanged"


def test_the_company_with_another_synchronisation_is_found_by_the_command_of_its_alert(
    control_plane: ControlPlane, namespace: str
) -> None:
    """There is no operator here, which would take the condition for an error of ours."""
    for name in ("acme", "other"):
        tenant = a_tenant(name=name)
        control_plane.kubectl(
            f"--namespace={namespace}", "create", "--filename=-", stdin=json.dumps(tenant)
        )
    active = {
        "type": "OtherSyncActive",
        "status": "True",
        "reason": "OtherSyncActive",
        "message": "Twice.",
        "lastTransitionTime": "2026-11-25T08:00:00Z",
    }
    seen = {"lastSeenTime": "2026-11-25T07:00:00Z"}
    patch = json.dumps({"status": {"conditions": [active], "otherSync": seen}})
    options = ("--subresource=status", "--type=merge", f"--patch={patch}")
    control_plane.kubectl(f"--namespace={namespace}", "patch", "cst/acme", *options)
    (description,) = (
        each["description"] for each in SOURCE if each["alert"] == "FiggosyncOtherSyncActive"
    )
    (command,) = re.findall(r"^  (kubectl .*)$", description, re.MULTILINE)
    done = run_as_documented(command, control_plane)
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [namespace, "acme", "True", "2026-11-25T07:00:00Z"] in lines
    assert [namespace, "other", "<none>", "<none>"] in lines


def _all_commands() -> list[str]:
    """Return each once: those of the pages, and those of the alerts' descriptions."""
    texts = [page.read_text() for page in PAGES]
    for source in SOURCE:
        filled = source["description"].replace("{{ $labels.tenant_namespace }}", "hr")
        filled = filled.replace("{{ $labels.tenant }}", "acme")
        filled = filled.replace("{{ $labels.initialisation }}", "backfill")
        texts.append(re.sub(r"^  kubectl", "$ kubectl", filled, flags=re.MULTILINE))
    return list(dict.fromkeys(command for text in texts for command in commands(text)))
