"""Runs a command, to its end or as long as somebody reads, and says what it said."""

import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from figgosync_controlplane.errors import ControlPlaneError

# For programs in Go that live for a tenth of a second, as kubectl and helm do: with less memory,
# or on all cores, they would spend a fifth more on the garbage that ends with them.
_SHORT_LIVED = {"GOGC": "400", "GOMAXPROCS": "1"}


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
            env={**_SHORT_LIVED, **environment},
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


@contextmanager
def follow(
    executable: Path, arguments: Sequence[str], environment: Mapping[str, str], limit: timedelta
) -> Iterator[Iterator[str]]:
    """Hand over each line as the command prints it, complaints among them, until `limit`.

    It is ended with the block, whatever it is about.
    """
    with subprocess.Popen(
        [executable, *arguments],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        out_of_time = threading.Timer(limit.total_seconds(), process.kill)
        out_of_time.start()
        try:
            yield (line.rstrip("\n") for line in process.stdout or ())
        finally:
            out_of_time.cancel()
            process.kill()
