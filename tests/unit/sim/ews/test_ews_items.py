from datetime import UTC, datetime

import pytest

from figgosync_sim.ews import ExchangeSimulator
from figgosync_sim.mailboxes import FreeBusy, Item, NamedProperty, Sensitivity
from raw_ews import (
    KEY,
    SET_ID,
    RawEWS,
    create,
    delete,
    field,
    get,
    item,
    key,
    primary,
    set_field,
    update,
)

JANE = "jane@acme.fr"
PARIS = "Romance Standard Time"


def only_item(exchange: ExchangeSimulator) -> Item:
    (stored,) = exchange.store.items(JANE)
    return stored


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def test_a_created_item_is_kept_as_it_was_sent(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    before = (
        "<t:Subject>Absent</t:Subject><t:Sensitivity>Private</t:Sensitivity>"
        '<t:Body BodyType="Text">note</t:Body><t:Categories><t:String>Leave</t:String>'
        "</t:Categories>"
        f"<t:ReminderIsSet>0</t:ReminderIsSet>{key('v1/x')}"
    )
    after = "<t:LegacyFreeBusyStatus>OOF</t:LegacyFreeBusyStatus><t:Location>Rue</t:Location>"

    answer = await ews.call(create(item(before, after)))

    assert (answer.status, answer.codes) == (200, ["NoError"])
    assert len(answer.ids) == len(answer.change_keys) == 1
    stored = only_item(exchange)
    assert stored.subject == "Absent"
    assert stored.sensitivity is Sensitivity.PRIVATE
    assert stored.free_busy is FreeBusy.OUT_OF_OFFICE
    assert (stored.body, stored.categories, stored.location) == ("note", ("Leave",), "Rue")
    assert not stored.reminder_is_set
    assert stored.properties == {NamedProperty.of(SET_ID, "key"): "v1/x"}
    assert (stored.start, stored.end) == (utc("2026-12-24T13:00"), utc("2026-12-24T17:00"))


async def test_a_repeated_create_makes_a_second_item(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    for _ in range(2):
        await ews.call(create(item(key("same"))))

    assert len(exchange.store.items(JANE)) == 2
    assert len({stored.id for stored in exchange.store.items(JANE)}) == 2


async def test_without_a_word_about_it_an_item_gets_a_reminder(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    await ews.call(create(item()))

    assert only_item(exchange).reminder_is_set


SET = set_field(field("item:Subject"), "<t:Subject>x</t:Subject>")


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (create(item(), ""), "ErrorSendMeetingInvitationsRequired"),
        (update("{id}", SET, send=""), "ErrorSendMeetingInvitationsOrCancellationsRequired"),
        (delete("{id}", send=""), "ErrorSendMeetingCancellationsRequired"),
    ],
)
async def test_a_write_that_does_not_say_whom_to_notify_is_refused(
    ews: RawEWS, exchange: ExchangeSimulator, operation: str, code: str
) -> None:
    (made,) = (await ews.call(create(item()))).ids
    before = exchange.store.items(JANE)

    answer = await ews.call(operation.replace("{id}", made))

    assert answer.codes == [code]
    assert exchange.store.items(JANE) == before


WRONG = {
    "elements in another order": create(item("<t:Sensitivity>Normal</t:Sensitivity><t:Subject/>")),
    "an unknown element": create(item("<t:Title>x</t:Title>")),
    "an unknown free-busy status": create(
        item("", "<t:LegacyFreeBusyStatus>OutOfOffice</t:LegacyFreeBusyStatus>")
    ),
    "an unknown sensitivity": create(item("<t:Sensitivity>Secret</t:Sensitivity>")),
    "a time that is none": create(item(start="24/12/2026")),
    "a truth that is none": create(item("", "<t:IsAllDayEvent>yes</t:IsAllDayEvent>")),
    "a negative reminder": create(
        item("<t:ReminderMinutesBeforeStart>-5</t:ReminderMinutesBeforeStart>")
    ),
    "a body without its type": create(item("<t:Body>x</t:Body>")),
    "a set that is no GUID": create(item(key("x").replace(SET_ID, "figgosync"))),
    "a property without a type": create(item(key("x").replace(' PropertyType="String"', ""))),
    "a property without a value": create(item(f"<t:ExtendedProperty>{KEY}</t:ExtendedProperty>")),
    "no items": create(""),
    "an unknown way of notifying": create(item(), 'SendMeetingInvitations="Nobody"'),
    "an unknown attribute": create(item(), 'SendMeetingInvitations="SendToNone" Quietly="true"'),
    "an item of the wrong namespace": create("<m:CalendarItem/>"),
    "no delete type": '<m:DeleteItem><m:ItemIds><t:ItemId Id="x"/></m:ItemIds></m:DeleteItem>',
    "no conflict resolution": update("x", SET).replace('ConflictResolution="NeverOverwrite"', ""),
    "an id without Id": '<m:DeleteItem DeleteType="HardDelete"><m:ItemIds><t:ItemId/></m:ItemIds>'
    "</m:DeleteItem>",
    "a field that does not exist": get("x", field("item:Title")),
    "a field of the wrong kind": get("x", field("item:Start")),
}


@pytest.mark.parametrize("operation", WRONG.values(), ids=WRONG.keys())
async def test_a_request_against_the_schema_is_a_fault_and_changes_nothing(
    ews: RawEWS, exchange: ExchangeSimulator, operation: str
) -> None:
    answer = await ews.call(operation)

    assert (answer.status, answer.fault) == (500, "ErrorSchemaValidation")
    assert exchange.store.items(JANE) == []


@pytest.mark.parametrize(
    "body", ["", "no xml", "<a/>", "<s:Envelope", "<!DOCTYPE a [<!ENTITY b 'c'>]>"]
)
async def test_what_is_no_envelope_is_a_fault(ews: RawEWS, body: str) -> None:
    answer = await ews.post(body)

    assert answer.status == 500
    assert answer.fault in {"ErrorSchemaValidation", "ErrorInvalidRequest"}


@pytest.mark.parametrize("version", ["Exchange2003", "", "V2017_07_11"])
async def test_an_unknown_schema_version_is_a_fault(ews: RawEWS, version: str) -> None:
    answer = await ews.call(create(item()), version=version)

    assert (answer.status, answer.fault) == (500, "ErrorInvalidServerVersion")


@pytest.mark.parametrize(
    "operation",
    [
        '<m:SyncFolderItems xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"/>',
        create("<t:Message><t:Subject>x</t:Subject></t:Message>"),
        create(item("", "<t:Recurrence/>")),
        create(item(key("1").replace('"String"', '"Integer"'))),
    ],
)
async def test_what_is_not_simulated_says_so_and_is_never_taken_for_done(
    ews: RawEWS, exchange: ExchangeSimulator, operation: str
) -> None:
    answer = await ews.call(operation)

    assert (answer.status, answer.fault) == (500, "ErrorInvalidOperation")
    assert "Not simulated" in answer.text
    assert exchange.store.items(JANE) == []


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("<t:IsDraft>0</t:IsDraft>", "", "ErrorInvalidPropertySet"),
        ("", "<t:IsMeeting>0</t:IsMeeting>", "ErrorInvalidPropertySet"),
        (f"<t:Subject>{'x' * 256}</t:Subject>", "", "ErrorItemSavePropertyError"),
        ("", '<t:StartTimeZone Id="Europe/Paris"/>', "ErrorCalendarInvalidTimeZone"),
        ("", '<t:StartTimeZone Id="Paris Standard Time"/>', "ErrorCalendarInvalidTimeZone"),
        ("", "<t:StartTimeZone/>", "ErrorCalendarInvalidTimeZone"),
        (key("x").replace('PropertyName="key" ', ""), "", "ErrorInvalidExtendedProperty"),
        (key("x").replace('"String"', '"Object"'), "", "ErrorUnsupportedMapiPropertyType"),
    ],
)
async def test_an_item_against_the_rules_is_refused(
    ews: RawEWS, exchange: ExchangeSimulator, before: str, after: str, code: str
) -> None:
    answer = await ews.call(create(item(before, after)))

    assert (answer.status, answer.codes) == (200, [code])
    assert exchange.store.items(JANE) == []


