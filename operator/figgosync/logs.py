"""Logging: one JSON object a line, with ids and never a name, an address or a title."""

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

OURS = "figgosync"


def set_up(level: str) -> None:
    """Send everything to standard output as JSON; time in UTC, RFC 3339.

    `level` is that of our own loggers. Of the libraries no more than warnings are heard, at any
    level: some of them log what proves an identity, or whole requests.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setLevel(level)
    handler.setFormatter(
        JsonFormatter(
            "{levelname}{name}{message}",
            style="{",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(OURS).setLevel(level)
    # kopf warns of what is meant so: it runs in a thread of its own, which takes no signals.
    logging.getLogger("kopf").setLevel(logging.ERROR)


def origin(error: BaseException) -> str:
    """Name an exception's class, function and line, and nothing of its text.

    The text of a foreign exception may hold a name, an address or a title.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    code = trace.tb_frame.f_code
    return f"{type(error).__name__} in {code.co_qualname} line {trace.tb_lineno}"
