"""Bookings that people make while something else goes on, and how soon each is seen."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from random import Random

from benchmarks.changes import TOLD_BY, Change, Kind, People, is_made_here, shown
from benchmarks.errors import NotMeasuredError
from benchmarks.figures import percentile
from benchmarks.site import Site
from benchmarks.witness import Landing
from figgosync_sim.requestlog import LoggedRequest

_LOOK = 0.05
_ALL_SHOWN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Latencies:
    """Seconds for each change: since it was made, and since Figgo was first asked about it."""

    total: Sequence[float]
    own: Sequence[float]

    @property
    def count(self) -> int:
        """How many changes there were."""
        return len(self.total)

    def within(self, percent: float) -> tuple[float, float]:
        """Return by when so many percent of all were shown, of both."""
        return percentile(self.total, percent), percentile(self.own, percent)


class LiveChanges:
    """Books days that nothing else is about, one after the other, `gap` seconds apart on average.

    The days tell its events from all others, whoever writes them.
    """

    def __init__(self, site: Site, chance: Random, gap: float) -> None:
        self._site = site
        self._chance = chance
        self._gap = gap
        self._people = People(site.stage.figgo.state, chance)
        self._changes: list[Change] = []
        self._known = len(site.store.landings)

    def go_on(self, is_enough: Callable[[int], bool], within: timedelta) -> None:
        """Book until it is enough; `is_enough` is told how often was booked since.

        Raises NotMeasuredError when it never is.
        """
        began, made = time.monotonic(), 0
        turn = began
        while not is_enough(made):
            if time.monotonic() > began + within.total_seconds():
                raise NotMeasuredError(f"not over after {within}")
            self._site.operator.check()
            if time.monotonic() >= turn:
                self._book()
                made += 1
                turn += self._chance.uniform(0, 2 * self._gap)
            time.sleep(_LOOK)

    def latencies(self) -> Latencies:
        """Wait until all that was booked is shown; return how long each took, and forget them."""
        changes, self._changes = self._changes, []
        done = wait_shown(self._site, changes, self._landings, _ALL_SHOWN)
        self._known = len(self._site.store.landings)
        questions = self._site.stage.act(lambda: list(self._site.stage.figgo.log))
        return Latencies(
            [landing.at - change.at for change, landing in done.items()],
            [
                # What the back-fill read of somebody may show a change that no poll told of.
                landing.at - max(first_asked(questions, change, landing), change.at)
                for change, landing in done.items()
            ],
        )

    def _book(self) -> None:
        made = shown(self._changes, self._landings())
        busy = {change.employee for change in self._changes if change not in made}
        book = partial(self._people.make, Kind.BOOKING, busy)
        self._changes.append(self._site.stage.act(book))

    def _landings(self) -> list[Landing]:
        """Return the writes of such days since all before were shown."""
        since = self._site.store.landings_after(self._known)
        return [landing for landing in since if is_made_here(landing.begins)]


def wait_shown(
    site: Site,
    changes: Sequence[Change],
    landings: Callable[[], Sequence[Landing]],
    within: timedelta,
) -> Mapping[Change, Landing]:
    """Wait until each change is shown; return by which write. NotMeasuredError if one never is."""
    deadline = time.monotonic() + within.total_seconds()
    while True:
        done = shown(changes, landings())
        if len(done) == len(changes):
            return done
        if time.monotonic() > deadline:
            missing = [change.kind.value for change in changes if change not in done]
            raise NotMeasuredError(f"never shown in a calendar: {missing}")
        site.operator.check()
        time.sleep(_LOOK)


def first_asked(questions: Sequence[LoggedRequest], change: Change, landing: Landing) -> float:
    """Return when Figgo was first asked, after the change, for what changed in its way.

    A change may slip into an answer to a question that had come a moment before it.
    """
    asked = [
        question.started
        for question in questions
        if question.started < landing.at and TOLD_BY[change.kind] & question.query.keys()
    ]
    return next((moment for moment in asked if moment >= change.at), asked[-1])
