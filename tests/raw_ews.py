"""A client that sends exactly the XML it is given to an EWS endpoint, right or wrong."""

from dataclasses import dataclass

import aiohttp
from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
MESSAGES = "http://schemas.microsoft.com/exchange/services/2006/messages"
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
ERRORS = "http://schemas.microsoft.com/exchange/services/2006/errors"
NAMESPACES = {"s": SOAP, "m": MESSAGES, "t": TYPES, "e": ERRORS}

SET_ID = "c11ff724-aa03-4555-9952-8fa248a11c3e"
KEY = f'<t:ExtendedFieldURI PropertySetId="{SET_ID}" PropertyName="key" PropertyType="String"/>'
CALENDAR = '<t:DistinguishedFolderId Id="calendar"/>'


def key(value: str) -> str:
    return f"<t:ExtendedProperty>{KEY}<t:Value>{value}</t:Value></t:ExtendedProperty>"


def item(
    before: str = "",
    after: str = "",
    start: str = "2026-12-24T13:00:00Z",
    end: str = "2026-12-24T17:00:00Z",
) -> str:
    """Return a calendar item; `before` and `after` stand around its times."""
    return (
        f"<t:CalendarItem>{before}<t:Start>{start}</t:Start><t:End>{end}</t:End>{after}"
        "</t:CalendarItem>"
    )


def create(items: str, attributes: str = 'SendMeetingInvitations="SendToNone"') -> str:
    return (
        f"<m:CreateItem {attributes}><m:SavedItemFolderId>{CALENDAR}</m:SavedItemFolderId>"
        f"<m:Items>{items}</m:Items></m:CreateItem>"
    )


def update(
    item_id: str,
    changes: str,
    *,
    change_key: str | None = None,
    resolution: str = "NeverOverwrite",
    send: str = 'SendMeetingInvitationsOrCancellations="SendToNone"',
) -> str:
    version = "" if change_key is None else f' ChangeKey="{change_key}"'
    return (
        f'<m:UpdateItem ConflictResolution="{resolution}" {send}><m:ItemChanges><t:ItemChange>'
        f'<t:ItemId Id="{item_id}"{version}/><t:Updates>{changes}</t:Updates></t:ItemChange>'
        "</m:ItemChanges></m:UpdateItem>"
    )


def set_field(path: str, content: str) -> str:
    return f"<t:SetItemField>{path}<t:CalendarItem>{content}</t:CalendarItem></t:SetItemField>"


def field(uri: str) -> str:
    return f'<t:FieldURI FieldURI="{uri}"/>'


def delete(*ids: str, send: str = 'SendMeetingCancellations="SendToNone"') -> str:
    listed = "".join(f'<t:ItemId Id="{item_id}"/>' for item_id in ids)
    return (
        f'<m:DeleteItem DeleteType="HardDelete" {send}><m:ItemIds>{listed}</m:ItemIds>'
        "</m:DeleteItem>"
    )


def shape(*paths: str) -> str:
    more = f"<t:AdditionalProperties>{''.join(paths)}</t:AdditionalProperties>" if paths else ""
    return f"<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>{more}</m:ItemShape>"


def get(item_id: str, *paths: str) -> str:
    return (
        f'<m:GetItem>{shape(*paths)}<m:ItemIds><t:ItemId Id="{item_id}"/></m:ItemIds></m:GetItem>'
    )


def find(*paths: str, view: str = "", restriction: str = "", order: str = "") -> str:
    restricted = f"<m:Restriction>{restriction}</m:Restriction>" if restriction else ""
    return (
        f'<m:FindItem Traversal="Shallow">{shape(*paths)}{view}{restricted}{order}'
        f"<m:ParentFolderIds>{CALENDAR}</m:ParentFolderIds></m:FindItem>"
    )


def page(size: int, offset: int = 0, base: str = "Beginning") -> str:
    return (
        f'<m:IndexedPageItemView MaxEntriesReturned="{size}" Offset="{offset}" BasePoint="{base}"/>'
    )


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def root(self) -> etree._Element:
        return etree.fromstring(self.text.encode())

    @property
    def fault(self) -> str | None:
        return self.root.findtext(".//e:ResponseCode", namespaces=NAMESPACES)

    @property
    def codes(self) -> list[str]:
        return [element.text or "" for element in self.all(".//m:ResponseCode")]

    def all(self, path: str) -> list[etree._Element]:
        return self.root.findall(path, NAMESPACES)

    def texts(self, path: str) -> list[str]:
        return [element.text or "" for element in self.all(path)]

    @property
    def ids(self) -> list[str]:
        return [element.get("Id") for element in self.all(".//t:ItemId")]

    @property
    def change_keys(self) -> list[str]:
        return [element.get("ChangeKey") for element in self.all(".//t:ItemId")]


def primary(address: str) -> str:
    return f"<t:PrimarySmtpAddress>{address}</t:PrimarySmtpAddress>"


@dataclass
class RawEWS:
    session: aiohttp.ClientSession
    url: str
    login: str
    password: str

    async def call(
        self,
        operation: str,
        *,
        identity: str | None = primary("jane@acme.fr"),
        zone: str | None = None,
        version: str = "Exchange2016",
    ) -> Answer:
        impersonation = (
            ""
            if identity is None
            else "<t:ExchangeImpersonation><t:ConnectingSID>"
            f"{identity}</t:ConnectingSID></t:ExchangeImpersonation>"
        )
        context = (
            ""
            if zone is None
            else f'<t:TimeZoneContext><t:TimeZoneDefinition Id="{zone}"/></t:TimeZoneContext>'
        )
        return await self.post(
            f'<s:Envelope xmlns:s="{SOAP}" xmlns:m="{MESSAGES}" xmlns:t="{TYPES}"><s:Header>'
            f'<t:RequestServerVersion Version="{version}"/>{impersonation}{context}</s:Header>'
            f"<s:Body>{operation}</s:Body></s:Envelope>"
        )

    async def post(self, body: str, content_type: str = "text/xml; charset=utf-8") -> Answer:
        authorization = aiohttp.encode_basic_auth(self.login, self.password)
        async with self.session.post(
            self.url,
            data=body.encode(),
            headers={"Content-Type": content_type, "Authorization": authorization},
            allow_redirects=False,
        ) as response:
            return Answer(response.status, dict(response.headers), await response.text())
