"""What surrounds a test in the cluster: our definitions before all, a namespace of its own."""

import secrets
from datetime import timedelta
from pathlib import Path

from figgosync_controlplane.kubectl import KubectlError
from figgosync_controlplane.plane import ControlPlane
from support.eventually import eventually

_GROUP = "figgosync.io"
_SOON = timedelta(seconds=20)
_NO_FINALIZERS = '{"metadata": {"finalizers": null}}'


def apply_definitions(plane: ControlPlane, folder: Path) -> None:
    """Apply the custom resource definitions of `folder`; return when they are served."""
    if not any(folder.glob("*.yaml")):
        return
    plane.kubectl("apply", "--server-side", "--filename", str(folder))
    wait_for_definitions(plane, folder)


def wait_for_definitions(plane: ControlPlane, path: Path) -> None:
    """Return when the custom resource definitions of a folder, or a file, are served."""
    wait = ("wait", "--for=condition=Established", "--filename", str(path))
    # kubectl gives up at once where an object has no conditions at all yet.
    eventually(lambda: plane.kubectl(*wait), within=_SOON, not_yet=(KubectlError,))


def new_namespace(plane: ControlPlane) -> str:
    """Create a namespace with a name that no other has; return the name."""
    name = f"test-{secrets.token_hex(4)}"
    plane.kubectl("create", "namespace", name)
    return name


def remove_namespace(plane: ControlPlane, name: str) -> None:
    """Delete the namespace, and our resources in it whatever their finalizers say.

    Our resources are gone when this returns, so that no operator of the next test ever sees them.
    The namespace itself takes the controller manager five seconds more, which nobody waits for.
    """
    _delete_ours(plane, name)
    plane.kubectl("delete", "namespace", name, "--wait=false", "--ignore-not-found")


def _delete_ours(plane: ControlPlane, namespace: str) -> None:
    served = plane.kubectl("api-resources", f"--api-group={_GROUP}", "--namespaced", "-o", "name")
    if not served:
        return
    kinds = ",".join(served.split())
    # Deleted first: once that has begun, nobody can add a finalizer any more.
    plane.kubectl("delete", kinds, "--all", "--wait=false", "--namespace", namespace)
    stuck = plane.kubectl("get", kinds, "--output=name", "--namespace", namespace)
    for resource in stuck.split():
        patch = ("--type=merge", f"--patch={_NO_FINALIZERS}")
        plane.kubectl("patch", resource, *patch, "--namespace", namespace)
