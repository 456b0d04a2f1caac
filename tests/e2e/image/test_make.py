"""`make image`, as the README says it."""

import subprocess

import pytest

from support.image.operator_image import OperatorImage
from support.readme import ROOT, quick_start


@pytest.mark.timeout(600)
def test_make_image_builds_what_the_quick_start_asks_for(operator_image: OperatorImage) -> None:
    [command] = [command for command in quick_start() if command.startswith("make ")]
    store = operator_image.store
    done = subprocess.run(
        ["/bin/bash", "-euc", f"{command} TAG=quick-start BASE={operator_image.base}"],
        cwd=ROOT,
        env=dict(store.environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    name = command.partition("IMAGE=")[2]
    assert store.has(f"{name}:quick-start")
    store.buildah("rmi", f"{name}:quick-start")
    assert not store.has(f"{name}:quick-start")
