"""The five EWS operations that we use, each as exactly one request."""

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from exchangelib import Account
from exchangelib.errors import ErrorServerBusy
from exchangelib.fields import FieldOrder, FieldPath
from exchangelib.items import (
    ALL_OCCURRENCES,
    HARD_DELETE,
    ID_ONLY,
    NEVER_OVERWRITE,
    SAVE_ONLY,
    SEND_TO_NONE,
    SHALLOW,
    CalendarItem,
)
from exchangelib.properties import DistinguishedFolderId, ItemId, Mailbox
from exchangelib.services import CreateItem, DeleteItem, FindItem, GetFolder, UpdateItem
from exchangelib.util import TNS, DummyResponse, create_element

from figgosync.calendars.exchange.items import (
    LISTED_FIELDS,
    MARKER_FIELD,
    START_FIELD,
    WRITTEN_FIELDS,
    Row,
    read_ref,
    read_row,
    ref_parts,
)
from figgosync.calendars.exchange.listing import Page, read_page
from figgosync.calendars.exchange.questions import Question
from figgosync.calendars.exchange.strangers import SEEN_FIELDS, Sight, read_sight
from figgosync.core.event import Ref

if TYPE_CHECKING:
    from lxml.etree import _Element

PAGE_SIZE = 100


class OneRequest:
    """Sends once and reads the one answer.

    The library would go through ten API versions, repeat after some errors, and turn others into
    their neighbours; here an error reaches the caller as the server sent it.
    """

    def send(self: Any, container: str | None, **content: object) -> "_Element":
        """Send, and return the named element of the answer; raises the library's errors."""
        response = self._get_response(
            payload=self.get_payload(**content), api_version=self.account.version.api_version
        )
        # As it is, the library would take the answer apart byte by byte: ten times the work.
        _, body = self._get_soap_parts(response=DummyResponse(content=response.content))
        (message,) = self._get_soap_messages(body=body)
        answer = self._get_element_container(message=message, name=container)
        if isinstance(answer, Exception):
            raise answer
        return cast("_Element", answer)

    @staticmethod
    def _get_exception(
        code: str,
        text: str | None,
        msg_xml: "_Element | None" = None,
        rule_errors: "_Element | None" = None,
    ) -> Exception:
        """Keep the delay, which the library reads from faults but not from response messages."""
        error: Exception = CreateItem._get_exception(code, text or "", msg_xml, rule_errors)  # noqa: SLF001 - there is no other place
        if isinstance(error, ErrorServerBusy) and msg_xml is not None:
            error.back_off = _back_off(msg_xml)
        return error


class _Find(OneRequest, FindItem):
    pass


class _Create(OneRequest, CreateItem):
    pass


class _Delete(OneRequest, DeleteItem):
    pass


class _GetFolder(OneRequest, GetFolder):
    pass


class _Update(OneRequest, UpdateItem):
    pass


class _Marked:
    """The one restriction of everyday: each different one costs Exchange a view."""

    @staticmethod
    def to_xml(version: object) -> "_Element":
        """Write: has our property, whatever its value."""
        del version
        restriction, exists = create_element("m:Restriction"), create_element("t:Exists")
        exists.append(MARKER_FIELD.field_uri_xml())
        restriction.append(exists)
        return cast("_Element", restriction)


def calendar_of(account: Account) -> DistinguishedFolderId:
    """Name the mailbox's own calendar without looking it up."""
    return DistinguishedFolderId(
        id="calendar", mailbox=Mailbox(email_address=account.primary_smtp_address)
    )


def touch_calendar(account: Account) -> None:
    """Ask for the calendar folder, and nothing of it."""
    _GetFolder(account=account).send(
        GetFolder.element_container_name,
        folders=[calendar_of(account)],
        additional_fields=None,
        shape=ID_ONLY,
    )


def find_page(account: Account, offset: int) -> Page[Row]:
    """Read the page of our events that starts at an offset; raises MalformedItem."""
    root = _find(account, LISTED_FIELDS, _Marked, offset)
    return read_page(root, lambda item: read_row(item, account.default_timezone))


def find_look_alikes(question: Question, account: Account, offset: int) -> Page[Sight]:
    """Read the page that starts at an offset of what answers a question; raises MalformedItem."""
    root = _find(account, SEEN_FIELDS, question, offset)
    return read_page(root, lambda item: read_sight(item, account.default_timezone))


def _find(
    account: Account, fields: Iterable[object], restriction: object, offset: int
) -> "_Element":
    return _Find(account=account).send(
        FindItem.paging_container_name,
        folders=[calendar_of(account)],
        additional_fields=[FieldPath(field=field) for field in fields],
        restriction=restriction,
        # Without an order of its own a page could begin anywhere.
        order_fields=[FieldOrder(field_path=FieldPath(field=START_FIELD))],
        query_string=None,
        shape=ID_ONLY,
        depth=SHALLOW,
        calendar_view=None,
        page_size=PAGE_SIZE,
        offset=offset,
    )


def create(account: Account, item: CalendarItem) -> Ref:
    """Store a new item, telling nobody."""
    answer = _Create(account=account).send(
        CreateItem.element_container_name,
        items=[item],
        folder=calendar_of(account),
        message_disposition=SAVE_ONLY,
        send_meeting_invitations=SEND_TO_NONE,
    )
    return read_ref(answer)


def update(account: Account, ref: Ref, item: CalendarItem) -> Ref:
    """Replace what stands under the reference, unless it has changed, telling nobody."""
    item._id = ItemId(*ref_parts(ref))  # noqa: SLF001 - the public `id` cannot be set
    answer = _Update(account=account).send(
        UpdateItem.element_container_name,
        items=[(item, WRITTEN_FIELDS)],
        conflict_resolution=NEVER_OVERWRITE,
        message_disposition=SAVE_ONLY,
        send_meeting_invitations_or_cancellations=SEND_TO_NONE,
        suppress_read_receipts=True,
    )
    return read_ref(answer)


def delete(account: Account, ref: Ref) -> None:
    """Delete for good and in any version, telling nobody."""
    item_id, _ = ref_parts(ref)
    _Delete(account=account).send(
        None,
        items=[ItemId(item_id)],
        delete_type=HARD_DELETE,
        send_meeting_cancellations=SEND_TO_NONE,
        affected_task_occurrences=ALL_OCCURRENCES,
        suppress_read_receipts=True,
    )


def _back_off(message_xml: "_Element") -> float | None:
    for value in message_xml.findall(f"{{{TNS}}}Value"):
        if value.get("Name") == "BackOffMilliseconds":
            with suppress(TypeError, ValueError):
                return int(value.text or "") / 1000.0
    return None
