"""A CalendarItem's elements as clients write them, turned into what the store keeps."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from figgosync_sim.ews.errors import EWSError, not_simulated
from figgosync_sim.ews.soap import Element, T
from figgosync_sim.ews.zones import zone_of
from figgosync_sim.items import FreeBusy, Item, NamedProperty, Sensitivity

LONGEST_SUBJECT = 255
"""Characters of a subject that Exchange keeps [exchangelib's own limit]; see `merged`."""

_LONGEST = timedelta(days=5 * 365 + 2)

READ_ONLY = frozenset(
    [
        "ItemId",
        "ParentFolderId",
        "DateTimeReceived",
        "Size",
        "IsSubmitted",
        "IsDraft",
        "IsFromMe",
        "IsResend",
        "IsUnmodified",
        "DateTimeSent",
        "DateTimeCreated",
        "DisplayCc",
        "DisplayTo",
        "DisplayBcc",
        "HasAttachments",
        "EffectiveRights",
        "LastModifiedName",
        "LastModifiedTime",
        "OriginalStart",
        "When",
        "IsMeeting",
        "IsCancelled",
        "IsRecurring",
        "CalendarItemType",
        "Organizer",
        "ConflictingMeetingCount",
        "AdjacentMeetingCount",
        "Duration",
        "TimeZone",
        "IsOrganizer",
    ]
)
"""Elements whose setting Exchange refuses with ErrorInvalidPropertySet [V: ResponseCode page]."""


def _text(element: Element) -> str:
    return element.text or ""


def _truth(element: Element) -> bool:
    return _text(element).strip() in {"1", "true"}


def _addresses(element: Element) -> tuple[str, ...]:
    return tuple(_text(address) for address in element.iter(f"{T}EmailAddress"))


def _body(element: Element) -> dict[str, Any]:
    return {"body": _text(element), "body_type": element.get("BodyType")}


_READERS: Mapping[str, Callable[[Element], dict[str, Any]]] = {
    "Subject": lambda e: {"subject": _text(e)},
    "Sensitivity": lambda e: {"sensitivity": Sensitivity(_text(e))},
    "Body": _body,
    "Categories": lambda e: {"categories": tuple(_text(c) for c in e)},
    "Importance": lambda e: {"importance": _text(e)},
    "ReminderIsSet": lambda e: {"reminder_is_set": _truth(e)},
    "ReminderMinutesBeforeStart": lambda e: {"reminder_minutes": int(_text(e))},
    "IsAllDayEvent": lambda e: {"is_all_day": _truth(e)},
    "LegacyFreeBusyStatus": lambda e: {"free_busy": FreeBusy(_text(e))},
    "Location": lambda e: {"location": _text(e)},
    "IsResponseRequested": lambda e: {"response_requested": _truth(e)},
}
_ATTENDEES = frozenset({"RequiredAttendees", "OptionalAttendees", "Resources"})
_TIMES = frozenset({"Start", "End", "StartTimeZone", "EndTimeZone"})

SETTABLE = frozenset(_READERS) | _ATTENDEES | _TIMES | {"ExtendedProperty"}
"""Elements that a client may set and this simulator keeps."""

CLEARED: Mapping[str, dict[str, Any]] = {
    "Subject": {"subject": ""},
    "Body": {"body": ""},
    "Categories": {"categories": ()},
    "Location": {"location": ""},
    "RequiredAttendees": {"attendees": ()},
    "OptionalAttendees": {"attendees": ()},
    "Resources": {"attendees": ()},
}
"""What DeleteItemField makes of a field; fields that are not here cannot be without a value."""


def merged(
    item: Item,
    elements: Mapping[str, Element],
    properties: Mapping[NamedProperty, str],
    context: ZoneInfo,
) -> Item:
    """Return the item with the elements set. `context` is the request's own zone.

    Assumed: a subject longer than 255 characters is refused and not cut; the code is assumed too.
    """
    changes: dict[str, Any] = {}
    for name, element in elements.items():
        if name in READ_ONLY:
            raise EWSError("ErrorInvalidPropertySet")
        if name not in SETTABLE:
            raise not_simulated(f"setting {name}")
        if name in _READERS:
            changes |= _READERS[name](element)
        if name in _ATTENDEES:
            # Three lists are one in the store: all that matters here is who is told.
            changes["attendees"] = (*changes.get("attendees", ()), *_addresses(element))
    if len(changes.get("subject", "")) > LONGEST_SUBJECT:
        raise EWSError("ErrorItemSavePropertyError")
    changes["properties"] = {**item.properties, **properties}
    times = _times(item, elements, context)
    return _checked(replace(item, **changes, **times))


def _times(item: Item, elements: Mapping[str, Element], context: ZoneInfo) -> dict[str, Any]:
    """Return start, end and their zones.

    Verified [Microsoft, "Time zones and EWS", table 2]: a time without a zone is in the item's
    StartTimeZone or EndTimeZone, else in the TimeZoneContext, else in UTC. Verified ["Update the
    time zone for an appointment"]: a zone set without its time moves the time, so that the clock
    on the wall stays.
    """
    changed: dict[str, Any] = {}
    for time_name, zone_name, at, zone_at in (
        ("Start", "StartTimeZone", "start", "time_zone"),
        ("End", "EndTimeZone", "end", "end_time_zone"),
    ):
        before = ZoneInfo(getattr(item, zone_at))
        zone = before
        if zone_name in elements:
            zone = zone_of(elements[zone_name].get("Id") or "")
            changed[zone_at] = zone.key
        if time_name in elements:
            changed[at] = instant(
                _text(elements[time_name]), zone if zone_name in elements else context
            )
        elif zone != before:
            wall = getattr(item, at).astimezone(before).replace(tzinfo=zone)
            changed[at] = wall.astimezone(UTC)
    return changed


def instant(text: str, zone: ZoneInfo) -> datetime:
    """Return an xs:dateTime in UTC; one without an offset is in `zone`."""
    moment = datetime.fromisoformat(text.strip())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _checked(item: Item) -> Item:
    """Hold the times against Exchange's rules, and move those of an all-day item to midnight.

    Verified [ResponseCode page]: five years at most. Assumed: equal start and end are allowed.
    """
    if item.end < item.start:
        raise EWSError("ErrorCalendarEndDateIsEarlierThanStartDate")
    if item.is_all_day:
        item = _whole_days(item)
    if item.end > item.start + _LONGEST:
        raise EWSError("ErrorCalendarDurationIsTooLong")
    return item


def _whole_days(item: Item) -> Item:
    """Move the times outwards to midnight in the item's zones.

    Verified [Microsoft, "Create all-day events by using EWS"]. Assumed: an item of no length
    becomes one of a day, since an all-day event lasts a multiple of 24 hours.
    """
    start = _midnight(item.start, ZoneInfo(item.time_zone))
    zone = ZoneInfo(item.end_time_zone)
    end = _midnight(item.end, zone)
    if end < item.end or end <= start:
        end = _midnight(item.end, zone, days=1)
    return replace(item, start=start, end=end)


def _midnight(moment: datetime, zone: ZoneInfo, *, days: int = 0) -> datetime:
    """Return the first instant of the local day, or of a later one, in UTC.

    Where a day has no midnight (Cairo on 2026-04-24) that is 01:00, which then stays where it is.
    """
    day = moment.astimezone(zone).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
