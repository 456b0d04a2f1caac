"""`python -m benchmarks [NAME...]`: measures, and prints a table for each result."""

import argparse
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks import backfill, backfill_growth, calls, cold_start, latency, memory
from benchmarks.errors import NotMeasuredError
from benchmarks.figures import Table, as_markdown, as_text
from benchmarks.lab import Lab
from benchmarks.machine import Machine
from figgosync_controlplane.errors import ControlPlaneError
from figgosync_kubelet.errors import PodDiedError, PodError

MEASUREMENTS: Mapping[str, Callable[[Lab], Iterator[Table]]] = {
    "calls": calls.measure,
    "latency": latency.measure,
    "memory": memory.measure,
    "cold-start": cold_start.measure,
    "backfill": backfill.measure,
    "backfill-growth": backfill_growth.measure,
}

LONG = ("backfill", "backfill-growth")
"""What takes an hour each, and is done only where it is asked for."""


def main() -> int:
    """Measure what the command line names; return the exit code, 1 when something failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"what to measure: {', '.join(MEASUREMENTS)}; all but {' and '.join(LONG)} by default",
    )
    parser.add_argument(
        "--quick", action="store_true", help="little of everything: to try, never to report"
    )
    parser.add_argument(
        "--markdown", action="store_true", help="print what docs/benchmarks.md takes over"
    )
    arguments = parser.parse_args()
    names = arguments.names or [name for name in MEASUREMENTS if name not in LONG]
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        parser.error(f"there is no measurement {unknown[0]}; there are {', '.join(MEASUREMENTS)}")
    write = as_markdown if arguments.markdown else as_text
    _print_head(quick=arguments.quick)
    # SIGTERM unwinds as Ctrl-C does, or it would leave servers and folders behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="figgosync-benchmarks-") as folder,
            Lab(Path(folder), quick=arguments.quick) as lab,
        ):
            return _measure(lab, names, write)
    except KeyboardInterrupt:
        return 130


def _measure(lab: Lab, names: Sequence[str], write: Callable[[Table], str]) -> int:
    """Measure one after the other; what fails spoils none of the others."""
    failed = 0
    for name in names:
        began = time.monotonic()
        try:
            for table in MEASUREMENTS[name](lab):
                print(write(table), flush=True)
        except (NotMeasuredError, ControlPlaneError, PodDiedError, PodError) as error:
            lab.say(f"{name} was not measured: {error}")
            failed = 1
        lab.say(f"{name} took {time.monotonic() - began:.0f} s")
    return failed


def _print_head(*, quick: bool) -> None:
    command = shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]])
    print(f"`{command}` on {Machine.this()}\n", flush=True)
    if quick:
        print("**A quick run: it shows that everything works, and its figures mean nothing.**\n")


if __name__ == "__main__":
    sys.exit(main())
