"""When a side fails, the tenant says so with the remedy, disturbs nobody else, and recovers."""

import asyncio
from datetime import timedelta

import pytest

from component.world import AWA, BRUNO, CHLOE, LOGIN, PASSWORD, PRISCILLA, World
from figgosync.errors import PermanentError, Reason, TransientError
from figgosync_sim.company import PARIS, REUNION, SICK
from figgosync_sim.ews import Refuse
from figgosync_sim.faults import Answer, HtmlError
from figgosync_sim.figgo import DEFAULT_KEY
from figgosync_sim.mailboxes import MailboxState
from support.comes_true import comes_true


@pytest.mark.parametrize("authentication", ["NTLM", "Basic"])
async def test_a_wrong_password_costs_one_login_per_wait_and_a_new_secret_ends_it(
    world: World, authentication: str
) -> None:
    """Accounts lock themselves after a few wrong passwords."""
    world.create_tenant({"calendar.exchange.authentication": authentication})
    world.cluster.put_secret("acme-exchange", accountLogin=LOGIN, accountPass="expired")
    world.book("2026-12-24")
    await world.start()
    await world.turns("CalendarReady", "False", "CredentialsRefused")
    await world.turns("Ready", "False", "CredentialsRefused")
    assert "accountPass" in world.cluster.message("CalendarReady"), "the remedy"
    for _ in range(30):
        world.leap(seconds=10)
        await asyncio.sleep(0.02)
    # Five minutes, and the next attempt comes after fifteen.
    assert world.exchange.accounts.failures() == 1
    world.cluster.put_secret("acme-exchange", accountLogin=LOGIN, accountPass=PASSWORD)
    world.leap(seconds=6)
    await world.shows("2026-12-24 Tentative Absent")
    await world.turns("CalendarReady", "True", "Connected")
    await world.turns("Ready", "True", "Synchronised")
    assert ("CalendarReady", "CredentialsRefused") in world.recorder.told()


async def test_a_person_may_have_a_refused_login_tried_at_once(world: World) -> None:
    """The account was unlocked in the directory; the Secret is the same."""
    world.create_tenant()
    world.exchange.accounts.set_password(LOGIN, "another")
    world.book("2026-12-24")
    await world.start()
    await world.turns("CalendarReady", "False", "CredentialsRefused")
    world.exchange.accounts.set_password(LOGIN, PASSWORD)
    world.cluster.annotate("figgosync.io/requestedAt", "now")
    await world.shows("2026-12-24 Tentative Absent")
    await world.turns("Ready", "True", "Synchronised")
    assert world.exchange.accounts.failures() == 1


@pytest.mark.parametrize("authentication", ["NTLM", "Basic"])
async def test_a_password_that_expires_in_full_work_locks_no_account(
    world: World, authentication: str
) -> None:
    world.exchange.accounts.lock_out_after = 10
    world.create_tenant({"calendar.exchange.authentication": authentication})
    await world.start()
    await world.in_sync()
    world.exchange.accounts.set_password(LOGIN, "another")
    world.exchange.drop_connections()
    for employee in (AWA, BRUNO, CHLOE):
        for day in range(14, 19):
            world.book(f"2026-12-{day}", owner=employee)
    await world.turns("CalendarReady", "False", "CredentialsRefused")
    for _ in range(20):
        world.leap(seconds=10)
        await asyncio.sleep(0.02)
    assert world.exchange.accounts.failures() <= 6, "one each that was under way, then one per wait"
    world.cluster.put_secret("acme-exchange", accountLogin=LOGIN, accountPass="another")
    world.leap(seconds=6)
    await comes_true(lambda: all(len(world.ours(who)) == 5 for who in (AWA, BRUNO, CHLOE)))


async def test_a_revoked_api_key_is_told_and_a_new_one_ends_it(world: World) -> None:
    world.create_tenant()
    await world.start()
    await world.in_sync()
    world.state.set_key("5b3b8d0c-0000-4000-8000-000000000000")
    await world.turns("FiggoReady", "False", "CredentialsRefused")
    assert "API key" in world.cluster.message("FiggoReady")
    world.book("2026-12-24")
    await asyncio.sleep(0.05)
    assert world.calendar() == []
    world.cluster.put_secret("acme-figgo", apiKey="5b3b8d0c-0000-4000-8000-000000000000")
    world.leap(seconds=6)
    await world.shows("2026-12-24 Tentative Absent")
    await world.turns("FiggoReady", "True", "Connected")
    await world.turns("Ready", "True", "Synchronised")


