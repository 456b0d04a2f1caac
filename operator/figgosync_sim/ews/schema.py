"""The part of the public EWS schema that the simulated operations use, compiled once.

Written by hand after Microsoft's types and messages schemas (2016): the order of elements, which
are required, the enumerations and the simple types are theirs (verified against them). Elements
that no simulated operation reads stand in their places with any content. Stricter than theirs in
one point: a condition, an order and a change name one field, where theirs take several.
"""

import re
from typing import TYPE_CHECKING

from lxml import etree

from figgosync_sim.ews.errors import SOAPFaultError
from figgosync_sim.ews.grammar import (
    attributes,
    choice,
    complex_type,
    elements,
    enumeration,
    sequence,
)
from figgosync_sim.ews.soap import MESSAGES, TYPES, Element

if TYPE_CHECKING:
    from lxml.etree._docloader import _InputDocument

_SIMPLE = {
    "Sensitivity": "Normal Personal Private Confidential",
    "Importance": "Low Normal High",
    "BodyKind": "HTML Text",
    "BodyResponse": "Best HTML Text",
    "FreeBusy": "Free Tentative Busy OOF WorkingElsewhere NoData",
    "BaseShape": "IdOnly Default AllProperties PcxPeopleSearch",
    "ConflictResolution": "NeverOverwrite AutoResolve AlwaysOverwrite",
    "Disposition": "SaveOnly SendOnly SendAndSaveCopy",
    "Disposal": "HardDelete SoftDelete MoveToDeletedItems",
    "Invitations": "SendToNone SendOnlyToAll SendToAllAndSaveCopy",
    "InvitationsOrCancellations": "SendToNone SendOnlyToAll SendOnlyToChanged "
    "SendToAllAndSaveCopy SendToChangedAndSaveCopy",
    "AffectedTasks": "AllOccurrences SpecifiedOccurrenceOnly",
    "Containment": "FullString Prefixed Substring PrefixOnWords ExactPhrase",
    "Comparison": "Exact IgnoreCase IgnoreNonSpacingCharacters Loose "
    "IgnoreCaseAndNonSpacingCharacters LooseAndIgnoreCase LooseAndIgnoreNonSpace "
    "LooseAndIgnoreCaseAndIgnoreNonSpace",
    "Traversal": "Shallow SoftDeleted Associated",
    "BasePoint": "Beginning End",
    "Direction": "Ascending Descending",
    "MailboxKind": "Unknown OneOff Mailbox PublicDL PrivateDL Contact PublicFolder GroupMailbox "
    "ImplicitContact",
    "Response": "Unknown Organizer Tentative Accept Decline NoResponseReceived",
    "PropertySet": "Meeting Appointment Common PublicStrings Address InternetHeaders "
    "CalendarAssistant UnifiedMessaging Task Sharing",
    "MapiType": "ApplicationTime ApplicationTimeArray Binary BinaryArray Boolean CLSID CLSIDArray "
    "Currency CurrencyArray Double DoubleArray Error Float FloatArray Integer IntegerArray Long "
    "LongArray Null Object ObjectArray Short ShortArray SystemTime SystemTimeArray String "
    "StringArray",
    "DistinguishedName": "calendar contacts deleteditems drafts inbox journal notes outbox "
    "sentitems tasks msgfolderroot publicfoldersroot root junkemail searchfolders voicemail "
    "recoverableitemsroot recoverableitemsdeletions archivemsgfolderroot archiveroot",
}

_CUSTOM_SIMPLE = """
<xs:simpleType name="Guid"><xs:restriction base="xs:string">
<xs:pattern value="[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"/>
</xs:restriction></xs:simpleType>
<xs:simpleType name="NonEmpty"><xs:restriction base="xs:string">
<xs:minLength value="1"/></xs:restriction></xs:simpleType>
<xs:simpleType name="PropertyTag"><xs:restriction base="xs:string">
<xs:pattern value="(0x|0X)[0-9A-Fa-f]{1,4}|[0-9]{1,5}"/></xs:restriction></xs:simpleType>
<xs:simpleType name="ReminderMinutes"><xs:restriction base="xs:int">
<xs:minInclusive value="0"/><xs:maxInclusive value="2629800"/></xs:restriction></xs:simpleType>
<xs:complexType name="Body"><xs:simpleContent><xs:extension base="xs:string">
<xs:attribute name="BodyType" type="t:BodyKind" use="required"/>
<xs:attribute name="IsTruncated" type="xs:boolean"/>
</xs:extension></xs:simpleContent></xs:complexType>
"""

