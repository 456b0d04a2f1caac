"""The two programs that can build an image, and how each is told the same thing."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from figgosync_image.errors import ImageError

_ANSWERS_WITHIN = 20.0
"""Seconds. An engine that is just being started by its socket takes a few."""

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


class Engine(StrEnum):
    """The name of the program."""

    DOCKER = "docker"
    BUILDAH = "buildah"

    @classmethod
    def present(cls, environ: Mapping[str, str]) -> "Engine":
        """Return docker where an engine answers it, else buildah; raises ImageError for neither."""
        path = environ.get("PATH", os.defpath)
        if shutil.which("docker", path=path) and _answers(environ):
            return cls.DOCKER
        if shutil.which("buildah", path=path):
            return cls.BUILDAH
        raise ImageError(
            "Neither a docker engine answers nor is there buildah. Install docker with its engine"
            " (23 or newer), or buildah (`apt-get install buildah crun` on Debian and Ubuntu,"
            " `dnf install buildah` on Fedora)."
        )


@dataclass(frozen=True, slots=True)
class Build:
    """What to build. `source` holds the Dockerfile; `base` None is the Dockerfile's own.

    `changed_at` is the time that all files of the image get, in seconds since 1970.
    """

    source: Path
    name: str
    version: str
    revision: str
    changed_at: int
    base: str | None = None

    def command(
        self, engine: Engine, secrets: Mapping[str, Path], environ: Mapping[str, str]
    ) -> list[str]:
        """Return the command that builds it; `secrets` are files by their id."""
        options: list[str] = []
        match engine:
            case Engine.DOCKER:
                arguments = dict(self._arguments(), SOURCE_DATE_EPOCH=str(self.changed_at))
                for proxy in _proxies(environ):  # buildah hands them on by itself
                    options += ["--build-arg", proxy]
            case Engine.BUILDAH:
                arguments = dict(self._arguments())
                options += ["--layers", "--timestamp", str(self.changed_at)]
            case _:
                assert_never(engine)
        for name, value in arguments.items():
            options += ["--build-arg", f"{name}={value}"]
        for name, file in sorted(secrets.items()):
            options += ["--secret", f"id={name},src={file}"]
        return [engine, "build", *options, "--tag", self.name, str(self.source)]

    def _arguments(self) -> Iterator[tuple[str, str]]:
        yield "VERSION", self.version
        yield "REVISION", self.revision
        if self.base is not None:
            yield "BASE", self.base


def _answers(environ: Mapping[str, str]) -> bool:
    try:
        done = subprocess.run(
            ["docker", "version"],
            env=dict(environ),
            capture_output=True,
            check=False,
            timeout=_ANSWERS_WITHIN,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _proxies(environ: Mapping[str, str]) -> list[str]:
    """Return the names of the proxy variables that are set, in either spelling."""
    return [name for proxy in _PROXIES for name in (proxy, proxy.lower()) if environ.get(name)]