@pytest.mark.parametrize("secret", ["acme-figgo", "acme-exchange"])
async def test_a_secret_that_comes_late_begins_everything(world: World, secret: str) -> None:
    world.cluster.remove_secret(secret)
    world.create_tenant()
    world.book("2026-12-24")
    await world.start()
    kind = "FiggoReady" if secret == "acme-figgo" else "CalendarReady"
    await world.turns(kind, "False", "SecretNotFound")
    assert secret in world.cluster.message(kind)
    data = {"apiKey": DEFAULT_KEY, "accountLogin": LOGIN, "accountPass": PASSWORD}
    world.cluster.put_secret(secret, **data)
    world.leap(seconds=6)
    await world.shows("2026-12-24 Tentative Absent")
    await world.turns("Ready", "True", "Synchronised")


@pytest.mark.parametrize("answer", [HtmlError(503), Answer(500, body="", content_type="text/xml")])
async def test_an_exchange_that_is_away_for_a_while_catches_up(
    world: World, answer: HtmlError | Answer
) -> None:
    world.create_tenant()
    await world.start()
    await world.in_sync()
    world.exchange.order(answer, times=1000)
    period = world.book("2026-12-24")
    world.book("2026-12-28", owner=BRUNO)
    for _ in range(20):
        world.leap(seconds=20)
        await asyncio.sleep(0.02)
    status = world.condition("CalendarReady")
    assert status is not None
    assert status[0] == "False", "it lasts for minutes, so it shows"
    world.state.approve(period)
    world.exchange.faults.cancel()
    world.leap(hours=1)
    await world.shows("2026-12-24 OOF Absent")
    await world.shows("2026-12-28 Tentative Absent", employee=BRUNO)
    await world.turns("Ready", "True", "Synchronised")


async def test_one_short_trouble_does_not_make_the_tenant_unready(world: World) -> None:
    world.create_tenant()
    await world.start()
    await world.in_sync()
    told = len(world.recorder.told())
    world.exchange.order(HtmlError(503), times=1)
    world.book("2026-12-24")
    await asyncio.sleep(0.1)
    world.leap(seconds=40)
    await world.shows("2026-12-24 Tentative Absent")
    await world.idle()
    assert world.condition("Ready") == ("True", "Synchronised")
    assert world.recorder.told()[told:] == []


async def test_a_missing_role_is_told_as_such(world: World) -> None:
    world.exchange.scope.role_assigned = False
    world.create_tenant()
    await world.start()
    await world.turns("CalendarReady", "False", "ImpersonationDenied")
    assert "ApplicationImpersonation" in world.cluster.message("CalendarReady")
    world.exchange.scope.role_assigned = True
    world.leap(minutes=20)
    await world.turns("Ready", "True", "Synchronised")


async def test_a_mailbox_outside_of_the_scope_disturbs_nobody_else(world: World) -> None:
    world.exchange.scope.only([world.mail(AWA), world.mail(CHLOE)])
    await one_fails(world, "ImpersonationDenied")
    world.exchange.scope.everybody()
    world.leap(hours=2)
    await world.shows("2026-12-24 Tentative Absent", employee=BRUNO)
    await world.turns("Synchronised", "True", "Synchronised")


async def test_a_missing_mailbox_disturbs_nobody_else(world: World) -> None:
    world.exchange.store.remove(world.mail(BRUNO))
    await one_fails(world, "MailboxNotFound")
    world.exchange.store.add(world.mail(BRUNO))
    world.leap(hours=2)
    await world.shows("2026-12-24 Tentative Absent", employee=BRUNO)
    await world.turns("Synchronised", "True", "Synchronised")


async def test_a_full_mailbox_is_told(world: World) -> None:
    world.exchange.store.set_state(world.mail(BRUNO), MailboxState.FULL)
    await one_fails(world, "MailboxFull")


