"""One call at a time: the product's Exchange provider, and exchangelib called plainly.

Both list, create, update and delete in mailboxes that are alike, turn by turn, so that whatever
else the machine does meets both.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from exchangelib import (
    IMPERSONATION,
    NTLM,
    Account,
    CalendarItem,
    Configuration,
    Credentials,
    EWSDate,
    EWSTimeZone,
    Version,
)
from exchangelib.version import EXCHANGE_2016

from figgosync.calendars.base import Calendar, Mailbox
from figgosync.calendars.exchange import (
    ExchangeConnection,
    ExchangeConnectionSettings,
    verifying_context,
)
from figgosync.calendars.exchange.items import WRITTEN_FIELDS
from figgosync.core.absence import EmployeeID, PeriodID
from figgosync.core.event import AllDay, Availability, Event, EventKey
from figgosync.core.tenant import Authentication

ZONE = "Europe/Paris"
DAY = date(2027, 6, 8)
FIRST = 1000
"""The leave period of the first round; those of the events that stand have lower numbers."""

WARM_UP = 5
"""Rounds that are not counted: they log in, and load what is loaded once."""

READ = (
    *("subject", "start", "end", "is_all_day", "legacy_free_busy_status", "sensitivity"),
    *("absence_marker", "changekey"),
)
"""What the product compares, which is what it asks for in a listing."""

NAMES = ("list", "create", "update", "delete")


@dataclass(frozen=True, slots=True)
class Task:
    """What to do, as it comes in: two mailboxes that are alike, how many events stand in each."""

    exchange_url: str
    login: str
    password: str
    ca_file: str
    ours: str
    plain: str
    standing: int
    rounds: int


class Meter:
    """Notes CPU seconds, those of all threads of this process, for each call of each kind."""

    def __init__(self) -> None:
        self.costs: dict[str, list[float]] = {name: [] for name in NAMES}
        self._read_at = 0.0

    def start(self) -> None:
        """Begin to count."""
        self._read_at = time.process_time()

    def spent_on(self, name: str) -> None:
        """Note what was spent since the last reading."""
        now = time.process_time()
        self.costs[name].append(now - self._read_at)
        self._read_at = time.process_time()


def key(number: int) -> EventKey:
    """Return an identity that nothing in the mailbox has yet."""
    return EventKey("acme.ilucca.net", EmployeeID(1207), PeriodID(number), 1)


def event(title: str) -> Event:
    """Return one day of absence."""
    return Event(title, AllDay(DAY, DAY), Availability.OUT_OF_OFFICE, private=False)


def connect(task: Task) -> ExchangeConnection:
    """Connect as the operator does."""
    return ExchangeConnection(
        ExchangeConnectionSettings(
            task.exchange_url,
            task.login,
            task.password,
            Authentication.NTLM,
            allowed_hosts=frozenset({urlsplit(task.exchange_url).netloc}),
            tls=verifying_context(task.ca_file),
        )
    )


async def product_round(calendar: Calendar, task: Task, number: int, meter: Meter) -> None:
    """Do each call once, through the product's interface of all calendars."""
    meter.start()
    found = await calendar.owned_events()
    meter.spent_on("list")
    check(len(found), task)
    meter.start()
    ref = await calendar.create(key(number), event("Absent"))
    meter.spent_on("create")
    ref = await calendar.update(ref, key(number), event("Away"))
    meter.spent_on("update")
    await calendar.delete(ref)
    meter.spent_on("delete")


def plain_account(task: Task) -> Account:
    """Open a mailbox as exchangelib's documentation shows it, guessing nothing."""
    return Account(
        task.plain,
        config=Configuration(
            service_endpoint=task.exchange_url,
            credentials=Credentials(task.login, task.password),
            auth_type=NTLM,
            version=Version(build=EXCHANGE_2016),
        ),
        autodiscover=False,
        access_type=IMPERSONATION,
        default_timezone=EWSTimeZone(ZONE),
    )


def plain_round(account: Account, task: Task, number: int, meter: Meter) -> None:
    """Do the same calls with the library's own objects, which know our property as well."""
    day = EWSDate.from_date(DAY)
    meter.start()
    found = list(account.calendar.filter(absence_marker__exists=True).only(*READ))
    meter.spent_on("list")
    check(len(found), task)
    meter.start()
    item = CalendarItem(
        account=account,
        folder=account.calendar,
        subject="Absent",
        start=day,
        end=day,
        is_all_day=True,
        legacy_free_busy_status="OOF",
        reminder_is_set=False,
        absence_marker=key(number).marker(),
    ).save()
    meter.spent_on("create")
    item.subject = "Away"
    item.save(update_fields=list(WRITTEN_FIELDS))
    meter.spent_on("update")
    item.delete()
    meter.spent_on("delete")


def check(found: int, task: Task) -> None:
    """Raise ValueError unless a listing held what stands."""
    if found != task.standing:
        raise ValueError(f"{found} events were listed, {task.standing} stand")


async def run(task: Task) -> dict[str, dict[str, list[float]]]:
    """Take turns."""
    ours, plain = Meter(), Meter()
    connection, account = connect(task), plain_account(task)
    calendar = connection.calendar(Mailbox(task.ours, ZONE))
    for number in range(WARM_UP + task.rounds):
        if number == WARM_UP:
            ours, plain = Meter(), Meter()
        await product_round(calendar, task, FIRST + number, ours)
        plain_round(account, task, FIRST + number, plain)
    await connection.close()
    return {"ours": ours.costs, "plain": plain.costs}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(run(Task(**json.load(sys.stdin))))))
