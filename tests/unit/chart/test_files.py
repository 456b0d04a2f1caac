"""The files of the chart: what they repeat, what is packaged, what those of ci/ render."""

import json
import re
import shutil
import tarfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from figgosync.kube.crds import REQUIRED_CRD_VERSIONS
from figgosync_chart.__main__ import main
from figgosync_chart.copies import CHART as CHART_PATH
from figgosync_chart.copies import MarksMissingError, wanted_files
from figgosync_chart.values import UndocumentedValueError, Value, read_values
from figgosync_controlplane.helm import Helm, HelmError
from support.chart import CHART, PREVIOUS_CHART, ROOT, VALUES_FILES, of_kind, render, the_only

README = CHART / "README.md"


def test_chart_and_operator_are_of_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert (chart["version"], chart["appVersion"]) == (project, project)


def test_nothing_that_the_chart_repeats_is_stale(capsys: pytest.CaptureFixture[str]) -> None:
    assert (main(["--check"]), capsys.readouterr().err) == (0, "")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The parts of the repository that the chart repeats, and the chart, to be spoiled."""
    for part in (CHART_PATH, Path("crds"), Path("docs/examples")):
        shutil.copytree(ROOT / part, tmp_path / part)
    return tmp_path


SPOILED = {
    "a definition that changed": "crds/calendarsynctenants.figgosync.io.yaml",
    "an example that changed": "docs/examples/acme.yaml",
    "a copy that changed": f"{CHART_PATH}/files/crds/calendarsynctenants.figgosync.io.yaml",
    "a definition that nobody knows": f"{CHART_PATH}/files/crds/others.figgosync.io.yaml",
    "a definition that the chart lacks": "crds/others.figgosync.io.yaml",
}


@pytest.mark.parametrize("spoiled", SPOILED.values(), ids=SPOILED)
def test_what_is_stale_is_named_and_written_anew(
    copy: Path, spoiled: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with (copy / spoiled).open("a") as file:
        file.write("# changed\n")
    assert main(["--check"], copy) == 1
    assert re.search(
        r"^helm/\S+ is stale: run `make chart`$", capsys.readouterr().err, re.MULTILINE
    )
    assert main([], copy) == 0
    assert main(["--check"], copy) == 0
    wanted = wanted_files(copy)
    assert {path: (copy / path).read_text() for path in wanted} == wanted


def test_a_changed_default_makes_the_readme_stale(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = copy / CHART_PATH / "values.yaml"
    values.write_text(values.read_text().replace("logLevel: INFO", "logLevel: DEBUG"))
    assert main(["--check"], copy) == 1
    assert capsys.readouterr().err == f"{CHART_PATH}/README.md is stale: run `make chart`\n"


def test_a_readme_without_a_place_for_the_table_is_an_error(copy: Path) -> None:
    (copy / CHART_PATH / "README.md").write_text("# Nothing\n")
    with pytest.raises(MarksMissingError):
        main(["--check"], copy)


def test_values_are_read_with_their_comments() -> None:
    text = """
# About the file.

# -- Text that goes
# on in a second line.
name: ""
group:
  # -- A list.
  list: [1]
# -- One value, whatever is in it.
whole:
  part: {a: true}
