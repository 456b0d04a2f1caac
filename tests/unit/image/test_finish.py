"""What the build takes out of the libraries, and that all that stays is compiled."""

import subprocess
import sys
from pathlib import Path

import pytest

from figgosync_image.finish import finish_product, main, unread

_PACKAGES = "lib/python3.11/site-packages"


def _environment(folder: Path, *files: str) -> Path:
    (folder / "bin").mkdir()
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def _taken_out(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in unread(folder)}


def test_of_googles_discovery_documents_the_calendars_alone_stays(tmp_path: Path) -> None:
    documents = f"{_PACKAGES}/googleapiclient/discovery_cache/documents"
    folder = _environment(
        tmp_path,
        *(f"{documents}/{name}.json" for name in ("calendar.v3", "drive.v3", "calendar.v2")),
        f"{_PACKAGES}/googleapiclient/discovery.py",
    )
    assert _taken_out(folder) == {f"{documents}/drive.v3.json", f"{documents}/calendar.v2.json"}


def test_without_that_library_there_is_nothing_to_take_out(tmp_path: Path) -> None:
    assert _taken_out(_environment(tmp_path, f"{_PACKAGES}/aiohttp/client.py")) == set()


def test_commands_other_than_python_sources_of_extensions_and_tests_go(tmp_path: Path) -> None:
    folder = _environment(
        tmp_path,
        *("bin/python", "bin/python3", "bin/python3.11", "bin/kopf", "bin/activate"),
        *(f"{_PACKAGES}/lxml/{name}" for name in ("etree.pyx", "etree.so", "includes/x.h")),
        *(f"{_PACKAGES}/websocket/{name}" for name in ("tests/test_it.py", "_core.py")),
        *(f"{_PACKAGES}/kubernetes/{name}" for name in ("aio/x.py", "client/api/y.py", "z.py")),
    )
    assert _taken_out(folder) == {
        *("bin/kopf", "bin/activate"),
        *(f"{_PACKAGES}/lxml/{name}" for name in ("etree.pyx", "includes/x.h")),
        f"{_PACKAGES}/websocket/tests",
        *(f"{_PACKAGES}/kubernetes/{name}" for name in ("aio", "client/api")),
    }


def test_a_compiled_module_is_used_whatever_becomes_of_the_times_of_files(tmp_path: Path) -> None:
    (tmp_path / "ours.py").write_text("print('as compiled')")
    finish_product(tmp_path)
    (tmp_path / "ours.py").write_text("print('as written later')")
    program = "import sys; sys.path.insert(0, sys.argv[1]); import ours"
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "as compiled\n"


def test_a_module_that_cannot_be_compiled_ends_the_build(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def")
    with pytest.raises(ValueError, match="not all modules"):
        finish_product(tmp_path)


def test_a_mistaken_call_ends_with_the_usage() -> None:
    with pytest.raises(SystemExit, match=r"finish\.py libraries ENVIRONMENT COMPILED"):
        main(["libraries"])
