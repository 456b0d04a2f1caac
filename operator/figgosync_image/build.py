"""Builds the image with the settings of this machine."""

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from figgosync_image.engines import Build, Engine
from figgosync_image.errors import ImageError
from figgosync_image.pip_settings import PipSettings


def build(
    what: Build, engine: Engine, environ: Mapping[str, str], log: TextIO | None = None
) -> None:
    """Build it; what the engine says goes into `log`, or where our output goes.

    Raises ImageError when it fails.
    """
    settings = PipSettings.of_this_machine(environ)
    with tempfile.TemporaryDirectory(prefix="figgosync-image-") as folder:
        command = what.command(engine, settings.write(Path(folder)), environ)
        done = subprocess.run(
            command,
            env={**environ, "DOCKER_BUILDKIT": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT if log else None,
            check=False,
        )
    if done.returncode != 0:
        raise ImageError(f"{engine} could not build {what.name}; its own words say why.")
