"""The files of volumes: what stands in them, and that they change all at one moment."""

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from figgosync_kubelet.cluster import contents
from figgosync_kubelet.errors import PodError
from figgosync_kubelet.fields import Fields
from figgosync_kubelet.files import File, files_of, show
from figgosync_kubelet.volumes import FilesVolume, Token, read_volume

OBJECTS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("ConfigMap", "site"): {"data": {"a": "1", "b": "2"}, "binaryData": {"c": "AP8="}},
    ("Secret", "login"): {"data": {"password": "c2VjcmV0"}},
}


def _files(**kind: object) -> dict[str, File]:
    name, volume = read_volume(Fields({"name": "v", **kind}, "volume"))
    assert name == "v"
    assert isinstance(volume, FilesVolume)

    def token(token: Token) -> str:
        return f"token for {token.audience or 'the API server'} ({token.seconds} s)"

    return files_of(
        volume, lambda kind, name: contents(OBJECTS, kind, name), lambda path: f"<{path}>", token
    )


def test_a_config_map_becomes_a_file_for_each_key_with_the_default_mode() -> None:
    assert _files(configMap={"name": "site", "defaultMode": 0o440}) == {
        "a": File(b"1", 0o440),
        "b": File(b"2", 0o440),
        "c": File(b"\x00\xff", 0o440),
    }


def test_chosen_keys_of_a_secret_have_paths_and_modes_of_their_own() -> None:
    items = [{"key": "password", "path": "deep/pw", "mode": 0o400}]
    assert _files(secret={"secretName": "login", "items": items}) == {
        "deep/pw": File(b"secret", 0o400)
    }
    assert _files(secret={"secretName": "login"}) == {"password": File(b"secret", 0o644)}


def test_a_projected_volume_joins_its_sources() -> None:
    sources = [
        {"configMap": {"name": "site", "items": [{"key": "a", "path": "one"}]}},
        {"secret": {"name": "login"}},
        {"serviceAccountToken": {"path": "token", "audience": "vault", "expirationSeconds": 600}},
        {"downwardAPI": {"items": [{"path": "ns", "fieldRef": {"fieldPath": "metadata.name"}}]}},
    ]
    assert _files(projected={"sources": sources}) == {
        "one": File(b"1", 0o644),
        "password": File(b"secret", 0o644),
        "token": File(b"token for vault (600 s)", 0o644),
        "ns": File(b"<metadata.name>", 0o644),
    }


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ({"name": "none"}, "ConfigMap none does not exist"),
        ({"name": "site", "items": [{"key": "x", "path": "x"}]}, "ConfigMap site has no key x"),
    ],
)
def test_what_is_missing_is_an_error_unless_it_is_optional(
    source: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(PodError, match=complaint):
        _files(configMap=source)
    assert _files(configMap={**source, "optional": True}) == {}


def _shown(folder: Path) -> dict[str, bytes]:
    names = [path.name for path in folder.iterdir() if not path.name.startswith("..")]
    return {name: (folder / name).read_bytes() for name in names}


def test_files_are_shown_through_one_link_so_that_all_change_at_one_moment(tmp_path: Path) -> None:
    show(tmp_path, {"a": File(b"1", 0o640), "b": File(b"1", 0o644)})
    assert _shown(tmp_path) == {"a": b"1", "b": b"1"}
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640
    assert (tmp_path / "a").readlink() == Path("..data/a")
    before = (tmp_path / "..data").resolve()
    show(tmp_path, {"b": File(b"2", 0o644), "c": File(b"2", 0o644)})
    assert _shown(tmp_path) == {"b": b"2", "c": b"2"}
    assert not before.exists()
    assert len(list(tmp_path.iterdir())) == 4, "two links, ..data, and the folder behind it"


def test_files_in_folders_are_shown_by_their_folder(tmp_path: Path) -> None:
    show(tmp_path, {"deep/er/a": File(b"1", 0o644)})
    assert (tmp_path / "deep" / "er" / "a").read_bytes() == b"1"
    assert (tmp_path / "deep").is_symlink()
