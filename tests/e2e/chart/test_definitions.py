"""Who owns the CustomResourceDefinition, and what an install makes of one that it finds."""

import re
import shlex

import pytest

from figgosync_controlplane.helm import HelmError
from support.chart import CHART, CRD, CRD_VERSION, CRDS, ROOT
from support.releases import Releases

OWNER = "meta.helm.sh/release-name"


def _version_of(crd: str) -> int:
    text = (ROOT / "crds" / f"{crd}.yaml").read_text()
    found = re.search(r'crd-version: "(\d+)"', text)
    assert found is not None
    return int(found[1])


NEEDED = _version_of(CRD)
RUNS = CRDS[1]


def refusal_of(releases: Releases, namespace: str, *options: str) -> str:
    """Try to install; return why it is refused."""
    with pytest.raises(HelmError) as refusal:
        releases.install("acme", namespace, *options)
    return refusal.value.stderr


@pytest.fixture
def outdated(applied: Releases) -> Releases:
    """A cluster whose definition kubectl applied, of the version before."""
    applied.set_version(str(NEEDED - 1))
    return applied


@pytest.mark.parametrize(
    ("crd", "version", "found"),
    [
        (CRD, str(NEEDED - 1), f"has version {NEEDED - 1}"),
        (CRD, "0", "has no version of ours"),
        (CRD, "one", "has no version of ours"),
        (RUNS, "0", "has no version of ours"),
    ],
)
def test_an_older_definition_of_others_is_refused(
    applied: Releases, namespace: str, crd: str, version: str, found: str
) -> None:
    applied.set_version(version, crd)
    reason = refusal_of(applied, namespace)
    assert f"{crd} {found}, version {_version_of(crd)} is needed" in reason
    assert applied.annotations(crd)[CRD_VERSION] == version


def test_the_first_remedy_is_to_update_it_by_kubectl(outdated: Releases, namespace: str) -> None:
    reason = refusal_of(outdated, namespace)
    command = re.search(r"kubectl (apply \S+ \S+ -f) (files/crds/\S+)", reason)
    assert command is not None
    outdated.plane.kubectl(*shlex.split(command[1]), str(CHART / command[2]))
    outdated.install("acme", namespace)
    assert outdated.annotations()[CRD_VERSION] == str(NEEDED)
    assert OWNER not in outdated.annotations()


@pytest.mark.parametrize("like_helm_3", [False, True], ids=["helm 4", "as helm 3 applies"])
def test_the_second_remedy_is_to_hand_it_over(
    outdated: Releases, namespace: str, *, like_helm_3: bool
) -> None:
    reason = refusal_of(outdated, namespace)
    command = re.search(r"helm (upgrade --install acme CHART .* --set crds\.adopt=true) \(", reason)
    assert command is not None
    words = [str(CHART) if word == "CHART" else word for word in shlex.split(command[1])]
    if like_helm_3:
        words.remove("--force-conflicts")
        words.append("--server-side=false")
    outdated.helm.run(*words)
    assert outdated.annotations()[CRD_VERSION] == str(NEEDED)
    assert outdated.annotations()[OWNER] == "acme"
    outdated.upgrade("acme", namespace)  # without the two options: they were for once
    assert outdated.annotations()[OWNER] == "acme"


def test_without_a_word_to_helm_nothing_is_taken_over(outdated: Releases, namespace: str) -> None:
    assert "invalid ownership metadata" in refusal_of(outdated, namespace, "--set=crds.adopt=true")
    assert OWNER not in outdated.annotations()


def test_a_definition_that_is_new_enough_may_be_taken_over_too(
    applied: Releases, namespace: str
) -> None:
    applied.install("acme", namespace, "--take-ownership", "--set=crds.adopt=true")
    assert applied.annotations()[OWNER] == "acme"
    assert applied.annotations()["helm.sh/resource-policy"] == "keep"


@pytest.mark.parametrize("adopt", ["false", "true"])
def test_a_newer_definition_of_others_is_left_alone(
    applied: Releases, namespace: str, adopt: str
) -> None:
    applied.set_version(str(NEEDED + 1))
    before = applied.definition()
    applied.install("acme", namespace, "--take-ownership", f"--set=crds.adopt={adopt}")
    assert applied.definition() == before


