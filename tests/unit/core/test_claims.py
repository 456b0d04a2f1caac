"""Of two tenants that want the same people the older one serves them."""

from collections.abc import Collection
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import at
from figgosync.core.absence import LegalEntityID
from figgosync.core.claims import Claim, Overlap, overlaps
from figgosync.core.tenant import TenantName

ACME = "acme.ilucca.net"
FIRST = at("2026-11-20 08:00")


def entities(*ids: int) -> frozenset[LegalEntityID]:
    return frozenset(map(LegalEntityID, ids))


def claim(
    name: str, ids: Collection[int] | None, *, age: int = 0, host: str = ACME, space: str = "hr"
) -> Claim:
    """Return a claim; the higher `age`, the older."""
    wanted = None if ids is None else entities(*ids)
    return Claim(TenantName(space, name), host, wanted, FIRST - timedelta(days=age))


def refused(*claims: Claim) -> list[str]:
    return sorted(name.name for name in overlaps(claims))


def test_the_older_one_stands() -> None:
    old, new = claim("z", [1, 2], age=1), claim("a", [2, 3])
    assert overlaps([new, old]) == {new.tenant: Overlap(old.tenant, entities(2))}


def test_of_two_of_the_same_age_the_first_by_name_stands() -> None:
    assert refused(claim("b", [1]), claim("a", [1])) == ["b"]
    assert refused(claim("a", [1], space="z"), claim("a", [1], space="b")) == ["a"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (claim("a", [1], age=1), claim("b", [2])),
        (claim("a", [1], age=1), claim("b", [1], host="other.ilucca.net")),
        (claim("a", None, age=1), claim("b", None, host="other.ilucca.net")),
    ],
    ids=["other people", "another Figgo", "all of another Figgo"],
)
def test_who_shares_nobody_is_in_nobodys_way(one: Claim, other: Claim) -> None:
    assert refused(one, other) == []


@pytest.mark.parametrize(
    ("old", "new", "common"),
    [([1], None, entities(1)), (None, [1], entities(1)), (None, None, None)],
    ids=["some and all", "all and some", "all and all"],
)
def test_all_of_them_meet_everybody(
    old: list[int] | None, new: list[int] | None, common: frozenset[LegalEntityID] | None
) -> None:
    one, other = claim("a", old, age=1), claim("b", new)
    assert overlaps([one, other]) == {other.tenant: Overlap(one.tenant, common)}


def test_who_is_refused_is_in_nobodys_way() -> None:
    assert refused(claim("a", [1], age=2), claim("b", [1, 2], age=1), claim("c", [2])) == ["b"]


def shares_somebody(one: Claim, other: Claim) -> bool:
    if one.legal_entities is None or other.legal_entities is None:
        return True
    return not one.legal_entities.isdisjoint(other.legal_entities)


CLAIMS = st.lists(
    st.builds(
        claim,
        st.sampled_from("abcdef"),
        st.none() | st.frozensets(st.integers(1, 4), min_size=1),
        age=st.integers(0, 3),
        host=st.sampled_from([ACME, "other.ilucca.net"]),
    ),
    unique_by=lambda each: each.tenant,
)


@settings(deadline=None)
@given(CLAIMS, st.randoms())
def test_nobody_is_served_twice_and_nobody_is_refused_without_a_cause(
    claims: list[Claim], chance: Random
) -> None:
    answer = overlaps(claims)
    standing = [each for each in claims if each.tenant not in answer]
    for index, one in enumerate(standing):
        for other in standing[index + 1 :]:
            assert one.host != other.host or not shares_somebody(one, other)
    stands = {each.tenant for each in standing}
    assert all(overlap.tenant in stands for overlap in answer.values())
    shuffled = list(claims)
    chance.shuffle(shuffled)
    assert overlaps(shuffled) == answer
