"""The image runs where nothing is allowed, and the runtime of these tests really allows nothing."""

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from figgosync_image.source import Source
from support.image.container import DEFAULT_CAPABILITIES, Hardening
from support.image.operator_image import NOBODY_MAY_DO_ANYTHING, ROOT, OperatorImage

_PROBE = """
import json, os
def attempt(path):
    try:
        with open(path, "w"):
            return 0
    except OSError as error:
        return error.errno
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({
    "user": [*os.getresuid(), *os.getresgid()],
    "groups": os.getgroups(),
    "capabilities": [int(status["Cap" + kind], 16) for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")],
    "no_new_privileges": int(status["NoNewPrivs"]),
    "pid": os.getpid(),
    "writing": {path: attempt(path) for path in
                ("/x", "/tmp/x", "/opt/figgosync/x", "/etc/passwd", "/var/tmp/x")},
}))
"""

ANYTHING_GOES = Hardening(
    uid=0,
    gid=0,
    capabilities=DEFAULT_CAPABILITIES,
    no_new_privileges=False,
    read_only_root=False,
)


def _probed(image: OperatorImage, folder: Path, hardening: Hardening) -> dict[str, Any]:
    done = image.run(image.job("python", "-c", _PROBE, hardening=hardening), folder)
    assert done.code == 0, done.printed
    seen: dict[str, Any] = json.loads(done.printed)
    return seen


@pytest.fixture(scope="module")
def inside(operator_image: OperatorImage, tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - JSON
    return _probed(operator_image, tmp_path_factory.mktemp("probe"), NOBODY_MAY_DO_ANYTHING)


def test_the_process_is_the_numeric_user_of_the_image_and_in_no_other_group(inside: Any) -> None:  # noqa: ANN401 - JSON
    assert inside["user"] == [65532] * 6
    assert inside["groups"] == []
    assert inside["pid"] == 1


def test_the_process_has_no_capability_and_can_get_none(inside: Any) -> None:  # noqa: ANN401 - JSON
    assert inside["capabilities"] == [0] * 5


def test_the_process_cannot_gain_privileges_by_what_it_executes(inside: Any) -> None:  # noqa: ANN401 - JSON
    assert inside["no_new_privileges"] == 1


def test_the_file_system_refuses_to_be_written_anywhere(inside: Any) -> None:  # noqa: ANN401 - JSON
    assert set(inside["writing"].values()) == {errno.EROFS}


def test_without_the_hardening_the_same_probe_sees_another_world(
    operator_image: OperatorImage, tmp_path: Path
) -> None:
    """Or the four tests above might say what the probe always says."""
    seen = _probed(operator_image, tmp_path, ANYTHING_GOES)
    assert seen["user"] == [0] * 6
    assert seen["capabilities"][2] != 0
    assert seen["no_new_privileges"] == 0
    assert set(seen["writing"].values()) == {0}


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("--version", Source.at(ROOT, {}).version),
        ("--help", "usage: figgosync"),
    ],
)
def test_the_command_answers_where_nothing_is_allowed(
    operator_image: OperatorImage, tmp_path: Path, option: str, expected: str
) -> None:
    command = [*operator_image.config["Entrypoint"], option]
    done = operator_image.run(operator_image.job(*command), tmp_path)
    assert done.code == 0, done.printed
    assert done.printed.startswith(expected)
    assert done.written == []


def test_a_wrong_setting_is_told_in_one_line_where_nothing_is_allowed(
    operator_image: OperatorImage, tmp_path: Path
) -> None:
    job = operator_image.job("env", "FIGGOSYNC_HTTP_PORT=x", "figgosync")
    done = operator_image.run(job, tmp_path)
    assert done.code == 2
    assert (
        done.printed == "figgosync: FIGGOSYNC_HTTP_PORT: expected a whole number from 0 to 65535\n"
    )


def test_all_that_a_start_imports_is_compiled_already(
    operator_image: OperatorImage, tmp_path: Path
) -> None:
    """Nothing can be written, so that a missing compiled file costs its time at each start."""
    # A temporary folder is all that exchangelib wants to have when it is imported.
    program = "import tempfile; tempfile.tempdir = '/tmp'; import figgosync.wiring"
    done = operator_image.run(operator_image.job("python", "-v", "-c", program), tmp_path)
    assert done.code == 0, done.printed[-2000:]
    loaded = [line for line in done.printed.splitlines() if line.startswith("# code object from ")]
    assert len(loaded) > 500
    assert [line for line in loaded if line.endswith(".py'")] == []
