"""Runs a command to its end, and says what it said when it refuses."""

import subprocess
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from figgosync_controlplane.errors import ControlPlaneError


class CommandError(ControlPlaneError):
    """A command refused: what it printed, what it complained about and its exit code."""

    def __init__(self, words: Sequence[str], done: "subprocess.CompletedProcess[str]") -> None:
        complaint = done.stderr.strip() or done.stdout.strip()
        super().__init__(f"{' '.join(words)} ended with {done.returncode}: {complaint}")
        self.exit_code = done.returncode
        self.stdout = done.stdout
        self.stderr = done.stderr


def finish(
    executable: Path,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    stdin: str | None,
    limit: timedelta,
) -> "subprocess.CompletedProcess[str]":
    """Return how the command ended, with what code ever; raises ControlPlaneError after `limit`."""
    try:
        return subprocess.run(
            [executable, *arguments],
            env=dict(environment),
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=limit.total_seconds(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        words = " ".join((executable.name, *arguments))
        raise ControlPlaneError(
            f"{words} did not end within {limit.total_seconds():g} s"
        ) from error
