"""The library that the product uses, unchanged, against the simulator."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import exchangelib
import pytest
from exchangelib import (
    BASIC,
    IMPERSONATION,
    NTLM,
    Account,
    CalendarItem,
    Configuration,
    Credentials,
    EWSDate,
    EWSDateTime,
    EWSTimeZone,
    ExtendedProperty,
    FailFast,
    Version,
)
from exchangelib.folders import Calendar, Root
from exchangelib.properties import DistinguishedFolderId, Mailbox
from exchangelib.protocol import Protocol
from exchangelib.version import EXCHANGE_2016

from figgosync_sim.ews import ExchangeSimulator, Refuse, busy, redirect_to_owa
from figgosync_sim.faults import Answer, DropAfter, DropBefore, HtmlError
from figgosync_sim.mailboxes import NamedProperty

JANE = "jane@acme.fr"
TAGGED = {NamedProperty.of("c11ff724-aa03-4555-9952-8fa248a11c3e", "test-key"): "v1/x"}
LOGIN, PASSWORD = "ACME\\svc-figgo", "correct:horse"


class KeyForTests(ExtendedProperty):
    property_set_id = "c11ff724-aa03-4555-9952-8fa248a11c3e"
    property_name = "test-key"
    property_type = "String"


@pytest.fixture(autouse=True)
def _test_key() -> Iterator[None]:
    CalendarItem.register("test_key", KeyForTests)
    CalendarItem.get_field_by_fieldname("test_key").is_complex = False
    yield
    CalendarItem.deregister("test_key")


@dataclass
class Client:
    """Accounts of one service account; all calls run in a thread, as the library blocks."""

    url: str
    auth_type: str
    password: str = PASSWORD
    configurations: list[Configuration] = field(default_factory=list)

    def calendar(self, address: str = JANE, zone: str = "Europe/Paris") -> Calendar:
        configuration = Configuration(
            service_endpoint=self.url,
            credentials=Credentials(LOGIN, self.password),
            auth_type=self.auth_type,
            version=Version(build=EXCHANGE_2016),
            retry_policy=FailFast(),
            max_connections=1,
        )
        self.configurations.append(configuration)
        account = Account(
            address,
            config=configuration,
            access_type=IMPERSONATION,
            autodiscover=False,
            default_timezone=EWSTimeZone(zone),
        )
        mailbox = Mailbox(email_address=address)
        root = Root(
            account=account,
            _distinguished_id=DistinguishedFolderId(id="root", mailbox=mailbox),
        )
        account.__dict__["root"] = root
        return Calendar(
            root=root, _distinguished_id=DistinguishedFolderId(id="calendar", mailbox=mailbox)
        )

    def close(self) -> None:
        for configuration in self.configurations:
            Protocol(config=configuration).close()
            del Protocol[configuration]


@pytest.fixture(params=[BASIC, NTLM])
def client(exchange: ExchangeSimulator, request: pytest.FixtureRequest) -> Iterator[Client]:
    opened = Client(exchange.url, request.param)
    yield opened
    opened.close()


@pytest.fixture
def basic_client(exchange: ExchangeSimulator) -> Iterator[Client]:
    opened = Client(exchange.url, BASIC)
    yield opened
    opened.close()


run = asyncio.to_thread


def new_item(calendar: Calendar, **fields: object) -> CalendarItem:
    defaults = {
        "subject": "Absent",
        "start": EWSDate(2026, 12, 24),
        "end": EWSDate(2026, 12, 25),
        "is_all_day": True,
        "legacy_free_busy_status": "OOF",
        "test_key": "v1/x",
        "reminder_is_set": False,
    }
    return CalendarItem(account=calendar.account, folder=calendar, **{**defaults, **fields})


LISTED = (
    *("subject", "start", "end", "is_all_day", "legacy_free_busy_status", "sensitivity"),
    *("test_key", "reminder_is_set"),
)


def listed(calendar: Calendar) -> list[CalendarItem]:
    return list(calendar.filter(test_key__exists=True).only(*LISTED))


async def test_an_item_is_created_listed_changed_and_deleted_with_a_request_each(
    client: Client, exchange: ExchangeSimulator
) -> None:
    calendar = client.calendar()
    exchange.store.add_item(
        JANE, start=datetime(2026, 12, 24, tzinfo=UTC), end=datetime(2026, 12, 25, tzinfo=UTC)
    )

    await run(new_item(calendar, sensitivity="Private").save)
    (found,) = await run(listed, calendar)
    assert (found.subject, found.test_key, found.sensitivity) == ("Absent", "v1/x", "Private")
    assert (found.start, found.end) == (date(2026, 12, 24), date(2026, 12, 25))
    assert (found.is_all_day, found.legacy_free_busy_status) == (True, "OOF")
    assert found.reminder_is_set is False

    found.subject, found.end = "Away", EWSDate(2026, 12, 31)
    await run(lambda: found.save(update_fields=["subject", "start", "end", "is_all_day"]))
    (changed,) = await run(listed, calendar)
    assert (changed.subject, changed.end) == ("Away", date(2026, 12, 31))

    await run(changed.delete)
    assert await run(listed, calendar) == []
    assert len(exchange.store.items(JANE)) == 1
    assert exchange.store.notifications() == 0
    assert exchange.log.operations() == [
        *("CreateItem", "FindItem", "UpdateItem", "FindItem", "DeleteItem", "FindItem")
    ]


@pytest.mark.parametrize("zone", ["Europe/Paris", "Africa/Cairo", "Pacific/Apia", "America/Havana"])
async def test_days_come_back_as_they_went_and_stand_right_in_outlook(
    basic_client: Client, exchange: ExchangeSimulator, zone: str
) -> None:
    exchange.store.add("mona@acme.fr", zone)
    calendar = basic_client.calendar("mona@acme.fr", zone)
    spring = {"start": EWSDate(2026, 3, 8), "end": EWSDate(2026, 4, 27)}

    await run(new_item(calendar, **spring).save)

    (found,) = await run(listed, calendar)
    assert (found.start, found.end) == (date(2026, 3, 8), date(2026, 4, 27))
    (seen,) = exchange.store.outlook_view("mona@acme.fr")
    assert (seen.first, seen.last, seen.starts) == (date(2026, 3, 8), date(2026, 4, 27), None)


async def test_the_library_misreads_an_end_on_a_day_of_23_hours_though_it_is_stored_right(
    basic_client: Client, exchange: ExchangeSimulator
) -> None:
    # exchangelib 5.6.0 goes back 24 hours before it turns the end into a local date. When this
    # fails, the library has been repaired, and whoever works around it may stop.
    calendar = basic_client.calendar()
    short_day = {"start": EWSDate(2027, 3, 26), "end": EWSDate(2027, 3, 28)}

    await run(new_item(calendar, **short_day).save)

    (seen,) = exchange.store.outlook_view(JANE)
    assert (seen.first, seen.last) == (date(2027, 3, 26), date(2027, 3, 28))
    (found,) = await run(listed, calendar)
    assert found.end == date(2027, 3, 27)


async def test_an_all_day_item_made_in_another_zone_shows_extra_days_in_outlook(
    basic_client: Client, exchange: ExchangeSimulator
) -> None:
    calendar = basic_client.calendar("omar@acme.fr", "Europe/Paris")

    await run(new_item(calendar, end=EWSDate(2026, 12, 24)).save)

    (seen,) = exchange.store.outlook_view("omar@acme.fr")
    assert (seen.first, seen.last, seen.days) == (date(2026, 12, 23), date(2026, 12, 24), 2)


async def test_hours_are_the_viewers_own(basic_client: Client, exchange: ExchangeSimulator) -> None:
    paris = EWSTimeZone("Europe/Paris")
    calendar = basic_client.calendar("omar@acme.fr")
    hours = {
        "start": EWSDateTime(2026, 12, 24, 14, tzinfo=paris),
        "end": EWSDateTime(2026, 12, 24, 18, tzinfo=paris),
        "is_all_day": False,
    }

    await run(new_item(calendar, **hours).save)

    (found,) = await run(listed, calendar)
    assert found.start == datetime(2026, 12, 24, 14, tzinfo=ZoneInfo("Europe/Paris"))
    (seen,) = exchange.store.outlook_view("omar@acme.fr")
    assert (seen.first, seen.starts, seen.ends) == (date(2026, 12, 24), time(8), time(12))


@pytest.mark.parametrize(("limit", "pages"), [(1000, 3), (7, 36)])
async def test_a_long_list_comes_whole_however_short_its_pages(
    basic_client: Client, exchange: ExchangeSimulator, limit: int, pages: int
) -> None:
    calendar = basic_client.calendar()
    for n in range(250):
        moment = datetime(2026, 1, 1 + n % 28, tzinfo=UTC)
        exchange.store.add_item(JANE, start=moment, end=moment, subject=str(n), properties=TAGGED)
    exchange.rules.page_limit = limit

    found = await run(listed, calendar)

    assert [item.subject for item in found] == [str(n) for n in range(250)]
    assert len(exchange.log.calls) == pages


async def test_an_outdated_item_cannot_be_saved(
    client: Client, exchange: ExchangeSimulator
) -> None:
    calendar = client.calendar()
    await run(new_item(calendar).save)
    (found,) = await run(listed, calendar)
    exchange.store.edit(JANE, exchange.store.items(JANE)[0].id, subject="mine")

    found.subject = "theirs"
    with pytest.raises(exchangelib.errors.ErrorIrresolvableConflict):
        await run(
            lambda: found.save(update_fields=["subject"], conflict_resolution="NeverOverwrite")
        )
    assert exchange.store.items(JANE)[0].subject == "mine"
    await run(lambda: found.save(update_fields=["subject"], conflict_resolution="AlwaysOverwrite"))
    assert exchange.store.items(JANE)[0].subject == "theirs"


async def test_a_deleted_item_is_reported_as_not_found(
    client: Client, exchange: ExchangeSimulator
) -> None:
    calendar = client.calendar()
    await run(new_item(calendar).save)
    (found,) = await run(listed, calendar)
    exchange.store.delete(JANE, exchange.store.items(JANE)[0].id)

    (answer,) = await run(lambda: calendar.account.bulk_delete([found]))

    assert isinstance(answer, exchangelib.errors.ErrorItemNotFound)


# Every code of the taxonomy that the provider must tell apart.
CODES = [
    *("ErrorPasswordExpired", "ErrorPasswordChangeRequired", "ErrorAccountDisabled"),
    *("ErrorImpersonationDenied", "ErrorCallerIsInvalidADAccount", "ErrorImpersonateUserDenied"),
    *("ErrorNonExistentMailbox", "ErrorNonPrimarySmtpAddress", "ErrorInvalidUserPrincipalName"),
    *("ErrorInvalidSmtpAddress", "ErrorMissingEmailAddress", "ErrorMailboxConfiguration"),
    *("ErrorInvalidLicense", "ErrorAccessDenied", "ErrorCreateItemAccessDenied"),
    *("ErrorFolderNotFound", "ErrorQuotaExceeded", "ErrorMailboxMoveInProgress"),
    *("ErrorMailboxStoreUnavailable", "ErrorMailboxFailover", "ErrorConnectionFailed"),
    *("ErrorConnectionFailedTransientError", "ErrorInsufficientResources", "ErrorNotEnoughMemory"),
    *("ErrorNoRespondingCASInDestinationSite", "ErrorServerBusy", "ErrorADUnavailable"),
    *("ErrorExceededConnectionCount", "ErrorTimeoutExpired", "ErrorADOperation"),
    *("ErrorInternalServerError", "ErrorIrresolvableConflict", "ErrorStaleObject"),
    *("ErrorChangeKeyRequiredForWriteOperations", "ErrorCalendarDurationIsTooLong"),
    *("ErrorSchemaValidation", "ErrorItemSavePropertyError", "ErrorInvalidPropertySet"),
]


@pytest.mark.parametrize("code", CODES)
async def test_an_ordered_code_reaches_the_client_as_its_own_error(
    basic_client: Client, exchange: ExchangeSimulator, code: str
) -> None:
    exchange.order(Refuse(code), operation="CreateItem")

    with pytest.raises(getattr(exchangelib.errors, code)):
        await run(new_item(basic_client.calendar()).save)

    assert exchange.store.items(JANE) == []


@pytest.mark.parametrize("code", CODES)
async def test_an_ordered_fault_reaches_the_client_as_its_own_error(
    basic_client: Client, exchange: ExchangeSimulator, code: str
) -> None:
    exchange.order(Refuse(code, as_fault=True))

    with pytest.raises(getattr(exchangelib.errors, code)):
        await run(listed, basic_client.calendar())

    assert [call.outcome for call in exchange.log.calls] == [code]


async def test_the_client_reads_how_long_a_busy_server_wants_it_to_wait(
    basic_client: Client, exchange: ExchangeSimulator
) -> None:
    exchange.order(busy(4200))

    with pytest.raises(exchangelib.errors.ErrorServerBusy) as caught:
        await run(listed, basic_client.calendar())

    assert caught.value.back_off == 4.2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Answer(401), "UnauthorizedError"),
        (Answer(403), "MalformedResponseError"),
        (Answer(404), "MalformedResponseError"),
        (Answer(429, {"Retry-After": "7"}), "MalformedResponseError"),
        (Answer(500), "MalformedResponseError"),
        (Answer(503), "ErrorServerBusy"),
        (HtmlError(200), "MalformedResponseError"),
        (HtmlError(502), "MalformedResponseError"),
        (redirect_to_owa(), "RedirectError"),
        (DropBefore(), "ErrorTimeoutExpired"),
        (DropAfter(), "ErrorTimeoutExpired"),
    ],
)
async def test_what_is_not_soap_reaches_the_client_as_the_library_sees_it(
    basic_client: Client, exchange: ExchangeSimulator, fault: Answer | HtmlError, error: str
) -> None:
    exchange.order(fault, operation="CreateItem")

    with pytest.raises(getattr(exchangelib.errors, error)):
        await run(new_item(basic_client.calendar()).save)

    assert len(exchange.store.items(JANE)) == isinstance(fault, DropAfter)


async def test_a_wrong_password_is_tried_once(exchange: ExchangeSimulator, client: Client) -> None:
    client.password = "wrong"

    with pytest.raises(exchangelib.errors.UnauthorizedError):
        await run(listed, client.calendar())

    assert exchange.accounts.failures() == 1


async def test_a_fault_under_ntlm_hits_the_call_and_not_the_login(
    exchange: ExchangeSimulator,
) -> None:
    client = Client(exchange.url, NTLM)
    exchange.order(DropAfter(), operation="CreateItem")

    with pytest.raises(exchangelib.errors.ErrorTimeoutExpired):
        await run(new_item(client.calendar()).save)

    assert len(exchange.store.items(JANE)) == 1
    assert [attempt.succeeded for attempt in exchange.accounts.attempts] == [True]
    client.close()
