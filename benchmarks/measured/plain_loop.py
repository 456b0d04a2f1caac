"""The job done plainly: read Figgo page by page, then save each absence with exchangelib.

This is what one writes with the two documentations open, and it is the baseline of the cold start.
It keeps to Figgo's limit with the product's own token bucket, so that both read at one pace; it
has no mark on its events, no look before it creates, no proof that a list is whole, no retry.
"""

import asyncio
import json
import ssl
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, datetime
from datetime import time as wall
from typing import Any

import aiohttp
from exchangelib import (
    IMPERSONATION,
    NTLM,
    Account,
    CalendarItem,
    Configuration,
    Credentials,
    EWSDate,
    EWSDateTime,
    EWSTimeZone,
    Version,
)
from exchangelib.version import EXCHANGE_2016

from figgosync.figgo.limits import TokenBucket

PAGE = 1000
ZONES = {1: "Europe/Paris", 4: "Indian/Reunion"}
MORNING, NOON_BREAK, AFTERNOON, EVENING = wall(9), wall(12, 30), wall(14), wall(18)


@dataclass(frozen=True, slots=True)
class Task:
    """What to do, as it comes in; `since` is the first day that matters, such as 2026-01-01."""

    figgo_url: str
    api_key: str
    exchange_url: str
    login: str
    password: str
    ca_file: str
    since: str
    requests_per_minute: int
    threads: int


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds: reading and writing by the clock, and the CPU time of both together."""

    reading: float
    writing: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Leave:
    """One leave period, with the first and the last of its half-days."""

    first: tuple[date, bool]
    last: tuple[date, bool]
    confirmed: bool


class Figgo:
    """Lists of Lucca's v3 API."""

    def __init__(self, task: Task, session: aiohttp.ClientSession) -> None:
        self._url = task.figgo_url
        self._headers = {"Authorization": f"lucca application={task.api_key}"}
        self._session = session
        self._bucket = TokenBucket(task.requests_per_minute)

    async def rows(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        """Return all rows of a list."""
        rows: list[dict[str, Any]] = []
        while True:
            await self._bucket.acquire()
            query = parameters | {"paging": f"{len(rows)},{PAGE}"}
            async with self._session.get(
                self._url + path, params=query, headers=self._headers
            ) as answer:
                answer.raise_for_status()
                page = (await answer.json())["data"]["items"]
            rows += page
            if len(page) < PAGE:
                return rows


async def read(task: Task) -> tuple[list[dict[str, Any]], Mapping[int, Sequence[Leave]]]:
    """Return everybody, and the absences of each."""
    tls = ssl.create_default_context(cafile=task.ca_file)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as session:
        figgo = Figgo(task, session)
        users = await figgo.rows("/api/v3/users", fields="id,mail,legalEntityId")
        rows = await figgo.rows(
            "/api/v3/leaves",
            **{
                "leavePeriod.owner.legalEntityId": ",".join(map(str, ZONES)),
                "date": f"since,{task.since}",
                "isActive": "true",
                "orderBy": "id,asc",
                "fields": "date,isAM,leavePeriod[id,ownerId,isConfirmed]",
            },
        )
    return users, leaves_of(rows)


def leaves_of(rows: Sequence[Mapping[str, Any]]) -> Mapping[int, Sequence[Leave]]:
    """Put the half-days of each period together."""
    periods = defaultdict(list)
    for row in rows:
        periods[row["leavePeriod"]["id"]].append(row)
    leaves = defaultdict(list)
    for half_days in periods.values():
        # A morning comes before the afternoon of its day.
        moments = sorted((date.fromisoformat(r["date"][:10]), not r["isAM"]) for r in half_days)
        period = half_days[0]["leavePeriod"]
        leaves[period["ownerId"]].append(Leave(moments[0], moments[-1], period["isConfirmed"]))
    return leaves


def write(config: Configuration, user: Mapping[str, Any], leaves: Sequence[Leave]) -> None:
    """Save one employee's absences, as exchangelib's documentation shows it."""
    zone = EWSTimeZone(ZONES[user["legalEntityId"]])
    account = Account(
        user["mail"],
        config=config,
        autodiscover=False,
        access_type=IMPERSONATION,
        default_timezone=zone,
    )
    for leave in leaves:
        CalendarItem(
            account=account,
            folder=account.calendar,
            subject="Absent",
            legacy_free_busy_status="OOF" if leave.confirmed else "Tentative",
            reminder_is_set=False,
            **when(leave, zone),
        ).save()


def when(leave: Leave, zone: EWSTimeZone) -> dict[str, Any]:
    """Return whole days where both ends are, else working hours."""
    (first, starts_late), (last, ends_late) = leave.first, leave.last
    if ends_late and not starts_late:
        return {
            "start": EWSDate.from_date(first),
            "end": EWSDate.from_date(last),
            "is_all_day": True,
        }
    start = datetime.combine(first, AFTERNOON if starts_late else MORNING, zone)
    end = datetime.combine(last, EVENING if ends_late else NOON_BREAK, zone)
    return {
        "start": EWSDateTime.from_datetime(start),
        "end": EWSDateTime.from_datetime(end),
        "is_all_day": False,
    }


def run(task: Task) -> Took:
    """Do all of it."""
    cpu, began = time.process_time(), time.monotonic()
    users, leaves = asyncio.run(read(task))
    have_read = time.monotonic()
    config = Configuration(
        service_endpoint=task.exchange_url,
        credentials=Credentials(task.login, task.password),
        auth_type=NTLM,
        version=Version(build=EXCHANGE_2016),
        max_connections=task.threads,
    )
    with ThreadPoolExecutor(task.threads) as threads:
        jobs = [threads.submit(write, config, user, leaves[user["id"]]) for user in users]
    for job in jobs:
        job.result()
    return Took(have_read - began, time.monotonic() - have_read, time.process_time() - cpu)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asdict(run(Task(**json.load(sys.stdin))))))
