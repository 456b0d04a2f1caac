"""The command behind `make image`."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from figgosync_image.build import build
from figgosync_image.engines import Build, Engine
from figgosync_image.errors import ImageError
from figgosync_image.source import Source

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Build the image as the arguments say; exit 1 with the reason when that fails."""
    parser = ArgumentParser(prog="figgosync_image", description="Build the container image.")
    parser.add_argument("--image", default="figgo-calendar-sync", help="its name, with a registry")
    parser.add_argument("--tag", default="", help="the product's version where it is left out")
    parser.add_argument(
        "--base", default="", help="the base image; the Dockerfile's where left out"
    )
    arguments = parser.parse_args()
    source = Source.at(ROOT, os.environ)
    what = Build(
        source=ROOT,
        name=f"{arguments.image}:{arguments.tag or source.version}",
        version=source.version,
        revision=source.revision,
        changed_at=source.changed_at,
        base=arguments.base or None,
    )
    try:
        build(what, Engine.present(os.environ), os.environ)
    except ImageError as error:
        sys.exit(f"figgosync_image: {error}")


if __name__ == "__main__":
    main()
