"""Runs a simulated Figgo tenant for as long as a context lasts."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from figgosync_sim.certificates import Authority
from figgosync_sim.control import control_app
from figgosync_sim.faults import Faults
from figgosync_sim.figgo.readings import Readings
from figgosync_sim.figgo.simulator import FiggoSimulator
from figgosync_sim.figgo.state import FiggoState
from figgosync_sim.figgo.verbs import figgo_verbs
from figgosync_sim.requestlog import RequestLog
from figgosync_sim.server import serve


@dataclass(frozen=True, slots=True)
class RunningFiggo:
    """A tenant that answers at `url` (https) under a certificate of `authority`.

    `control_url` (plain http) is None unless a control token was given.
    """

    url: str
    simulator: FiggoSimulator
    authority: Authority
    control_url: str | None = None

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
    control_token: str | None = None,
) -> AsyncIterator[RunningFiggo]:
    """Serve a tenant; a believable company without absences when no state is given.

    With a `control_token` its verbs are served too, on a port of their own.
    """
    simulator = FiggoSimulator(
        state or FiggoState(),
        key=key,
        readings=readings,
        page_cap=page_cap,
        requests_per_minute=requests_per_minute,
    )
    authority = authority or Authority()
    async with AsyncExitStack() as stack:
        tls = authority.server_context()
        url = await stack.enter_async_context(serve(simulator.app, tls=tls))
        control_url = None
        if control_token is not None:
            control = control_app(figgo_verbs(simulator), control_token)
            control_url = await stack.enter_async_context(serve(control, tls=None))
        yield RunningFiggo(url, simulator, authority, control_url)
