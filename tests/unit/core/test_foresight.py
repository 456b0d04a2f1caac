"""A plan is foreseen in counts and in a digest that knows deletions and disclosures, not titles."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import HOST, all_day, an_owned_event, day, event_rules
from figgosync.core.absence import EmployeeID, LegalEntityID, PeriodID
from figgosync.core.event import Ref
from figgosync.core.evidence import Evidence
from figgosync.core.foresight import Entries, digest_of, foresee, foresee_removal
from figgosync.core.initialisation import Action, Adoption, InitialisationSpec, Mode
from figgosync.core.plan import Adopt, Create, Delete, Update
from figgosync.core.tenant import TenantName

SHOWN = event_rules(show_absence_type=True)
FOUND = an_owned_event()
KEY, EVENT = FOUND.key, FOUND.event
SICK = replace(EVENT, title="Sick leave")
MOVED = replace(EVENT, when=all_day("2026-12-31"))
DELETE = Delete(FOUND.ref, KEY, EVENT, Evidence.CANCELLED)
WISH = InitialisationSpec(
    tenant=TenantName("hr", "acme"),
    action=Action.SYNC,
    first_day=day("2026-01-01"),
    legal_entities=frozenset({LegalEntityID(1)}),
    mode=Mode.PLAN,
    plan_digest=None,
    adoption=Adoption.NEVER,
    suspend=False,
    cancel=False,
    keep=None,
)


def test_everything_is_counted() -> None:
    actions = [
        Update(FOUND.ref, KEY, MOVED, EVENT),
        Create(KEY, EVENT),
        Adopt(Ref("x"), KEY, EVENT, EVENT),
        DELETE,
    ]
    seen = foresee(actions, [FOUND, FOUND, FOUND], event_rules())
    assert (seen.create, seen.update, seen.delete, seen.unchanged) == (2, 1, 1, 1)
    assert not seen.discloses


@pytest.mark.parametrize(
    ("action", "discloses"),
    [
        pytest.param(Create(KEY, SICK), True, id="a-new-event"),
        pytest.param(Create(KEY, EVENT), False, id="a-new-event-with-the-neutral-title"),
        pytest.param(Update(FOUND.ref, KEY, SICK, EVENT), True, id="a-neutral-one-gets-its-type"),
        pytest.param(
            Update(FOUND.ref, KEY, replace(SICK, when=MOVED.when), SICK), False, id="shown-already"
        ),
        pytest.param(Update(FOUND.ref, KEY, EVENT, SICK), False, id="it-is-hidden"),
        pytest.param(Adopt(Ref("x"), KEY, SICK, SICK), False, id="the-other-sync-showed-it"),
    ],
)
def test_a_type_that_becomes_visible_is_a_disclosure(
    action: Create | Update | Adopt, *, discloses: bool
) -> None:
    seen = foresee([action], [FOUND], SHOWN)
    assert seen.discloses is discloses
    assert (seen.entries != Entries()) is discloses
    assert not foresee([action], [FOUND], event_rules()).discloses


def test_only_deletions_and_disclosures_are_entered() -> None:
    kept = foresee([Update(FOUND.ref, KEY, MOVED, EVENT), Create(KEY, EVENT)], [FOUND], SHOWN)
    assert kept.entries == Entries()
    assert foresee([DELETE], [FOUND], SHOWN).entries != Entries()


def test_the_digest_tells_deletions_of_different_days_and_employees_apart() -> None:
    moved = replace(DELETE, event=MOVED)
    other = replace(DELETE, key=replace(KEY, employee=EmployeeID(KEY.employee + 1)))
    seen = {foresee([each], [FOUND], SHOWN).entries for each in (DELETE, moved, other)}
    assert len(seen) == 3


def test_the_digest_does_not_know_the_title() -> None:
    renamed = replace(DELETE, event=SICK)
    assert foresee([renamed], [FOUND], SHOWN) == foresee([DELETE], [FOUND], SHOWN)
    tired = replace(SICK, title="Exhaustion")
    assert foresee([Create(KEY, SICK)], [], SHOWN) == foresee([Create(KEY, tired)], [], SHOWN)


def test_a_removal_is_foreseen_as_the_deletions_that_it_is() -> None:
    staying = replace(FOUND, key=replace(KEY, period=PeriodID(7)))
    seen = foresee_removal([FOUND], [FOUND, staying])
    assert (seen.create, seen.update, seen.delete, seen.unchanged) == (0, 0, 1, 1)
    assert seen.entries == foresee([DELETE], [FOUND], SHOWN).entries


@given(st.lists(st.text(max_size=5), max_size=4))
def test_the_order_and_the_parts_of_what_is_entered_are_of_no_importance(texts: list[str]) -> None:
    whole = Entries.of(texts)
    for order in permutations(texts):
        total = Entries()
        for text in order:
            total += Entries.of([text])
        assert total == whole
    assert Entries.from_hex(whole.hex()) == whole
    assert len(whole.hex()) == 64


def test_a_digest_is_that_of_one_wish() -> None:
    entries = Entries.of(["a"])
    digests = {
        digest_of(entries, WISH, HOST),
        digest_of(Entries.of(["b"]), WISH, HOST),
        digest_of(entries, WISH, "other.example"),
        digest_of(entries, replace(WISH, action=Action.REMOVE), HOST),
        digest_of(entries, replace(WISH, first_day=day("2026-01-02")), HOST),
        digest_of(entries, replace(WISH, legal_entities=None), HOST),
        digest_of(entries, replace(WISH, adoption=Adoption.MATCHING), HOST),
    }
    assert len(digests) == 7
    assert all(digest.startswith("sha256:") and len(digest) == 71 for digest in digests)


def test_a_plan_and_the_apply_that_it_is_for_have_the_same_digest() -> None:
    apply = replace(WISH, mode=Mode.APPLY, plan_digest="sha256:" + "0" * 64, suspend=True)
    assert digest_of(Entries(), apply, HOST) == digest_of(Entries(), WISH, HOST)
