"""What of this machine's pip reaches the build, and what does not."""

import configparser
import os
from pathlib import Path

import pytest

from figgosync_image.errors import ImageError
from figgosync_image.pip_settings import CA_INSIDE, PipSettings

_INDEX = "https://user:secret@index.example/simple"


def _options(listing: str, **environ: str) -> dict[str, str]:
    return dict(PipSettings.from_listing(listing, environ).options)


def test_a_machine_without_settings_hands_on_nothing(tmp_path: Path) -> None:
    settings = PipSettings.from_listing("", {})
    assert settings.write(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


def test_variables_win_over_the_section_install_and_that_over_global() -> None:
    listing = """
:env:.retries='9'
global.index-url='https://one.example'
global.retries='7'
global.timeout='3'
install.index-url='https://two.example'
install.retries='8'
"""
    assert _options(listing) == {
        "index-url": "https://two.example",
        "retries": "9",
        "timeout": "3",
    }


def test_the_variable_for_the_timeout_has_a_name_of_its_own() -> None:
    assert _options(":env:.default-timeout='180'") == {"timeout": "180"}


def test_settings_that_do_not_lead_to_an_index_stay_here() -> None:
    listing = "global.user='true'\nglobal.no-cache-dir='x'\nfreeze.timeout='2'\nnonsense"
    assert _options(listing) == {}


def test_of_folders_and_addresses_of_wheels_the_build_gets_the_addresses() -> None:
    listing = "global.find-links='\\n/opt/wheels\\nhttps://wheels.example/'"
    assert _options(listing) == {"find-links": "https://wheels.example/"}
    assert _options(":env:.find-links='/opt/wheels'") == {}


@pytest.mark.parametrize(
    ("listing", "named"),
    [
        ("global.no-index='true'\nglobal.find-links='/opt/wheels'", "no-index"),
        ("global.client-cert='/etc/me.pem'", "client-cert"),
    ],
)
def test_what_cannot_be_handed_on_and_is_needed_is_refused_with_the_way_out(
    listing: str, named: str
) -> None:
    with pytest.raises(ImageError, match=rf"{named}.*PIP_INDEX_URL"):
        PipSettings.from_listing(listing, {})


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_pips_own_authorities_win_over_those_of_its_library(tmp_path: Path, variable: str) -> None:
    mine, other = tmp_path / "mine.pem", tmp_path / "other.pem"
    assert PipSettings.from_listing("", {variable: str(other)}).authorities == other
    listing = f"global.cert={str(mine)!r}"
    assert PipSettings.from_listing(listing, {variable: str(other)}).authorities == mine


def test_the_secrets_are_for_our_eyes_only_and_name_the_authorities_as_the_build_sees_them(
    tmp_path: Path,
) -> None:
    authorities = tmp_path / "ca.pem"
    authorities.write_text("a certificate")
    listing = f"global.index-url={_INDEX!r}\nglobal.cert={str(authorities)!r}"
    secrets = PipSettings.from_listing(listing, {}).write(tmp_path)
    assert secrets == {"pip-ca": authorities, "pip.conf": tmp_path / "pip.conf"}
    assert secrets["pip.conf"].stat().st_mode & 0o777 == 0o600
    written = configparser.RawConfigParser()
    written.read(secrets["pip.conf"])
    assert dict(written["global"]) == {"index-url": _INDEX, "cert": CA_INSIDE}


def test_authorities_that_are_not_there_are_named(tmp_path: Path) -> None:
    settings = PipSettings.from_listing("global.cert='/nowhere.pem'", {})
    with pytest.raises(ImageError, match=r"no file /nowhere\.pem"):
        settings.write(tmp_path)


def test_the_pip_of_this_python_is_asked() -> None:
    settings = PipSettings.of_this_machine({**os.environ, "PIP_INDEX_URL": _INDEX})
    assert settings.options["index-url"] == _INDEX
