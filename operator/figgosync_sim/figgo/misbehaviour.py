"""What only Figgo's lists can do wrong; ordered like any other fault."""

from collections.abc import Callable
from dataclasses import dataclass

from figgosync_sim.faults import Misbehaviour


@dataclass(frozen=True, slots=True)
class RepeatPage(Misbehaviour):
    """Serve the page before the one that was asked for; the first page is served as it is."""


@dataclass(frozen=True, slots=True)
class InsertDuringPaging(Misbehaviour):
    """Let somebody change the books right after this page was served.

    Offset paging then shows a row twice or skips one. `act` does the change: a booking that
    sorts before the offset, say, or a cancellation where inactive rows are not listed.
    """

    act: Callable[[], object]


@dataclass(frozen=True, slots=True)
class WrongCount(Misbehaviour):
    """Answer a `collection.count` that is off by so much."""

    by: int = 1
