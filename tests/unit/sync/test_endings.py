"""What the end of an initialisation is called: each says what was done, and what to do next."""

from dataclasses import replace
from datetime import date

import pytest

from figgosync.core.absence import LegalEntityID
from figgosync.core.initialisation import Action, Adoption, InitialisationSpec, Mode, Phase, Tally
from figgosync.core.initialisation import Plan as Foreseen
from figgosync.core.tenant import TenantName
from figgosync.sync.initialisation import endings

SPEC = InitialisationSpec(
    tenant=TenantName("hr", "acme"),
    action=Action.SYNC,
    first_day=date(2026, 1, 1),
    legal_entities=None,
    mode=Mode.APPLY,
    plan_digest=None,
    adoption=Adoption.NEVER,
    suspend=False,
    cancel=False,
    keep=None,
)
REMOVAL = replace(SPEC, action=Action.REMOVE)
WRITTEN = Tally(employees=4, created=1, updated=2, unchanged=5)
DELETED = Tally(employees=4, deleted=7)


def test_a_removal_speaks_of_deletions_alone() -> None:
    done = endings.done(REMOVAL, DELETED, REMOVAL.first_day)
    assert done.message == "Our events ending on 2026-01-01 or later are removed: 7 events deleted."
    foreseen = endings.planned(Action.REMOVE, Foreseen(delete=1, unchanged=3), Tally(employees=4))
    assert foreseen.message == "Nothing was written. It would delete 1 event."


def test_one_is_not_spoken_of_as_many() -> None:
    done = endings.done(SPEC, replace(WRITTEN, blocked=1), SPEC.first_day).message
    assert "1 event created, 2 updated, 0 deleted, 0 taken over, 5 unchanged" in done
    assert done.endswith(", 1 deletion held back by the breaker.")
    foreseen = endings.planned(
        Action.SYNC, Foreseen(create=1, look_alikes=1, disclosing=1), Tally(1, failed=1)
    ).message
    assert "would create 1 event, update 0" in foreseen
    assert "of 1 look-alike and" in foreseen
    assert "of 1 person an absence type" in foreseen
    assert "1 of 1 employee failed" in foreseen


@pytest.mark.parametrize(
    ("phase", "action", "tally", "says"),
    [
        (None, Action.SYNC, Tally(), "Cancelled. Nothing was done."),
        (
            Phase.PLANNING,
            Action.SYNC,
            Tally(employees=3),
            "Cancelled. It was still planning: nothing was written.",
        ),
        (Phase.RUNNING, Action.SYNC, WRITTEN, "Cancelled. What it did stays: 1 event created, 2 "),
        (
            Phase.RUNNING,
            Action.REMOVE,
            DELETED,
            "Cancelled. What it did stays: 7 events deleted. To go on, create",
        ),
    ],
)
def test_one_that_is_cancelled_says_what_stays(
    phase: Phase | None, action: Action, tally: Tally, says: str
) -> None:
    assert endings.cancelled(action, tally, phase).message.startswith(says)


def test_what_may_have_arrived_uncounted_is_admitted_where_something_was_written() -> None:
    admitted = "may have arrived in addition"
    for phase in (None, Phase.PLANNING):
        ending = endings.cancelled(Action.SYNC, Tally(), phase, all_counted=False)
        assert admitted not in ending.message
    ending = endings.cancelled(Action.SYNC, WRITTEN, Phase.RUNNING, all_counted=False)
    assert admitted in ending.message


def test_legal_entities_that_cannot_be_served_are_named_with_a_remedy() -> None:
    few = frozenset(map(LegalEntityID, (77, 9)))
    foreign, unseen = endings.foreign(SPEC, few).message, endings.unseen(SPEC, few).message
    for message in (foreign, unseen):
        assert message.startswith("spec.legalEntities names 9, 77, which ")
        assert "create a new SyncInitialisation with another name" in message
        assert "`figgosync discover --namespace hr --tenant acme`" in message
    assert "or the tenant's" in foreign
    assert "the role of the API key" in unseen
    many = endings.foreign(SPEC, frozenset(map(LegalEntityID, range(1, 30)))).message
    assert "names 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ..., which" in many


def test_another_plan_may_be_due_to_another_spec() -> None:
    message = endings.plan_changed(Foreseen(digest="sha256:" + "a" * 64)).message
    assert "another action, from, legalEntities, allLegalEntities or adopt" in message
    assert "sha256:" + "a" * 64 in message
