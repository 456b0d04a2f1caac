"""docs/calendarsynctenant.md, taken apart: its manifests, its fields, its commands."""

import copy
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

PAGE = (Path(__file__).parents[2] / "docs" / "calendarsynctenant.md").read_text()

Body = dict[str, Any]


def blocks(language: str) -> list[str]:
    """Return the fenced blocks, also those that stand within a list."""
    found = re.findall(rf"^( *)```{language}\n(.+?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


def documents() -> list[Body]:
    """Return every YAML document of the page."""
    return [each for block in blocks("yaml") for each in yaml.safe_load_all(block)]


def manifests(kind: str) -> list[Body]:
    """Return the complete objects of a kind."""
    return [each for each in documents() if each.get("kind") == kind]


def fragments(part: str) -> list[Body]:
    """Return what stands alone under `spec` or `status`."""
    return [each[part] for each in documents() if "kind" not in each and part in each]


def completed(fragment: Mapping[str, Any]) -> Body:
    """Return the page's example with a part of a spec put into it."""
    example = copy.deepcopy(manifests("CalendarSyncTenant")[0])
    _put(example["spec"], fragment)
    return example


def _put(into: Body, part: Mapping[str, Any]) -> None:
    for name, value in part.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _put(into[name], value)
        else:
            into[name] = value


def fields() -> Iterator[tuple[str, str]]:
    """Yield each field that a table lists, and what stands in the column behind it."""
    yield from re.findall(
        r"^\| `((?:spec|status)\.[\w.\[\]]+)` \| ([^|]*?) ?\|", PAGE, re.MULTILINE
    )


def headings() -> list[str]:
    """Return the fields that have a section of their own."""
    return [
        name
        for heading in re.findall(r"^### (`spec\..+)$", PAGE, re.MULTILINE)
        for name in re.findall(r"`([^`]+)`", heading)
    ]


def conditions() -> list[str]:
    """Return the conditions that the page explains."""
    return re.findall(r"^\| `([A-Z]\w+)` \|", PAGE, re.MULTILINE)


def commands() -> list[str]:
    """Return what the page asks people to type, in its order."""
    return [
        line.removeprefix("$ ")
        for block in blocks("console")
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
