"""What is in the image, and what is not."""

import json
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from figgosync_image.source import Source
from support.image.operator_image import CANARY, REVISION, ROOT, OperatorImage
from support.image.store import Root

_COMPILER = re.compile(
    r"(.*-)?(cc|gcc|g\+\+|c\+\+|cpp|clang|ld|as|make|cmake|cargo|rustc|go)(-\d+)?"
)
_UNCHECKED_HASH = 1


@dataclass(frozen=True, slots=True)
class Layers:
    """Our layers, above those of the base, as tar files, and the image's configuration."""

    archives: tuple[Path, ...]
    config: dict[str, Any]

    def members(self) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
        """Yield all that they hold, with the content of files."""
        for archive in self.archives:
            with tarfile.open(archive) as layer:
                for member in layer:
                    content = layer.extractfile(member) if member.isfile() else None
                    yield member, b"" if content is None else content.read()

    def names(self) -> list[str]:
        """Return the paths of all files."""
        return [f"/{member.name}" for member, _ in self.members() if not member.isdir()]


@pytest.fixture(scope="module")
def layers(operator_image: OperatorImage, tmp_path_factory: pytest.TempPathFactory) -> Layers:
    folder = tmp_path_factory.mktemp("layers")
    store = operator_image.store
    store.buildah("push", "--quiet", operator_image.name, f"docker-archive:{folder}/all.tar")
    with tarfile.open(folder / "all.tar") as archive:
        archive.extractall(folder, filter="data")
    [manifest] = json.loads((folder / "manifest.json").read_text())
    beneath = len(store.description(operator_image.base)["OCIv1"]["rootfs"]["diff_ids"])
    ours = manifest["Layers"][beneath:]
    assert ours
    config = json.loads((folder / manifest["Config"]).read_text())
    return Layers(tuple(folder / layer for layer in ours), config)


def test_the_image_says_what_it_is_and_runs_as_a_numeric_user(
    operator_image: OperatorImage,
) -> None:
    config = operator_image.config
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == ["figgosync"]
    assert list(config["ExposedPorts"]) == ["8080"] or list(config["ExposedPorts"]) == ["8080/tcp"]
    assert {
        name.removeprefix("org.opencontainers.image."): value
        for name, value in config["Labels"].items()
        if name.startswith("org.opencontainers.image.")
    } == {
        "title": "figgo-calendar-sync",
        "description": (
            "Kubernetes operator that keeps Figgo absences in the employees' own calendars"
        ),
        "licenses": "Apache-2.0",
        "version": Source.at(ROOT, {}).version,
        "revision": REVISION,
    }


def test_there_is_no_compiler_on_any_path(operator_image: OperatorImage, image_root: Root) -> None:
    folders = operator_image.environment["PATH"].split(":")
    assert len(folders) > 4
    commands = {
        path.name for folder in folders for path in (image_root.path / folder.lstrip("/")).glob("*")
    }
    assert {"figgosync", "python3", "sh"} <= commands
    assert sorted(name for name in commands if _COMPILER.fullmatch(name)) == []


def test_the_product_is_in_it_and_nothing_that_stands_beside_it_in_the_source(
    layers: Layers,
) -> None:
    folders = {part for name in layers.names() for part in PurePosixPath(name).parts}
    beside = {path.name for path in (ROOT / "operator").iterdir()} - {"figgosync"}
    assert {"figgosync_sim", "figgosync_controlplane", "figgosync_demo"} <= beside
    assert "figgosync" in folders
    assert beside & folders == set()
    assert {"tests", "requirements", "pip", "setuptools", "hatchling", "/build"} & folders == set()


def test_how_pip_reached_its_index_is_nowhere_in_it(layers: Layers) -> None:
    """The build was given this name as a host that pip may trust."""
    traces = (CANARY.encode(), b"pip-ca.crt", b"/run/secrets/pip")
    searched = 0
    for member, content in layers.members():
        searched += len(content)
        assert not any(trace in content for trace in traces), member.name
        assert PurePosixPath(member.name).name not in ("pip.conf", "pip-ca.crt", "direct_url.json")
    assert searched > 20_000_000
    assert CANARY not in json.dumps(layers.config)


def test_every_file_of_ours_is_roots_and_gives_no_one_more_rights(layers: Layers) -> None:
    seen = 0
    for member, _ in layers.members():
        seen += 1
        assert (member.uid, member.gid) == (0, 0), member.name
        assert member.mode & 0o6000 == 0, f"{member.name} is setuid or setgid"
        if not member.issym():
            assert member.mode & 0o022 == 0, f"{member.name} can be written by others"
    assert seen > 1000


def test_compiled_files_are_taken_as_they_are_whatever_the_time_of_their_source(
    layers: Layers,
) -> None:
    flags = {
        int.from_bytes(content[4:8], "little")
        for member, content in layers.members()
        if member.name.endswith(".pyc")
    }
    assert flags == {_UNCHECKED_HASH}


def test_all_files_of_ours_have_one_time_so_that_the_same_source_makes_the_same_layers(
    layers: Layers,
) -> None:
    assert len({int(member.mtime) for member, _ in layers.members()}) == 1


def test_each_module_of_the_product_is_in_it(layers: Layers) -> None:
    wanted = {
        str(path.relative_to(ROOT / "operator")) for path in ROOT.glob("operator/figgosync/**/*.py")
    }
    found = {name.partition("/site-packages/")[2] for name in layers.names()}
    assert wanted <= found
