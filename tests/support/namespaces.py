"""What surrounds a test in the cluster: our definitions before all, a namespace of its own."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from itertools import chain
from pathlib import Path

from figgosync_controlplane.kubectl import KubectlError
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.rest import RestError
from support.eventually import eventually

_GROUP = "figgosync.io"
_SOON = timedelta(seconds=20)
_NAMESPACES = "/api/v1/namespaces"
_NO_FINALIZERS = {"metadata": {"finalizers": None}}


def apply_definitions(plane: ControlPlane, folder: Path) -> None:
    """Apply the custom resource definitions of `folder`; return when they are served."""
    if not any(folder.glob("*.yaml")):
        return
    plane.kubectl("apply", "--server-side", "--filename", str(folder))
    wait_for_definitions(plane, folder)


def wait_for_definitions(plane: ControlPlane, path: Path) -> None:
    """Return when the custom resource definitions of a folder, or a file, are served."""
    wait = ("wait", "--for=condition=Established", "--filename", str(path), "--output=name")
    # kubectl gives up at once where an object has no conditions at all yet.
    waited = eventually(lambda: plane.kubectl(*wait), within=_SOON, not_yet=(KubectlError,))
    names = {line.partition("/")[2] for line in waited.splitlines()}

    def kubectl_knows_them() -> bool:
        # It remembers for hours what is served; this question has it look again.
        return names <= set(plane.kubectl("api-resources", "--output=name").split())

    eventually(kubectl_knows_them, within=_SOON)


def new_namespace(plane: ControlPlane) -> str:
    """Create a namespace with a name that no other has; return the name."""
    name = f"test-{secrets.token_hex(4)}"
    plane.rest.ask("POST", _NAMESPACES, {"metadata": {"name": name}})
    return name


def remove_namespace(plane: ControlPlane, name: str) -> None:
    """Delete the namespace, and our resources in it whatever their finalizers say.

    Our resources are gone when this returns, so that no operator of the next test ever sees them.
    The namespace itself takes the controller manager five seconds more, which nobody waits for.
    """
    for path in _collections_of_ours(plane, name):
        # Deleted first: once that has begun, nobody can add a finalizer any more.
        plane.rest.ask("DELETE", path)
        for stuck in plane.rest.get(path)["items"]:
            with suppress_not_found():  # its operator may have let it go meanwhile
                plane.rest.ask("PATCH", f"{path}/{stuck['metadata']['name']}", _NO_FINALIZERS)
    with suppress_not_found():
        plane.rest.ask("DELETE", f"{_NAMESPACES}/{name}")


@contextmanager
def suppress_not_found() -> Iterator[None]:
    """Go on where what is asked for is not there."""
    try:
        yield
    except RestError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise


def _collections_of_ours(plane: ControlPlane, namespace: str) -> Iterator[str]:
    """Find the collections of our group in a namespace, by whatever versions are served."""
    groups = plane.rest.get("/apis")["groups"]
    versions = [each["versions"] for each in groups if each["name"] == _GROUP]
    for version in (each["groupVersion"] for each in chain.from_iterable(versions)):
        with suppress_not_found():  # a definition that has just gone
            for each in plane.rest.get(f"/apis/{version}")["resources"]:
                if each["namespaced"] and "/" not in each["name"]:
                    yield f"/apis/{version}/namespaces/{namespace}/{each['name']}"