_ITEM = """
MimeContent? ItemId?=ItemId ParentFolderId? ItemClass?=string Subject?=string
Sensitivity?=Sensitivity Body?=Body Attachments? DateTimeReceived?=dateTime Size?=int
Categories?=Strings Importance?=Importance InReplyTo?=string IsSubmitted?=boolean IsDraft?=boolean
IsFromMe?=boolean IsResend?=boolean IsUnmodified?=boolean InternetMessageHeaders?
DateTimeSent?=dateTime DateTimeCreated?=dateTime ResponseObjects? ReminderDueBy?=dateTime
ReminderIsSet?=boolean ReminderNextTime?=dateTime ReminderMinutesBeforeStart?=ReminderMinutes
DisplayCc?=string DisplayTo?=string DisplayBcc?=string HasAttachments?=boolean
ExtendedProperty*=ExtendedProperty Culture?=language EffectiveRights? LastModifiedName?=string
LastModifiedTime?=dateTime IsAssociated?=boolean WebClientReadFormQueryString?=string
WebClientEditFormQueryString?=string ConversationId? UniqueBody? Flag? StoreEntryId? InstanceKey?
NormalizedBody? EntityExtractionResult? PolicyTag? ArchiveTag? RetentionDate?=dateTime
Preview?=string RightsManagementLicenseData? PredictedActionReasons? IsClutter?=boolean
BlockStatus?=boolean HasBlockedImages?=boolean TextBody? IconIndex? SearchKey? SortKey? Hashtags?
Mentions? MentionedMe?=boolean MentionsPreview? MentionsEx? AppliedHashtags?
AppliedHashtagsPreview? Likes? LikesPreview? PendingSocialActivityTagIds? AtAllMention?=boolean
CanDelete?=boolean InferenceClassification?
"""

_CALENDAR_ITEM = (
    _ITEM
    + """
UID?=string RecurrenceId?=dateTime DateTimeStamp?=dateTime Start?=dateTime End?=dateTime
OriginalStart?=dateTime IsAllDayEvent?=boolean LegacyFreeBusyStatus?=FreeBusy Location?=string
When?=string IsMeeting?=boolean IsCancelled?=boolean IsRecurring?=boolean
MeetingRequestWasSent?=boolean IsResponseRequested?=boolean CalendarItemType?=string
MyResponseType?=Response Organizer? RequiredAttendees?=Attendees OptionalAttendees?=Attendees
Resources?=Attendees InboxReminders? ConflictingMeetingCount?=int AdjacentMeetingCount?=int
ConflictingMeetings? AdjacentMeetings? Duration?=string TimeZone?=string
AppointmentReplyTime?=dateTime AppointmentSequenceNumber?=int AppointmentState?=int Recurrence?
FirstOccurrence? LastOccurrence? ModifiedOccurrences? DeletedOccurrences? MeetingTimeZone?
StartTimeZone?=TimeZone EndTimeZone?=TimeZone ConferenceType?=int AllowNewTimeProposal?=boolean
IsOnlineMeeting?=boolean MeetingWorkspaceUrl?=string NetShowUrl?=string EnhancedLocation?
StartWallClock?=dateTime EndWallClock?=dateTime StartTimeZoneId?=string EndTimeZoneId?=string
IntendedFreeBusyStatus?=FreeBusy JoinOnlineMeetingUrl?=string OnlineMeetingSettings?
IsOrganizer?=boolean CalendarActivityData?
"""
)

CALENDAR_ITEM_ORDER = tuple(re.findall(r"(\w+)[?*]", _CALENDAR_ITEM))
"""The elements of a CalendarItem in the order that the schema asks for."""

_FIRST_OF_CALENDAR = CALENDAR_ITEM_ORDER.index("UID")
_FOLDER_FIELDS = (
    "FolderId ParentFolderId DisplayName UnreadCount TotalCount ChildFolderCount FolderClass "
    "SearchParameters ManagedFolderInformation PermissionSet EffectiveRights "
    "SharingEffectiveRights DistinguishedFolderId PolicyTag ArchiveTag"
)
_FIELD_NAMES = " ".join(
    [
        *(f"item:{name}" for name in CALENDAR_ITEM_ORDER[:_FIRST_OF_CALENDAR]),
        *(f"calendar:{name}" for name in CALENDAR_ITEM_ORDER[_FIRST_OF_CALENDAR:]),
        *(f"folder:{name}" for name in _FOLDER_FIELDS.split()),
    ]
)

_PATHS = "&FieldURI &IndexedFieldURI &ExtendedFieldURI"
_EXPRESSIONS = (
    "&Contains &Excludes &Exists &IsEqualTo &IsNotEqualTo &IsGreaterThan &IsGreaterThanOrEqualTo "
    "&IsLessThan &IsLessThanOrEqualTo &And &Not &Or"
)
_COMPARISONS = (
    "IsEqualTo IsNotEqualTo IsGreaterThan IsGreaterThanOrEqualTo IsLessThan IsLessThanOrEqualTo"
)
_ONE_PATH = f"<xs:choice>{elements(_PATHS)}</xs:choice>"

