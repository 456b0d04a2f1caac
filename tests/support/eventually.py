"""Waits for what comes true by itself: the one place in which a test waits for a clock."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

_PACE = timedelta(milliseconds=50)

Value = TypeVar("Value")


def eventually(
    check: Callable[[], Value | None],
    *,
    within: timedelta,
    not_yet: tuple[type[Exception], ...] = (AssertionError,),
) -> Value:
    """Return the first true value of `check()`; raises AssertionError when `within` is over.

    A false value, or an exception of `not_yet`, means "not yet"; any other exception is a failure
    at once. A check that only asserts must return True, so that it cannot pass by saying nothing.
    """
    deadline = time.monotonic() + within.total_seconds()
    while True:
        refusal: Exception | None = None
        last: object = None
        try:
            value = check()
        except not_yet as error:
            refusal = error
        else:
            if value:
                return value
            last = value
        if time.monotonic() >= deadline:
            seen = f"raised {refusal!r}" if refusal is not None else f"was {last!r}"
            message = f"not true within {within.total_seconds():g} s; the last answer {seen}"
            raise AssertionError(message) from refusal
        time.sleep(_PACE.total_seconds())
