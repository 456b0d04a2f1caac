"""Real time, as the event loop sees it."""

import asyncio

from figgosync.figgo.timer import LoopTimer


async def test_waiting_ends_as_soon_as_the_event_is_set() -> None:
    timer, event = LoopTimer(), asyncio.Event()
    waiting = asyncio.create_task(timer.wait(event, 3600))
    await asyncio.sleep(0)
    assert not waiting.done()

    event.set()

    async with asyncio.timeout(1):
        await waiting


async def test_waiting_ends_when_the_time_is_over() -> None:
    timer, event = LoopTimer(), asyncio.Event()
    before = timer.monotonic()

    await timer.wait(event, 0.02)
    await timer.sleep(0.02)

    assert timer.monotonic() - before >= 0.039
    assert not event.is_set()
