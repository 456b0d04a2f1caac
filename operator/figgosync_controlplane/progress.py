"""Says how far a long work is, at a pace that suits a terminal or a log."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TextIO

_PACE_ON_TERMINAL = timedelta(milliseconds=200)
_PACE_IN_LOG = timedelta(seconds=10)
_ERASE_LINE = "\r\x1b[K"


class Progress:
    """Writes to `stream`: one line that changes on a terminal, a line now and then elsewhere.

    `clock` gives seconds and only ever grows.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._on_terminal = stream.isatty()
        pace = _PACE_ON_TERMINAL if self._on_terminal else _PACE_IN_LOG
        self._pace = pace.total_seconds()
        self._last = clock()

    def say(self, text: str) -> None:
        """Write a line that stays."""
        self._write(f"{text}\n")

    def update(self, text: str) -> None:
        """Write how far it is, unless it was written a moment ago."""
        if self._clock() - self._last >= self._pace:
            self._write(text if self._on_terminal else f"{text}\n")

    def _write(self, text: str) -> None:
        self._last = self._clock()
        self._stream.write(f"{_ERASE_LINE}{text}" if self._on_terminal else text)
        self._stream.flush()