_COMPLEX = {
    "Strings": sequence("String*=string"),
    "ItemId": sequence("", "Id=string ChangeKey?=string"),
    "FolderId": sequence("", "Id=string ChangeKey?=string"),
    "ItemIds": choice("ItemId=ItemId OccurrenceItemId RecurringMasterItemId", many=True),
    "Address": sequence(
        "Name?=string EmailAddress?=NonEmpty RoutingType?=NonEmpty MailboxType?=MailboxKind "
        "ItemId?=ItemId OriginalDisplayName?=string"
    ),
    "DistinguishedFolderId": sequence("Mailbox?=Address", "Id=DistinguishedName ChangeKey?=string"),
    "TargetFolder": choice("FolderId=FolderId DistinguishedFolderId=DistinguishedFolderId"),
    "Folders": choice("FolderId=FolderId DistinguishedFolderId=DistinguishedFolderId", many=True),
    "TimeZone": sequence("Periods? TransitionsGroups? Transitions?", "Id?=string Name?=string"),
    "Attendee": sequence(
        "Mailbox=Address ResponseType?=Response LastResponseTime?=dateTime "
        "ProposedStart?=dateTime ProposedEnd?=dateTime"
    ),
    "Attendees": sequence("Attendee+=Attendee"),
    "ExtendedFieldURI": attributes(
        "DistinguishedPropertySetId?=PropertySet PropertySetId?=Guid PropertyTag?=PropertyTag "
        "PropertyName?=string PropertyId?=int PropertyType=MapiType"
    ),
    "FieldURI": attributes("FieldURI=FieldName"),
    "IndexedFieldURI": attributes("FieldURI=string FieldIndex=string"),
    "Paths": choice(_PATHS, many=True),
    "ExtendedProperty": (
        f"<xs:sequence>{elements('ExtendedFieldURI=ExtendedFieldURI')}"
        f"<xs:choice>{elements('Value=string Values=Values')}</xs:choice></xs:sequence>"
    ),
    "Values": sequence("Value+=string"),
    "CalendarItem": sequence(_CALENDAR_ITEM),
    "AnyItem": "<xs:sequence><xs:any processContents='skip' minOccurs='0' maxOccurs='unbounded'/>"
    "</xs:sequence>",
    "Items": choice(
        "Item=AnyItem Message=AnyItem CalendarItem=CalendarItem Contact=AnyItem "
        "DistributionList=AnyItem MeetingMessage=AnyItem MeetingRequest=AnyItem "
        "MeetingResponse=AnyItem MeetingCancellation=AnyItem Task=AnyItem PostItem=AnyItem",
        many=True,
    ),
    "ItemShape": sequence(
        "BaseShape=BaseShape IncludeMimeContent?=boolean BodyType?=BodyResponse "
        "UniqueBodyType?=BodyResponse NormalizedBodyType?=BodyResponse FilterHtmlContent?=boolean "
        "ConvertHtmlCodePageToUTF8?=boolean InlineImageUrlTemplate?=string "
        "BlockExternalImages?=boolean AddBlankTargetToLinks?=boolean MaximumBodySize?=int "
        "AdditionalProperties?=Paths"
    ),
    "FolderShape": sequence("BaseShape=BaseShape AdditionalProperties?=Paths"),
    "ItemChanges": sequence("ItemChange+=ItemChange"),
    "ItemChange": (
        f"<xs:sequence><xs:choice>"
        f"{elements('ItemId=ItemId OccurrenceItemId RecurringMasterItemId')}</xs:choice>"
        f"{elements('Updates=Updates CalendarActivityData?')}</xs:sequence>"
    ),
    "Updates": choice(
        "AppendToItemField SetItemField=SetItemField DeleteItemField=DeleteItemField", many=True
    ),
    "SetItemField": (
        f"<xs:sequence>{_ONE_PATH}<xs:choice>"
        f"{elements('Item=AnyItem Message=AnyItem CalendarItem=CalendarItem Task=AnyItem')}"
        "</xs:choice></xs:sequence>"
    ),
    "DeleteItemField": _ONE_PATH,
    "IndexedView": attributes("MaxEntriesReturned?=int Offset=int BasePoint=BasePoint"),
    "CalendarView": attributes("MaxEntriesReturned?=int StartDate=dateTime EndDate=dateTime"),
    "SortOrder": sequence("FieldOrder+=FieldOrder"),
    "FieldOrder": f"{_ONE_PATH}{attributes('Order=Direction')}",
    "Constant": attributes("Value=string"),
    "Operand": choice(f"{_PATHS} Constant=Constant"),
    "Search": choice(_EXPRESSIONS),
    "Several": choice(_EXPRESSIONS, many=True),
    "Exists": _ONE_PATH,
    "Contains": (
        f"<xs:sequence>{_ONE_PATH}{elements('Constant=Constant')}</xs:sequence>"
        + attributes("ContainmentMode?=Containment ContainmentComparison?=Comparison")
    ),
    "Comparing": (
        f"<xs:sequence>{_ONE_PATH}{elements('FieldURIOrConstant=Operand')}</xs:sequence>"
    ),
    "SID": choice(
        "PrincipalName=NonEmpty SID=NonEmpty PrimarySmtpAddress=NonEmpty SmtpAddress=NonEmpty"
    ),
    "Impersonation": sequence("ConnectingSID=SID"),
    "ZoneContext": sequence("TimeZoneDefinition=TimeZone"),
}

