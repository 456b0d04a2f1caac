"""The command `python -m figgosync_chart`: writes the chart's copies, or with --check compares."""

import argparse
import sys
from pathlib import Path

from figgosync_chart.copies import stale_files, wanted_files, write_files

ROOT = Path(__file__).parents[2]


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Return the exit code: 1 if --check found files that are not as they must be."""
    parser = argparse.ArgumentParser(prog="python -m figgosync_chart", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only")
    wanted = wanted_files(root)
    if not parser.parse_args(arguments).check:
        for path in write_files(root, wanted):
            sys.stdout.write(f"written: {path}\n")
        return 0
    stale = stale_files(root, wanted)
    for path in stale:
        sys.stderr.write(f"{path} is stale: run `make chart`\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
