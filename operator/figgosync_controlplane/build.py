"""Builds the binaries once for all processes of the machine, and keeps them."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from figgosync_controlplane.golang import Go
from figgosync_controlplane.progress import Progress
from figgosync_controlplane.recipe import Platform, Recipe, cache_key


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return where binaries are kept: outside of the tree, as the XDG directories say."""
    # The specification: a relative path is to be ignored.
    chosen = Path(environment.get("XDG_CACHE_HOME", ""))
    base = chosen if chosen.is_absolute() else Path.home() / ".cache"
    return base / "figgosync" / "controlplane"


def built(recipe: Recipe, environment: Mapping[str, str], progress: Progress) -> Path:
    """Return the folder of a recipe's binaries, built first if nobody has done so yet.

    The folder appears by one rename when all is in it: whoever sees it may use it. A process that
    is killed leaves a temporary folder at worst, which the next builder removes; its lock the
    kernel releases. Raises NotBuiltError when there is no fitting Go, or Go fails.
    """
    machine = Platform.of_this_machine()
    cache = cache_folder(environment)
    folder = cache / cache_key(recipe, machine)
    if folder.is_dir():
        return folder
    go = Go.find(environment, machine)
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(folder.with_name(f"{folder.name}.lock"), progress):
        if not folder.is_dir():  # another process may have built it while we waited
            _build(go, recipe, folder, progress)
    return folder


def _build(go: Go, recipe: Recipe, folder: Path, progress: Progress) -> None:
    prefix = f"{folder.name}.partial-"
    for left_by_the_dead in folder.parent.glob(f"{prefix}*"):
        shutil.rmtree(left_by_the_dead)
    *first, last = (target.name for target in recipe.targets)
    names = f"{', '.join(first)} and {last}" if first else last
    progress.say(f"Building {names}, once, into {folder}: {recipe.takes}")
    partial = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
    try:
        for target in recipe.targets:
            go.build(target, partial, progress)
        partial.chmod(0o755)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


@contextmanager
def _locked(path: Path, progress: Progress) -> Iterator[None]:
    """Hold the lock of this file; says so when that means waiting for another process."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say(f"Waiting for another process that builds {path.stem}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
