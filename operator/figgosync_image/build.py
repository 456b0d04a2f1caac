"""Builds the image with the settings of this machine."""

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from figgosync_image.engines import Build, Engine
from figgosync_image.errors import ImageError
from figgosync_image.pip_settings import PipSettings


def build(what: Build, environ: Mapping[str, str]) -> None:
    """Build it with the engine that is here; its output goes where ours goes.

    Raises ImageError when there is none or when it fails.
    """
    engine = Engine.present(environ)
    settings = PipSettings.of_this_machine(environ)
    with tempfile.TemporaryDirectory(prefix="figgosync-image-") as folder:
        command = what.command(engine, settings.write(Path(folder)), environ)
        done = subprocess.run(
            command, env={**environ, "DOCKER_BUILDKIT": "1"}, stdin=subprocess.DEVNULL, check=False
        )
    if done.returncode != 0:
        raise ImageError(f"{engine} could not build {what.name}; its own words are above.")
