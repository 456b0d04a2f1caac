"""Calendars that are not empty when we come: what another synchronisation left, or people made."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Unpack
from zoneinfo import ZoneInfo

from figgosync_sim.items import FreeBusy, Item, ItemFields
from figgosync_sim.mailboxes import MailboxStore

OTHER_SYNC = "Synchronisation des absences"
"""The display name under which the other synchronisation writes, unless a test says otherwise."""

Moment = date | datetime
"""A day, or an aware instant: what an event begins or ends with tells whether it is all-day."""

_QUARTER_OF_AN_HOUR = 15
_THE_EVENING_BEFORE = 18 * 60


def furnish_foreign(
    store: MailboxStore,
    address: str,
    title: str,
    first: Moment,
    last: Moment | None = None,
    **fields: Unpack[ItemFields],
) -> Item:
    """Leave an event as another synchronisation would have: marked by nobody.

    With days it is all-day, `last` included (the same day without it); with instants it is timed,
    and `last` is its end. `fields` are those of an `Item`. Assumed, since nothing is known of
    what Lucca's own synchronisation writes: out of office, without a reminder, and made under one
    name for everybody. Whatever stands in `creator`, the mailbox's display name stands for a
    program that impersonates its owner.
    """
    made: ItemFields = {
        "free_busy": FreeBusy.OUT_OF_OFFICE,
        "reminder_is_set": False,
        "response_requested": False,
        "creator": OTHER_SYNC,
    }
    return _furnish(store, address, title, (first, last), made | fields)


def furnish_by_hand(
    store: MailboxStore,
    address: str,
    title: str,
    first: Moment,
    last: Moment | None = None,
    **fields: Unpack[ItemFields],
) -> Item:
    """Add an event as its owner does in Outlook, who changes nothing but title and time.

    Assumed, as Outlook comes from Microsoft: whole days show as Free with a reminder 18 hours
    before, hours as Busy with one a quarter of an hour before.
    """
    all_day = not isinstance(first, datetime)
    made: ItemFields = {
        "free_busy": FreeBusy.FREE if all_day else FreeBusy.BUSY,
        "reminder_is_set": True,
        "reminder_minutes": _THE_EVENING_BEFORE if all_day else _QUARTER_OF_AN_HOUR,
    }
    return _furnish(store, address, title, (first, last), made | fields)


def _furnish(
    store: MailboxStore,
    address: str,
    title: str,
    when: tuple[Moment, Moment | None],
    fields: ItemFields,
) -> Item:
    zone = ZoneInfo(fields.get("time_zone", store.mailbox(address).time_zone))
    first, last = when
    if isinstance(first, datetime):
        if not isinstance(last, datetime):
            raise TypeError("an event that begins at an instant ends at one")
        start, end = first, last
    else:
        start = _midnight(first, zone)
        end = _midnight((last or first) + timedelta(days=1), zone)
    spot: ItemFields = {
        "subject": title,
        "start": start,
        "end": end,
        "is_all_day": not isinstance(first, datetime),
    }
    return store.add_item(address, **(spot | fields))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
