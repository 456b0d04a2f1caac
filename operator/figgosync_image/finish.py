"""Run inside the image's build: takes out what no process reads, and compiles the rest.

    finish.py libraries ENVIRONMENT COMPILED    the libraries, and Python's own modules
    finish.py product ROOT                      the product's wheel, installed under ROOT

It is copied into the build alone, so that it imports nothing but Python's own modules.
"""

import compileall
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from py_compile import PycInvalidationMode

_USED_DISCOVERY_DOCUMENTS = {"calendar.v3.json"}
"""Of Google's interfaces, 100 MB as text, the calendar alone is called."""

_UNUSED_PACKAGES = ("kubernetes/aio", "kubernetes/client/api")
"""The product calls Kubernetes by paths of its own: of that client it needs the transport alone."""

_SOURCES_OF_COMPILED_CODE = {".c", ".cpp", ".h", ".pxd", ".pxi", ".pyx"}

_NEVER_LOADED = {"ensurepip", "idlelib", "lib2to3", "pydoc_data", "test", "tkinter", "turtledemo"}
"""Parts of Python's library that the product and its libraries never import."""


def finish_libraries(environment: Path, compiled: Path) -> None:
    """Finish the virtual environment; put Python's own compiled modules under `compiled`.

    `compiled` mirrors the file system. python:slim has its library without compiled files, and a
    process that may write nothing would compile what it imports at each start. Raises ValueError
    when a module cannot be compiled.
    """
    for path in unread(environment):
        _remove(path)
    _compile(environment)
    library = Path(sysconfig.get_path("stdlib"))
    for folder in _folders_of_modules(library):
        _compile(folder, deep=False)
        target = compiled / folder.relative_to("/") / "__pycache__"
        shutil.copytree(folder / "__pycache__", target)


def finish_product(root: Path) -> None:
    """Compile the product, which is installed under `root`; raises ValueError as above."""
    _compile(root)


def unread(environment: Path) -> Iterator[Path]:
    """Yield what no process of the image reads, among the files of a virtual environment."""
    for command in (environment / "bin").iterdir():
        # Libraries bring commands of their own; a Python to start is all that is needed.
        if not command.name.startswith("python"):
            yield command
    for packages in environment.glob("lib/python3*/site-packages"):
        yield from packages.glob("*/tests")
        for unused in _UNUSED_PACKAGES:
            yield from packages.glob(unused)
        for path in packages.rglob("*"):
            if path.suffix in _SOURCES_OF_COMPILED_CODE:
                yield path
        for document in packages.glob("googleapiclient/discovery_cache/documents/*"):
            if document.name not in _USED_DISCOVERY_DOCUMENTS:
                yield document


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _folders_of_modules(library: Path) -> Iterator[Path]:
    """Yield the folders of Python's own library that hold modules."""
    outside = {"site-packages", "dist-packages", "__pycache__"} | _NEVER_LOADED
    for folder in (library, *library.rglob("*/")):
        inner = folder.relative_to(library).parts
        if folder.is_dir() and not outside & set(inner) and any(folder.glob("*.py")):
            yield folder


def _compile(folder: Path, *, deep: bool = True) -> None:
    """Compile all modules of `folder`, and of the folders in it where `deep`.

    Unchecked hashes: the usual compiled file names its source's time of change, and the time that
    a reproducible image gives to all files would make each of them stale.
    """
    done = compileall.compile_dir(
        folder,
        maxlevels=None if deep else 0,
        quiet=1,
        force=True,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done:
        raise ValueError(f"not all modules in {folder} can be compiled")


def main(arguments: list[str]) -> None:
    """Do what the arguments say; raises SystemExit with the usage when they say nothing known."""
    match arguments:
        case ["libraries", environment, compiled]:
            finish_libraries(Path(environment), Path(compiled))
        case ["product", root]:
            finish_product(Path(root))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
