"""The example for GitOps tools: its folder on a real API server, and what its page says of it."""

import json
import re
from collections.abc import Callable

import pytest
import yaml

from figgosync_controlplane.kubectl import KubectlError
from figgosync_controlplane.plane import ControlPlane
from support.kstatus import kstatus
from support.readme import ROOT

FOLDER = ROOT / "docs" / "examples" / "gitops"
PAGE = FOLDER.with_suffix(".md").read_text()

Apply = Callable[[str], str]


@pytest.fixture
def folder(control_plane: ControlPlane, namespace: str) -> str:
    """What a tool applies, in the namespace of this test."""
    built = control_plane.kubectl("kustomize", str(FOLDER))
    return re.sub(r"\b(name|namespace): hr\b", rf"\1: {namespace}", built)


@pytest.fixture
def apply(control_plane: ControlPlane) -> Apply:
    """Apply as Flux does, and as Argo CD can."""

    def apply(manifests: str) -> str:
        flags = ("--server-side", "--field-manager=gitops", "--force-conflicts")
        return control_plane.kubectl("apply", *flags, "--filename=-", stdin=manifests)

    return apply


def test_the_folder_is_accepted_whole_and_applied_again_changes_nothing(
    control_plane: ControlPlane, namespace: str, folder: str, apply: Apply
) -> None:
    applied = apply(folder).splitlines()
    assert [line.partition(" ")[0] for line in applied] == [
        f"namespace/{namespace}",
        "calendarsynctenant.figgosync.io/acme",
        "syncinitialisation.figgosync.io/acme-2026",
    ]
    get = ("get", "syncinit/acme-2026", f"--namespace={namespace}", "--output=json")
    first = json.loads(control_plane.kubectl(*get))
    assert first["spec"]["tenantRef"] == {"name": "acme"}
    assert "ttlSecondsAfterFinished" not in first["spec"], "it would be created again and again"
    assert kstatus(first) == "InProgress", "before the operator has seen it, too"
    apply(folder)
    again = json.loads(control_plane.kubectl(*get))
    assert again["spec"] == first["spec"]
    assert again["metadata"]["generation"] == 1
    assert again["metadata"]["uid"] == first["metadata"]["uid"]


def test_an_edited_run_is_refused_in_the_words_of_the_page_and_another_name_is_not(
    folder: str, apply: Apply
) -> None:
    apply(folder)
    edited = folder.replace('from: "2026-01-01"', 'from: "2025-01-01"')
    assert edited != folder
    with pytest.raises(KubectlError) as refused:
        apply(edited)
    (words,) = re.findall(r"```text\n(.+)\n```", PAGE)
    assert words in refused.value.stderr
    created = apply(edited.replace("name: acme-2026", "name: acme-2025"))
    assert "syncinitialisation.figgosync.io/acme-2025 serverside-applied" in created


def test_the_secrets_of_the_page_are_those_that_the_tenant_names(folder: str) -> None:
    tenant = next(
        each for each in yaml.safe_load_all(folder) if each["kind"] == "CalendarSyncTenant"
    )
    wanted = {
        tenant["spec"]["figgo"]["apiKeySecretRef"]["name"],
        tenant["spec"]["calendar"]["exchange"]["credentialsSecretRef"]["name"],
    }
    named = re.findall(r"^\| `(\S+)` \|.*`figgosync.io/credentials: \"true\"`", PAGE, re.MULTILINE)
    assert set(named) == wanted


def test_what_the_page_shows_for_other_tools_is_yaml_that_names_our_objects() -> None:
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
    secret, flux, argo = blocks
    assert secret["spec"]["target"]["template"]["metadata"]["labels"] == {
        "figgosync.io/credentials": "true"
    }
    (check,) = flux["spec"]["healthChecks"]
    assert (check["kind"], check["name"], check["namespace"]) == (
        "CalendarSyncTenant",
        "acme",
        "hr",
    )
    assert argo["data"].keys() == {
        f"resource.customizations.health.figgosync.io_{kind}"
        for kind in ("SyncInitialisation", "CalendarSyncTenant")
    }