async def one_fails(world: World, reason: str) -> None:
    """Have three people absent; see two served and Bruno named by his id, with a remedy."""
    world.create_tenant()
    for employee in (AWA, BRUNO, CHLOE):
        world.book("2026-12-24", owner=employee)
    await world.start()
    for employee in (AWA, CHLOE):
        await world.shows("2026-12-24 Tentative Absent", employee=employee)
    await world.turns("Synchronised", "False", "FailingEmployees")
    await world.idle()
    assert world.condition("Ready") == ("True", "FailingEmployees")
    (failure,) = world.cluster.status()["failures"]
    assert (failure["employee"], failure["reason"]) == (BRUNO, reason)
    assert "bruno" not in str(world.cluster.status()).lower()
    assert world.cluster.status()["employees"] == {"total": 3, "inSync": 2, "failing": 1}


async def test_rows_that_vanish_with_a_right_cost_nothing(world: World) -> None:
    """The sweep sees that nothing at all is left of the establishment."""
    world.sweep_interval = timedelta(milliseconds=300)
    world.create_tenant({"legalEntities": [PARIS, REUNION]})
    for day in range(14, 19):
        world.book(f"2026-12-{day}", owner=PRISCILLA)
    await world.start()
    await comes_true(lambda: len(world.ours(PRISCILLA)) == 5)
    await world.in_sync()
    world.state.hide_rows_of(REUNION)
    await world.turns("Synchronised", "False", "FailingEmployees")
    (failure,) = world.cluster.status()["failures"]
    assert (failure["employee"], failure["reason"]) == (PRISCILLA, "LegalEntityNotVisible")
    world.leap(hours=8)
    await world.idle()
    assert len(world.ours(PRISCILLA)) == 5
    assert world.cluster.status()["events"]["managed"] == 5
    world.state.show_legal_entity(REUNION)
    await world.turns("Synchronised", "True", "Synchronised")
    assert "DeleteItem" not in world.writes()


async def test_a_legal_entity_that_nobody_sees_is_told_and_the_others_are_served(
    world: World,
) -> None:
    """A typing error in spec.legalEntities has no employee who could be reported."""
    world.create_tenant({"legalEntities": [PARIS, 99]})
    await world.start()
    await world.turns("FiggoReady", "False", "LegalEntityNotVisible")
    await world.turns("Ready", "False", "LegalEntityNotVisible")
    world.book("2026-12-24", confirmed=True)
    await world.shows("2026-12-24 OOF Absent")


async def test_rows_that_are_gone_after_a_restart_cost_three_events_at_most(world: World) -> None:
    """Nothing is remembered then, so they look as if they had never been; but Figgo keeps what
    was cancelled, so more than a few of those are a sign that we are shown too little."""
    world.create_tenant({"legalEntities": [PARIS, REUNION]})
    for day in range(14, 19):
        world.book(f"2026-12-{day}", owner=PRISCILLA)
    await world.start()
    await comes_true(lambda: len(world.ours(PRISCILLA)) == 5)
    await world.in_sync()
    await world.stop()
    world.state.hide_rows_of(REUNION)
    await world.start()
    await world.turns("DeletionsBlocked", "True", "DeletionsBlocked")
    for _ in range(3):
        world.leap(hours=7)
        await world.idle()
    assert len(world.ours(PRISCILLA)) == 2
    assert "2 deletions are held back" in world.cluster.message("DeletionsBlocked")
    world.state.show_legal_entity(REUNION)
    world.leap(hours=8)
    await world.idle()
    world.leap(seconds=3)
    await comes_true(lambda: world.condition("DeletionsBlocked") is None)
    assert len(world.ours(PRISCILLA)) == 5


async def test_no_more_is_deleted_in_a_day_than_the_company_allows(world: World) -> None:
    world.create_tenant({"maxDeletions": {"percent": 10, "atLeast": 4}})
    periods = [world.book(f"2026-12-{day}", confirmed=True) for day in range(14, 19)]
    periods += [world.book(f"2026-12-{day}", confirmed=True) for day in (21, 22, 23)]
    await world.start()
    await comes_true(lambda: len(world.ours()) == 8)
    await world.in_sync()
    for period in periods:
        world.state.cancel(period)
    await world.turns("DeletionsBlocked", "True", "DeletionsBlocked")
    await world.idle()
    assert len(world.ours()) == 4
    assert world.condition("Ready") == ("True", "Synchronised")
    world.cluster.edit({"maxDeletions": {"percent": 100, "atLeast": 4}})
    await world.turns_to_generation(2)
    world.leap(hours=8)
    await world.shows()
    await world.idle()
    world.leap(seconds=3)
    await comes_true(lambda: world.condition("DeletionsBlocked") is None)


