"""The operator's image on the base of the tests: built when the source has changed, else found."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from figgosync_controlplane.progress import Progress
from figgosync_image.build import build
from figgosync_image.engines import Build, Engine
from figgosync_image.errors import ImageError
from figgosync_image.source import Source
from support.image.base import base_image
from support.image.container import Container, Hardening, Job
from support.image.store import Store
from support.image.tools import image_cache, install_tools, one_at_a_time

ROOT = Path(__file__).parents[3]

REVISION = "0123456789abcdef"
_CHANGED_AT = 1_700_000_000
"""The same for all builds, or each commit would make all layers anew."""

CANARY = "canary-of-pip-settings.example"
"""A name among pip's settings of each build, to be looked for in what was built."""

NOBODY_MAY_DO_ANYTHING = Hardening(uid=65532, gid=65532)


class OperatorImage:
    """The image `name` in `store`, built upon the image `base`."""

    def __init__(self, store: Store, base: str, name: str) -> None:
        self.store = store
        self.base = base
        self.name = name
        self.config = store.description(name)["OCIv1"]["config"]

    @classmethod
    def built(cls, progress: Progress) -> Self:
        """Build it, with all that this needs: a few seconds if nothing has changed.

        Raises ToolsMissingError or ImageError.
        """
        cache = image_cache()
        store = Store(cache)
        with one_at_a_time(cache):
            install_tools(progress)
            store.sweep()
            base = base_image(store, progress)
            what = Build(
                source=ROOT,
                name="localhost/figgosync-test:latest",
                version=Source.at(ROOT, {}).version,
                revision=REVISION,
                changed_at=_CHANGED_AT,
                base=base,
            )
            progress.say("Building the image of the operator")
            _build(what, store)
            return cls(store, base, what.name)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that the image sets."""
        return dict(entry.split("=", 1) for entry in self.config["Env"])

    def job(self, *command: str, hardening: Hardening = NOBODY_MAY_DO_ANYTHING) -> Job:
        """Return a job of this image: the command, with the image's environment."""
        return Job(command, self.environment, hardening)

    def run(self, job: Job, folder: Path) -> "Finished":
        """Run the job to its end in a file system of its own; `folder` takes its files."""
        with self.store.mounted(self.name) as root, Container(root, job, folder) as container:
            code = container.wait(60)
            return Finished(code, container.log.read_text(), root.written_files())


@dataclass(frozen=True, slots=True)
class Finished:
    """How a job ended: exit code, all that it printed, the files that it left in the root."""

    code: int
    printed: str
    written: list[str]


def _build(what: Build, store: Store) -> None:
    with tempfile.TemporaryFile("w+") as log:
        try:
            build(what, Engine.BUILDAH, _with_canary(store.environment), log)
        except ImageError as error:
            log.seek(0)
            raise ImageError(f"{error}\n{log.read()[-4000:]}") from error


def _with_canary(environment: Mapping[str, str]) -> dict[str, str]:
    # A host that pip would trust if it were ever told to use it, which it is not.
    hosts = f"{environment.get('PIP_TRUSTED_HOST', '')} {CANARY}".strip()
    return {**environment, "PIP_TRUSTED_HOST": hosts}
