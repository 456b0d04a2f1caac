"""Waits in an event loop for what comes true by itself, as `eventually` does outside of one."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

_PACE = timedelta(milliseconds=5)
SOON = timedelta(seconds=20)
"""Generous, for machines that do much else at the same time; nothing waits longer than it must."""

Value = TypeVar("Value")


async def comes_true(
    check: Callable[[], Value],
    *,
    within: timedelta = SOON,
    told: Callable[[], object] | None = None,
) -> Value:
    """Return the first true value of `check()`; raises AssertionError when `within` is over.

    `told` returns what to say of a failure; the last value where it is left out. An exception of
    `check` is a failure at once.
    """
    deadline = time.monotonic() + within.total_seconds()
    while not (value := check()):
        if time.monotonic() >= deadline:
            seen = value if told is None else told()
            message = f"not true within {within.total_seconds():g} s; the last answer was {seen!r}"
            raise AssertionError(message)
        await asyncio.sleep(_PACE.total_seconds())
    return value
