"""Which program builds the image, and what it is told."""

import re
from pathlib import Path

import pytest

from figgosync_image.engines import Build, Engine
from figgosync_image.errors import ImageError

_BUILD = Build(Path("/source"), "registry.example/it:1", "1.2.3", "abc", 1_700_000_000)
_SECRETS = {"pip.conf": Path("/s/pip.conf"), "pip-ca": Path("/s/ca.pem")}


def _program(folder: Path, name: str, exit_code: int = 0) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    path.chmod(0o755)


def test_docker_is_taken_where_its_engine_answers(tmp_path: Path) -> None:
    _program(tmp_path, "docker")
    _program(tmp_path, "buildah")
    assert Engine.present({"PATH": str(tmp_path)}) is Engine.DOCKER


def test_buildah_is_taken_where_docker_has_no_engine(tmp_path: Path) -> None:
    _program(tmp_path, "docker", exit_code=1)
    _program(tmp_path, "buildah")
    assert Engine.present({"PATH": str(tmp_path)}) is Engine.BUILDAH


def test_without_either_it_is_said_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"Install docker with its engine.*or buildah"):
        Engine.present({"PATH": str(tmp_path)})


@pytest.mark.parametrize("engine", list(Engine))
def test_both_are_told_the_same_in_their_own_ways(engine: Engine) -> None:
    command = _BUILD.command(engine, _SECRETS, {})
    assert command[:2] == [engine, "build"]
    assert command[-3:] == ["--tag", "registry.example/it:1", "/source"]
    text = " ".join(command)
    assert "--build-arg VERSION=1.2.3 --build-arg REVISION=abc" in text
    assert "--secret id=pip-ca,src=/s/ca.pem --secret id=pip.conf,src=/s/pip.conf" in text
    assert ("SOURCE_DATE_EPOCH=1700000000" in text) == (engine is Engine.DOCKER)
    assert ("--timestamp 1700000000" in text) == (engine is Engine.BUILDAH)
    assert "BASE" not in text


@pytest.mark.parametrize("engine", list(Engine))
def test_a_base_of_ones_own_is_handed_on(engine: Engine) -> None:
    build = Build(_BUILD.source, _BUILD.name, "1", "abc", 0, base="python:3.13-slim")
    assert "BASE=python:3.13-slim" in build.command(engine, {}, {})


def test_docker_is_told_of_the_proxy_by_name_and_not_by_value() -> None:
    environ = {"https_proxy": "http://user:secret@proxy.example", "NO_PROXY": ""}
    command = _BUILD.command(Engine.DOCKER, {}, environ)
    assert "https_proxy" in command
    assert not any(word in {"NO_PROXY", "HTTPS_PROXY"} or "secret" in word for word in command)


def test_the_dockerfile_takes_every_argument_and_secret_that_is_given() -> None:
    dockerfile = (Path(__file__).parents[3] / "Dockerfile").read_text()
    words = [*_BUILD.command(Engine.BUILDAH, _SECRETS, {}), "BASE=x"]
    given = {word.partition("=")[0] for word in words if re.match(r"[A-Z_]+=", word)}
    assert given == set(re.findall(r"^ARG ([A-Z_]+)", dockerfile, re.MULTILINE))
    assert set(re.findall(r"type=secret,id=([a-z.-]+)", dockerfile)) == _SECRETS.keys()
