"""The chapter about absences that are older than the tenant: planned, approved, brought in."""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from figgosync_demo.manifests import initialisation
from figgosync_demo.screen import Screen
from figgosync_demo.story import NotAsToldError, outlook
from figgosync_demo.terminal import Terminal
from figgosync_sim.company import PAID_LEAVE
from figgosync_sim.faults import Delay
from figgosync_sim.stage import Stage

CHLOE, DAVID, OLIVIER = 1204, 1205, 1216
PEOPLE = range(CHLOE, OLIVIER)
"""Paris but for Awa and Bruno, of whom the rest of the story tells, and for the one who left."""

EACH = 2
"""Absences that each of them has booked."""

LONG_BEFORE = timedelta(days=60)
SLOW = Delay(1.2)
"""For each event, four at a time: long enough to see progress, which is told every four seconds."""

PLAN, BACKFILL = "backfill-plan", "backfill"

_STATUS_AND_PERCENT = slice(4, 6)
_AT_WORK = frozenset({"Planning", "Running"})


@dataclass(frozen=True, slots=True)
class Backfill:
    """Plays around the week of `monday`; `book` comes before the tenant, `play` after it."""

    stage: Stage
    terminal: Terminal
    screen: Screen
    monday: date

    @property
    def first_day(self) -> date:
        """The day from which on absences are brought in: some weeks ago."""
        return self.monday - timedelta(weeks=8)

    def book(self) -> None:
        """Have each of them book some days that are over by now, and some that are to come."""
        for week in (self.first_day + timedelta(weeks=1), self.monday + timedelta(weeks=1)):
            for who in PEOPLE:
                self._book(who, week + timedelta(days=1), week + timedelta(days=3))

    def play(self) -> None:
        """Play it. Raises NotAsToldError."""
        self.screen.title("Where are the older absences? Chloé and David booked weeks ago")
        for employee in (CHLOE, DAVID):
            self._show(employee, 0)
        self.screen.line(
            "a tenant is live from its activation on; what is older is brought in by a"
        )
        self.screen.line("SyncInitialisation. First a plan, which writes nothing:")
        self._apply(self._plan())
        for employee in (CHLOE, DAVID):
            self._show(employee, EACH)

    def _book(self, who: int, first: date, last: date) -> None:
        when, book = datetime.now(UTC) - LONG_BEFORE, self.stage.figgo.state.book
        self.stage.act(
            lambda: book(who, (first, "AM"), (last, "PM"), PAID_LEAVE, confirmed=True, at=when)
        )

    def _plan(self) -> str:
        """Have it planned, and return the digest."""
        self.terminal.apply(PLAN, initialisation(PLAN, self.first_day, more="  mode: Plan\n"))
        run = f"syncinit/{PLAN}"
        # It ends however the run ends; a wait for Succeeded would wait for ever after a failure.
        over = "--for=jsonpath={.status.completionTime}"
        self.terminal.kubectl("wait", run, over, "--timeout=30s")
        message = '{.status.conditions[?(@.type=="Succeeded")].message}'
        foreseen = self.terminal.kubectl("get", run, "-o", f"jsonpath={message}")
        wanted = f"It would create {EACH * len(PEOPLE)} events, update 0, delete 0,"
        _promise(wanted in foreseen, f"the plan says: {foreseen}")
        _promise(self._written() == 0, "a plan wrote something")
        return self.terminal.kubectl("get", run, "-o", "jsonpath={.status.plan.digest}")

    def _apply(self, digest: str) -> None:
        """Have it done as planned, and watch it."""
        self.screen.line("that is what is wanted: the same without the mode, and with the digest.")
        self.screen.line(
            "The simulated Exchange is slow in this scene, so that there is time to look:"
        )
        exchange = self.stage.exchange
        self.stage.act(
            lambda: exchange.order(SLOW, operation="CreateItem", times=EACH * len(PEOPLE))
        )
        approved = initialisation(BACKFILL, self.first_day, more=f"  planDigest: {digest}\n")
        self.terminal.apply(BACKFILL, approved)
        seen: list[list[str]] = []
        with closing(self.terminal.watch("get", f"syncinit/{BACKFILL}", "--watch")) as lines:
            for line in lines:
                seen.append(line.split()[_STATUS_AND_PERCENT])
                if seen[-1][1:] == ["100"] and seen[-1][0] not in _AT_WORK:
                    break
        _promise(seen[-1:] == [["Completed", "100"]], f"it ended with {seen[-1:]}")
        between = [percent for status, *percent in seen if status == "Running"]
        _promise(any(each not in (["0"], ["100"]) for each in between), f"it was at {between} only")
        _promise(self._written() == EACH * len(PEOPLE), f"{self._written()} events were written")
        self.stage.act(exchange.faults.cancel)

    def _written(self) -> int:
        operations = self.stage.act(self.stage.exchange.log.operations)
        return sum(name in {"CreateItem", "UpdateItem", "DeleteItem"} for name in operations)

    def _show(self, employee: int, count: int) -> None:
        person, entries = self.stage.figgo.state.people[employee], outlook(self.stage, employee)
        self.screen.calendar(person.first_name, entries, None)
        _promise(
            [str(entry.status) for entry in entries] == ["OOF"] * count,
            f"{person.first_name}'s calendar shows {entries}",
        )


def _promise(kept: bool, otherwise: str) -> None:  # noqa: FBT001 - read as a sentence
    if not kept:
        raise NotAsToldError(otherwise)
