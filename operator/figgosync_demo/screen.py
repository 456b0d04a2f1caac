"""What the demo shows on the terminal."""

import time
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.rule import Rule
from rich.table import Table

from figgosync_sim.outlook import Appointment

NARROWEST = 100


class Screen:
    """Prints line by line, so that a pipe or a CI log reads like a terminal."""

    def __init__(self) -> None:
        console = Console(highlight=False)
        if not console.is_terminal:
            console = Console(highlight=False, width=NARROWEST)
        self._console = console
        self._began = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def title(self, text: str) -> None:
        """Print the headline of a step."""
        self._console.print()
        self._console.print(Rule(f"[bold]{escape(text)}[/bold]", align="left", characters="─"))

    def line(self, text: str) -> None:
        """Print what happens, with the time since the beginning."""
        self._console.print(f"[dim]{self.elapsed:5.1f} s[/dim]  {escape(text)}")

    def command(self, command: str, output: str) -> None:
        """Print a command as a user would type it, and its output."""
        self._console.print(f"[bold green]$ {escape(command)}[/bold green]", soft_wrap=True)
        for line in output.rstrip().splitlines():
            self.output(line)

    def output(self, line: str) -> None:
        """Print one line of what a command prints."""
        self._console.print(f"  {escape(line)}", soft_wrap=True)

    def calendar(self, name: str, entries: Sequence[Appointment], after: float | None) -> None:
        """Print one calendar as its owner sees it in Outlook, and how long the change took."""
        took = f"   [bold cyan]{after:.1f} s after the change in Figgo[/bold cyan]" if after else ""
        self._console.print(f"         [bold]{escape(name)}'s Outlook[/bold]{took}")
        if not entries:
            self._console.print("           (nothing)")
        for entry in entries:
            self._console.print(f"           {escape(shown(entry))}")

    def summary(self, rows: Sequence[tuple[str, float]], facts: Sequence[tuple[str, str]]) -> None:
        """Print the times and what was counted."""
        table = Table(title="From the change in Figgo to the calendar", title_justify="left")
        table.add_column("change")
        table.add_column("seconds", justify="right")
        for what, seconds in rows:
            table.add_row(what, f"{seconds:.1f}")
        self._console.print()
        self._console.print(table)
        for what, value in facts:
            self._console.print(f"  {escape(what)}: [bold]{escape(value)}[/bold]")


def shown(entry: Appointment) -> str:
    """Return one entry as a line: days, hours if any, title, status."""
    days = f"{entry.first:%a %d %b}"
    if entry.last != entry.first:
        days += f" to {entry.last:%a %d %b}"
    hours = ""
    if entry.starts is not None and entry.ends is not None:
        hours = f" {entry.starts:%H:%M}-{entry.ends:%H:%M}"
    lock = " (private)" if entry.private else ""
    return f"{days}{hours}   {entry.subject}{lock}   [{entry.status}]"
