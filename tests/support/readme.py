"""The README's quick start as the commands that it asks people to type."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def quick_start() -> list[str]:
    """Return the commands of the quick start in their order, each as a script for bash."""
    text = README[README.index("## Quick start") :]
    text = text[: text.index("\n## ")]
    blocks = re.findall(r"^ *```console\n(.+?)^ *```", text, re.MULTILINE | re.DOTALL)
    commands = []
    for block in blocks:
        # A line that a backslash ends goes on in the next one.
        for line in re.sub(r"\\\n *", "", block).splitlines():
            prompt, _, command = line.strip().partition("$ ")
            if not prompt:
                commands.append(command)
    return commands