_GLOBAL = (
    "FieldURI=FieldURI IndexedFieldURI=IndexedFieldURI ExtendedFieldURI=ExtendedFieldURI "
    "Exists=Exists Contains=Contains Excludes And=Several Or=Several Not=Search "
    + " ".join(f"{name}=Comparing" for name in _COMPARISONS.split())
    + " ExchangeImpersonation=Impersonation TimeZoneContext=ZoneContext"
)

_REQUESTS = {
    "GetFolder": sequence("FolderShape=FolderShape FolderIds=Folders"),
    "CreateItem": sequence(
        "SavedItemFolderId?=TargetFolder Items=Items",
        "MessageDisposition?=Disposition SendMeetingInvitations?=Invitations",
    ),
    "GetItem": sequence("ItemShape=ItemShape ItemIds=ItemIds"),
    "UpdateItem": sequence(
        "SavedItemFolderId?=TargetFolder ItemChanges=ItemChanges",
        "ConflictResolution=ConflictResolution MessageDisposition?=Disposition "
        "SendMeetingInvitationsOrCancellations?=InvitationsOrCancellations "
        "SuppressReadReceipts?=boolean",
    ),
    "DeleteItem": sequence(
        "ItemIds=ItemIds",
        "DeleteType=Disposal SendMeetingCancellations?=Invitations "
        "AffectedTaskOccurrences?=AffectedTasks SuppressReadReceipts?=boolean",
    ),
    "FindItem": (
        f"<xs:sequence>{elements('ItemShape=ItemShape')}<xs:choice minOccurs='0'>"
        f"{elements('IndexedPageItemView=IndexedView FractionalPageItemView')}"
        f"{elements('SeekToConditionPageItemView CalendarView=CalendarView ContactsView')}"
        "</xs:choice><xs:choice minOccurs='0'>"
        f"{elements('GroupBy DistinguishedGroupBy')}</xs:choice>"
        f"{elements('Restriction?=Search SortOrder?=SortOrder ParentFolderIds=Folders')}"
        f"{elements('QueryString?')}</xs:sequence>{attributes('Traversal=Traversal')}"
    ),
}

_TYPES_SCHEMA = (
    f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="{TYPES}" '
    f'targetNamespace="{TYPES}" elementFormDefault="qualified">'
    + "".join(enumeration(name, values) for name, values in _SIMPLE.items())
    + enumeration("FieldName", _FIELD_NAMES)
    + _CUSTOM_SIMPLE
    + "".join(complex_type(name, content) for name, content in _COMPLEX.items())
    + elements(_GLOBAL)
    + "</xs:schema>"
)

_MESSAGES_SCHEMA = (
    f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="{TYPES}" '
    f'xmlns:m="{MESSAGES}" targetNamespace="{MESSAGES}" elementFormDefault="qualified">'
    f'<xs:import namespace="{TYPES}" schemaLocation="types.xsd"/>'
    + "".join(
        f'<xs:element name="{name}"><xs:complexType>{content}</xs:complexType></xs:element>'
        for name, content in _REQUESTS.items()
    )
    + "</xs:schema>"
)


class _Types(etree.Resolver):
    """Hands the types schema to the messages schema without a file."""

    def resolve(
        self, system_url: str | None, _public_id: str | None, context: object
    ) -> "_InputDocument | None":
        """Answer the one import there is."""
        return self.resolve_string(_TYPES_SCHEMA, context, base_url=system_url)


def _compiled() -> etree.XMLSchema:
    parser = etree.XMLParser()
    parser.resolvers.add(_Types())
    return etree.XMLSchema(etree.fromstring(_MESSAGES_SCHEMA, parser))


_SCHEMA = _compiled()


def check(element: Element) -> None:
    """Hold a header or an operation against the schema.

    Raises SOAPFaultError(ErrorSchemaValidation) with the first violation. Verified [Microsoft's
    examples]: Exchange refuses the whole request, with line, position and violation.
    """
    if _SCHEMA.validate(element):
        return
    violation = _SCHEMA.error_log[0]
    text = f"The request failed schema validation: {violation.message}"
    raise SOAPFaultError("ErrorSchemaValidation", text)
