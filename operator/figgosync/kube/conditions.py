"""The conditions of a status, as both of our kinds hold them."""

from collections.abc import Iterator, Mapping
from typing import Any

from figgosync.core.conditions import Condition, ConditionType, Status
from figgosync.errors import Reason
from figgosync.kube import lenient

_LONGEST_MESSAGE = 32_768


def conditions_of(status: Mapping[str, Any]) -> Iterator[Condition]:
    """Read those that this version knows, the first of each type."""
    seen: set[ConditionType] = set()
    for entry in lenient.mappings(status.get("conditions")):
        type_ = lenient.choice(ConditionType, entry.get("type"))
        state = lenient.choice(Status, entry.get("status"))
        reason = lenient.choice(Reason, entry.get("reason"))
        since = lenient.moment(entry.get("lastTransitionTime"))
        if type_ is None or state is None or reason is None or since is None or type_ in seen:
            continue
        seen.add(type_)
        yield Condition(
            type=type_,
            status=state,
            reason=reason,
            message=lenient.string(entry.get("message")),
            observed_generation=max(lenient.integer(entry.get("observedGeneration")) or 0, 0),
            last_transition_time=since,
        )


def condition_body(condition: Condition) -> dict[str, Any]:
    """Write one within the limits of the schema."""
    return {
        "type": condition.type.value,
        "status": condition.status.value,
        "reason": condition.reason.value,
        "message": condition.message[:_LONGEST_MESSAGE],
        # The schema knows no generation below zero: "not observed yet" is zero here.
        "observedGeneration": max(condition.observed_generation, 0),
        "lastTransitionTime": lenient.text(condition.last_transition_time),
    }
