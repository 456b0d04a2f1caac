"""`python -m benchmarks` works; a quick run of it, as its figures matter to nobody here."""

import os
import re
import subprocess
import sys
from pathlib import Path

from figgosync_controlplane.binaries import ASSETS_VARIABLE, Binaries
from figgosync_controlplane.plane import ControlPlane

_ROOT = Path(__file__).parents[2]
MEASURED = ("calls", "cold-start", "backfill")


def test_operator_and_plain_loop_leave_the_same_calendars_and_their_figures_are_printed(
    binaries: Binaries,
    control_plane: ControlPlane,  # noqa: ARG001 - with it the binaries are found before any test
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *MEASURED, "--quick", "--markdown"],
        cwd=_ROOT,
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(_ROOT / "operator"),
            ASSETS_VARIABLE: str(binaries.etcd.parent),
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    # It fails where the calendars differ.
    assert done.returncode == 0, done.stderr
    assert "was not measured" not in done.stderr
    assert [line.split(",")[0] for line in done.stdout.splitlines() if line.startswith("###")] == [
        "### CPU of the caller for one call to Exchange (3 of each",
        "### Cold start",
        "### Cold start",
        "### Back-fill of 10 employees with 50 absences",
        "### Cost of this back-fill",
        "### Latency of live bookings beside it",
    ]
    assert "its figures mean nothing" in done.stdout
    compared = re.findall(r"^\|.+\| \d+\.\d\d \|$", done.stdout, re.MULTILINE)
    assert len(compared) == 5 + 12 + 12 + (4 + 3 + 6)
