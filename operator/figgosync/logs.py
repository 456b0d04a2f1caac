"""Logging: one JSON object a line, with ids and never a name, an address or a title."""

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

QUIET = ("kubernetes", "urllib3", "aiohttp", "asyncio", "spnego", "requests_ntlm")
"""Libraries whose warnings are enough, at any level: some of them log what proves an identity."""


def set_up(level: str) -> None:
    """Send everything to standard output as JSON; time in UTC, RFC 3339."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        JsonFormatter(
            "{levelname}{name}{message}",
            style="{",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # kopf warns of what is meant so: it runs in a thread of its own, which takes no signals.
    logging.getLogger("kopf").setLevel(logging.ERROR)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
