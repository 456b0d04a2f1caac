"""The command line: `build` gets the binaries, `run` runs a control plane until it is stopped."""

import argparse
import os
import signal
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from figgosync_controlplane.binaries import find_binaries
from figgosync_controlplane.errors import ControlPlaneError
from figgosync_controlplane.helm import find_helm
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.progress import Progress

_LOOK_EVERY = timedelta(seconds=1)


def main() -> int:
    """Do what the command line says; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m figgosync_controlplane",
        description="A real etcd, kube-apiserver and kube-controller-manager for tests.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser(
        "build", help="get the servers and helm, and print the folder of the servers"
    )
    run = commands.add_parser("run", help="run a control plane until Ctrl-C or SIGTERM")
    run.add_argument("--audit-log", type=Path, help="file for one JSON line per request")
    arguments = parser.parse_args()
    # SIGTERM unwinds as Ctrl-C does, or it would leave folders behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        progress = Progress(sys.stderr)
        binaries = find_binaries(os.environ, progress)
        if arguments.command == "build":
            find_helm(os.environ, progress)
            sys.stdout.write(f"{binaries.etcd.parent}\n")
        else:
            _run(ControlPlane.start(binaries, audit_log=arguments.audit_log))
    except ControlPlaneError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _run(plane: ControlPlane) -> None:
    with plane, suppress(KeyboardInterrupt):
        sys.stdout.write(f"export KUBECONFIG={plane.admin_kubeconfig}\n")
        sys.stdout.flush()
        while True:
            plane.check()
            time.sleep(_LOOK_EVERY.total_seconds())


if __name__ == "__main__":
    sys.exit(main())
