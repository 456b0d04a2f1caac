"""Calendar items of EWS that are not ours, read for what they tell of how they were made."""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from exchangelib import CalendarItem, EWSTimeZone, ExtendedProperty
from exchangelib.fields import ExtendedPropertyField
from exchangelib.util import TNS

from figgosync.calendars.exchange.items import (
    FROM_EWS,
    MARKER_FIELD,
    MalformedItem,
    is_marker,
    read_instant,
    read_property,
    read_ref,
    read_text,
    read_truth,
    read_when,
    ref_parts,
)
from figgosync.core.event import BY_HAND, Availability, Event, Ref, Stranger
from figgosync.errors import Reason, TransientError

if TYPE_CHECKING:
    from lxml.etree import _Element


class CreatorName(ExtendedProperty):
    """PidTagCreatorName: the display name of whoever created the item [MS-OXCMSG]."""

    property_tag = 0x3FF8
    property_type = "String"


SEEN_FIELDS = (
    *(
        CalendarItem.get_field_by_fieldname(name)
        for name in (
            *("item_class", "subject", "sensitivity", "categories", "importance"),
            *("datetime_created", "reminder_is_set", "start", "end", "is_all_day"),
            *("legacy_free_busy_status", "is_meeting", "meeting_request_was_sent"),
            *("is_response_requested", "type", "organizer", "_start_timezone"),
        )
    ),
    MARKER_FIELD,
    ExtendedPropertyField("creator_name", value_cls=CreatorName),
)
"""All that is asked for of a look-alike: neither what is written in it nor who was invited.

Verified [Microsoft's FindItem page, and its table of first-class properties]: a FindItem gives all
of them, of the organizer the display name alone.
"""

_OUTLOOKS_OWN = frozenset({"Free", "Busy"})
"""What Outlook proposes for whole days and for hours (assumed, as it comes from Microsoft)."""

_OWNER, _NOBODY = "the owner", "nobody"


@dataclass(frozen=True, slots=True)
class Sight:
    """One item that was found; `stranger` is None when it is none that could be taken over."""

    id: str
    stranger: Stranger | None


def read_sight(item: "_Element", zone: EWSTimeZone) -> Sight:
    """Read an item that was found without our property.

    What carries our property all the same (a server may search in a view that lags behind) is no
    stranger, nor is what is no appointment, a series, or a meeting. Raises TransientError, which
    concerns the one mailbox: anybody may have put anything into it.
    """
    with suppress(MalformedItem):
        ref = read_ref(item)
        found = _stranger(item, ref, zone) if _is_single(item) else None
        return Sight(ref_parts(ref)[0], found)
    raise TransientError(
        Reason.INCOMPLETE_READ,
        "Exchange did not tell enough of an event that has the title of an absence, so that nobody "
        "knows whose it is. It is asked again; if it lasts, delete that event from the calendar.",
        retry_after=timedelta(minutes=5),
    )


def _is_single(item: "_Element") -> bool:
    """Tell a single appointment that is its owner's alone.

    Attendees are not asked for: whoever has some has a meeting (verified: Microsoft's IsMeeting
    page tells meetings from appointments; that one invited person makes the difference is assumed).
    """
    return (
        item.tag == f"{{{TNS}}}CalendarItem"
        and read_property(item, is_marker) is None
        and read_text(item, "ItemClass").startswith("IPM.Appointment")
        and read_text(item, "CalendarItemType") == "Single"
        and not read_truth(item, "IsMeeting")
        and not _says(item, "MeetingRequestWasSent")
    )


def _stranger(item: "_Element", ref: Ref, zone: EWSTimeZone) -> Stranger:
    shown = FROM_EWS.get(item.findtext(f"{{{TNS}}}LegacyFreeBusyStatus") or "")
    event = Event(
        read_text(item, "Subject"),
        read_when(item, zone),
        shown or Availability.OUT_OF_OFFICE,
        item.findtext(f"{{{TNS}}}Sensitivity") == "Private",
    )
    return Stranger(ref, event, _fingerprint(item), read_instant(item, "DateTimeCreated"))


def _fingerprint(item: "_Element") -> str:
    """Digest how the item was made, apart from its title, its time and its owner.

    Verified [MS-OXCMSG]: the store notes who created an item and keeps it through changes. Assumed,
    since no real server was asked and nothing is known of what Lucca's own synchronisation writes:
    under impersonation that is the mailbox's owner, as if by her own hand. So where it is she, or
    is not told, her name does not go in, and an event that looks as Outlook proposes it counts as
    made BY_HAND. A name of anybody else goes into the digest, and nowhere else.
    """
    creator = _creator(item)
    shown = item.findtext(f"{{{TNS}}}LegacyFreeBusyStatus")
    reminds = _says(item, "ReminderIsSet")
    if creator in {_OWNER, _NOBODY} and (reminds or shown in _OUTLOOKS_OWN):
        return BY_HAND
    traits = {
        "class": read_text(item, "ItemClass"),
        "sensitivity": item.findtext(f"{{{TNS}}}Sensitivity"),
        "importance": item.findtext(f"{{{TNS}}}Importance"),
        "shown": shown,
        "reminds": reminds,
        "asks": _says(item, "IsResponseRequested"),
        "categories": sorted(
            each.text or "" for each in item.iterfind(f"{{{TNS}}}Categories/{{{TNS}}}String")
        ),
        "creator": creator,
    }
    return hashlib.sha256(json.dumps(traits, sort_keys=True).encode()).hexdigest()[:32]


def _creator(item: "_Element") -> str:
    name = read_property(item, _is_creator)
    organizer = item.findtext(f"{{{TNS}}}Organizer/{{{TNS}}}Mailbox/{{{TNS}}}Name")
    if not name:
        return _NOBODY
    # Of what is no meeting the organizer is the mailbox's owner (assumed).
    return _OWNER if name == organizer else f"somebody: {name}"


def _is_creator(uri: "_Element") -> bool:
    """Tell the creator's property; a tag comes back in hexadecimal of any length."""
    tag = uri.get("PropertyTag")
    if tag is None:
        return False
    try:
        return int(tag, 0) == CreatorName.property_tag
    except ValueError as error:
        raise MalformedItem("PropertyTag") from error


def _says(item: "_Element", name: str) -> bool:
    """Read a boolean that an item may lack: a property without a value is left out."""
    return (item.findtext(f"{{{TNS}}}{name}") or "").lower() in {"true", "1"}
