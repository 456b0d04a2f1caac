"""SyncInitialisations for tests: valid by default, and a table of what must be refused."""

from collections.abc import Mapping
from typing import Any

from support.manifests import GONE, BadSpec, manifest, stored

A_DIGEST = f"sha256:{'0123456789abcdef' * 4}"

_SMALLEST_SPEC: dict[str, Any] = {
    "tenantRef": {"name": "acme"},
    "from": "2026-01-01",
    "legalEntities": [1],
}


def an_initialisation(
    changes: Mapping[str, object] | None = None, *, name: str = "backfill"
) -> dict[str, Any]:
    """Return a manifest; `changes` are fields of the spec, `{"tenantRef.name": "acme-east"}`."""
    return manifest("SyncInitialisation", name, _SMALLEST_SPEC, changes)


def a_stored_initialisation(
    changes: Mapping[str, object] | None = None, **metadata: object
) -> dict[str, Any]:
    """Return one as the API server gives it, though without what it fills in of the spec."""
    return stored(an_initialisation(changes), metadata)


_EITHER = "give either legalEntities, a list of ids, or allLegalEntities: true, and not both"
_TENANT = "must be the name of a CalendarSyncTenant, lower case letters, digits, '-' and '.' only"
_DIGEST = "must be the digest of a plan as its status shows it, sha256: and 64 digits or letters"
_YEARS = "must be between the years 2000 and 2099"
_A_DAY = "must be a day such as 2026-01-01"
_MISSING = "Field required"
_CHOICE = "Input should be"


def _changed(field: str, value: object, says: str, we_say: str | None = None) -> BadSpec:
    return BadSpec({field: value}, f"spec.{field}", says, we_say)


BAD_SPECS: dict[str, BadSpec] = {
    "tenantRef is missing": _changed("tenantRef", GONE, "Required value", _MISSING),
    "tenantRef.name is missing": BadSpec(
        {"tenantRef": {}}, "spec.tenantRef.name", "Required value", _MISSING
    ),
    "an empty name": _changed("tenantRef.name", "", _TENANT),
    "a name in capitals": _changed("tenantRef.name", "Acme", _TENANT),
    "a namespace with the name": _changed("tenantRef.name", "hr/acme", _TENANT),
    "a name with a line break": _changed("tenantRef.name", "acme\n", _TENANT),
    "a name too long": _changed(
        "tenantRef.name", "a" * 64, "may not be more than 63", "at most 63 characters"
    ),
    "from is missing": _changed("from", GONE, "Required value", _MISSING),
    "a day that does not exist": _changed("from", "2026-02-30", "must be of type date", _A_DAY),
    "a day of another country": _changed("from", "01.01.2026", "must be of type date", _A_DAY),
    "a day without dashes": _changed("from", "20260101", "must be of type date", _A_DAY),
    "a moment": BadSpec(
        {"from": "2026-01-01T00:00:00Z"}, "spec.from", "may not be more than 10", "at most 10"
    ),
    "a day before Figgo": _changed("from", "1999-12-31", _YEARS),
    "a day too far away": _changed("from", "2100-01-01", _YEARS),
    "neither entities nor all": BadSpec({"legalEntities": GONE}, "spec", _EITHER),
    "both entities and all": BadSpec({"allLegalEntities": True}, "spec", _EITHER),
    "not all and no list": BadSpec(
        {"legalEntities": GONE, "allLegalEntities": False}, "spec", _EITHER
    ),
    "no entity in the list": _changed(
        "legalEntities", [], "should have at least 1 items", "should have at least 1 item"
    ),
    "too many entities": _changed(
        "legalEntities", list(range(1, 1002)), "must have at most 1000 items", "at most 1000 items"
    ),
    "an entity zero": BadSpec(
        {"legalEntities": [0]},
        "spec.legalEntities[0]",
        "should be greater than or equal to 1",
        _CHOICE,
    ),
    "an unknown action": _changed("action", "Copy", 'supported values: "Sync", "Remove"', _CHOICE),
    "an unknown mode": _changed("mode", "DryRun", 'supported values: "Apply", "Plan"', _CHOICE),
    "an unknown adoption": _changed(
        "adopt", "Always", 'supported values: "Never", "Matching"', _CHOICE
    ),
    "an adoption while removing": BadSpec(
        {"action": "Remove", "adopt": "Matching"},
        "spec.adopt",
        "Matching is for the action Sync alone",
        our_field="spec",
    ),
    "a digest for a plan": BadSpec(
        {"mode": "Plan", "planDigest": A_DIGEST},
        "spec.planDigest",
        "is for the mode Apply alone",
        our_field="spec",
    ),
    "a digest that is none": _changed("planDigest", "yes", _DIGEST),
    "a digest of another kind": _changed("planDigest", f"md5:{'0' * 32}", _DIGEST),
    "a digest in capitals": _changed("planDigest", f"sha256:{'A' * 64}", _DIGEST),
    "a digest with a line break": _changed("planDigest", f"sha256:{'0' * 63}\n", _DIGEST),
    "a digest too long": _changed(
        "planDigest", f"sha256:{'0' * 65}", "may not be more than 71", "at most 71 characters"
    ),
    "a time to live below zero": _changed(
        "ttlSecondsAfterFinished", -1, "should be greater than or equal to 0", _CHOICE
    ),
    "a time to live of more than a year": _changed(
        "ttlSecondsAfterFinished",
        31_536_001,
        "should be less than or equal to 31536000",
        _CHOICE,
    ),
}

GOOD_SPECS: dict[str, Mapping[str, object]] = {
    "the smallest": {},
    "all legal entities": {"legalEntities": GONE, "allLegalEntities": True},
    "a list and false": {"allLegalEntities": False},
    "a tenant of a long name": {"tenantRef.name": "a" * 63},
    "a tenant with dots": {"tenantRef.name": "acme.east-1"},
    "the first day": {"from": "2000-01-01"},
    "the last day": {"from": "2099-12-31"},
    "a leap day": {"from": "2028-02-29"},
    "a plan": {"mode": "Plan"},
    "a plan that would adopt": {"mode": "Plan", "adopt": "Matching"},
    "a plan of a removal": {"mode": "Plan", "action": "Remove"},
    "a removal": {"action": "Remove", "planDigest": A_DIGEST},
    "an approved adoption": {"adopt": "Matching", "planDigest": A_DIGEST},
    "gone at once": {"ttlSecondsAfterFinished": 0},
    "gone after a year": {"ttlSecondsAfterFinished": 31_536_000},
    "suspended and cancelled": {"suspend": True, "cancel": True},
}
