"""The page of each kind knows every field of its definition, and no other."""

import re
from pathlib import Path

import pytest
import yaml

from support.resource_page import INITIALISATION_PAGE, ROOT, TENANT_PAGE, ResourcePage

PAGES = (TENANT_PAGE, INITIALISATION_PAGE)
of_every_kind = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.kind)


def test_every_kind_has_its_page() -> None:
    kinds = {
        yaml.safe_load(path.read_text())["spec"]["names"]["kind"]
        for path in (ROOT / "crds").glob("*.yaml")
    }
    assert kinds == {page.kind for page in PAGES}


@pytest.mark.parametrize(
    ("page", "part", "at_least"),
    [
        pytest.param(TENANT_PAGE, "spec", 45, id="tenant-spec"),
        pytest.param(TENANT_PAGE, "status", 25, id="tenant-status"),
        pytest.param(INITIALISATION_PAGE, "spec", 12, id="initialisation-spec"),
        pytest.param(INITIALISATION_PAGE, "status", 45, id="initialisation-status"),
    ],
)
def test_every_field_of_the_definition_is_listed_once_and_no_other(
    page: ResourcePage, part: str, at_least: int
) -> None:
    listed = [name for name, _ in page.fields() if name.startswith(f"{part}.")]
    declared = page.declared(part)
    assert len(declared) >= at_least, "the walk over the schema found too little"
    assert sorted(listed) == sorted(declared)


@of_every_kind
def test_each_default_is_the_definitions_and_who_has_none_must_be_given(page: ResourcePage) -> None:
    """The second column: a default, `none` where it is required, empty where it may be left out."""
    declared = page.declared("spec")
    for name, said in page.fields():
        if not name.startswith("spec."):
            continue
        default = declared[name].get("default")
        if default is None or isinstance(default, dict):
            assert said in {"none", ""}, name
        else:
            shown = str(default).lower() if isinstance(default, bool) else str(default)
            assert said == f"`{shown}`", name


@of_every_kind
def test_what_is_required_has_no_default_to_be_left_to(page: ResourcePage) -> None:
    said = dict(page.fields())
    required = page.required()
    assert required
    assert {name for name, default in said.items() if default == "none"} == required | page.choices


@of_every_kind
def test_every_field_of_the_first_level_has_a_section(page: ResourcePage) -> None:
    declared = {f"spec.{name}" for name in page.schema["properties"]["spec"]["properties"]}
    assert sorted(page.headings()) == sorted(declared)


@of_every_kind
def test_every_fenced_block_was_looked_at(page: ResourcePage) -> None:
    assert page.text.count("```yaml") == len(page.blocks("yaml")) > 0
    assert page.text.count("```console") == len(page.blocks("console")) > 0


LINKING = sorted((ROOT / "docs").rglob("*.md"))


def _anchors(path: Path) -> set[str]:
    return {
        re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    }


@pytest.mark.parametrize("path", LINKING, ids=lambda path: path.name)
def test_every_link_of_the_documentation_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", path.read_text())
    for link in (link for link in links if not link.startswith("https://")):
        name, _, anchor = link.partition("#")
        there = path.parent / name if name else path
        assert there.exists(), link
        assert not anchor or anchor in _anchors(there), link


def test_there_are_links_to_be_followed() -> None:
    assert sum(path.read_text().count("](") for path in LINKING) > 60