async def test_an_api_server_that_is_away_does_not_stop_the_calendars(world: World) -> None:
    world.create_tenant()
    await world.start()
    await world.in_sync()
    world.cluster.trouble = TransientError(Reason.UNREACHABLE, "Away.", tenant_wide=True)
    world.leap(minutes=6)
    world.book("2026-12-24")
    await world.shows("2026-12-24 Tentative Absent")
    world.cluster.trouble = None
    world.leap(minutes=1)
    await comes_true(lambda: world.cluster.status()["events"]["managed"] == 1)


async def test_a_status_that_is_refused_does_not_put_the_tenant_to_rest(world: World) -> None:
    """As by a cluster whose CRDs are older than the operator."""
    world.create_tenant()
    await world.start()
    await world.in_sync()
    world.cluster.status_trouble = PermanentError(Reason.CRD_OUTDATED, "Update.", tenant_wide=True)
    world.book("2026-12-24")
    await world.shows("2026-12-24 Tentative Absent")
    await world.idle()
    (item,) = world.ours()
    world.exchange.store.delete(world.mail(), item.id)
    world.leap(hours=8)
    await world.shows("2026-12-24 Tentative Absent")
    world.cluster.status_trouble = None
    world.leap(minutes=1)
    await comes_true(lambda: world.cluster.status()["events"]["managed"] == 1)


async def test_nothing_is_written_before_the_activation_is_remembered(world: World) -> None:
    """A moment that is lost would leave out later what was booked before."""
    world.create_tenant()
    world.cluster.status_trouble = TransientError(Reason.UNREACHABLE, "Away.", tenant_wide=True)
    world.book("2026-12-24")
    await world.start()
    await asyncio.sleep(0.2)
    assert world.writes() == []
    world.cluster.status_trouble = None
    world.leap(minutes=1)
    await world.shows("2026-12-24 Tentative Absent")
    assert world.cluster.status()["activations"][0]["legalEntities"] == [PARIS]


async def test_throttling_is_obeyed(world: World) -> None:
    world.create_tenant()
    await world.start()
    await world.in_sync()
    world.exchange.order(
        Refuse("ErrorServerBusy", hints={"BackOffMilliseconds": "90000"}, as_fault=True)
    )
    world.book("2026-12-24")
    await asyncio.sleep(0.2)
    asked = len(world.exchange.log.calls)
    world.leap(seconds=60)
    await asyncio.sleep(0.1)
    assert len(world.exchange.log.calls) == asked
    world.leap(seconds=31)
    await world.shows("2026-12-24 Tentative Absent")


async def test_no_credentials_go_to_a_host_that_the_installation_does_not_allow(
    world: World,
) -> None:
    world.allowed_exchange_hosts = ("mail.acme.example",)
    world.create_tenant()
    world.book("2026-12-24")
    await world.start()
    await world.turns("CalendarReady", "False", "HostNotAllowed")
    assert "FIGGOSYNC_EXCHANGE_HOSTS" in world.cluster.message("CalendarReady")
    world.leap(hours=2)
    await asyncio.sleep(0.05)
    assert len(world.exchange.log) == 0


async def test_no_password_name_or_address_is_told_to_anybody(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither while all goes well nor when it fails."""
    caplog.set_level("DEBUG", logger="figgosync")
    world.exchange.store.remove(world.mail(BRUNO))
    world.create_tenant({"events.showAbsenceType": True})
    for employee in (AWA, BRUNO, CHLOE):
        world.book("2026-12-24", owner=employee, account=SICK)
    await world.start()
    await world.shows("2026-12-24 Tentative Maladie")
    await world.turns("Synchronised", "False", "FailingEmployees")
    world.exchange.accounts.set_password(LOGIN, "another")
    world.exchange.drop_connections()
    world.leap(minutes=1)
    await world.turns("CalendarReady", "False", "CredentialsRefused")
    told = [str(record.__dict__) for record in caplog.records]
    told += [str(status) for status in world.cluster.status_writes]
    told += [str(occurrence) for occurrence in world.recorder.occurrences]
    assert len(caplog.records) > 5
    for secret in (PASSWORD, DEFAULT_KEY, "mercier", "bruno", "lef", "societe.example", "maladie"):
        assert secret.lower() not in "".join(told).lower(), secret
