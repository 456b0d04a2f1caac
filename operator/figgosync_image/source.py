"""What the source tree says of itself: version, revision, and when it was last changed."""

import subprocess
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Source:
    """`revision` is the commit, with "-dirty" where files differ from it.

    `changed_at` is in seconds since 1970: SOURCE_DATE_EPOCH, else the commit's time, else now.
    """

    version: str
    revision: str
    changed_at: int

    @classmethod
    def at(cls, root: Path, environ: Mapping[str, str]) -> Self:
        """Look at the tree; one that is not under git (a release's archive) has no revision."""
        project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
        commit = _git(root, "log", "-1", "--format=%H %ct").split()
        epoch = environ.get("SOURCE_DATE_EPOCH")
        if not commit:
            return cls(project["version"], _UNKNOWN, int(epoch or time.time()))
        revision, committed_at = commit
        if _git(root, "status", "--porcelain"):
            revision += "-dirty"
        return cls(project["version"], revision, int(epoch or committed_at))


def _git(root: Path, *arguments: str) -> str:
    """Return what git prints; nothing where there is no git or no repository."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
