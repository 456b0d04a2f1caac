"""Runs the plain loop, which is the baseline, against a company with simulators of its own."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from benchmarks.children import run_child
from benchmarks.lab import Lab
from benchmarks.measured.plain_loop import Task, Took
from benchmarks.witness import Shown, WitnessStore
from figgosync_sim.faults import Delay
from figgosync_sim.figgo import DEFAULT_KEY, FiggoState
from figgosync_sim.organisation import Company
from figgosync_sim.stage import LOGIN, PASSWORD, Stage

REQUESTS_PER_MINUTE = 50
THREADS = 4
"""As many as the operator uses for a tenant (FIGGOSYNC_EXCHANGE_CONCURRENCY)."""

_LIMIT = timedelta(minutes=15)
_EVERY_CALL = 10**9


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one program did it.

    `figgo` and `exchange` count requests, `simulators` is the CPU time of this process meanwhile
    (seconds), `calendars` is what stands in the end.
    """

    took: Took
    figgo: int
    exchange: int
    simulators: float
    calendars: Sequence[Shown]


def plain_loop(lab: Lab, company: Company, since: date, *, latency: float, threads: int) -> Outcome:
    """Have all absences from `since` on saved; Exchange takes `latency` seconds longer a call.

    Raises NotMeasuredError when it fails.
    """
    store = WitnessStore()
    folder = lab.new_folder()
    with Stage(folder, state=FiggoState(company), store=store) as stage:
        slow_down(stage, latency)
        task = Task(
            figgo_url=stage.figgo.url,
            api_key=DEFAULT_KEY,
            exchange_url=stage.exchange.url,
            login=LOGIN,
            password=PASSWORD,
            ca_file=str(stage.ca_file),
            since=since.isoformat(),
            requests_per_minute=REQUESTS_PER_MINUTE,
            threads=threads,
        )
        simulators = time.process_time()
        answer = run_child("benchmarks.measured.plain_loop", asdict(task), stage.ca_file, _LIMIT)
        return Outcome(
            Took(**answer),
            figgo=len(stage.figgo.log),
            exchange=len(stage.exchange.log),
            simulators=time.process_time() - simulators,
            calendars=stage.act(store.shown),
        )


def slow_down(stage: Stage, latency: float) -> None:
    """Let every call to Exchange take so much longer, in seconds."""
    if latency:
        stage.act(lambda: stage.exchange.order(Delay(latency), times=_EVERY_CALL))
