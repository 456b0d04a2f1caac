from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from figgosync_sim.mailboxes import FreeBusy, Item, MailboxStore, NamedProperty, Sensitivity

JANE = "jane@acme.fr"
MARK = NamedProperty.of("{C11FF724-AA03-4555-9952-8FA248A11C3E}", "key")


@pytest.fixture
def store() -> MailboxStore:
    made = MailboxStore()
    made.add("Jane@acme.fr", "Europe/Paris", aliases=("J@acme.fr",))
    return made


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def meeting(store: MailboxStore, **more: object) -> Item:
    return store.add_item(
        JANE, **{"start": at("2026-12-24T13:00"), "end": at("2026-12-24T14:00"), **more}
    )


def test_an_address_has_no_case_and_an_alias_leads_to_its_owner(store: MailboxStore) -> None:
    assert store.find("JANE@ACME.FR") is store.mailbox(JANE)
    assert store.find("j@acme.fr") is None
    assert store.by_alias("j@ACME.fr") is store.mailbox(JANE)
    assert store.by_principal("jane@acme.fr") is store.mailbox(JANE)
    assert [box.display_name for box in store] == ["Jane"]


@pytest.mark.parametrize("address", ["JANE@acme.fr", "j@acme.fr"])
def test_an_address_is_given_once(store: MailboxStore, address: str) -> None:
    with pytest.raises(ValueError, match="taken"):
        store.add(address)
    with pytest.raises(ValueError, match="taken"):
        store.add("new@acme.fr", aliases=(address,))


def test_a_mailbox_needs_a_zone_that_exists(store: MailboxStore) -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        store.add("new@acme.fr", "Europe/Lutetia")
    assert store.find("new@acme.fr") is None


def test_the_name_of_a_property_has_case_and_its_set_has_none() -> None:
    assert NamedProperty.of("c11ff724-aa03-4555-9952-8fa248a11c3e", "key") == MARK
    assert NamedProperty.of("c11ff724-aa03-4555-9952-8fa248a11c3e", "Key") != MARK


def test_a_users_item_is_in_utc_and_in_the_mailboxs_zone(store: MailboxStore) -> None:
    made = meeting(store, start=at("2026-12-24T13:00", "Europe/Paris"))

    assert made.start == at("2026-12-24T12:00")
    assert made.start.tzinfo is UTC
    assert (made.time_zone, made.end_time_zone) == ("Europe/Paris", "Europe/Paris")
    assert store.items(JANE) == [made]


def test_a_time_without_a_zone_is_refused(store: MailboxStore) -> None:
    with pytest.raises(ValueError, match="zone"):
        meeting(store, start=datetime(2026, 12, 24))  # noqa: DTZ001 - that is the point
    assert store.items(JANE) == []


def test_a_copy_takes_the_mark_along_under_another_id(store: MailboxStore) -> None:
    made = meeting(store, subject="Absent", properties={MARK: "v1/x"})

    copy = store.add_item(JANE, copy_of=made, start=at("2026-12-24T12:00"))

    assert copy.properties == {MARK: "v1/x"}
    assert copy.subject == "Absent"
    assert copy.id != made.id
    assert copy.version != made.version
    assert store.items(JANE) == [made, copy]


def test_each_change_gives_another_version(store: MailboxStore) -> None:
    made = meeting(store)

    first = store.edit(JANE, made.id, subject="a")
    second = store.edit(JANE, made.id, subject="a")

    assert len({made.version, first.version, second.version}) == 3
    assert store.items(JANE) == [second]


def test_what_is_gone_cannot_be_changed_or_deleted_again(store: MailboxStore) -> None:
    made = meeting(store)
    store.delete(JANE, made.id)

    with pytest.raises(KeyError):
        store.delete(JANE, made.id)
    with pytest.raises(KeyError):
        store.edit(JANE, made.id, subject="a")
    with pytest.raises(KeyError):
        store.put(store.mailbox(JANE), made)
    assert store.items(JANE) == []


def test_two_mailboxes_share_nothing(store: MailboxStore) -> None:
    store.add("omar@acme.fr")
    made = meeting(store)

    assert store.items("omar@acme.fr") == []
    with pytest.raises(KeyError):
        store.delete("omar@acme.fr", made.id)
    store.remove("OMAR@acme.fr")
    assert store.items(JANE) == [made]


def test_outlook_shows_hours_in_the_viewers_zone_in_order(store: MailboxStore) -> None:
    meeting(store, subject="later", start=at("2026-12-24T22:30"), end=at("2026-12-24T23:30"))
    meeting(store, subject="sooner", sensitivity=Sensitivity.PRIVATE)

    sooner, later = store.outlook_view(JANE)
    assert (sooner.subject, sooner.starts, sooner.ends) == ("sooner", time(14), time(15))
    assert (sooner.private, sooner.status, sooner.days) == (True, "Busy", 1)
    assert (later.subject, later.starts, later.ends) == ("later", time(23, 30), time(0, 30))
    assert (later.first, later.last) == (date(2026, 12, 24), date(2026, 12, 25))
    assert not later.private


@pytest.mark.parametrize(
    ("made_in", "first", "last"),
    [
        ("Europe/Paris", "2026-12-24", "2026-12-24"),
        ("Europe/Berlin", "2026-12-24", "2026-12-24"),
        ("UTC", "2026-12-24", "2026-12-25"),
        ("America/New_York", "2026-12-24", "2026-12-25"),
        ("Asia/Tokyo", "2026-12-23", "2026-12-24"),
    ],
)
def test_outlook_draws_each_day_that_an_all_day_item_of_another_zone_touches(
    store: MailboxStore, made_in: str, first: str, last: str
) -> None:
    day = {"start": at("2026-12-24T00:00", made_in), "end": at("2026-12-25T00:00", made_in)}
    meeting(store, is_all_day=True, free_busy=FreeBusy.OUT_OF_OFFICE, **day)

    (seen,) = store.outlook_view(JANE)

    assert (seen.first.isoformat(), seen.last.isoformat()) == (first, last)
    assert (seen.starts, seen.ends, seen.status) == (None, None, "OOF")


@given(
    day=st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    zone=st.sampled_from(
        [*("Europe/Paris", "Africa/Cairo", "America/Havana", "Asia/Beirut", "Pacific/Apia"), "UTC"]
    ),
)
@example(day=date(2032, 3, 27), zone="Asia/Beirut")
def test_an_all_day_item_of_the_viewers_own_zone_is_one_day_whatever_the_clocks_do(
    day: date, zone: str
) -> None:
    store = MailboxStore()
    store.add(JANE, zone)
    start = datetime.combine(day, time(), ZoneInfo(zone))
    end = datetime.combine(date.fromordinal(day.toordinal() + 1), time(), ZoneInfo(zone))
    store.add_item(JANE, start=start, end=end, is_all_day=True)

    (seen,) = store.outlook_view(JANE)

    assert (seen.first, seen.last, seen.days) == (day, day, 1)


def test_an_all_day_item_stands_above_those_with_hours() -> None:
    store = MailboxStore()
    store.add(JANE)
    noon, day = datetime(2026, 12, 24, 11, tzinfo=UTC), date(2026, 12, 24)
    midnight = datetime.combine(day, time(), ZoneInfo("Europe/Paris"))
    store.add_item(JANE, subject="Lunch", start=noon, end=noon + timedelta(hours=1))
    store.add_item(
        JANE, subject="Absent", start=midnight, end=midnight + timedelta(days=1), is_all_day=True
    )
    assert [entry.subject for entry in store.outlook_view(JANE)] == ["Absent", "Lunch"]
