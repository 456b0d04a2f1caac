"""Gets the programs that build and run images: Debian's packages, installed if missing."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from figgosync_controlplane.build import cache_folder
from figgosync_controlplane.progress import Progress

# buildah builds, crun runs what it built, mmdebstrap makes the base; each package has a program
# of its name. buildah's own recommendations (runc, fuse-overlayfs) are not needed as root.
_PACKAGES = ("buildah", "crun", "mmdebstrap")

_APT = ("apt-get", "--quiet", "--yes", "-o", "DPkg::Lock::Timeout=300")


class ToolsMissingError(Exception):
    """The image cannot be tested on this machine; the message says why."""


def image_cache() -> Path:
    """Return the folder of bases and layers; made if need be."""
    folder = cache_folder(os.environ).with_name("images")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def one_at_a_time(cache: Path) -> Iterator[None]:
    """Keep the other processes that run tests from installing or building meanwhile."""
    with (cache / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def install_tools(progress: Progress) -> None:
    """Install what is missing; raises ToolsMissingError where that cannot be done.

    Called under the lock of `one_at_a_time`.
    """
    missing = [name for name in _PACKAGES if shutil.which(name) is None]
    if not missing:
        return
    names = " ".join(missing)
    by_hand = f"Install {names} yourself (Debian has packages of these names)."
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise ToolsMissingError(
            f"The image is tested with {names}, which only root on a Debian can have installed"
            f" here. {by_hand}"
        )
    progress.say(f"Installing {names} with apt-get, once")
    install = (*_APT, "install", "--no-install-recommends", *missing)
    refused = _refusal(install)
    if refused and not _refusal((*_APT, "update")):  # the lists may be too old, or not here at all
        refused = _refusal(install)
    if refused:
        raise ToolsMissingError(f"apt-get could not install {names}. {by_hand}\n{refused}")


def _refusal(command: tuple[str, ...]) -> str:
    """Return the end of what apt-get complained about; nothing if all went well."""
    done = subprocess.run(
        command,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return ""
    return (done.stderr or done.stdout)[-2000:] or f"exit code {done.returncode}"
