"""A stand-in for `go` that compiles nothing, in no time, and writes down what it was asked."""

import sys
from pathlib import Path

_SCRIPT = """#!{python} -IS
import os, sys, time
from pathlib import Path

here = Path(sys.argv[0]).parent
command = sys.argv[1]
package = sys.argv[-1]
name = package.split("/")[-1]
if command == "env":
    print("go{version}")
    sys.exit()
with (here / "calls").open("a") as calls:
    settings = " ".join(os.environ[k] for k in ("GOTOOLCHAIN", "CGO_ENABLED", "GOWORK"))
    calls.write(f"{{command}} {{package}} {{settings}}\\n")
if command == "list":
    print("go: downloading example.org/one v1.0.0", file=sys.stderr)
    print("fmt", "example.org/one", package, sep="\\n")
    sys.exit()
(output,) = (a.removeprefix("-o=") for a in sys.argv if a.startswith("-o="))
print("example.org/one", file=sys.stderr, flush=True)
if (here / f"{{name}}.stalls").exists():
    Path(output).write_text("half")
    (here / "pid").write_text(str(os.getpid()))
    time.sleep(60)
if (here / f"{{name}}.fails").exists():
    print("one.go:1:1: syntax error", file=sys.stderr)
    sys.exit(1)
print(package, file=sys.stderr)
Path(output).write_text(name)
Path(output).chmod(0o755)
"""


class StandInGo:
    """A folder for the PATH that holds a `go` which says it is `version`."""

    def __init__(self, folder: Path, version: str = "1.26.8") -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        script = folder / "go"
        script.write_text(_SCRIPT.format(python=sys.executable, version=version))
        script.chmod(0o755)

    def misbehave(self, name: str, manner: str) -> None:
        """The build of this package (last part of its path) `stalls` or `fails`, until `heal`."""
        (self.folder / f"{name}.{manner}").touch()

    def heal(self) -> None:
        """Every build succeeds again."""
        for manner in ("stalls", "fails"):
            for file in self.folder.glob(f"*.{manner}"):
                file.unlink()

    def builds(self) -> list[str]:
        """Return the packages that were built, in that order."""
        return [call.split()[1] for call in self.calls() if call.startswith("build ")]

    def calls(self) -> list[str]:
        """Return each call: command, package and the settings that matter."""
        file = self.folder / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def pid_of_stalled(self) -> int | None:
        """Return the process id of the build that stalls, once it does."""
        file = self.folder / "pid"
        return int(file.read_text() or 0) or None if file.exists() else None
