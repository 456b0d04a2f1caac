"""Between our events and the calendar items of EWS, in both directions."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from exchangelib import Account, CalendarItem, EWSDateTime, EWSTimeZone, ExtendedProperty
from exchangelib.util import TNS, safe_xml_value

from figgosync.core.event import (
    AllDay,
    Availability,
    Event,
    EventKey,
    OwnedEvent,
    Ref,
    Timed,
)
from figgosync.errors import PermanentError, Reason

if TYPE_CHECKING:
    from lxml.etree import _Element

LONGEST_TITLE = 255
UNPRINTED = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode's categories of what a one-line title cannot hold: control marks and line breaks."""


class AbsenceMarker(ExtendedProperty):
    """The named property by which we know our events.

    A store keeps a named property with the item through moves, copies and protocols: Graph shows
    the same one. Neither the set nor the name may ever change.
    """

    property_set_id = "dc56e31e-801a-4f18-b249-01c1b9978bb6"
    property_name = "figgosync-absence"
    property_type = "String"


# The library's own way to teach it a property; once per process, which is what a module is.
CalendarItem.register("absence_marker", AbsenceMarker)

_TO_EWS = {
    Availability.OUT_OF_OFFICE: "OOF",
    Availability.TENTATIVE: "Tentative",
    Availability.WORKING_ELSEWHERE: "WorkingElsewhere",
}
FROM_EWS = {word: availability for availability, word in _TO_EWS.items()}

WRITTEN_FIELDS = (
    "subject",
    "sensitivity",
    "reminder_is_set",
    "absence_marker",
    "start",
    "end",
    "is_all_day",
    "legacy_free_busy_status",
)
"""All that an update replaces; what the owner added besides (notes, categories) stays."""

MARKER_FIELD = CalendarItem.get_field_by_fieldname("absence_marker")
START_FIELD = CalendarItem.get_field_by_fieldname("start")
LISTED_FIELDS = tuple(
    CalendarItem.get_field_by_fieldname(name)
    for name in (*WRITTEN_FIELDS, "_start_timezone")
    if name != "reminder_is_set"
)
"""All that is compared, for what was not asked for would read as the library's default.

EWS answers extended properties in FindItem although exchangelib would fetch them one by one.
"""

_NOON = time(12)
_HALF_A_DAY = timedelta(hours=12)

UNLIKE_ANY = "\x00"
"""Stands before the title of an event that shows what we never write, such as *free*.

No wanted title holds it, so that such an event never equals a wanted one, and is written anew.
"""


class MalformedItem(ValueError):  # noqa: N818 - what is malformed is the item
    """An item in an answer lacks what was asked for, or holds what cannot be read."""


@dataclass(frozen=True, slots=True)
class Row:
    """One item with our property; `owned` is None when its marker is not one that we can read."""

    id: str
    owned: OwnedEvent | None


def fault_of(event: Event) -> str | None:
    """Return why Exchange would refuse an event, or store it as something else."""
    return _title_fault(event.title) or _time_fault(event.when)


def refuse_unshowable(event: Event) -> None:
    """Raise PermanentError for an event with a fault."""
    fault = fault_of(event)
    if fault:
        raise PermanentError(
            Reason.EVENT_REFUSED, f"An event cannot be stored in Exchange: {fault}."
        )


def _title_fault(title: str) -> str | None:
    if len(title) > LONGEST_TITLE:
        return f"its title is longer than {LONGEST_TITLE} characters"
    if any(unicodedata.category(character) in UNPRINTED for character in title):
        return "its title holds a line break or a control character"
    if safe_xml_value(title) != title:
        return "its title holds a character that XML cannot carry"
    return None


def _time_fault(when: AllDay | Timed) -> str | None:
    match when:
        case AllDay(first, last):
            return "its last day is before its first" if last < first else None
        case Timed(start, end):
            if {start.utcoffset(), end.utcoffset()} != {timedelta(0)}:
                return "its times are not in UTC"
            return "it ends before it starts" if end <= start else None


def to_item(account: Account, key: EventKey, event: Event) -> CalendarItem:
    """Write an event as a calendar item of the account's zone; without body or attendees."""
    zone = account.default_timezone
    start, end = _instants(event.when, zone)
    return CalendarItem(
        account=account,
        subject=event.title,
        sensitivity="Private" if event.private else "Normal",
        reminder_is_set=False,
        absence_marker=key.marker(),
        start=EWSDateTime.from_datetime(start),
        end=EWSDateTime.from_datetime(end),
        is_all_day=isinstance(event.when, AllDay),
        legacy_free_busy_status=_TO_EWS[event.availability],
        _start_timezone=zone,
        _end_timezone=zone,
    )


