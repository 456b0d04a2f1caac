"""Measures the image for docs/image.md.

Run as `PYTHONPATH=operator:tests .venv/bin/python -m support.image.figures`. It needs what the
tests of the image need, and prints one line for each figure.
"""

import gzip
import resource
import shutil
import statistics
import sys
import tarfile
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from figgosync_controlplane.progress import Progress
from support.image.container import Container, Job
from support.image.operator_image import OperatorImage

_TIMES = 10
_MB = 1_000_000


def main() -> None:
    """Print the figures."""
    image = OperatorImage.built(Progress(sys.stderr))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _print_sizes(image, folder)
        _print_packages(image)
        _print_times(image, folder)


def _print_sizes(image: OperatorImage, folder: Path) -> None:
    archive = folder / "all.tar"
    image.store.buildah("push", "--quiet", image.name, f"docker-archive:{archive}")
    with tarfile.open(archive) as tar:
        layers = [member for member in tar if member.name.endswith(".tar") and member.isfile()]
        for layer in layers:
            content = tar.extractfile(layer)
            assert content is not None
            with gzip.open(folder / "layer.gz", "wb", compresslevel=6) as packed:
                shutil.copyfileobj(content, packed)
            small = (folder / "layer.gz").stat().st_size
            print(f"layer {layer.size / _MB:.1f} MB, compressed {small / _MB:.1f} MB")


def _print_packages(image: OperatorImage) -> None:
    with image.store.mounted(image.name) as root:
        [packages] = root.path.glob("opt/figgosync/lib/python3*/site-packages")
        sizes = {path.name: _size(path) for path in packages.iterdir()}
        for name in sorted(sizes, key=lambda name: -sizes[name])[:8]:
            print(f"package {name} {sizes[name] / _MB:.1f} MB")


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in (path, *path.rglob("*")) if each.is_file())


def _print_times(image: OperatorImage, folder: Path) -> None:
    load = "import tempfile; tempfile.tempdir = '/tmp'; import figgosync.wiring"
    jobs = {
        "a container with nothing (true)": image.job("true"),
        "figgosync --version": image.job("figgosync", "--version"),
        "import of all that the operator needs": image.job("python", "-c", load),
    }
    for title, job in jobs.items():
        _print_medians(title, image, job, folder, uncompiled=())
    _print_medians("... Python's own library not compiled", image, job, folder, ("usr",))
    _print_medians("... nothing compiled", image, job, folder, ("usr", "opt"))


def _print_medians(
    title: str, image: OperatorImage, job: Job, folder: Path, uncompiled: Sequence[str]
) -> None:
    """Print how long the job takes where the folders `uncompiled` have no compiled modules."""
    taken = []
    with image.store.mounted(image.name) as root:
        for part in uncompiled:
            for compiled in [*(root.path / part).rglob("__pycache__")]:
                shutil.rmtree(compiled)
        for _ in range(_TIMES):
            began, used = time.monotonic(), _processor()
            with Container(root, job, folder) as container:
                assert container.wait(60) == 0, container.log.read_text()
            taken.append((time.monotonic() - began, _processor() - used))
    wall, processor = (statistics.median(values) for values in zip(*taken, strict=True))
    print(f"{title}: {wall:.2f} s, of processors {processor:.2f} s (medians of {_TIMES})")


def _processor() -> float:
    """Return the seconds of all processors for processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
