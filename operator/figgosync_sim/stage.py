"""The outside world on one machine: a Figgo and an Exchange Server, served by a thread."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from figgosync_sim.certificates import Authority
from figgosync_sim.ews import ExchangeSimulator, ews_simulator
from figgosync_sim.figgo import FiggoState, Readings, RunningFiggo, figgo_simulator
from figgosync_sim.mailboxes import MailboxStore

T = TypeVar("T")

LOGIN = "SOCIETE\\SynchroFiggoUser"
PASSWORD = "Correct-Horse-1"  # noqa: S105 - of a simulated account


class Stage:
    """Both simulators, over https under one authority, for code that has no event loop.

    Used in a `with` block. `act` runs something in the simulators' own thread: their state is
    touched there and nowhere else; with a `control_token` other processes may act on it, too, at
    each simulator's `control_url`. Each person of the company with an address has a mailbox, in
    the zone of his establishment; `store`, empty at first, is where they are kept.
    """

    figgo: RunningFiggo
    exchange: ExchangeSimulator

    def __init__(
        self,
        folder: Path,
        *,
        state: FiggoState | None = None,
        store: MailboxStore | None = None,
        readings: Readings | None = None,
        requests_per_minute: int | None = 50,
        control_token: str | None = None,
    ) -> None:
        self._state = state or FiggoState()
        self._store = store
        self._readings = readings
        self._requests_per_minute = requests_per_minute
        self._control_token = control_token
        self._authority = Authority()
        self.ca_file = folder / "simulators-ca.pem"
        self._authority.ca_file(self.ca_file)
        self._loop = asyncio.new_event_loop()
        self._leaving = asyncio.Event()
        self._opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="simulators", daemon=True)

    def act(self, work: Callable[[], T]) -> T:
        """Run `work` in the simulators' thread and return what it returns."""

        async def run() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(30)

    def __enter__(self) -> Self:
        """Serve."""
        self._thread.start()
        self._opened.result(30)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self._loop.call_soon_threadsafe(self._leaving.set)
        self._thread.join(10)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                self.figgo = await stack.enter_async_context(
                    figgo_simulator(
                        self._state,
                        readings=self._readings,
                        authority=self._authority,
                        requests_per_minute=self._requests_per_minute,
                        control_token=self._control_token,
                    )
                )
                self.exchange = await stack.enter_async_context(
                    ews_simulator(
                        {LOGIN: PASSWORD},
                        tls=self._authority.server_context(),
                        store=self._store,
                        control_token=self._control_token,
                    )
                )
                self._furnish()
                self._opened.set_result(None)
                await self._leaving.wait()
        except BaseException as error:
            if not self._opened.done():
                self._opened.set_exception(error)
            raise

    def _furnish(self) -> None:
        zones = {place.id: place.time_zone for place in self._state.company.establishments}
        for person in self._state.people.values():
            if person.mail is not None:
                self.exchange.store.add(
                    person.mail,
                    time_zone=zones[person.legal_entity] or "Europe/Paris",
                    display_name=f"{person.first_name} {person.last_name}",
                )
