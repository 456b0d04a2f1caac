"""The page of a kind, taken apart (its manifests, its fields, its commands), and its definition."""

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]

Body = dict[str, Any]


@dataclass(frozen=True)
class ResourcePage:
    """The page docs/<kind>.md, in lower case.

    `choices` are fields of which one has to be given, which no list of required fields can say.
    """

    kind: str
    definition: str
    choices: frozenset[str]

    @property
    def path(self) -> Path:
        """Where the page stands."""
        return ROOT / "docs" / f"{self.kind.lower()}.md"

    @property
    def text(self) -> str:
        """The whole page."""
        return self.path.read_text()

    @property
    def schema(self) -> Body:
        """The schema of the kind, from its definition."""
        crd = yaml.safe_load((ROOT / "crds" / f"{self.definition}.yaml").read_text())
        schema: Body = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        return schema

    def declared(self, part: str) -> dict[str, Body]:
        """Return every field of `spec` or `status` by its path, `status.failures[].reason`."""
        return dict(_fields(self.schema["properties"][part], part))

    def required(self) -> set[str]:
        """Return the fields of the spec that the definition wants to be given."""
        return set(_required(self.schema["properties"]["spec"], "spec"))

    def blocks(self, language: str) -> list[str]:
        """Return the fenced blocks, also those that stand within a list."""
        fenced = rf"^( *)```{language}\n(.+?)^ *```$"
        found = re.findall(fenced, self.text, re.MULTILINE | re.DOTALL)
        return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]

    def documents(self) -> list[Body]:
        """Return every YAML document of the page."""
        return [each for block in self.blocks("yaml") for each in yaml.safe_load_all(block)]

    def manifests(self, kind: str) -> list[Body]:
        """Return the complete objects of a kind."""
        return [each for each in self.documents() if each.get("kind") == kind]

    def fragments(self, part: str) -> list[Body]:
        """Return what stands alone under `spec` or `status`."""
        return [each[part] for each in self.documents() if "kind" not in each and part in each]

    def completed(self, fragment: Mapping[str, Any]) -> Body:
        """Return the page's example with a part of a spec put into it."""
        example = copy.deepcopy(self.manifests(self.kind)[0])
        _put(example["spec"], fragment)
        return example

    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield each field that a table lists, and what stands in the column behind it."""
        row = r"^\| `((?:spec|status)\.[\w.\[\]]+)` \| ([^|]*?) ?\|"
        yield from re.findall(row, self.text, re.MULTILINE)

    def headings(self) -> list[str]:
        """Return the fields that have a section of their own."""
        return [
            name
            for heading in re.findall(r"^### (`spec\..+)$", self.text, re.MULTILINE)
            for name in re.findall(r"`([^`]+)`", heading)
        ]

    def words(self) -> list[str]:
        """Return what the rows of tables explain that are no fields: conditions and reasons."""
        return re.findall(r"^\| `([A-Z]\w+)` \|", self.text, re.MULTILINE)

    def commands(self) -> list[str]:
        """Return what the page asks people to type, in its order."""
        return [
            line.removeprefix("$ ")
            for block in self.blocks("console")
            for line in block.splitlines()
            if line.startswith("$ ")
        ]


TENANT_PAGE = ResourcePage(
    "CalendarSyncTenant",
    "calendarsynctenants.figgosync.io",
    frozenset({"spec.legalEntities", "spec.allLegalEntities", "spec.calendar.exchange"}),
)

INITIALISATION_PAGE = ResourcePage(
    "SyncInitialisation",
    "syncinitialisations.figgosync.io",
    frozenset({"spec.legalEntities", "spec.allLegalEntities"}),
)


def _fields(node: Body, at: str) -> Iterator[tuple[str, Body]]:
    for name, child in node.get("properties", {}).items():
        yield f"{at}.{name}", child
        yield from _fields(child, f"{at}.{name}")
    if "items" in node:
        yield from _fields(node["items"], f"{at}[]")


def _required(node: Body, at: str) -> Iterator[str]:
    yield from (f"{at}.{name}" for name in node.get("required", ()))
    for name, child in node.get("properties", {}).items():
        yield from _required(child, f"{at}.{name}")
    if "items" in node:
        yield from _required(node["items"], f"{at}[]")


def _put(into: Body, part: Mapping[str, Any]) -> None:
    for name, value in part.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _put(into[name], value)
        else:
            into[name] = value