def _instants(when: AllDay | Timed, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the UTC instants to send.

    Whole days are sent from noon to noon: Exchange moves both outwards to its own midnights
    (verified: Microsoft's "How to create all-day events by using EWS"), so that it does not
    matter when its rules of a zone are older or newer than ours.
    """
    match when:
        case Timed(start, end):
            return start, end
        case AllDay(first, last):
            days = (datetime.combine(day, _NOON, ZoneInfo(zone.key)) for day in (first, last))
            first_noon, last_noon = (day.astimezone(UTC) for day in days)
            return first_noon, last_noon + timedelta(minutes=1)


def read_ref(container: "_Element") -> Ref:
    """Read the reference of the one item in a container; raises MalformedItem."""
    item_id = container.find(f".//{{{TNS}}}ItemId")
    if item_id is None or not item_id.get("Id") or not item_id.get("ChangeKey"):
        raise MalformedItem("ItemId")
    return Ref(f"{item_id.get('ChangeKey')} {item_id.get('Id')}")


def ref_parts(ref: Ref) -> tuple[str, str]:
    """Return item id and change key."""
    change_key, _, item_id = ref.partition(" ")
    return item_id, change_key


def read_row(item: "_Element", zone: EWSTimeZone) -> Row:
    """Read an item that was found by our property; raises MalformedItem."""
    ref = read_ref(item)
    marker = read_property(item, is_marker)
    if marker is None:
        raise MalformedItem("marker")
    key = EventKey.from_marker(marker)
    return Row(ref_parts(ref)[0], OwnedEvent(key, ref, _event(item, zone)) if key else None)


def read_property(item: "_Element", is_it: Callable[["_Element"], bool]) -> str | None:
    """Return the value of the extended property whose ExtendedFieldURI is the one, if any."""
    # The library's own comparison builds objects; it took two thirds of a listing's time.
    for found in item.iterfind(f"{{{TNS}}}ExtendedProperty"):
        uri = found.find(f"{{{TNS}}}ExtendedFieldURI")
        if uri is not None and is_it(uri):
            return found.findtext(f"{{{TNS}}}Value") or ""
    return None


def is_marker(uri: "_Element") -> bool:
    """Tell whether an ExtendedFieldURI names our property."""
    return (
        uri.get("PropertySetId", "").lower() == AbsenceMarker.property_set_id
        and uri.get("PropertyName") == AbsenceMarker.property_name
    )


def _event(item: "_Element", zone: EWSTimeZone) -> Event:
    title = item.findtext(f"{{{TNS}}}Subject") or ""
    availability = FROM_EWS.get(read_text(item, "LegacyFreeBusyStatus"))
    private = {"Normal": False, "Private": True}.get(read_text(item, "Sensitivity"))
    if availability is None or private is None:
        title = UNLIKE_ANY + title
    return Event(
        title,
        read_when(item, zone),
        availability or Availability.OUT_OF_OFFICE,
        bool(private),
    )


def read_when(item: "_Element", zone: EWSTimeZone) -> AllDay | Timed:
    """Read an item's time as its owner in the zone sees it; raises MalformedItem."""
    start, end = (read_instant(item, name) for name in ("Start", "End"))
    if not read_truth(item, "IsAllDayEvent"):
        return Timed(start, end)
    local_start, local_end = (
        moment.astimezone(ZoneInfo(zone.key)).replace(tzinfo=None) for moment in (start, end)
    )
    made_in = item.find(f"{{{TNS}}}StartTimeZone")
    if made_in is not None and made_in.get("Id") == zone.ms_id:
        # Midnights of this zone by Exchange's rules; by ours they may be an hour off.
        return AllDay(
            _nearest_day(local_start),
            _nearest_day(local_end) - timedelta(days=1),
        )
    # Midnights of another zone: what the owner sees are all the days that it touches.
    return AllDay(local_start.date(), (local_end - timedelta(microseconds=1)).date())


def _nearest_day(midnight: datetime) -> date:
    return (midnight + _HALF_A_DAY).date()


def read_instant(item: "_Element", name: str) -> datetime:
    """Read a time, which must say its zone; raises MalformedItem."""
    text = read_text(item, name)
    if not re.search(r"(Z|[+-]\d\d:\d\d)$", text):
        raise MalformedItem("time zone")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise MalformedItem("time") from error


def read_truth(item: "_Element", name: str) -> bool:
    """Read a boolean; raises MalformedItem when there is none."""
    return read_text(item, name).lower() in {"true", "1"}


def read_text(item: "_Element", name: str) -> str:
    """Read an element's text; raises MalformedItem when there is no such element."""
    text = item.findtext(f"{{{TNS}}}{name}")
    if text is None:
        raise MalformedItem(name)
    return str(text)
