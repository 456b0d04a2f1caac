"""What tools such as Flux make of an object of a kind that they do not know."""

from collections.abc import Mapping
from typing import Any


def kstatus(body: Mapping[str, Any]) -> str:
    """Return InProgress, Failed, Current or Terminating, by the rules of cli-utils' kstatus.

    Its README: generation against observedGeneration first, then Reconciling and Stalled, then
    Ready, where it is there. Nothing of all that counts as Current.
    """
    status = body.get("status", {})
    conditions = {each["type"]: each["status"] for each in status.get("conditions", [])}
    if "deletionTimestamp" in body["metadata"]:
        return "Terminating"
    if status.get("observedGeneration") not in {None, body["metadata"]["generation"]}:
        return "InProgress"
    if conditions.get("Reconciling") == "True":
        return "InProgress"
    if conditions.get("Stalled") == "True":
        return "Failed"
    return "Current" if conditions.get("Ready", "True") == "True" else "InProgress"
