"""The README's quick start as the commands and the file that it asks people to type."""

import re
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def quick_start() -> list[str]:
    """Return the commands of the quick start in their order, each as a script for bash."""
    commands = []
    for block in _blocks("console"):
        # A line that a backslash ends goes on in the next one.
        for line in re.sub(r"\\\n *", "", block).splitlines():
            prompt, _, command = line.strip().partition("$ ")
            if not prompt:
                commands.append(command)
    return commands


def backfill() -> str:
    """Return the file backfill.yaml of the quick start, whose digest is to be put in."""
    (block,) = _blocks("yaml")
    return textwrap.dedent(block)


def _blocks(language: str) -> list[str]:
    text = README[README.index("## Quick start") :]
    text = text[: text.index("\n## ")]
    pattern = rf"^ *```{language}\n(.+?)^ *```"
    return re.findall(pattern, text, re.MULTILINE | re.DOTALL)
