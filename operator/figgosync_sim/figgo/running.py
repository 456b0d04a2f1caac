"""Runs a simulated Figgo tenant for as long as a context lasts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from figgosync_sim.certificates import Authority
from figgosync_sim.faults import Faults
from figgosync_sim.figgo.readings import Readings
from figgosync_sim.figgo.simulator import FiggoSimulator
from figgosync_sim.figgo.state import FiggoState
from figgosync_sim.requestlog import RequestLog
from figgosync_sim.server import serve


@dataclass(frozen=True, slots=True)
class RunningFiggo:
    """A tenant that answers at `url` (https) under a certificate of `authority`."""

    url: str
    simulator: FiggoSimulator
    authority: Authority

    @property
    def state(self) -> FiggoState:
        """Return the tenant's state, to act upon."""
        return self.simulator.state

    @property
    def log(self) -> RequestLog:
        """Return what the tenant was asked."""
        return self.simulator.log

    @property
    def faults(self) -> Faults:
        """Return where faults are ordered."""
        return self.simulator.faults


@asynccontextmanager
async def figgo_simulator(
    state: FiggoState | None = None,
    *,
    key: str | None = None,
    readings: Readings | None = None,
    page_cap: int | None = None,
    requests_per_minute: int | None = 50,
    authority: Authority | None = None,
    port: int = 0,
) -> AsyncIterator[RunningFiggo]:
    """Serve a tenant; a believable company without absences when no state is given."""
    simulator = FiggoSimulator(
        state or FiggoState(),
        key=key,
        readings=readings,
        page_cap=page_cap,
        requests_per_minute=requests_per_minute,
    )
    authority = authority or Authority()
    async with serve(simulator.app, tls=authority.server_context(), port=port) as url:
        yield RunningFiggo(url, simulator, authority)