"""
    assert read_values(text) == [
        Value("name", "string", '""', "Text that goes on in a second line."),
        Value("group.list", "array", "[1]", "A list."),
        Value("whole", "object", '{"part": {"a": true}}', "One value, whatever is in it."),
    ]


@pytest.mark.parametrize(
    "text", ["name: 1", "# -- Text.\n\nname: 1", "group:\n  list: []", "a: {}"]
)
def test_a_value_without_a_comment_is_an_error(text: str) -> None:
    with pytest.raises(UndocumentedValueError):
        read_values(text)


def test_every_value_has_a_rule_in_the_schema_and_every_rule_a_value() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text())
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert set(schema["properties"]) == {*values, "global"}


def test_no_object_of_ours_accepts_what_the_schema_does_not_know() -> None:
    """Objects of Kubernetes that may hold anything say so by having no properties at all."""
    schema = json.loads((CHART / "values.schema.json").read_text())
    open_ones = list(_open_objects(schema, ""))
    # Its sources are many, and Kubernetes itself checks them.
    assert open_ones == ["/properties/extraVolumes/items"]


def _open_objects(node: object, path: str) -> Iterator[str]:
    if isinstance(node, list):
        for number, each in enumerate(node):
            yield from _open_objects(each, f"{path}/{number}")
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and "additionalProperties" not in node:
            yield path
        for key, each in node.items():
            yield from _open_objects(each, f"{path}/{key}")


@pytest.mark.parametrize("file", VALUES_FILES, ids=lambda path: path.stem)
def test_helm_finds_nothing_to_complain_about(helm: Helm, file: Path) -> None:
    assert "1 chart(s) linted, 0 chart(s) failed" in helm.run(
        "lint", "--strict", str(CHART), f"--values={file}"
    )


@pytest.mark.parametrize("file", VALUES_FILES, ids=lambda path: path.stem)
def test_each_values_file_renders_one_operator(helm: Helm, file: Path) -> None:
    rendered = render(helm, None, f"--values={file}")
    assert the_only(rendered, "Deployment")
    names = [
        (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
        for each in rendered
    ]
    assert len(names) == len(set(names))


def test_the_values_file_of_everything_leaves_nothing_as_it_was() -> None:
    def leaves(values: object, path: str = "") -> dict[str, object]:
        if not isinstance(values, dict) or not values:
            return {path: values}
        return {
            name: leaf
            for key, value in values.items()
            for name, leaf in leaves(value, f"{path}.{key}").items()
        }

    default = leaves(yaml.safe_load((CHART / "values.yaml").read_text()))
    everything = yaml.safe_load((CHART / "ci" / "everything-values.yaml").read_text())
    empty = {path for path, value in default.items() if value in ("", [], {})}
    # Three ways to name the objects, three sources of authorities, two modes: one each.
    elsewhere = {
        ".fullnameOverride",
        ".watchNamespaces",
        ".caBundle.pem",
        ".caBundle.configMap.name",
    }
    named = set(leaves(everything))
    untouched = {
        path
        for path in empty - elsewhere
        if not any(name == path or name.startswith(f"{path}.") for name in named)
    }
    assert untouched == set()


def test_the_definitions_are_kept_and_are_those_that_the_operator_needs(helm: Helm) -> None:
    rendered = of_kind(render(helm), "CustomResourceDefinition")
    versions = {
        each["metadata"]["name"]: int(each["metadata"]["annotations"]["figgosync.io/crd-version"])
        for each in rendered
    }
    assert versions == REQUIRED_CRD_VERSIONS
    for each in rendered:
        assert each["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
        argo_cd = each["metadata"]["annotations"]["argocd.argoproj.io/sync-options"]
        assert set(argo_cd.split(",")) == {"Prune=false", "Delete=false"}
        source = yaml.safe_load((ROOT / "crds" / f"{each['metadata']['name']}.yaml").read_text())
        assert each["spec"] == source["spec"]


def test_a_cluster_that_is_too_old_is_refused(helm: Helm) -> None:
    assert render(helm, None, "--kube-version=1.31.0")
    with pytest.raises(HelmError, match=r"incompatible with Kubernetes v1\.30\.9"):
        render(helm, None, "--kube-version=1.30.9")


def test_others_may_bring_the_definitions(helm: Helm) -> None:
    rendered = render(helm, {"crds": {"install": False}})
    assert of_kind(rendered, "CustomResourceDefinition") == []


def test_nothing_is_a_hook(helm: Helm) -> None:
    """Argo CD would delete and create a definition that is one, and all tenants with it."""
    for file in VALUES_FILES:
        assert "helm.sh/hook" not in helm.run("template", "a", str(CHART), f"--values={file}")


def test_the_package_holds_what_users_need_and_no_values_of_tests(
    helm: Helm, tmp_path: Path
) -> None:
    helm.run("package", str(CHART), f"--destination={tmp_path}")
    (package,) = tmp_path.glob("*.tgz")
    with tarfile.open(package) as packed:
        names = {name.removeprefix("figgo-calendar-sync/") for name in packed.getnames()}
    assert {
        "README.md",
        "values.schema.json",
        "files/crds/calendarsynctenants.figgosync.io.yaml",
        "files/crds/syncinitialisations.figgosync.io.yaml",
    } <= names
    assert {name for name in names if name.startswith("ci/")} == set()


def test_the_values_of_the_chart_before_are_accepted(helm: Helm) -> None:
    before = yaml.safe_load(helm.run("show", "values", str(PREVIOUS_CHART)))
    assert len(before) > 10
    assert render(helm, before)


def test_the_readme_speaks_of_values_that_exist() -> None:
    rows = set(re.findall(r"^\| `([\w.]+)` \|", README.read_text(), re.MULTILINE))
    groups = {name.rpartition(".")[0] for name in rows}
    text = README.read_text().partition("## Values")[0]
    quoted = re.findall(r"`([a-z]\w*(?:\.\w+)+)(?:=\w+)?`", text)
    spoken = {word for word in quoted if word.partition(".")[0] in {*groups, *rows}}
    assert len(spoken) >= 5
    assert spoken - rows - groups == set()
