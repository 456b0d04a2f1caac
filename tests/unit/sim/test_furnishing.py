from datetime import UTC, date, datetime, timedelta

import pytest

from figgosync_sim.furnishing import OTHER_SYNC, furnish_by_hand, furnish_foreign
from figgosync_sim.mailboxes import FreeBusy, MailboxStore

JANE = "jane@acme.fr"
NOW = datetime(2026, 11, 24, 9, 0, 0, 123, tzinfo=UTC)
EVE, NEW_YEAR = date(2026, 12, 24), date(2027, 1, 1)
EIGHT, NINE = (datetime(2026, 12, 24, hour, tzinfo=UTC) for hour in (8, 9))


@pytest.fixture
def store() -> MailboxStore:
    made = MailboxStore(lambda: NOW)
    made.add(JANE, "Europe/Paris", "Jane Doe")
    return made


def test_whole_days_stand_as_the_owner_sees_days(store: MailboxStore) -> None:
    furnish_foreign(store, JANE, "Absent", EVE, NEW_YEAR)
    furnish_by_hand(store, JANE, "Absent", EVE)

    assert {(a.first, a.last, a.starts) for a in store.outlook_view(JANE)} == {
        (EVE, NEW_YEAR, None),
        (EVE, EVE, None),
    }


def test_hours_stand_as_they_are(store: MailboxStore) -> None:
    left = furnish_foreign(store, JANE, "Absent", EIGHT, NINE)

    assert (left.start, left.end, left.is_all_day) == (EIGHT, NINE, False)
    with pytest.raises(TypeError):
        furnish_foreign(store, JANE, "Absent", EIGHT)


def test_another_synchronisation_leaves_its_name_and_no_mark(store: MailboxStore) -> None:
    then = NOW - timedelta(days=3)
    left = furnish_foreign(store, JANE, "Absent", EVE, created_at=then, reminder_is_set=True)

    assert (left.creator, left.created_at) == (OTHER_SYNC, then.replace(microsecond=0))
    assert (left.free_busy, left.reminder_is_set) == (FreeBusy.OUT_OF_OFFICE, True)
    assert left.properties == {}


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [(EVE, None, FreeBusy.FREE), (EIGHT, NINE, FreeBusy.BUSY)],
    ids=["whole day", "hours"],
)
def test_a_hand_in_outlook_leaves_what_outlook_proposes(
    store: MailboxStore, first: date, last: date | None, shown: FreeBusy
) -> None:
    made = furnish_by_hand(store, JANE, "Absent", first, last)

    assert (made.free_busy, made.reminder_is_set, made.creator) == (shown, True, "Jane Doe")
    assert made.created_at == NOW.replace(microsecond=0)


def test_a_copy_is_made_now_and_by_its_owner(store: MailboxStore) -> None:
    left = furnish_foreign(store, JANE, "Absent", EVE, created_at=NOW - timedelta(days=3))
    copied = store.add_item(JANE, copy_of=left)

    assert (copied.subject, copied.creator) == ("Absent", "Jane Doe")
    assert copied.created_at == NOW.replace(microsecond=0)
    assert store.edit(JANE, left.id, subject="Changed").created_at == left.created_at
