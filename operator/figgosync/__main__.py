"""The command `figgosync`: reads the settings, starts the operator, ends it in order."""

import asyncio
import logging
import os
import sys
from argparse import ArgumentParser
from importlib.metadata import version

from figgosync.logs import set_up
from figgosync.settings import Settings, SettingsError

USAGE_ERROR = 2


def main() -> None:
    """Run the operator until it is told to stop; exit 0 after an orderly end, 1 after a fault."""
    parser = ArgumentParser(
        prog="figgosync", description="Keeps Figgo's absences in the employees' calendars."
    )
    parser.add_argument("--version", action="version", version=version("figgo-calendar-sync"))
    parser.parse_args()
    try:
        code = _run(Settings.from_environment(os.environ))
    except SettingsError as error:
        sys.stderr.write(f"figgosync: {error}\n")
        sys.exit(USAGE_ERROR)
    logging.shutdown()
    # A thread may still wait for a server that never answers; the books are closed, so that
    # nothing is lost by not waiting for it.
    sys.stdout.flush()
    os._exit(code)


def _run(settings: Settings) -> int:
    set_up(settings.log_level)
    # Heavy libraries are loaded here, so that --version and a typing error answer at once.
    from figgosync.wiring import run  # noqa: PLC0415

    return asyncio.run(run(settings))


if __name__ == "__main__":
    main()
