"""Images and layers in a place of the tests' own, as buildah sees it."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.image.tools import ToolsMissingError

_MANY_IMAGES = 600
"""Each build after a change of the source leaves some twenty of them."""


@dataclass(frozen=True, slots=True)
class Root:
    """The file system of an image, mounted for one container.

    `path` is where it stands, `written` the folder that holds what differs from the image.
    """

    path: Path
    written: Path

    def written_files(self) -> list[str]:
        """Return what is not of the image, but for folders and empty files: mount points."""
        found = (path for path in self.written.rglob("*") if not path.is_dir())
        return sorted(str(path) for path in found if path.is_symlink() or path.stat().st_size)


class Store:
    """Keeps images under `folder`; `environment` makes any buildah use it instead of root's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        settings = folder / "storage.conf"
        self.environment: Mapping[str, str] = {
            **os.environ,
            "CONTAINERS_STORAGE_CONF": str(settings),
            # What a build runs needs no isolation of its own: it is our Dockerfile. This way asks
            # for no cgroups, which a container that runs tests often has not.
            "BUILDAH_ISOLATION": "chroot",
        }
        folder.mkdir(parents=True, exist_ok=True)
        settings.write_text(
            "[storage]\n"
            'driver = "overlay"\n'
            f'graphroot = "{folder}/storage"\n'
            f'runroot = "{folder}/run"\n'
        )

    def buildah(self, *arguments: str) -> str:
        """Return what buildah prints; raises ToolsMissingError with its complaint."""
        done = subprocess.run(
            ["buildah", *arguments],
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            words = " ".join(arguments)
            raise ToolsMissingError(f"buildah {words} ended with {done.returncode}: {done.stderr}")
        return done.stdout.strip()

    def has(self, name: str) -> bool:
        """Whether there is an image of this name."""
        return bool(self.buildah("images", "--quiet", "--filter", f"reference={name}"))

    def import_archive(self, archive: Path, name: str) -> None:
        """Make an image of one layer out of a tar file."""
        container = self.buildah("from", "scratch")
        try:
            self.buildah("add", "--quiet", container, str(archive), "/")
            self.buildah("commit", "--quiet", container, name)
        finally:
            self.buildah("rm", container)

    def description(self, name: str) -> dict[str, Any]:
        """Return the image as the OCI image specification describes it: config, rootfs, history."""
        described: dict[str, Any] = json.loads(self.buildah("inspect", "--type=image", name))
        return described

    @contextmanager
    def mounted(self, name: str) -> Iterator[Root]:
        """Mount the image's file system, with a layer of its own that takes what is written."""
        container = self.buildah("from", "--pull-never", name)
        try:
            path = Path(self.buildah("mount", container))
            yield Root(path, path.with_name("diff"))  # the folders of containers' overlay driver
        finally:
            self.buildah("rm", container)

    def sweep(self) -> None:
        """Begin anew when the builds of many changes have piled up."""
        if len(self.buildah("images", "--all", "--quiet").splitlines()) > _MANY_IMAGES:
            self.buildah("rmi", "--all", "--force")

    def export(self, name: str, folder: Path) -> None:
        """Write the image, its layers as compressed tar files, as an OCI layout."""
        shutil.rmtree(folder, ignore_errors=True)
        self.buildah("push", "--quiet", name, f"oci:{folder}:image")
