"""The small script that ties a command to the life of its parent."""

import os
import subprocess
import sys
from pathlib import Path

from figgosync_controlplane import leash
from figgosync_controlplane.processes import leashed


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)


def test_the_command_takes_the_place_of_the_script() -> None:
    script = "import os, sys; print(os.getppid()); sys.exit(7)"
    done = _run(leashed([sys.executable, "-c", script]))
    assert done.returncode == 7
    assert done.stdout.split() == [str(os.getpid())]


def test_a_command_whose_parent_is_gone_already_never_starts() -> None:
    another = str(os.getppid())  # alive, but not the parent of what we start
    script = "print('started')"
    done = _run(
        [sys.executable, "-IS", str(Path(leash.__file__)), another, sys.executable, "-c", script]
    )
    assert done.returncode == 1
    assert "the parent was gone" in done.stderr
    assert done.stdout == ""