async def test_a_subject_of_255_characters_is_kept_whole(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    await ews.call(create(item(f"<t:Subject>{'é' * 255}</t:Subject>")))

    assert only_item(exchange).subject == "é" * 255


SUBJECT = set_field(field("item:Subject"), "<t:Subject>New</t:Subject>")


@pytest.mark.parametrize(
    ("resolution", "change_key", "rule", "code"),
    [
        ("NeverOverwrite", "current", "lenient", "NoError"),
        ("NeverOverwrite", "stale", "lenient", "ErrorIrresolvableConflict"),
        ("NeverOverwrite", "none", "lenient", "ErrorChangeKeyRequiredForWriteOperations"),
        ("AutoResolve", "current", "lenient", "NoError"),
        ("AutoResolve", "stale", "lenient", "ErrorIrresolvableConflict"),
        ("AutoResolve", "none", "lenient", "ErrorChangeKeyRequiredForWriteOperations"),
        ("AlwaysOverwrite", "current", "lenient", "NoError"),
        ("AlwaysOverwrite", "stale", "lenient", "NoError"),
        ("AlwaysOverwrite", "none", "lenient", "NoError"),
        ("AlwaysOverwrite", "current", "strict", "NoError"),
        ("AlwaysOverwrite", "stale", "strict", "ErrorChangeKeyRequiredForWriteOperations"),
        ("AlwaysOverwrite", "none", "strict", "ErrorChangeKeyRequiredForWriteOperations"),
        ("NeverOverwrite", "malformed", "lenient", "ErrorInvalidChangeKey"),
    ],
)
async def test_updates_hold_the_change_key_against_the_item(
    ews: RawEWS,
    exchange: ExchangeSimulator,
    resolution: str,
    change_key: str,
    rule: str,
    code: str,
) -> None:
    exchange.rules.change_key_always_required = rule == "strict"
    made = await ews.call(create(item("<t:Subject>Old</t:Subject>")))
    edited = exchange.store.edit(JANE, only_item(exchange).id, body="the user was here")
    (now,) = (await ews.call(get(made.ids[0]))).change_keys
    given = {"current": now, "stale": made.change_keys[0], "none": None, "malformed": "!"}

    answer = await ews.call(
        update(made.ids[0], SUBJECT, change_key=given[change_key], resolution=resolution)
    )

    assert answer.codes == [code]
    stored = only_item(exchange)
    assert stored.subject == ("New" if code == "NoError" else "Old")
    assert stored.body == "the user was here"
    assert (stored.version > edited.version) == (code == "NoError")


async def test_an_update_changes_what_it_names_and_nothing_else(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    made = await ews.call(create(item(f'<t:Body BodyType="Text">kept</t:Body>{key("old")}')))
    status = set_field(
        field("calendar:LegacyFreeBusyStatus"),
        "<t:LegacyFreeBusyStatus>Tentative</t:LegacyFreeBusyStatus>",
    )

    answer = await ews.call(
        update(
            made.ids[0],
            SUBJECT + status + set_field(KEY, key("new")),
            change_key=made.change_keys[0],
        )
    )

    assert answer.codes == ["NoError"]
    assert answer.texts(".//t:Count") == ["0"]
    stored = only_item(exchange)
    assert (stored.subject, stored.body, stored.free_busy) == ("New", "kept", FreeBusy.TENTATIVE)
    assert list(stored.properties.values()) == ["new"]
    assert answer.change_keys != made.change_keys
    assert answer.ids == made.ids


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            set_field(field("item:Subject"), "<t:Location>x</t:Location>"),
            "ErrorUpdatePropertyMismatch",
        ),
        (set_field(KEY, key("x").replace('"key"', '"Key"')), "ErrorUpdatePropertyMismatch"),
        (set_field(field("item:Subject"), ""), "ErrorIncorrectUpdatePropertyCount"),
        (
            set_field(field("item:Subject"), "<t:Subject>x</t:Subject><t:Location>y</t:Location>"),
            "ErrorIncorrectUpdatePropertyCount",
        ),
        (
            f"<t:DeleteItemField>{field('calendar:Start')}</t:DeleteItemField>",
            "ErrorInvalidPropertyDelete",
        ),
    ],
)
async def test_a_change_that_contradicts_itself_is_refused(
    ews: RawEWS, exchange: ExchangeSimulator, change: str, code: str
) -> None:
    made = await ews.call(create(item()))
    before = only_item(exchange)

    answer = await ews.call(update(made.ids[0], change, change_key=made.change_keys[0]))

    assert answer.codes == [code]
    assert only_item(exchange) == before


