"""Another release's custom resource definition, for a while."""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from figgosync_controlplane.plane import ControlPlane

CRD = "crd/calendarsynctenants.figgosync.io"


@contextmanager
def changed_definition(
    plane: ControlPlane, change: Callable[[dict[str, Any], dict[str, Any]], None]
) -> Iterator[None]:
    """Replace the definition until the end; `change` is given the body, and the spec's properties.

    What a field manager applied before stays its own, so that nothing conflicts afterwards.
    """
    original: dict[str, Any] = json.loads(plane.kubectl("get", CRD, "--output=json"))
    del original["metadata"]["resourceVersion"]
    changed = copy.deepcopy(original)
    schema = changed["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    change(changed, schema["properties"]["spec"]["properties"])
    assert changed != original
    plane.kubectl("replace", "--filename=-", stdin=json.dumps(changed))
    try:
        yield
    finally:
        plane.kubectl("replace", "--filename=-", stdin=json.dumps(original))
