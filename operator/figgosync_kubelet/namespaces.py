"""The command that runs another one with volumes at the paths of a pod."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_ENTER = Path(__file__).with_name("enter.py")


@dataclass(frozen=True, slots=True)
class Placed:
    """A file or folder of this machine, and where the command shall find it."""

    source: str
    target: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What the command shall see.

    `mounts` in the order in which they are made, `kept` the folders without which it does not
    run, `scratch` an empty folder, `folder` where it starts, `hostname` at most 63 characters.
    """

    mounts: Sequence[Placed]
    kept: Sequence[str]
    scratch: str
    folder: str
    hostname: str


def entering(plan: Plan, command: Sequence[str]) -> list[str]:
    """Return the command line that becomes `command` in a mount namespace of its own."""
    isolated = (sys.executable, "-I", "-S", str(_ENTER), json.dumps(asdict(plan)))
    return [*isolated, *command]
