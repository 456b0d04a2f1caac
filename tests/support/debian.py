"""Debian's Prometheus, unpacked into the cache of this project and never installed."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

VARIABLE = "PROMETHEUS_BIN"
_PACKAGE = "prometheus"
_NAMES = ("prometheus", "promtool")
_LIMIT = 240
"""Seconds for one command: a package of 20 MB, over a slow line."""


class PrometheusMissingError(Exception):
    """There is no Prometheus and none can be fetched; the message says why and what helps."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason}\nEither set {VARIABLE} to a folder that holds prometheus and promtool, or"
            " run this where `apt-get download` and `dpkg` work (Debian, Ubuntu)."
        )


def prometheus_binaries(environ: Mapping[str, str] = os.environ) -> tuple[Path, Path]:
    """Return the executables prometheus and promtool, fetched first if nobody has done so yet.

    The package is downloaded and unpacked, not installed: an installed one starts a service. The
    folder appears by one rename, so whoever sees it may use it; a lock lets one process fetch.
    Raises PrometheusMissingError.
    """
    if chosen := environ.get(VARIABLE):
        return _complete(Path(chosen), f"{VARIABLE} is {chosen}")
    folder = _cache(environ)
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder.with_suffix(".lock")):
            if not folder.is_dir():  # another process may have fetched it while we waited
                _fetch(folder, environ)
    return _complete(
        folder / "usr" / "bin", f"{folder} was fetched once (remove it to do so again)"
    )


def _cache(environ: Mapping[str, str]) -> Path:
    chosen = Path(environ.get("XDG_CACHE_HOME", ""))
    base = chosen if chosen.is_absolute() else Path.home() / ".cache"
    return base / "figgosync" / "prometheus"


def _complete(folder: Path, origin: str) -> tuple[Path, Path]:
    server, promtool = (folder / name for name in _NAMES)
    for path in (server, promtool):
        if not (path.is_file() and os.access(path, os.X_OK)):
            raise PrometheusMissingError(f"{origin}, but no executable {path.name} is there.")
    return server, promtool


@contextmanager
def _locked(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _fetch(folder: Path, environ: Mapping[str, str]) -> None:
    prefix = f"{folder.name}.partial-"
    for left_by_the_killed in folder.parent.glob(f"{prefix}*"):
        shutil.rmtree(left_by_the_killed)
    partial = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
    try:
        _download(partial, environ)
        (package,) = partial.glob("*.deb")
        _run(("dpkg", "-x", package.name, "unpacked"), partial, environ)
        (partial / "unpacked").rename(folder)
    finally:
        shutil.rmtree(partial)


def _download(folder: Path, environ: Mapping[str, str]) -> None:
    """Download the package; the lists are brought up to date only where it fails without.

    That needs root, and is not worth a failure of its own: the download's says enough.
    """
    download = ("apt-get", "download", _PACKAGE)
    try:
        _run(download, folder, environ)
    except PrometheusMissingError:
        if os.geteuid() != 0:
            raise
        _run(("apt-get", "update"), folder, environ)
        _run(download, folder, environ)


def _run(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> None:
    words = " ".join(command)
    executable = shutil.which(command[0], path=environ.get("PATH"))
    if executable is None:
        raise PrometheusMissingError(f"There is no `{command[0]}` on the PATH.")
    try:
        done = subprocess.run(
            [executable, *command[1:]],
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PrometheusMissingError(f"`{words}` did not end within {_LIMIT} s.") from error
    if done.returncode != 0:
        complaint = done.stderr.strip() or done.stdout.strip()
        raise PrometheusMissingError(f"`{words}` ended with {done.returncode}: {complaint}")
