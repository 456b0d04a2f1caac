"""The census: what is known of all objects, and on which hosts somebody has to be told."""

from builders import at
from figgosync.controller.census import Census
from figgosync.core.claims import Overlap
from figgosync.core.tenant import TenantName
from figgosync.kube.claims import claim_of
from figgosync.kube.resources import parse_object
from support.tenants import a_stored_tenant

ACME, OTHER = "acme.ilucca.net", "other.ilucca.net"
UID = "6f0c1a2e-0000-4000-8000-000000000001"


def note(census: Census, name: str = "acme", uid: str = UID, **spec: object) -> set[str]:
    changes = {key.replace("__", "."): value for key, value in spec.items()}
    body = a_stored_tenant(changes, name=name, uid=uid)
    found = parse_object(body)
    return set(census.note(found, claim_of(found, body)))


def named(name: str) -> TenantName:
    return TenantName("hr", name)


def test_an_object_is_counted_once_and_under_its_class() -> None:
    census = Census()
    note(census)
    note(census)
    note(census, "b", uid="2", operatorClass="other")
    assert census.sizes() == {"default": 1, "other": 1}
    census.forget(named("acme"), UID)
    assert census.sizes() == {"other": 1}


def test_the_old_host_is_told_too_when_a_namesake_claims_another() -> None:
    census = Census()
    assert note(census) == {ACME}
    assert note(census, uid="2", figgo__url=f"https://{OTHER}") == {ACME, OTHER}
    assert dict(census.standing(ACME)) == {}
    assert dict(census.standing(OTHER)) == {named("acme"): None}


def test_an_object_that_loses_its_claim_leaves_its_place() -> None:
    census = Census()
    note(census)
    assert note(census, legalEntities=[]) == {ACME}
    assert dict(census.standing(ACME)) == {}
    assert set(census.forget(named("acme"), UID)) == set()


def test_the_end_of_a_former_namesake_takes_nothing_away() -> None:
    census = Census()
    note(census, uid="2")
    assert set(census.forget(named("acme"), UID)) == set()
    assert set(census.forget(named("nobody"), UID)) == set()
    assert census.names() == {"2": named("acme")}


def test_an_object_as_it_was_before_is_recognised() -> None:
    census = Census()
    note(census)
    assert census.knows_newer(parse_object(a_stored_tenant(generation=2)))
    assert not census.knows_newer(parse_object(a_stored_tenant(generation=3)))
    assert not census.knows_newer(parse_object(a_stored_tenant(generation=1, uid="2")))


def test_all_classes_of_one_host_are_judged_together_and_other_hosts_apart() -> None:
    census = Census()
    old = a_stored_tenant({"operatorClass": "other"}, name="z", uid="1")
    old["metadata"]["creationTimestamp"] = "2026-11-01T00:00:00Z"
    found = parse_object(old)
    assert found.created == at("2026-11-01 00:00")
    census.note(found, claim_of(found, old))
    note(census, "a", uid="2")
    note(census, "b", uid="3", figgo__url=f"https://{OTHER}")
    assert dict(census.standing(ACME)) == {
        named("z"): None,
        named("a"): Overlap(named("z"), frozenset({1, 4})),
    }
    assert dict(census.standing(OTHER)) == {named("b"): None}
