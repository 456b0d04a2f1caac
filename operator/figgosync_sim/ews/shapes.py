"""What the store keeps, written as the CalendarItem that a client asked for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from lxml import etree

from figgosync_sim.ews import ids
from figgosync_sim.ews.errors import not_simulated
from figgosync_sim.ews.properties import AnyProperty, described, property_named, value_of
from figgosync_sim.ews.schema import CALENDAR_ITEM_ORDER
from figgosync_sim.ews.soap import MESSAGES, TYPES, Element, M, T
from figgosync_sim.ews.zones import windows_id_of
from figgosync_sim.items import Item
from figgosync_sim.mailboxes import Mailbox

FIND_LIMIT = 255
"""Characters of a text that FindItem returns [verified: Microsoft's FindItem page]."""

_RANK: Mapping[str, int] = {name: rank for rank, name in enumerate(CALENDAR_ITEM_ORDER)}
_NEVER_FOUND = frozenset({"Body", "RequiredAttendees"})

_DEFAULT = ("Subject", "Sensitivity", "HasAttachments", "Start", "End", "LegacyFreeBusyStatus")
_ALL = (
    *("Subject", "Sensitivity", "Body", "Categories", "Importance", "ReminderIsSet"),
    *("ReminderMinutesBeforeStart", "HasAttachments", "Start", "End", "IsAllDayEvent"),
    *("LegacyFreeBusyStatus", "Location", "IsMeeting", "IsCancelled", "IsRecurring"),
    *("CalendarItemType", "RequiredAttendees", "StartTimeZone", "EndTimeZone"),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """Which fields and properties to write, and in which zone the times; None writes UTC."""

    fields: tuple[str, ...]
    properties: tuple[AnyProperty, ...]
    zone: ZoneInfo | None
    limit: int | None


def shape_of(element: Element, zone: ZoneInfo | None, *, finding: bool) -> Shape:
    """Read an ItemShape. A FindItem gets no bodies, no attendees and cut texts.

    Verified [Microsoft's FindItem page]: it returns no body and no recipient list, and the first
    255 characters of a text. Assumed: asking for a body there is no error.
    """
    base = element.findtext(f"{T}BaseShape")
    fields = set({"IdOnly": (), "Default": _DEFAULT, "AllProperties": _ALL}.get(base or "", ()))
    properties = []
    for path in element.iterfind(f"{T}AdditionalProperties/*"):
        if path.tag == f"{T}ExtendedFieldURI":
            properties.append(property_named(path))
        else:
            fields.add(field_named(path))
    if finding:
        fields -= _NEVER_FOUND
    fields.discard("ItemId")
    ordered = sorted(fields, key=_RANK.__getitem__)
    return Shape(tuple(ordered), tuple(properties), zone, FIND_LIMIT if finding else None)


def field_named(path: Element) -> str:
    """Return the element's name for a FieldURI such as `calendar:Start`."""
    if path.tag != f"{T}FieldURI":
        raise not_simulated("an indexed field")
    kind, _, name = (path.get("FieldURI") or "").partition(":")
    if kind == "folder":
        raise not_simulated("a folder's field of an item")
    return name


def identified(item: Item) -> Element:
    """Return a CalendarItem that says nothing but which it is."""
    element = etree.Element(f"{T}CalendarItem", nsmap={"m": MESSAGES, "t": TYPES})
    etree.SubElement(
        element, f"{T}ItemId", Id=ids.item_id(item.id), ChangeKey=ids.change_key(item.version)
    )
    return element


def written(item: Item, mailbox: Mailbox, shape: Shape) -> Element:
    """Return the item in a shape, its elements in the order of the schema.

    Verified: a property without a value is left out, without an error; so is what we do not keep.
    """
    element = identified(item)
    source = Source(item, mailbox, shape)
    waiting = [p for p in shape.properties if value_of(item, p) is not None]
    for name in shape.fields:
        if waiting and _RANK[name] > _RANK["ExtendedProperty"]:
            _write_properties(element, item, waiting, shape.limit)
            waiting = []
        if name in _WRITERS:
            _WRITERS[name](element, name, source)
    _write_properties(element, item, waiting, shape.limit)
    return element


def _write_properties(
    parent: Element, item: Item, names: Iterable[AnyProperty], limit: int | None
) -> None:
    for name in names:
        element = etree.SubElement(parent, f"{T}ExtendedProperty")
        etree.SubElement(element, f"{T}ExtendedFieldURI", described(name))
        etree.SubElement(element, f"{T}Value").text = (value_of(item, name) or "")[:limit]


@dataclass(frozen=True, slots=True)
class Source:
    """What a field's value is taken from."""

    item: Item
    mailbox: Mailbox
    shape: Shape

    def moment(self, value: datetime) -> str:
        """Write an instant. Verified: always with a zone; that it is the request's, assumed."""
        if self.shape.zone is None:
            return f"{value:%Y-%m-%dT%H:%M:%SZ}"
        return value.astimezone(self.shape.zone).isoformat(timespec="seconds")


_Writer = Callable[[Element, str, Source], None]


def _text(value: Callable[[Source], str | int | bool]) -> _Writer:
    def write(parent: Element, name: str, source: Source) -> None:
        found = value(source)
        text = str(found).lower() if isinstance(found, bool) else str(found)
        # Assumed, as seen from many clients: a text without a character is left out.
        if text:
            etree.SubElement(parent, f"{T}{name}").text = text[: source.shape.limit]

    return write


def _zone(value: Callable[[Item], str]) -> _Writer:
    def write(parent: Element, name: str, source: Source) -> None:
        windows_id = windows_id_of(value(source.item))
        etree.SubElement(parent, f"{T}{name}", Id=windows_id, Name=windows_id)

    return write


def _categories(parent: Element, name: str, source: Source) -> None:
    if source.item.categories:
        element = etree.SubElement(parent, f"{T}{name}")
        for category in source.item.categories:
            etree.SubElement(element, f"{T}String").text = category


def _body(parent: Element, name: str, source: Source) -> None:
    body = etree.SubElement(parent, f"{T}{name}", BodyType=source.item.body_type)
    body.text = source.item.body


def _attendees(parent: Element, name: str, source: Source) -> None:
    if not source.item.attendees:
        return
    element = etree.SubElement(parent, f"{T}{name}")
    for address in source.item.attendees:
        attendee = etree.SubElement(element, f"{T}Attendee")
        mailbox = etree.SubElement(attendee, f"{T}Mailbox")
        etree.SubElement(mailbox, f"{T}EmailAddress").text = address
        etree.SubElement(attendee, f"{T}ResponseType").text = "Unknown"


def _organizer(parent: Element, name: str, source: Source) -> None:
    """Write the mailbox's owner: of what stands in her own calendar she is the organizer (assumed).

    Verified [Microsoft's FindItem page]: a FindItem gives the name without the address.
    """
    mailbox = etree.SubElement(etree.SubElement(parent, f"{T}{name}"), f"{T}Mailbox")
    etree.SubElement(mailbox, f"{T}Name").text = source.mailbox.display_name
    if source.shape.limit is None:
        etree.SubElement(mailbox, f"{T}EmailAddress").text = source.mailbox.address


_WRITERS: Mapping[str, _Writer] = {
    "ParentFolderId": lambda parent, name, source: _folder_id(parent, name, source.mailbox),
    "ItemClass": _text(lambda s: s.item.item_class),
    "Subject": _text(lambda s: s.item.subject),
    "Sensitivity": _text(lambda s: s.item.sensitivity),
    "Body": _body,
    "Categories": _categories,
    "Importance": _text(lambda s: s.item.importance),
    "ReminderIsSet": _text(lambda s: s.item.reminder_is_set),
    "ReminderMinutesBeforeStart": _text(lambda s: s.item.reminder_minutes),
    "DateTimeCreated": _text(lambda s: s.moment(s.item.created_at) if s.item.created_at else ""),
    "HasAttachments": _text(lambda _: False),
    "Start": _text(lambda s: s.moment(s.item.start)),
    "End": _text(lambda s: s.moment(s.item.end)),
    "IsAllDayEvent": _text(lambda s: s.item.is_all_day),
    "LegacyFreeBusyStatus": _text(lambda s: s.item.free_busy),
    "Location": _text(lambda s: s.item.location),
    "IsMeeting": _text(lambda s: bool(s.item.attendees)),
    "IsCancelled": _text(lambda _: False),
    "IsRecurring": _text(lambda _: False),
    "MeetingRequestWasSent": _text(lambda _: False),
    "IsResponseRequested": _text(lambda s: s.item.response_requested),
    "CalendarItemType": _text(lambda s: "RecurringMaster" if s.item.is_series else "Single"),
    "Organizer": _organizer,
    "RequiredAttendees": _attendees,
    "StartTimeZone": _zone(lambda item: item.time_zone),
    "EndTimeZone": _zone(lambda item: item.end_time_zone),
}


def _folder_id(parent: Element, name: str, mailbox: Mailbox) -> None:
    etree.SubElement(parent, f"{T}{name}", Id=ids.folder_id(mailbox.guid, "calendar"))


def items_of(message: Element, *items: Element) -> Element:
    """Put items into a response message, which is returned."""
    etree.SubElement(message, f"{M}Items").extend(items)
    return message
