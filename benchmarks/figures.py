"""Figures and how they are written down."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number, and what the baseline of the same run took for the same."""

    name: str
    value: float
    unit: str
    baseline: float | None = None

    @property
    def ratio(self) -> float | None:
        """The figure divided by its baseline; below 1 the product takes less."""
        return self.value / self.baseline if self.baseline else None

    def cells(self) -> tuple[str, str, str, str]:
        """Return name, figure, baseline and ratio as text."""
        return (
            self.name,
            f"{rounded(self.value)} {self.unit}".strip(),
            "" if self.baseline is None else f"{rounded(self.baseline)} {self.unit}".strip(),
            "" if self.ratio is None else f"{self.ratio:.2f}",
        )


@dataclass(frozen=True, slots=True)
class Table:
    """The figures of one measurement; `baseline` says what they are compared with."""

    title: str
    baseline: str
    figures: Sequence[Figure]
    notes: Sequence[str] = ()

    @property
    def headings(self) -> tuple[str, str, str, str]:
        """What stands above the columns."""
        return ("figure", "figgo-calendar-sync", self.baseline or "baseline", "ratio")


def rounded(value: float) -> str:
    """Return three significant digits, and whole numbers as they are; spaces part thousands."""
    whole = value == int(value)
    decimals = 0 if whole else max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}".replace(",", " ")


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least `percent` of all do not exceed (nearest rank)."""
    if not values:
        raise ValueError("of nothing there is no percentile")
    return sorted(values)[max(math.ceil(len(values) * percent / 100), 1) - 1]


def as_markdown(table: Table) -> str:
    """Return the table in Markdown, with its title above and its notes below."""
    rows = [table.headings, ("---", "--:", "--:", "--:"), *(f.cells() for f in table.figures)]
    lines = [f"### {table.title}", "", *(f"| {' | '.join(row)} |" for row in rows)]
    for note in table.notes:
        lines += ["", note]
    return "\n".join(lines) + "\n"


def as_text(table: Table) -> str:
    """Return the table for a terminal, its columns aligned."""
    rows = [table.headings, *(figure.cells() for figure in table.figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [table.title, ""]
    for name, *numbers in rows:
        cells = [name.ljust(widths[0])]
        cells += [text.rjust(width) for text, width in zip(numbers, widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([*lines, *table.notes]) + "\n"
