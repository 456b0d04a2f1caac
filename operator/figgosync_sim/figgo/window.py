"""The tenant's request allowance: so many in any minute, whoever asks."""

import math
from collections import deque
from collections.abc import Callable

_SECONDS = 60.0


class RequestWindow:
    """A sliding window of 60 s that all keys of a tenant share [verified: 50 a minute].

    `clock` counts seconds. Refused requests do not count against the allowance [assumed].
    """

    def __init__(self, allowance: int, clock: Callable[[], float]) -> None:
        self._allowance = allowance
        self._clock = clock
        self._admitted: deque[float] = deque()

    def admit(self) -> int | None:
        """Count a request in; return None, or the whole seconds to wait when it is one too many."""
        now = self._clock()
        while self._admitted and self._admitted[0] <= now - _SECONDS:
            self._admitted.popleft()
        if len(self._admitted) < self._allowance:
            self._admitted.append(now)
            return None
        return max(1, math.ceil(self._admitted[0] + _SECONDS - now))
