"""A company's first day: everything that Figgo has, into calendars that have nothing of it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from benchmarks.children import run_child
from benchmarks.errors import NotMeasuredError
from benchmarks.figures import Figure, Table
from benchmarks.lab import Lab
from benchmarks.measured.plain_loop import Task, Took
from benchmarks.site import SINCE_LONG_AGO
from benchmarks.witness import Shown, WitnessStore
from figgosync_sim.company import big_company
from figgosync_sim.faults import Delay
from figgosync_sim.figgo import DEFAULT_KEY, FiggoState
from figgosync_sim.organisation import Company
from figgosync_sim.stage import LOGIN, PASSWORD, Stage

REQUESTS_PER_MINUTE = 50
THREADS = 4
"""As many as the operator uses for a tenant (FIGGOSYNC_EXCHANGE_CONCURRENCY)."""

_SEED = 11
_LIMIT = timedelta(minutes=15)
_EVERY_CALL = 10**9


@dataclass(frozen=True, slots=True)
class _Case:
    """How big the company is, and how much longer Exchange takes for each call, in seconds."""

    employees: int
    absences: int
    latency: float


# The loop with one thread waits for Exchange most of the time: the slow case is half as big, or
# it alone would take three minutes.
_FULL = (_Case(1000, 5000, latency=0.0), _Case(500, 2500, latency=0.02))
_QUICK = (_Case(40, 200, latency=0.0), _Case(40, 200, latency=0.02))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How one program did it.

    `figgo` and `exchange` count requests, `simulators` is the CPU time of this process meanwhile
    (seconds), `calendars` is what stands in the end.
    """

    took: Took
    figgo: int
    exchange: int
    simulators: float
    calendars: Sequence[Shown]


def measure(lab: Lab) -> Iterator[Table]:
    """Compare the operator with the plain loop, on a quick Exchange and on a slower one."""
    for case in lab.sizes(_FULL, _QUICK):
        yield _table(lab, case)


def _table(lab: Lab, case: _Case) -> Table:
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 - any day soon will do
    company = big_company(case.employees, case.absences, _SEED, first_day=tomorrow)
    server = "Exchange at full speed"
    if case.latency:
        server = f"Exchange {case.latency * 1000:.0f} ms slower for each call"
    lab.say(f"cold start, {server}: the operator")
    ours = _operator(lab, company, case)
    lab.say(f"cold start, {server}: the plain loop, one thread")
    plain = _plain_loop(lab, company, case, threads=1)
    lab.say(f"cold start, {server}: the plain loop, {THREADS} threads")
    threaded = _plain_loop(lab, company, case, threads=THREADS)
    for other in (plain, threaded):
        if other.calendars != ours.calendars:
            raise NotMeasuredError("the operator and the plain loop left different calendars")
    shares = ", ".join(f"{run.simulators:.1f}" for run in (ours, plain, threaded))
    return Table(
        f"Cold start, {case.employees} employees with {case.absences} absences, {server}",
        "plain loop",
        [*_figures(ours, plain, "1 thread"), *_figures(ours, threaded, f"{THREADS} threads")],
        [f"The simulators' own CPU beside the three: {shares} s."],
    )


def _figures(ours: _Outcome, plain: _Outcome, against: str) -> list[Figure]:
    our, its = ours.took, plain.took
    return [
        Figure(
            f"all events stand (against {against})",
            our.reading + our.writing,
            "s",
            its.reading + its.writing,
        ),
        Figure("... until the first event", our.reading, "s", its.reading),
        Figure("... from then to the last one", our.writing, "s", its.writing),
        Figure("CPU", our.cpu, "s", its.cpu),
        Figure("requests to Figgo", ours.figgo, "", plain.figgo),
        Figure("requests to Exchange", ours.exchange, "", plain.exchange),
    ]


def _operator(lab: Lab, company: Company, case: _Case) -> _Outcome:
    with lab.site(company) as site:
        _slow_down(site.stage, case.latency)
        before, simulators = site.usage(), time.process_time()
        began = site.apply_tenant(SINCE_LONG_AGO)
        site.wait_standing(case.absences, _LIMIT)
        used, simulators = site.usage() - before, time.process_time() - simulators
        landings = site.store.landings
        if len(landings) != case.absences:
            raise NotMeasuredError(f"{len(landings)} writes for {case.absences} absences")
        return _Outcome(
            Took(landings[0].at - began, landings[-1].at - landings[0].at, used.cpu),
            used.figgo,
            used.exchange,
            simulators,
            site.stage.act(site.store.shown),
        )


def _plain_loop(lab: Lab, company: Company, case: _Case, *, threads: int) -> _Outcome:
    store = WitnessStore()
    folder = lab.new_folder()
    with Stage(folder, state=FiggoState(company), store=store) as stage:
        _slow_down(stage, case.latency)
        task = Task(
            figgo_url=stage.figgo.url,
            api_key=DEFAULT_KEY,
            exchange_url=stage.exchange.url,
            login=LOGIN,
            password=PASSWORD,
            ca_file=str(stage.ca_file),
            requests_per_minute=REQUESTS_PER_MINUTE,
            threads=threads,
        )
        simulators = time.process_time()
        answer = run_child("benchmarks.measured.plain_loop", asdict(task), stage.ca_file, _LIMIT)
        return _Outcome(
            Took(**answer),
            figgo=len(stage.figgo.log),
            exchange=len(stage.exchange.log),
            simulators=time.process_time() - simulators,
            calendars=stage.act(store.shown),
        )


def _slow_down(stage: Stage, latency: float) -> None:
    """Let every call to Exchange take so much longer."""
    if latency:
        stage.act(lambda: stage.exchange.order(Delay(latency), times=_EVERY_CALL))