async def test_a_field_can_be_taken_off(ews: RawEWS, exchange: ExchangeSimulator) -> None:
    made = await ews.call(create(item(f"<t:Subject>x</t:Subject>{key('x')}")))
    changes = "".join(
        f"<t:DeleteItemField>{path}</t:DeleteItemField>" for path in (field("item:Subject"), KEY)
    )

    await ews.call(update(made.ids[0], changes, change_key=made.change_keys[0]))

    assert only_item(exchange).subject == ""
    assert only_item(exchange).properties == {}


async def test_a_deleted_item_is_gone_and_the_second_delete_says_so(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    made = await ews.call(create(item()))

    assert (await ews.call(delete(*made.ids))).codes == ["NoError"]
    assert exchange.store.items(JANE) == []
    assert (await ews.call(delete(*made.ids))).codes == ["ErrorItemNotFound"]
    assert (await ews.call(get(*made.ids))).codes == ["ErrorItemNotFound"]
    again = await ews.call(update(made.ids[0], SUBJECT, change_key=made.change_keys[0]))
    assert again.codes == ["ErrorItemNotFound"]


@pytest.mark.parametrize(
    ("item_id", "code"), [("", "ErrorInvalidIdEmpty"), ("AAA!", "ErrorInvalidIdMalformed")]
)
async def test_an_id_that_is_none_is_refused(ews: RawEWS, item_id: str, code: str) -> None:
    assert (await ews.call(get(item_id))).codes == [code]


async def test_an_item_of_another_mailbox_is_not_found(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    made = await ews.call(create(item()))

    answer = await ews.call(delete(*made.ids), identity=primary("omar@acme.fr"))

    assert answer.codes == ["ErrorItemNotFound"]
    assert len(exchange.store.items(JANE)) == 1


async def test_each_part_of_a_request_gets_its_own_answer_in_order(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    backwards = item(start="2026-12-25T13:00:00Z")
    answer = await ews.call(create(item() + backwards + item()))

    assert answer.codes == ["NoError", "ErrorCalendarEndDateIsEarlierThanStartDate", "NoError"]
    assert len(exchange.store.items(JANE)) == 2


ATTENDEE = (
    "<t:RequiredAttendees><t:Attendee><t:Mailbox><t:EmailAddress>omar@acme.fr</t:EmailAddress>"
    "</t:Mailbox></t:Attendee></t:RequiredAttendees>"
)


@pytest.mark.parametrize(
    ("mode", "sent"), [("SendToNone", 0), ("SendOnlyToAll", 1), ("SendToAllAndSaveCopy", 1)]
)
async def test_mails_to_attendees_are_counted_unless_nobody_is_told(
    ews: RawEWS, exchange: ExchangeSimulator, mode: str, sent: int
) -> None:
    made = await ews.call(create(item("", ATTENDEE), f'SendMeetingInvitations="{mode}"'))
    assert exchange.store.notifications() == sent

    await ews.call(delete(*made.ids, send=f'SendMeetingCancellations="{mode}"'))
    assert exchange.store.notifications() == 2 * sent
    assert exchange.store.notifications("omar@acme.fr") == 0


async def test_an_item_without_attendees_tells_nobody(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    await ews.call(create(item(), 'SendMeetingInvitations="SendToAllAndSaveCopy"'))

    assert len(exchange.store.items(JANE)) == 1
    assert exchange.store.notifications() == 0
