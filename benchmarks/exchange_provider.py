"""What one call to Exchange costs this process: CPU, wall time, memory.

    PYTHONPATH=operator python benchmarks/exchange_provider.py

The simulated server runs in a process of its own, so nothing of it is counted.
"""

import asyncio
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

CALLS = 200
ABSENCES = 40
MAILBOXES = 1000


def resident() -> float:
    """Return the resident memory now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


BARE = resident()

from figgosync.calendars.base import Mailbox  # noqa: E402 - its memory is measured
from figgosync.calendars.exchange import (  # noqa: E402 - its memory is measured
    ExchangeConnection,
    ExchangeConnectionSettings,
    verifying_context,
)
from figgosync.calendars.exchange.transport import authority  # noqa: E402 - as above
from figgosync.core.absence import EmployeeID, PeriodID  # noqa: E402 - as above
from figgosync.core.event import AllDay, Availability, Event, EventKey, Ref  # noqa: E402 - as above
from figgosync.core.tenant import Authentication  # noqa: E402 - as above

IMPORTED = resident()
JANE = Mailbox("jane@societe.com", "Europe/Paris")


def serve(pipe: Connection) -> None:
    """Serve an Exchange with one mailbox until the pipe says stop."""
    from figgosync_sim.certificates import Authority  # noqa: PLC0415 - not in the measured process
    from figgosync_sim.ews import ews_simulator  # noqa: PLC0415 - as above

    async def run() -> None:
        ca = Authority()
        bundle = ca.ca_file(Path(tempfile.mkdtemp()) / "ca.pem")
        async with ews_simulator({"service": "secret"}, tls=ca.server_context()) as simulator:
            simulator.store.add(JANE.address)
            pipe.send((simulator.url, str(bundle)))
            await asyncio.to_thread(pipe.poll, None)

    asyncio.run(run())


def key(number: int) -> EventKey:
    """Return the identity of one absence."""
    return EventKey("acme.ilucca.net", EmployeeID(1207), PeriodID(number), 0)


def event(number: int, title: str = "Absent") -> Event:
    """Return one whole day."""
    day = date(2026, 1, 1) + timedelta(days=number)
    return Event(title, AllDay(day, day), Availability.OUT_OF_OFFICE, private=False)


async def per_call(what: str, call: Callable[[int], Awaitable[object]]) -> None:
    """Print CPU and wall time of one call, the mean of many."""
    cpu, wall = time.process_time(), time.perf_counter()
    for number in range(CALLS):
        await call(number)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(f"  {what:<24} {cpu / CALLS * 1e3:6.2f} ms CPU {wall / CALLS * 1e3:6.2f} ms wall")


async def measure_calls(connection: ExchangeConnection) -> None:
    """Measure each call on a warm connection; leaves the mailbox empty."""
    calendar = connection.calendar(JANE)
    refs: dict[int, Ref] = {}

    async def create(number: int) -> None:
        refs[number] = await calendar.create(key(number), event(number))

    async def update(number: int) -> None:
        refs[number] = await calendar.update(refs[number], key(number), event(number, "Changed"))

    cpu = time.process_time()
    await connection.check(JANE)
    print(f"  {'first call, with login':<24} {(time.process_time() - cpu) * 1e3:6.2f} ms CPU")
    await per_call("check", lambda _: connection.check(JANE))
    await per_call("list, empty", lambda _: calendar.owned_events())
    await per_call("create", create)
    await per_call("update", update)
    await per_call("delete", lambda number: calendar.delete(refs[number]))
    for number in range(ABSENCES):
        await create(number)
    await per_call(f"list, {ABSENCES} events", lambda _: calendar.owned_events())
    for number in range(ABSENCES):
        await calendar.delete(refs[number])


async def measure_memory(connection: ExchangeConnection) -> None:
    """Measure what many calendars hold, before and after they were listed."""
    before = resident()
    calendars = [connection.calendar(JANE) for _ in range(MAILBOXES)]
    print(f"  {len(calendars)} calendars: {resident() - before:.2f} MiB")
    for number in range(ABSENCES):
        await calendars[0].create(key(number), event(number))
    for calendar in calendars:
        await calendar.owned_events()
    print(f"  and listed, {ABSENCES} events each: {resident() - before:.2f} MiB")


async def measure(url: str, bundle: str) -> None:
    """Measure one login scheme after the other, then memory."""
    print(f"import: {BARE:.1f} MiB resident before, {IMPORTED:.1f} MiB after")
    tls = verifying_context(bundle)
    for authentication in Authentication:
        settings = ExchangeConnectionSettings(
            url, "service", "secret", authentication, frozenset({authority(url)}), tls
        )
        connection = ExchangeConnection(settings)
        print(f"{authentication} over TLS, {CALLS} calls each")
        await measure_calls(connection)
        if authentication is Authentication.BASIC:
            print("memory")
            await measure_memory(connection)
        await connection.close()


def main() -> None:
    """Start the server, measure, stop it."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    server.start()
    try:
        asyncio.run(measure(*ours.recv()))
    finally:
        ours.send("stop")
        server.join()


if __name__ == "__main__":
    main()
