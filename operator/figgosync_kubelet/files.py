"""The files of a pod's volumes: what stands in them, and the folders that show it."""

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from figgosync_kubelet.errors import PodError
from figgosync_kubelet.variables import Contents
from figgosync_kubelet.volumes import FilesVolume, Items, PodFields, Token

_DATA = "..data"


@dataclass(frozen=True, slots=True)
class File:
    """What stands in a file, and its mode."""

    content: bytes
    mode: int


def files_of(
    volume: FilesVolume,
    contents: Contents,
    pod: Callable[[str], str],
    token: Callable[[Token], str],
) -> dict[str, File]:
    """Return the files of a volume by path; of two with one path the later source has the say.

    Raises PodError for an object or a key that does not exist and is not optional.
    """
    files: dict[str, File] = {}
    for source in volume.sources:
        match source:
            case Items():
                files |= _of_object(source, contents, volume.mode)
            case PodFields(paths):
                for path, (field, mode) in paths.items():
                    files[path] = File(pod(field).encode(), _or(mode, volume.mode))
            case Token(path):
                files[path] = File(token(source).encode(), volume.mode)
    return files


def _of_object(source: Items, contents: Contents, mode: int) -> dict[str, File]:
    found = contents(source.kind, source.name)
    if found is None:
        if source.optional:
            return {}
        raise PodError(f"{source.kind} {source.name} does not exist")
    if not source.paths:
        return {key: File(value, mode) for key, value in found.items()}
    missing = sorted(source.paths.keys() - found.keys())
    if missing and not source.optional:
        raise PodError(f"{source.kind} {source.name} has no key {missing[0]}")
    return {
        path: File(found[key], _or(own, mode))
        for key, (path, own) in source.paths.items()
        if key in found
    }


def _or(mode: int | None, default: int) -> int:
    return default if mode is None else mode


def show(folder: Path, files: Mapping[str, File]) -> None:
    """Let `folder` show exactly these files, all at one moment.

    As a kubelet does it: the files lie in a hidden folder, each visible name is a link through
    `..data`, and `..data` is replaced by a rename. A reader sees all old files or all new ones.
    """
    hidden = Path(tempfile.mkdtemp(prefix="..", dir=folder))
    hidden.chmod(0o755)
    for path, file in files.items():
        place = hidden / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.content)
        place.chmod(file.mode)
    before = folder / _DATA
    old = before.readlink() if before.is_symlink() else None
    fresh = folder / f"{_DATA}_fresh"
    fresh.symlink_to(hidden.name)
    fresh.rename(before)
    tops = {PurePosixPath(path).parts[0] for path in files}
    for link in (path for path in folder.iterdir() if not path.name.startswith("..")):
        if link.name not in tops:
            link.unlink()
    for top in tops:
        if not (folder / top).is_symlink():
            (folder / top).symlink_to(f"{_DATA}/{top}")
    if old is not None:
        _remove(folder / old)


def _remove(folder: Path) -> None:
    for path, folders, names in os.walk(folder, topdown=False):
        for name in names:
            Path(path, name).unlink()
        for name in folders:
            Path(path, name).rmdir()
    folder.rmdir()
