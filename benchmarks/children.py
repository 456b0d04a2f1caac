"""Runs a measured program in a process of its own: its task goes in as JSON, figures come out."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.errors import NotMeasuredError

ROOT = Path(__file__).parents[1]


def run_child(module: str, task: Mapping[str, Any], ca_file: Path, limit: timedelta) -> Any:  # noqa: ANN401 - each program has figures of its own
    """Return what `module` prints; raises NotMeasuredError when it fails or takes too long.

    What it complains about goes to our own standard error.
    """
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(ROOT / "operator"),
        # The only way to give plain exchangelib an authority; the product does not look at it.
        "REQUESTS_CA_BUNDLE": str(ca_file),
        # Or exchangelib asks the machine for its locale.
        "LC_ALL": "C.UTF-8",
    }
    try:
        done = subprocess.run(  # noqa: S603 - our own module under our own interpreter
            [sys.executable, "-m", module],
            input=json.dumps(task),
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
            timeout=limit.total_seconds(),
            check=True,
        )
    except subprocess.SubprocessError as error:
        # Neither text holds the task, which has a password in it.
        raise NotMeasuredError(f"{module}: {error}") from error
    return json.loads(done.stdout)
