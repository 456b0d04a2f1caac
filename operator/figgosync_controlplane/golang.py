"""The Go toolchain: finds the one that fits, and compiles with it while saying how far it is."""

import os
import re
import select
import shutil
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Self

from figgosync_controlplane.errors import NotBuiltError
from figgosync_controlplane.processes import leashed
from figgosync_controlplane.progress import Progress
from figgosync_controlplane.recipe import BUILD_FLAGS, MODULES, Platform, Target
from figgosync_controlplane.versions import GO

_HEARTBEAT = timedelta(seconds=1)
_KEPT_LINES = 20
_FETCHING = "go: downloading "


@dataclass(frozen=True, slots=True)
class Go:
    """A Go of the right minor version, and the environment in which it is run."""

    executable: str
    environment: Mapping[str, str]
    modules: Path = MODULES

    @classmethod
    def find(cls, environment: Mapping[str, str], machine: Platform) -> Self:
        """Return the `go` of the PATH; raises NotBuiltError if there is none that fits."""
        executable = shutil.which("go", path=environment.get("PATH"))
        if executable is None:
            raise NotBuiltError("There is no `go` on the PATH.")
        settings = {
            "GOTOOLCHAIN": "local",  # never fetch another Go than the one that was checked
            "CGO_ENABLED": "0",
            "GOOS": machine.os,
            "GOARCH": machine.arch,
            "GOWORK": "off",
        }
        go = cls(executable, {**environment, **settings})
        version = go._version()
        if not re.match(rf"{re.escape(GO)}(\.|$)", version):
            raise NotBuiltError(
                f"{executable} is Go {version}, but only Go {GO} builds these versions rightly."
            )
        return go

    def build(self, target: Target, folder: Path, progress: Progress) -> None:
        """Compile `target` into `folder`; raises NotBuiltError with what Go said."""
        total = self._count_packages(target, progress)
        compiled = 0

        def heard(line: str | None) -> None:
            nonlocal compiled
            compiled += line is not None
            progress.update(f"{target.name} {compiled}/{total} packages")

        # With -v Go names each package that it compiles; those in its cache it passes in silence.
        output = f"-o={folder / target.name}"
        self._run(target, ("build", "-v", f"-ldflags={target.ldflags}", output), heard)
        progress.say(f"{target.name} done: {compiled} of {total} packages compiled, others cached")

    def _count_packages(self, target: Target, progress: Progress) -> int:
        """Count what the binary is made of, which fetches the modules that are not here yet."""
        fetched = counted = 0

        def heard(line: str | None) -> None:
            nonlocal fetched, counted
            if line is not None:
                fetched += line.startswith(_FETCHING)
                counted += not line.startswith("go: ")
            progress.update(f"{target.name}: {fetched} modules fetched")

        self._run(target, ("list", "-deps"), heard)
        return counted

    def _run(
        self, target: Target, command: Sequence[str], heard: Callable[[str | None], None]
    ) -> None:
        """Run Go in the target's module; `heard` gets each line, and None when nothing comes."""
        tail: deque[str] = deque(maxlen=_KEPT_LINES)
        process = subprocess.Popen(
            leashed([self.executable, *command, *BUILD_FLAGS, target.package]),
            cwd=self.modules / target.module,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            for line in _lines(process):
                if line is not None:
                    tail.append(line)
                heard(line)
            exit_code = process.wait()
        finally:
            _end_group(process)
        if exit_code != 0:
            said = "\n".join(tail)
            raise NotBuiltError(
                f"`go {command[0]}` of {target.name} ended with {exit_code}:\n{said}"
            )

    def _version(self) -> str:
        done = subprocess.run(
            [self.executable, "env", "GOVERSION"],
            cwd=self.modules,  # a go.mod of the current folder must not have a say
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise NotBuiltError(f"{self.executable} does not run: {done.stderr.strip()}")
        return done.stdout.strip().removeprefix("go")


def _lines(process: subprocess.Popen[bytes]) -> Iterator[str | None]:
    """Yield each line of its output, and None for each second without any."""
    assert process.stdout is not None  # noqa: S101 - it was started with a pipe
    with process.stdout as stream:
        pending = b""
        while True:
            ready, _, _ = select.select([stream], [], [], _HEARTBEAT.total_seconds())
            if not ready:
                yield None
                continue
            chunk = os.read(stream.fileno(), 65536)
            if not chunk:
                break
            *whole, pending = (pending + chunk).split(b"\n")
            yield from (line.decode(errors="replace") for line in whole)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End Go and the compilers that it started, if it has not ended by itself."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