def test_an_older_chart_never_makes_a_newer_definition_of_ours_older(
    bare: Releases, namespace: str
) -> None:
    bare.install("acme", namespace)
    bare.set_version(str(NEEDED + 1))
    before = bare.definition()
    bare.upgrade("acme", namespace)
    assert bare.definition() == before
    bare.uninstall("acme", namespace)
    assert bare.definition() == before


def test_what_kubectl_changed_in_a_definition_of_ours_needs_a_word_to_helm(
    bare: Releases, namespace: str
) -> None:
    """As the README says."""
    bare.install("acme", namespace)
    bare.set_version(str(NEEDED - 1))
    with pytest.raises(HelmError, match=r'conflict with "kubectl-annotate"'):
        bare.upgrade("acme", namespace)
    bare.upgrade("acme", namespace, "--force-conflicts")
    assert bare.annotations()[CRD_VERSION] == str(NEEDED)


def test_an_install_under_another_name_takes_up_the_work(
    bare: Releases, namespace: str, other_namespace: str
) -> None:
    bare.install("acme", namespace)
    bare.uninstall("acme", namespace)
    before = bare.definition()
    assert before is not None
    bare.install("other", other_namespace)
    assert bare.definition() == before
    # Of the release that is gone: the next chart's definition has to be handed over.
    bare.set_version(str(NEEDED - 1))
    with pytest.raises(HelmError, match="this release did not install it"):
        bare.upgrade("other", other_namespace)
    bare.upgrade(
        "other",
        other_namespace,
        "--take-ownership",
        "--force-conflicts",
        "--set=crds.adopt=true",
    )
    assert bare.annotations()[OWNER] == "other"
    assert bare.annotations()[CRD_VERSION] == str(NEEDED)


@pytest.mark.parametrize("how", ["replaced", "deleted and applied"])
def test_a_definition_that_others_took_from_us_outlives_our_next_upgrade(
    bare: Releases, namespace: str, how: str
) -> None:
    """It is of the last revision and not of the next: helm would delete it with all tenants."""
    bare.install("acme", namespace)
    if how == "replaced":
        bare.plane.kubectl("replace", f"--filename={ROOT / 'crds'}")
    else:
        bare.remove_definitions()
        bare.apply_definitions()
    uids = {}
    for crd in CRDS:
        assert OWNER not in bare.annotations(crd)
        uids[crd] = (bare.definition(crd) or {})["metadata"]["uid"]
    bare.upgrade("acme", namespace)
    bare.uninstall("acme", namespace)
    left = {crd: (bare.definition(crd) or {})["metadata"]["uid"] for crd in CRDS}
    assert left == uids


@pytest.mark.parametrize(
    ("crd", "kind", "install"),
    [
        (CRD, "CalendarSyncTenant", "true"),
        (CRD, "CalendarSyncTenant", "false"),
        (RUNS, "SyncInitialisation", "true"),
    ],
)
def test_an_upgrade_that_would_delete_a_definition_is_refused(
    bare: Releases, namespace: str, crd: str, kind: str, install: str
) -> None:
    """Such as after `kubectl replace` by the file of a version that did not say "keep"."""
    bare.install("acme", namespace)
    options = ("--overwrite", f"{OWNER}-", "helm.sh/resource-policy-")
    bare.plane.kubectl("annotate", "crd", crd, *options)
    before = bare.definition(crd)
    with pytest.raises(HelmError, match="this upgrade would delete") as refusal:
        bare.upgrade("acme", namespace, f"--set=crds.install={install}")
    assert f"{crd}, and with it every {kind}," in refusal.value.stderr
    assert bare.definition(crd) == before
    remedy = re.search(r"kubectl (annotate crd \S+ \S+=keep)", refusal.value.stderr)
    assert remedy is not None
    bare.plane.kubectl(*shlex.split(remedy[1]))
    before = bare.definition(crd)
    bare.upgrade("acme", namespace, f"--set=crds.install={install}")
    assert bare.definition(crd) == before


def test_a_release_may_give_its_definition_up(bare: Releases, namespace: str) -> None:
    bare.install("acme", namespace)
    before = bare.definition()
    assert before is not None
    bare.upgrade("acme", namespace, "--set=crds.install=false")
    after = bare.definition()
    assert after is not None
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
