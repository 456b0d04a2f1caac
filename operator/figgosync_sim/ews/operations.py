"""The operations of EWS on calendar items, folder and item by item."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from lxml import etree

from figgosync_sim.ews import ids
from figgosync_sim.ews.access import Door, check_open, check_writable
from figgosync_sim.ews.errors import EWSError, SOAPFaultError, not_simulated
from figgosync_sim.ews.fields import CLEARED, merged
from figgosync_sim.ews.properties import settable
from figgosync_sim.ews.shapes import field_named, identified, items_of, shape_of, written
from figgosync_sim.ews.soap import Element, M, T, failure, success
from figgosync_sim.mailboxes import Item, Mailbox, MailboxState, NamedProperty

# Stands in until the item's own times are read.
_EPOCH = (datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC))

_STOPS_THE_BATCH = frozenset(
    [
        "ErrorAccessDenied",
        "ErrorAccountDisabled",
        "ErrorADUnavailable",
        "ErrorADOperation",
        "ErrorConnectionFailed",
        "ErrorMailboxStoreUnavailable",
        "ErrorMailboxMoveInProgress",
        "ErrorPasswordChangeRequired",
        "ErrorPasswordExpired",
        "ErrorQuotaExceeded",
        "ErrorInsufficientResources",
    ]
)
"""After these the rest of a request is not tried [verified: ErrorBatchProcessingStopped there]."""


@dataclass(slots=True)
class Rules:
    """What differs between servers, and what tests tighten.

    `page_limit` caps a page of FindItem (Exchange's policy: 1000). `change_key_always_required`
    makes even AlwaysOverwrite ask for the current change key, as the ResponseCode page says that
    UpdateItem does, though servers have been seen to be more lenient.
    """

    page_limit: int = 1000
    change_key_always_required: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One operation with all that it may need. `zone` is the TimeZoneContext's, None without."""

    operation: Element
    owner: Mailbox | None
    door: Door
    zone: ZoneInfo | None
    rules: Rules = field(default_factory=Rules)

    @property
    def name(self) -> str:
        """Return the operation's name."""
        return etree.QName(self.operation).localname

    @property
    def context(self) -> ZoneInfo:
        """Return the zone of times that carry none [verified: UTC where the request has none]."""
        return self.zone or ZoneInfo("UTC")

    def stored(self, reference: Element) -> tuple[Mailbox, Item]:
        """Return the item that an ItemId means; EWSError(ErrorItemNotFound and others).

        Verified [ResponseCode page]: an item that one may not see is not found either.
        """
        if reference.tag != f"{T}ItemId":
            raise not_simulated("occurrences")
        stored = ids.stored_id(reference.get("Id") or "")
        mailbox = self.owner
        if mailbox is None or not stored.startswith(f"{mailbox.guid}/"):
            raise EWSError("ErrorItemNotFound")
        check_open(mailbox)
        if stored not in mailbox.stored:
            raise EWSError("ErrorItemNotFound")
        return mailbox, mailbox.stored[stored]


def one_by_one(
    call: Call, things: Iterable[Element], act: Callable[[Element], Element]
) -> Iterator[Element]:
    """Act on each thing of a request; each gets its own response message, in order."""
    stopped = False
    for thing in things:
        if stopped:
            yield failure(call.name, EWSError("ErrorBatchProcessingStopped"))
            continue
        try:
            yield act(thing)
        except SOAPFaultError:
            raise
        except EWSError as error:
            stopped = error.code in _STOPS_THE_BATCH
            yield failure(call.name, error)


def create_item(call: Call) -> Iterator[Element]:
    """CreateItem, for calendar items only.

    Verified: SendMeetingInvitations is required [ResponseCode page], a repeat makes a second item.
    Assumed: without ReminderIsSet the item gets a reminder; whoever is impersonated is its creator,
    for Exchange "acts as" the mailbox's owner [Microsoft, "Impersonation and EWS in Exchange"].
    """
    invitations = call.operation.get("SendMeetingInvitations")
    target = call.operation.find(f"{M}SavedItemFolderId")

    def create(element: Element) -> Element:
        if element.tag != f"{T}CalendarItem":
            raise not_simulated("items that are not calendar items")
        if invitations is None:
            raise EWSError("ErrorSendMeetingInvitationsRequired")
        mailbox = _calendar(call, target)
        check_writable(mailbox, creating=True)
        item = replace(_new(call, element), creator=(call.owner or mailbox).display_name)
        item = call.door.store.insert(mailbox, item)
        if invitations != "SendToNone":
            mailbox.notifications += len(item.attendees)
        return items_of(success(call.name), identified(item))

    return one_by_one(call, call.operation[-1], create)


def _calendar(call: Call, target: Element | None) -> Mailbox:
    if target is None:
        if call.owner is None:
            raise EWSError("ErrorMissingEmailAddress")
        return call.owner
    mailbox, name = call.door.folder(target[0], call.owner)
    if name != "calendar":
        raise not_simulated("folders beside the calendar")
    return mailbox


def _new(call: Call, element: Element) -> Item:
    start, end = element.find(f"{T}Start"), element.find(f"{T}End")
    if start is None or end is None:
        raise not_simulated("a calendar item without Start and End")
    zone = call.context
    blank = Item("", 0, *_EPOCH, time_zone=zone.key, end_time_zone=zone.key, reminder_is_set=True)
    return merged(blank, *_parts(element), zone)


def _parts(
    element: Element,
) -> tuple[dict[str, Element], dict[NamedProperty, str]]:
    """Take a CalendarItem apart into its elements by name and its named properties."""
    elements, properties = {}, {}
    for child in element:
        if child.tag == f"{T}ExtendedProperty":
            value = child.find(f"{T}Value")
            if value is None:
                raise EWSError("ErrorInvalidExtendedPropertyValue")
            properties[settable(child[0])] = value.text or ""
        else:
            elements[etree.QName(child).localname] = child
    return elements, properties


def get_item(call: Call) -> Iterator[Element]:
    """GetItem."""
    shape = shape_of(call.operation[0], call.zone, finding=False)

    def get(reference: Element) -> Element:
        ids.version(reference.get("ChangeKey"))
        mailbox, item = call.stored(reference)
        return items_of(success(call.name), written(item, mailbox, shape))

    return one_by_one(call, call.operation[1], get)


def update_item(call: Call) -> Iterator[Element]:
    """UpdateItem.

    Verified [ResponseCode page]: SendMeetingInvitationsOrCancellations is required for calendar
    items; each change names one property, and sets that one. Assumed: AutoResolve, asked with an
    outdated change key, always finds a conflict that it cannot resolve.
    """
    invitations = call.operation.get("SendMeetingInvitationsOrCancellations")

    def update(change: Element) -> Element:
        if invitations is None:
            raise EWSError("ErrorSendMeetingInvitationsOrCancellationsRequired")
        mailbox, item = call.stored(change[0])
        _check_version(call, item, ids.version(change[0].get("ChangeKey")))
        check_writable(mailbox, creating=False)
        changed = call.door.store.put(mailbox, _changed(call, item, change[1]))
        if invitations != "SendToNone":
            mailbox.notifications += len({*item.attendees, *changed.attendees})
        message = items_of(success(call.name), identified(changed))
        etree.SubElement(etree.SubElement(message, f"{M}ConflictResults"), f"{T}Count").text = "0"
        return message

    return one_by_one(call, call.operation[-1], update)


def _check_version(call: Call, item: Item, known: int | None) -> None:
    overwrite = call.operation.get("ConflictResolution") == "AlwaysOverwrite"
    if overwrite and not call.rules.change_key_always_required:
        return
    if known is None or (overwrite and known != item.version):
        raise EWSError("ErrorChangeKeyRequiredForWriteOperations")
    if known != item.version:
        raise EWSError("ErrorIrresolvableConflict")


def _changed(call: Call, item: Item, updates: Element) -> Item:
    elements: dict[str, Element] = {}
    properties: dict[NamedProperty, str] = {}
    for update in updates:
        path = update[0]
        custom = path.tag == f"{T}ExtendedFieldURI"
        named = settable(path) if custom else field_named(path)
        match etree.QName(update).localname:
            case "SetItemField":
                given, given_properties = _parts(update[1])
                _check_single(named, [*given, *given_properties])
                elements |= given
                properties |= given_properties
            case "DeleteItemField":
                item = _cleared(item, named)
            case other:
                raise not_simulated(other)
    return merged(item, elements, properties, call.context)


def _check_single(named: NamedProperty | str, given: list[NamedProperty | str]) -> None:
    if len(given) != 1:
        raise EWSError("ErrorIncorrectUpdatePropertyCount")
    if given[0] != named:
        raise EWSError("ErrorUpdatePropertyMismatch")


def _cleared(item: Item, named: NamedProperty | str) -> Item:
    if isinstance(named, NamedProperty):
        left = {name: text for name, text in item.properties.items() if name != named}
        return replace(item, properties=left)
    if named not in CLEARED:
        raise EWSError("ErrorInvalidPropertyDelete")
    return replace(item, **CLEARED[named])


def delete_item(call: Call) -> Iterator[Element]:
    """DeleteItem. Every DeleteType takes the item out of the calendar.

    Verified [ResponseCode page]: SendMeetingCancellations is required for calendar items. Assumed:
    the change key may be missing or outdated.
    """
    cancellations = call.operation.get("SendMeetingCancellations")

    def delete(reference: Element) -> Element:
        ids.version(reference.get("ChangeKey"))
        mailbox, item = call.stored(reference)
        if cancellations is None:
            raise EWSError("ErrorSendMeetingCancellationsRequired")
        if mailbox.state is MailboxState.READ_ONLY:
            raise EWSError("ErrorAccessDenied")
        call.door.store.take(mailbox, item.id)
        if cancellations != "SendToNone":
            mailbox.notifications += len(item.attendees)
        return success(call.name)

    return one_by_one(call, call.operation[0], delete)
