"""Finding: FindItem over the calendar, page by page, and GetFolder."""

from collections.abc import Iterator, Sequence

from lxml import etree

from figgosync_sim.ews import ids
from figgosync_sim.ews.access import check_open
from figgosync_sim.ews.errors import EWSError, not_simulated
from figgosync_sim.ews.operations import Call, one_by_one
from figgosync_sim.ews.restrictions import getter, predicate
from figgosync_sim.ews.shapes import shape_of, written
from figgosync_sim.ews.soap import Element, M, T, success
from figgosync_sim.mailboxes import Item, Mailbox

_FOLDERS = {
    "root": ("Folder", "Root", ""),
    "msgfolderroot": ("Folder", "Top of Information Store", "root"),
    "calendar": ("CalendarFolder", "Calendar", "msgfolderroot"),
}


def get_folder(call: Call) -> Iterator[Element]:
    """GetFolder, for the root, the top of the information store and the calendar."""

    def get(reference: Element) -> Element:
        mailbox, name = call.door.folder(reference, call.owner)
        check_open(mailbox)
        if name not in _FOLDERS:
            raise not_simulated("folders beside the calendar")
        message = success(call.name)
        etree.SubElement(message, f"{M}Folders").append(_folder(mailbox, name))
        return message

    return one_by_one(call, call.operation[-1], get)


def _folder(mailbox: Mailbox, name: str) -> Element:
    kind, shown, parent = _FOLDERS[name]
    element = etree.Element(f"{T}{kind}")
    etree.SubElement(
        element, f"{T}FolderId", Id=ids.folder_id(mailbox.guid, name), ChangeKey="AgAAAA=="
    )
    if parent:
        etree.SubElement(element, f"{T}ParentFolderId", Id=ids.folder_id(mailbox.guid, parent))
    if name == "calendar":
        etree.SubElement(element, f"{T}FolderClass").text = "IPF.Appointment"
    etree.SubElement(element, f"{T}DisplayName").text = shown
    count = len(mailbox.stored) if name == "calendar" else 0
    etree.SubElement(element, f"{T}TotalCount").text = str(count)
    etree.SubElement(element, f"{T}ChildFolderCount").text = str(int(name != "calendar"))
    return element


def find_item(call: Call) -> Iterator[Element]:
    """FindItem over the calendar.

    Pages are cut from what is there at the moment of each request, so what is added or deleted
    between two pages shifts the second one, as in Exchange. Assumed: without a SortOrder the
    oldest item comes first.
    """
    operation = call.operation
    shape = shape_of(operation[0], call.zone, finding=True)
    wanted = predicate(operation.find(f"{M}Restriction"), call.context)
    view = _view(operation)
    if operation.get("Traversal") != "Shallow":
        raise not_simulated("other traversals than Shallow")

    def find(reference: Element) -> Element:
        mailbox, name = call.door.folder(reference, call.owner)
        check_open(mailbox)
        if name != "calendar":
            raise not_simulated("folders beside the calendar")
        found = _sorted([item for item in mailbox.stored.values() if wanted(item)], operation)
        page, following, last = _page(found, view, call.rules.page_limit)
        message = success(call.name)
        root = etree.SubElement(
            message,
            f"{M}RootFolder",
            IndexedPagingOffset=str(following),
            TotalItemsInView=str(len(found)),
            IncludesLastItemInRange=str(last).lower(),
        )
        items = etree.SubElement(root, f"{T}Items")
        items.extend(written(item, mailbox, shape) for item in page)
        return message

    return one_by_one(call, operation.iterfind(f"{M}ParentFolderIds/*"), find)


def _view(operation: Element) -> Element | None:
    """Return the page asked for; EWSError(ErrorInvalidPagingMaxRows) [verified: its page]."""
    for unknown in (
        "FractionalPageItemView",
        "SeekToConditionPageItemView",
        "CalendarView",
        "ContactsView",
        "GroupBy",
        "DistinguishedGroupBy",
        "QueryString",
    ):
        if operation.find(f"{M}{unknown}") is not None:
            raise not_simulated(unknown)
    view = operation.find(f"{M}IndexedPageItemView")
    if view is not None and int(view.get("MaxEntriesReturned", "1")) < 1:
        raise EWSError("ErrorInvalidPagingMaxRows")
    if view is not None and int(view.get("Offset", "0")) < 0:
        raise EWSError("ErrorInvalidIndexedPagingParameters")
    return view


def _sorted(found: list[Item], operation: Element) -> list[Item]:
    orders = operation.findall(f"{M}SortOrder/{T}FieldOrder")
    for order in reversed(orders):
        value = getter(order[0])
        # An item without the value comes first, as null does in the store (assumed).
        found.sort(
            key=lambda item: ((v := value(item)) is not None, v),
            reverse=order.get("Order") == "Descending",
        )
    return found


def _page(
    found: Sequence[Item], view: Element | None, limit: int
) -> tuple[Sequence[Item], int, bool]:
    """Cut one page: its items, the offset of the next page, and whether it is the last.

    Verified [Microsoft's IndexedPageItemView page]: the server caps a page, without an error; from
    the End the offset counts backwards.
    """
    size, offset, backwards = limit, 0, False
    if view is not None:
        size = min(limit, int(view.get("MaxEntriesReturned", limit)))
        offset = int(view.get("Offset", "0"))
        backwards = view.get("BasePoint") == "End"
    if backwards:
        stop = max(0, len(found) - offset)
        start = max(0, stop - size)
        return found[start:stop], len(found) - start, start == 0
    following = min(offset + size, max(offset, len(found)))
    return found[offset:following], following, following >= len(found)
