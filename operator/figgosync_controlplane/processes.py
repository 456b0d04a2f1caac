"""Child processes that log into a file, stop in time and never outlive their owner."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

_LEASH = Path(__file__).with_name("leash.py")


def leashed(command: Sequence[str | Path]) -> list[str]:
    """Return the command that runs `command` and dies with the thread that starts it.

    The kernel ties the child to the *thread* that forked it (prctl(2)), so the caller either stays
    in that thread until the child has ended, or starts it through a `ForkingThread`.
    """
    isolated = (sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()))
    return [*isolated, *(str(part) for part in command)]


class Process:
    """One running child: asks it to stop, reads its log, knows whether it died by itself."""

    def __init__(self, name: str, popen: subprocess.Popen[bytes], log: Path) -> None:
        self.name = name
        self.log = log
        self._popen = popen

    @property
    def pid(self) -> int:
        """The process id of the command itself."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it, as in `subprocess`."""
        return self._popen.poll()

    def stop(self, grace: timedelta) -> None:
        """Ask it to end, and end it after `grace`; one that has ended is left in peace."""
        self._popen.terminate()
        try:
            self._popen.wait(grace.total_seconds())
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once and wait until it is gone."""
        self._popen.kill()
        self._popen.wait()

    def log_tail(self, lines: int = 15) -> str:
        """Return the last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class ForkingThread:
    """Forks children from one thread of its own, which lives until `close`.

    Were they forked from the caller's thread, the end of that thread (a worker of a test runner,
    an `asyncio.to_thread`) would kill those that are leashed. This thread ends with the process,
    or when it is closed or forgotten: then the kernel kills what still runs.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="launcher")

    def fork(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], output: BinaryIO
    ) -> "subprocess.Popen[bytes]":
        """Start `command` with nothing to read and `output` to write to.

        In a session of its own: Ctrl-C reaches the whole foreground group at once, and processes
        that depend on each other must stop in order.
        """

        def fork() -> subprocess.Popen[bytes]:
            return subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

        return self._thread.submit(fork).result()

    def close(self) -> None:
        """End the thread, and with it whatever still runs on its leash."""
        self._thread.shutdown()


class Launcher:
    """Starts leashed children in one folder, each with a log of its own, until `close`."""

    def __init__(self, folder: Path, logs: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._logs = logs
        self._environment = environment
        self._thread = ForkingThread()

    def start(self, name: str, command: Sequence[str | Path]) -> Process:
        """Start `command` in the launcher's folder, its output going to `<logs>/<name>.log`."""
        log = self._logs / f"{name}.log"
        with log.open("wb") as output:
            popen = self._thread.fork(leashed(command), self._folder, self._environment, output)
        return Process(name, popen, log)

    def close(self) -> None:
        """End the thread, and with it whatever still runs."""
        self._thread.close()
