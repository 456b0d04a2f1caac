"""Initialisations that share a legal entity go one after the other, the oldest first."""

import pytest

from builders import at
from figgosync.core.absence import LegalEntityID
from figgosync.core.initialisation import InitialisationName
from figgosync.core.turns import Applicant, ahead


def applicant(
    name: str, *entities: int, created: str = "2026-11-24 09:00", begun: bool = False
) -> Applicant:
    """Return one that is about some legal entities, or about all of them where none is given."""
    chosen = frozenset(map(LegalEntityID, entities)) if entities else None
    return Applicant(InitialisationName("hr", name), at(created), begun, chosen)


LATER, LATEST = "2026-11-24 09:01", "2026-11-24 09:02"


@pytest.mark.parametrize(
    ("applicants", "expected"),
    [
        pytest.param([applicant("a", 1)], {"a": []}, id="alone"),
        pytest.param(
            [applicant("a", 1), applicant("b", 2, created=LATER)], {"a": [], "b": []}, id="apart"
        ),
        pytest.param(
            [applicant("b", 1, 2, created=LATER), applicant("a", 2, 3)],
            {"a": [], "b": ["a"]},
            id="one-in-common",
        ),
        pytest.param(
            [applicant("a"), applicant("b", 7, created=LATER), applicant("c", 8, created=LATEST)],
            {"a": [], "b": ["a"], "c": ["a"]},
            id="all-of-them",
        ),
        pytest.param(
            [
                applicant("a", 1),
                applicant("b", 1, created=LATER),
                applicant("c", 1, created=LATEST),
            ],
            {"a": [], "b": ["a"], "c": ["a", "b"]},
            id="three",
        ),
        pytest.param(
            [applicant("b", 1), applicant("a", 1)], {"a": [], "b": ["a"]}, id="same-second"
        ),
        pytest.param(
            [applicant("a", 1), applicant("b", 1, begun=True)],
            {"a": ["b"], "b": []},
            id="same-second-and-heard-of-later",
        ),
    ],
)
def test_who_goes_first(applicants: list[Applicant], expected: dict[str, list[str]]) -> None:
    found = {
        name.name: [each.name.name for each in older] for name, older in ahead(applicants).items()
    }
    assert found == expected
