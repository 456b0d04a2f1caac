"""Knows which files of the chart repeat what is written elsewhere, and what they must hold."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from figgosync_chart.values import Value, read_values

CHART = Path("helm/figgo-calendar-sync")
"""The chart's folder, seen from the repository's root."""

_BEGIN = "<!-- values: written by `make chart` from values.yaml -->\n"
_END = "<!-- end of values -->\n"


class MarksMissingError(ValueError):
    """The README has no place for the table of values."""


def wanted_files(root: Path) -> dict[Path, str]:
    """Return the content that each written file must have, by its path below `root`.

    These are the custom resource definitions, the example of NOTES.txt, and the README with its
    table of values. Raises UndocumentedValueError and MarksMissingError.
    """
    definitions = {
        CHART / "files" / "crds" / path.name: path.read_text()
        for path in sorted((root / "crds").glob("*.yaml"))
    }
    readme = CHART / "README.md"
    values = read_values((root / CHART / "values.yaml").read_text())
    return {
        **definitions,
        CHART / "files" / "example.yaml": (root / "docs" / "examples" / "acme.yaml").read_text(),
        readme: _with_table((root / readme).read_text(), values),
    }


def stale_files(root: Path, wanted: Mapping[Path, str]) -> list[Path]:
    """Return the files that are not as wanted, and the definitions that nobody wants (any more)."""
    definitions = (root / CHART / "files" / "crds").glob("*")
    surplus = {path.relative_to(root) for path in definitions} - set(wanted)
    differing = {path for path, content in wanted.items() if _read(root / path) != content}
    return sorted(surplus | differing)


def write_files(root: Path, wanted: Mapping[Path, str]) -> list[Path]:
    """Make the files as wanted; return those that changed."""
    stale = stale_files(root, wanted)
    for path in stale:
        if path in wanted:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(wanted[path])
        else:
            (root / path).unlink()
    return stale


def _read(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None


def _with_table(readme: str, values: Iterable[Value]) -> str:
    before, begin, rest = readme.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise MarksMissingError(f"the chart's README lacks {_BEGIN.strip()} or {_END.strip()}")
    return f"{before}{begin}\n{_table(values)}\n{end}{after}"


def _table(values: Iterable[Value]) -> str:
    head = "| value | type | default | meaning |\n| --- | --- | --- | --- |\n"
    return head + "".join(
        f"| `{each.key}` | {each.type} | `{_cell(each.default)}` | {_cell(each.description)} |\n"
        for each in values
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
