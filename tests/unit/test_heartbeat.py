"""The heartbeat measures how late the event loop is, and notices that it stands still."""

import asyncio
import time

import pytest

from figgosync.controller import heartbeat
from figgosync.controller.heartbeat import Heartbeat
from support.comes_true import comes_true


async def test_what_blocks_the_event_loop_is_measured_and_added_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(heartbeat, "INTERVAL", 0.01)
    late: list[float] = []
    heart = Heartbeat(late.append)
    beating = asyncio.create_task(heart.run())
    await comes_true(lambda: len(late) >= 2)
    so_far = len(late)
    time.sleep(0.05)  # noqa: ASYNC251 - it is meant to block
    await comes_true(lambda: len(late) > so_far)
    assert late[so_far] >= 0.03
    assert all(each >= 0 for each in late)
    beating.cancel()


async def test_a_heart_that_no_longer_beats_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "INTERVAL", 0.01)
    monkeypatch.setattr(heartbeat, "STUCK_AFTER", 0.2)
    heart = Heartbeat(lambda _: None)
    beating = asyncio.create_task(heart.run())
    await asyncio.sleep(0.05)
    assert not heart.is_stuck
    beating.cancel()
    await comes_true(lambda: heart.is_stuck)
