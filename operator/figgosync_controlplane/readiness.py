"""Waits until a server is ready, or says at once that it died."""

import http.client
import ssl
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from figgosync_controlplane.errors import ControlPlaneError
from figgosync_controlplane.ports import LOOPBACK
from figgosync_controlplane.processes import Process

_PACE = timedelta(milliseconds=50)
_ANSWER_WITHIN = timedelta(seconds=5)


def wait_until_ready(process: Process, ready: Callable[[], bool], within: timedelta) -> None:
    """Return when `ready()`; raises ControlPlaneError when `process` ends or `within` is over."""
    deadline = time.monotonic() + within.total_seconds()
    while not ready():
        raise_if_dead(process)
        if time.monotonic() > deadline:
            raise ControlPlaneError(
                f"{process.name} was not ready after {within.total_seconds():g} s."
                f" Its log ends with:\n{process.log_tail()}"
            )
        time.sleep(_PACE.total_seconds())


def raise_if_dead(process: Process) -> None:
    """Raise ControlPlaneError, with the end of the log, if the process has ended."""
    if process.exit_code is not None:
        raise ControlPlaneError(
            f"{process.name} ended by itself with {process.exit_code}."
            f" Its log ends with:\n{process.log_tail()}"
        )


def answers_readyz(port: int, ca: Path) -> bool:
    """Whether the API server on this port says that all of it is ready.

    Anonymously: the built-in role system:public-info-viewer allows it, so a yes also says that
    the built-in roles are there.
    """
    context = ssl.create_default_context(cafile=str(ca))
    connection = http.client.HTTPSConnection(
        LOOPBACK, port, timeout=_ANSWER_WITHIN.total_seconds(), context=context
    )
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
