"""The story that the demo plays: what people do in Figgo, and what then stands in calendars."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from figgosync_demo.installation import OperatorProcess
from figgosync_demo.manifests import NAMESPACE, TENANT, exchange_secret
from figgosync_demo.screen import Screen
from figgosync_demo.terminal import Terminal
from figgosync_sim.company import PAID_LEAVE, RTT
from figgosync_sim.outlook import Appointment
from figgosync_sim.stage import LOGIN, Stage

AWA, BRUNO = 1202, 1203
NEW_PASSWORD = "Battery-Staple-2"  # noqa: S105 - of a simulated account
PATIENCE = 40.0

Entries = Sequence[Appointment]


class NotAsToldError(Exception):
    """A calendar does not show what the story promises."""


@dataclass(slots=True)
class Story:
    """Plays on a running stage; `times` collects what each change took, in seconds."""

    terminal: Terminal
    stage: Stage
    operator: OperatorProcess
    screen: Screen
    times: list[tuple[str, float]] = field(default_factory=list)

    def play(self, monday: date) -> None:
        """Play it all, on the days of the week that begins with `monday`."""
        awa = self._request_and_half_day(monday)
        self._approve(awa)
        self._password_stops(awa, monday)
        self._cancel(awa)

    def _request_and_half_day(self, monday: date) -> int:
        book = self.stage.figgo.state.book
        wednesday, friday = monday + timedelta(days=2), monday + timedelta(days=4)
        self.screen.title("Awa asks for three days off; Bruno gets a Friday afternoon")
        began = time.monotonic()
        period = self.stage.act(lambda: book(AWA, (monday, "AM"), (wednesday, "PM"), PAID_LEAVE))
        self.stage.act(lambda: book(BRUNO, (friday, "PM"), (friday, "PM"), RTT, confirmed=True))
        self._await("Awa's request", AWA, began, lambda entries: _status(entries) == "Tentative")
        self._await("Bruno's half-day", BRUNO, began, lambda entries: len(entries) == 1)
        return period

    def _approve(self, period: int) -> None:
        self.screen.title("Her manager approves")
        began = self._change(lambda: self.stage.figgo.state.approve(period))
        self._await("approval", AWA, began, lambda entries: _status(entries) == "OOF")

    def _password_stops(self, period: int, monday: date) -> None:
        self.screen.title("The service account's password expires; Awa moves her leave by a day")
        accounts = self.stage.exchange.accounts
        self.stage.act(lambda: accounts.set_password(LOGIN, NEW_PASSWORD))
        self.stage.act(self.stage.exchange.drop_connections)
        tuesday, thursday = monday + timedelta(days=1), monday + timedelta(days=3)
        edit = self.stage.figgo.state.edit
        began = self._change(lambda: edit(period, (tuesday, "AM"), (thursday, "PM")))
        self.terminal.kubectl(
            "wait", f"cst/{TENANT}", "--for=condition=CalendarReady=False", "--timeout=40s"
        )
        self.terminal.kubectl(
            "get",
            f"cst/{TENANT}",
            "-o",
            'jsonpath={.status.conditions[?(@.type=="Ready")].message}',
        )
        failed = self.stage.act(accounts.failures)
        self.screen.line(f"logins refused so far: {failed}; none more until the Secret changes")
        self.screen.line("the administrator writes the new password to the Secret")
        self.terminal.plane.kubectl("apply", "-f", "-", stdin=exchange_secret(NEW_PASSWORD))
        self._await(
            "change (through an expired password)",
            AWA,
            began,
            lambda entries: [entry.first for entry in entries] == [tuesday],
        )
        self.terminal.kubectl("get", f"cst/{TENANT}")

    def _cancel(self, period: int) -> None:
        self.screen.title("Awa cancels")
        began = self._change(lambda: self.stage.figgo.state.cancel(period))
        self._await("cancellation", AWA, began, lambda entries: not entries)

    def _change(self, act: Callable[[], None]) -> float:
        """Change something in Figgo, and ask for a poll at once, as a webhook would."""
        began = time.monotonic()
        self.stage.act(act)
        self.terminal.plane.kubectl(
            "annotate",
            f"--namespace={NAMESPACE}",
            f"cst/{TENANT}",
            f"figgosync.io/requestedAt={began}",
            "--overwrite",
        )
        return began

    def _await(
        self, what: str, employee: int, began: float, as_told: Callable[[Entries], bool]
    ) -> None:
        person = self.stage.figgo.state.people[employee]
        while not as_told(entries := outlook(self.stage, employee)):
            self.operator.check()
            if time.monotonic() - began > PATIENCE:
                raise NotAsToldError(f"{what}: after {PATIENCE:g} s the calendar shows {entries}")
            time.sleep(0.05)
        took = time.monotonic() - began
        self.times.append((what, took))
        self.screen.calendar(person.first_name, entries, took)


def outlook(stage: Stage, employee: int) -> Entries:
    """Return what an employee with a mailbox sees in Outlook."""
    address = stage.figgo.state.people[employee].mail
    assert address is not None  # noqa: S101 - the story's people have mailboxes
    return stage.act(lambda: stage.exchange.store.outlook_view(address))


def _status(entries: Entries) -> str | None:
    return str(entries[0].status) if len(entries) == 1 else None
