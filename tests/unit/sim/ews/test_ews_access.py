import pytest

from figgosync_sim.ews import ExchangeSimulator
from figgosync_sim.mailboxes import MailboxState
from raw_ews import (
    CALENDAR,
    RawEWS,
    create,
    delete,
    field,
    find,
    get,
    item,
    primary,
    set_field,
    update,
)

JANE, OMAR = "jane@acme.fr", "omar@acme.fr"


def folder(reference: str) -> str:
    return (
        "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>"
        f"<m:FolderIds>{reference}</m:FolderIds></m:GetFolder>"
    )


def calendar_of(address: str) -> str:
    return (
        '<t:DistinguishedFolderId Id="calendar"><t:Mailbox>'
        f"<t:EmailAddress>{address}</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>"
    )


@pytest.mark.parametrize(
    ("identity", "fault"),
    [
        (primary("JANE@acme.fr"), None),
        (primary("nobody@acme.fr"), "ErrorNonExistentMailbox"),
        (primary("o@acme.fr"), "ErrorNonPrimarySmtpAddress"),
        (primary("not an address"), "ErrorInvalidSmtpAddress"),
        ("<t:SmtpAddress>o@acme.fr</t:SmtpAddress>", None),
        ("<t:SmtpAddress>nobody@acme.fr</t:SmtpAddress>", "ErrorNonExistentMailbox"),
        ("<t:PrincipalName>jane@acme.local</t:PrincipalName>", None),
        ("<t:PrincipalName>jane@acme.fr</t:PrincipalName>", "ErrorInvalidUserPrincipalName"),
        ("<t:SID>S-1-5-21-1</t:SID>", "ErrorInvalidOperation"),
        ("<t:PrimarySmtpAddress/>", "ErrorSchemaValidation"),
        ("", "ErrorSchemaValidation"),
        (
            "<t:PrimarySmtpAddress> </t:PrimarySmtpAddress>",
            "ErrorInvalidExchangeImpersonationHeaderData",
        ),
    ],
)
async def test_an_identity_leads_to_a_mailbox_or_to_a_fault(
    ews: RawEWS, exchange: ExchangeSimulator, identity: str, fault: str | None
) -> None:
    exchange.store.mailbox(JANE).user_principal_name = "jane@acme.local"

    answer = await ews.call(folder(CALENDAR), identity=identity)

    assert answer.fault == fault
    assert answer.status == (200 if fault is None else 500)
    assert answer.codes == (["NoError"] if fault is None else [])


async def test_nobody_can_be_two_people_in_one_request(ews: RawEWS) -> None:
    twice = (
        f"{primary(JANE)}</t:ConnectingSID></t:ExchangeImpersonation>"
        f"<t:ExchangeImpersonation><t:ConnectingSID>{primary(OMAR)}"
    )

    answer = await ews.call(folder(CALENDAR), identity=twice)

    assert (answer.status, answer.fault) == (500, "ErrorMoreThanOneAccessModeSpecified")


async def test_the_refusal_of_an_alias_names_the_right_address(ews: RawEWS) -> None:
    answer = await ews.call(folder(CALENDAR), identity=primary("o@acme.fr"))

    assert answer.texts(".//t:MessageXml/t:Value") == [OMAR]


