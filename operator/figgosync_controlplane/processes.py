"""Child processes that log into a file, stop in time and never outlive their owner."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

_LEASH = Path(__file__).with_name("leash.py")


def leashed(command: Sequence[str | Path]) -> list[str]:
    """Return the command that runs `command` and dies with the thread that starts it.

    The kernel ties the child to the *thread* that forked it (prctl(2)), so the caller either stays
    in that thread until the child has ended, or starts it through a `Launcher`.
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


class Launcher:
    """Starts children from one thread of its own, which lives until `close`.

    Were they forked from the caller's thread, the end of that thread (a worker of a test runner,
    an `asyncio.to_thread`) would kill them. This thread ends with the process, or when the
    launcher is closed or forgotten: then the kernel kills what still runs.
    """

    def __init__(self, folder: Path, logs: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._logs = logs
        self._environment = environment
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="launcher")

    def start(self, name: str, command: Sequence[str | Path]) -> Process:
        """Start `command` in the launcher's folder, its output going to `<logs>/<name>.log`.

        In a session of its own: Ctrl-C reaches the whole foreground group at once, and servers
        that depend on each other must stop in order.
        """
        log = self._logs / f"{name}.log"

        def fork() -> subprocess.Popen[bytes]:
            with log.open("wb") as output:
                return subprocess.Popen(
                    leashed(command),
                    cwd=self._folder,
                    env=dict(self._environment),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )

        return Process(name, self._thread.submit(fork).result(), log)

    def close(self) -> None:
        """End the thread, and with it whatever still runs."""
        self._thread.shutdown()
