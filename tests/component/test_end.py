"""The end of a tenant's task: whenever it is told to end, it ends."""

import asyncio

import pytest

from component.world import World


@pytest.mark.parametrize("steps", range(6))
async def test_a_task_that_is_told_to_end_just_when_it_is_woken_ends(
    world: World, steps: int
) -> None:
    world.create_tenant()
    sync = await world.start()
    await world.in_sync()
    sync.wake()
    for _ in range(steps):
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await world.stop()
