"""What an object claims, also where the rest of its spec cannot be read."""

from collections.abc import Mapping

import pytest

from figgosync.kube.claims import claim_of
from figgosync.kube.resources import parse_object, parse_tenant
from support.tenants import GONE, GOOD_SPECS, a_stored_tenant


@pytest.mark.parametrize("changes", GOOD_SPECS.values(), ids=GOOD_SPECS)
def test_a_spec_that_is_served_claims_just_what_it_serves(changes: Mapping[str, object]) -> None:
    body = a_stored_tenant(changes)
    claim, tenant = claim_of(parse_object(body), body), parse_tenant(body)
    assert claim is not None
    assert (claim.tenant, claim.created) == (tenant.name, tenant.created)
    assert (claim.host, claim.legal_entities) == (
        tenant.spec.figgo.host,
        tenant.spec.legal_entities,
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"calendar": {"microsoft365": {"tenantID": "x"}}, "sensitiveTypes": [12]},
        {"events": GONE},
        {"figgo.webhook": {"secretRef": {}}, "figgo.pollInterval": "soon"},
    ],
)
def test_what_this_operator_does_not_understand_takes_nothing_from_a_claim(
    changes: Mapping[str, object],
) -> None:
    body = a_stored_tenant(changes)
    claim = claim_of(parse_object(body), body)
    assert claim == claim_of(parse_object(a_stored_tenant()), a_stored_tenant())
    assert claim is not None


def test_who_names_some_and_all_claims_all() -> None:
    body = a_stored_tenant({"allLegalEntities": True})
    claim = claim_of(parse_object(body), body)
    assert claim is not None
    assert claim.legal_entities is None


@pytest.mark.parametrize(
    "changes",
    [
        {"figgo": GONE},
        {"figgo.url": "http://acme.ilucca.net"},
        {"legalEntities": GONE},
        {"legalEntities": []},
        {"legalEntities": ["all"]},
        {"legalEntities": GONE, "allLegalEntities": False},
    ],
)
def test_who_names_nobody_that_could_be_served_claims_nobody(
    changes: Mapping[str, object],
) -> None:
    body = a_stored_tenant(changes)
    assert claim_of(parse_object(body), body) is None


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, "default"),
        (None, "default"),
        ({"operatorClass": "team-a"}, "team-a"),
        ({"operatorClass": "team-a", "fromTheFuture": {}}, "team-a"),
        ({"operatorClass": 7}, "default"),
    ],
)
def test_the_class_is_read_of_any_spec(spec: object, expected: str) -> None:
    body = a_stored_tenant() | {"spec": spec}
    assert parse_object(body).operator_class == expected
