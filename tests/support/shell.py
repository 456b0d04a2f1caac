"""Runs a command of the documentation as an administrator of the control plane would."""

import os
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from figgosync_controlplane.plane import ControlPlane


def run_as_documented(
    script: str, plane: ControlPlane, *, stdin: str = "", programs: Sequence[Path] = ()
) -> "subprocess.CompletedProcess[str]":
    """Return how bash ended; kubectl in it is ours, and the user's settings have no say.

    `programs` are folders of more programs that the script runs.
    """
    ours = [*map(str, programs), sysconfig.get_path("scripts")]
    path = os.pathsep.join((*ours, os.environ.get("PATH", os.defpath)))
    environment = {
        "PATH": path,
        "HOME": str(plane.admin_kubeconfig.parent),
        "KUBECONFIG": str(plane.admin_kubeconfig),
        "KUBERC": "off",
    }
    return subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", script],
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
