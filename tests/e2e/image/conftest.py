"""The operator's image, built once for all tests of this folder before the first of them starts."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest

from figgosync_controlplane.progress import Progress
from figgosync_image.errors import ImageError
from support.image.operator_image import OperatorImage
from support.image.store import Root
from support.image.tools import ToolsMissingError

_IMAGE = pytest.StashKey[OperatorImage | Exception]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Build it now, if a test wants it: the first build takes longer than a test may."""
    wanted = any("operator_image" in getattr(item, "fixturenames", ()) for item in session.items)
    if not wanted or session.config.option.collectonly:
        return
    with _uncaptured(session.config):  # so that the progress is seen
        try:
            session.config.stash[_IMAGE] = OperatorImage.built(Progress(sys.stderr))
        except (ToolsMissingError, ImageError) as error:
            session.config.stash[_IMAGE] = error


@pytest.fixture(scope="session")
def operator_image(pytestconfig: pytest.Config) -> OperatorImage:
    """The image. Where it cannot be built the tests that need it fail; none is skipped."""
    found = pytestconfig.stash[_IMAGE]
    if isinstance(found, Exception):
        pytest.fail(str(found), pytrace=False)
    return found


@pytest.fixture
def image_root(operator_image: OperatorImage) -> Iterator[Root]:
    """The image's file system."""
    with operator_image.store.mounted(operator_image.name) as root:
        yield root


def _uncaptured(config: pytest.Config) -> AbstractContextManager[None]:
    capture = config.pluginmanager.getplugin("capturemanager")
    return nullcontext() if capture is None else capture.global_and_fixture_disabled()
