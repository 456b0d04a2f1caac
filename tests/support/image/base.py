"""The base image of the tests, made of Debian's packages, as no registry may be asked."""

import hashlib
import platform
import subprocess
import tempfile
from pathlib import Path

from figgosync_controlplane.progress import Progress
from support.image.store import Store
from support.image.tools import ToolsMissingError

# What python:slim has, and no more: no compiler, no zone data (the product brings its own), and
# Python's library without compiled files. The documentation would only make it larger.
_RECIPE = (
    "--variant=essential",
    "--include=python3-minimal,python3-venv,ca-certificates",
    '--aptopt=APT::Install-Recommends "false"',
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    '--customize-hook=find "$1/usr" -name "*.pyc" -delete',
)

_SOURCES = Path("/etc/apt")


def base_image(store: Store, progress: Progress) -> str:
    """Return the name of the base, which is made first if this machine has not made it yet.

    Debian's release and mirror are this machine's own. Called under the lock of `one_at_a_time`;
    raises ToolsMissingError with mmdebstrap's complaint.
    """
    release = platform.freedesktop_os_release().get("VERSION_CODENAME", "stable")
    recipe = hashlib.sha256("\n".join((release, *_RECIPE)).encode()).hexdigest()[:12]
    name = f"localhost/figgosync-base:{release}-{recipe}"
    if store.has(name):
        return name
    progress.say(f"Making {name} with mmdebstrap, once: half a minute")
    with tempfile.TemporaryDirectory(prefix="figgosync-base-") as folder:
        archive = Path(folder) / "base.tar"
        _debootstrap(release, archive)
        store.import_archive(archive, name)
    return name


def _debootstrap(release: str, archive: Path) -> None:
    done = subprocess.run(
        ["mmdebstrap", "--quiet", *_RECIPE, release, str(archive), *_mirrors()],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ToolsMissingError(f"mmdebstrap ended with {done.returncode}: {done.stderr[-2000:]}")


def _mirrors() -> list[str]:
    """Return the files that name this machine's Debian mirror; without any it is Debian's."""
    files = (_SOURCES / "sources.list", _SOURCES / "sources.list.d" / "debian.sources")
    return [str(file) for file in files if file.is_file() and file.read_text().strip()]
