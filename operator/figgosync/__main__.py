"""The command `figgosync`: runs the operator, or answers an administrator's question."""

import asyncio
import logging
import os
import sys
from argparse import ArgumentParser, Namespace
from importlib.metadata import version

from figgosync.logs import set_up
from figgosync.settings import Settings, SettingsError

USAGE_ERROR = 2
INTERRUPTED = 130

_DISCOVER = "discover"
_TOLD = """\
Asks the Figgo of a CalendarSyncTenant, read-only, what nobody can know beforehand: the ids of its
legal entities and absence types, how many employees have no mailbox address that can be used
(nobody is named), and how this Figgo answers. A tenant with spec.suspend is asked as well: create
it so, ask, correct it, and let it go."""
_NOTE = """\
It keeps to the rate of spec.figgo.requestsPerMinute. Lucca's limit, 50 requests a minute, is shared
by all tools of the company, the running sync among them: where a company is large, ask when little
else happens. Exit codes: 0, 1 where something outside is missing or refuses, 2 for a mistake in
the command line or in the settings."""


def main() -> None:
    """Run the operator until it is told to stop; exit 0 after an orderly end, 1 after a fault.

    With a subcommand, do that instead.
    """
    arguments = _parser().parse_args()
    try:
        settings = Settings.from_environment(os.environ)
        code = _discover(settings, arguments) if arguments.command else _run(settings)
    except SettingsError as error:
        sys.stderr.write(f"figgosync: {error}\n")
        sys.exit(USAGE_ERROR)
    logging.shutdown()
    # A thread may still wait for a server that never answers; the books are closed, so that
    # nothing is lost by not waiting for it.
    sys.stdout.flush()
    os._exit(code)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="figgosync",
        description="Keeps Figgo's absences in the employees' calendars. Without a command, it"
        " runs the operator until it is told to stop.",
    )
    parser.add_argument("--version", action="version", version=version("figgo-calendar-sync"))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    discover = commands.add_parser(
        _DISCOVER, help="ask a tenant's Figgo for ids and habits", description=_TOLD, epilog=_NOTE
    )
    discover.add_argument("--tenant", required=True, metavar="NAME", help="the CalendarSyncTenant")
    discover.add_argument(
        "--namespace", metavar="NS", help="where it is; needed where several have the name"
    )
    discover.add_argument(
        "--output", choices=("text", "json"), default="text", help="how to print (default: text)"
    )
    return parser


def _run(settings: Settings) -> int:
    set_up(settings.log_level)
    # Heavy libraries are loaded here, so that --version and a typing error answer at once.
    from figgosync.wiring import run  # noqa: PLC0415

    return asyncio.run(run(settings))


def _discover(settings: Settings, arguments: Namespace) -> int:
    # Standard error is for the one sentence; libraries might log names or whole requests there.
    logging.disable()
    from figgosync.discovery.command import Output, Request  # noqa: PLC0415 - see _run
    from figgosync.wiring import discover  # noqa: PLC0415 - see _run

    request = Request(arguments.tenant, arguments.namespace, Output(arguments.output))
    try:
        outcome = asyncio.run(discover(settings, request))
    except KeyboardInterrupt:
        return INTERRUPTED
    sys.stderr.write(outcome.err)
    try:
        sys.stdout.write(outcome.out)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return outcome.code


if __name__ == "__main__":
    main()
