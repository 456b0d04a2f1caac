"""How busy an Exchange Server was kept, by its own log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from figgosync_sim.requestlog import LoggedRequest

_NOT_LOGGED_IN = 401
_TROUBLE = 400


@dataclass(frozen=True, slots=True)
class Call:
    """One call from its arrival to its answer, in seconds of `time.monotonic`."""

    started: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long the server took for it."""
        return self.ended - self.started


@dataclass(frozen=True, slots=True)
class ExchangeLoad:
    """The calls that were answered between two moments; `refused` of them with an error."""

    first: float
    last: float
    calls: Sequence[Call]
    refused: int

    @classmethod
    def between(
        cls, first: float, last: float, requests: Iterable[LoggedRequest]
    ) -> "ExchangeLoad":
        """Take what belongs there out of a log; what only opens a login is no call."""
        answered = [
            (Call(request.started, request.ended), request.status)
            for request in requests
            if request.status is not None and request.ended is not None
            if request.status != _NOT_LOGGED_IN and first < request.ended <= last
        ]
        refused = sum(status >= _TROUBLE for _, status in answered)
        return cls(first, last, [call for call, _ in answered], refused)

    @property
    def per_second(self) -> float:
        """How many were answered each second."""
        return len(self.calls) / (self.last - self.first)

    @property
    def call_seconds(self) -> float:
        """How long the server took for one call, on average."""
        return fmean(call.seconds for call in self.calls)

    def ceiling(self, in_flight: int) -> float:
        """Return how many a second there could be if so many were under way at every moment."""
        return in_flight / self.call_seconds

    @property
    def idle_seconds(self) -> float:
        """How long nothing at all was under way."""
        idle, busy_until = 0.0, self.first
        for call in sorted(self.calls, key=lambda each: each.started):
            idle += max(0.0, call.started - busy_until)
            busy_until = max(busy_until, call.ended)
        return idle + max(0.0, self.last - busy_until)
