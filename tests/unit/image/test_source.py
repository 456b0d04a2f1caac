"""What the image is labelled with."""

import re
import subprocess
import tomllib
from pathlib import Path

from figgosync_image.source import Source

ROOT = Path(__file__).parents[3]


def _repository(folder: Path) -> Path:
    (folder / "pyproject.toml").write_text('[project]\nversion = "9.8.7"\n')
    identity = ("-c", "user.name=x", "-c", "user.email=x@y.example")
    for command in (("init", "--quiet"), ("add", "."), (*identity, "commit", "--quiet", "-m", "x")):
        subprocess.run(["git", "-C", folder, *command], check=True)
    return folder


def test_a_commit_gives_revision_and_time(tmp_path: Path) -> None:
    source = Source.at(_repository(tmp_path), {})
    assert source.version == "9.8.7"
    assert re.fullmatch("[0-9a-f]{40}", source.revision)
    assert source.changed_at > 1_700_000_000


def test_files_that_differ_from_the_commit_are_told(tmp_path: Path) -> None:
    folder = _repository(tmp_path)
    (folder / "new").touch()
    assert Source.at(folder, {}).revision.endswith("-dirty")


def test_an_archive_without_git_has_no_revision_and_the_time_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1"\n')
    source = Source.at(tmp_path, {"SOURCE_DATE_EPOCH": "42", "GIT_DIR": "/nowhere"})
    assert source == Source("1", "unknown", 42)


def test_what_builds_the_wheel_is_locked_as_the_project_asks_for_it() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    locked = (ROOT / "requirements" / "build.txt").read_text()
    assert asked
    assert [each for each in asked if f"\n{each} \\\n" not in locked] == []
