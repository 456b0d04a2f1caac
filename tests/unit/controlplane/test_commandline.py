"""A command that is followed: its lines come while it runs, and it ends with the reader."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from figgosync_controlplane.commandline import follow

_TELLS_AND_STAYS = """
import os, sys, time
print(os.getpid(), flush=True)
print("something is wrong", file=sys.stderr, flush=True)
time.sleep(60)
"""


def _followed(script: str, seconds: float = 30) -> AbstractContextManager[Iterator[str]]:
    limit = timedelta(seconds=seconds)
    return follow(Path(sys.executable), ["-c", script], os.environ, limit)


def test_lines_and_complaints_come_while_the_command_runs_and_it_ends_with_the_reader() -> None:
    with _followed(_TELLS_AND_STAYS) as lines:
        process = int(next(lines))
        os.kill(process, 0)
        assert next(lines) == "something is wrong"
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_command_that_never_ends_is_ended_when_time_is_up() -> None:
    began = time.monotonic()
    with _followed(_TELLS_AND_STAYS, seconds=0.3) as lines:
        list(lines)
    assert time.monotonic() - began < 20


def test_a_command_that_ends_ends_the_lines() -> None:
    with _followed("print(1); print(2)") as lines:
        assert list(lines) == ["1", "2"]