async def test_outside_the_management_scope_impersonation_is_denied(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    async def faults() -> list[str | None]:
        return [
            (await ews.call(folder(CALENDAR), identity=primary(who))).fault for who in (JANE, OMAR)
        ]

    assert await faults() == [None, None]
    exchange.scope.only([JANE.upper()])
    assert await faults() == [None, "ErrorImpersonateUserDenied"]
    exchange.scope.where(lambda mailbox: mailbox.time_zone.startswith("America"))
    assert await faults() == ["ErrorImpersonateUserDenied", None]
    exchange.scope.role_assigned = False
    assert await faults() == ["ErrorImpersonateUserDenied"] * 2
    exchange.scope.server_allows = False
    assert await faults() == ["ErrorImpersonationDenied"] * 2
    exchange.scope.everybody()
    assert await faults() == [None, None]


REFUSED = "ErrorAccessDenied"
STATES = [
    (MailboxState.ACTIVE, None, ["NoError"] * 6),
    (MailboxState.MOVED_TO_CLOUD, "ErrorNonExistentMailbox", []),
    (MailboxState.DISABLED, "ErrorNonExistentMailbox", []),
    (MailboxState.FULL, None, [*["NoError"] * 3, *["ErrorQuotaExceeded"] * 2, "NoError"]),
    (MailboxState.MOVING, None, ["ErrorMailboxMoveInProgress"] * 6),
    (
        MailboxState.READ_ONLY,
        None,
        [*["NoError"] * 3, "ErrorCreateItemAccessDenied", REFUSED, REFUSED],
    ),
    (MailboxState.ACCESS_DENIED, None, [REFUSED] * 6),
]


@pytest.mark.parametrize(("state", "fault", "codes"), STATES)
async def test_a_mailbox_answers_as_its_state_asks(
    ews: RawEWS,
    exchange: ExchangeSimulator,
    state: MailboxState,
    fault: str | None,
    codes: list[str],
) -> None:
    made = await ews.call(create(item()))
    change = set_field(field("item:Subject"), "<t:Subject>x</t:Subject>")
    exchange.store.set_state(JANE, state)

    answers = [
        await ews.call(operation)
        for operation in (
            find(),
            get(made.ids[0]),
            folder(CALENDAR),
            create(item()),
            update(made.ids[0], change, change_key=made.change_keys[0]),
            delete(made.ids[0]),
        )
    ]

    assert [answer.fault for answer in answers] == [fault] * 6
    assert [code for answer in answers for code in answer.codes] == codes


async def test_a_full_mailbox_stops_the_rest_of_a_request(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    exchange.store.set_state(JANE, MailboxState.FULL)

    answer = await ews.call(create(item() * 3))

    assert answer.codes == ["ErrorQuotaExceeded", *["ErrorBatchProcessingStopped"] * 2]


async def test_an_account_without_a_mailbox_must_say_whose_folder_it_means(ews: RawEWS) -> None:
    assert (await ews.call(folder(CALENDAR), identity=None)).codes == ["ErrorMissingEmailAddress"]


async def test_without_impersonation_other_peoples_folders_are_not_found(
    ews: RawEWS, exchange: ExchangeSimulator
) -> None:
    exchange.accounts["ACME\\svc-figgo"].mailbox = OMAR

    async def codes(reference: str) -> list[str]:
        return (await ews.call(folder(reference), identity=None)).codes

    assert await codes(CALENDAR) == ["NoError"]
    assert await codes(calendar_of(OMAR)) == ["NoError"]
    assert await codes(calendar_of(JANE)) == ["ErrorFolderNotFound"]


async def test_an_impersonated_owner_has_her_own_folders_only(ews: RawEWS) -> None:
    assert (await ews.call(folder(calendar_of(JANE)))).codes == ["NoError"]
    assert (await ews.call(folder(calendar_of(OMAR)))).codes == ["ErrorFolderNotFound"]
    assert (
        await ews.call(folder(calendar_of("nobody@acme.fr")))
    ).fault == "ErrorNonExistentMailbox"


async def test_a_folders_id_leads_back_to_it(ews: RawEWS) -> None:
    (first,) = (await ews.call(folder(CALENDAR))).all(".//t:FolderId")

    reference = f'<t:FolderId Id="{first.get("Id")}"/>'

    (again,) = (await ews.call(folder(reference))).all(".//t:FolderId")
    assert again.get("Id") == first.get("Id")
    other = await ews.call(folder(reference), identity=primary(OMAR))
    assert other.codes == ["ErrorFolderNotFound"]
