"""A company's first day: everything that Figgo has, into calendars that have nothing of it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from benchmarks.baseline import THREADS, Outcome, plain_loop, slow_down
from benchmarks.errors import NotMeasuredError
from benchmarks.figures import Figure, Table
from benchmarks.lab import Lab
from benchmarks.measured.plain_loop import Took
from benchmarks.site import SINCE_LONG_AGO
from figgosync_sim.company import big_company
from figgosync_sim.organisation import Company

_SEED = 11
_LIMIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Case:
    """How big the company is, and how much longer Exchange takes for each call, in seconds."""

    employees: int
    absences: int
    latency: float


# The loop with one thread waits for Exchange most of the time: the slow case is half as big, or
# it alone would take three minutes.
_FULL = (_Case(1000, 5000, latency=0.0), _Case(500, 2500, latency=0.02))
_QUICK = (_Case(8, 40, latency=0.0), _Case(8, 40, latency=0.02))


def measure(lab: Lab) -> Iterator[Table]:
    """Compare the operator with the plain loop, on a quick Exchange and on a slower one."""
    for case in lab.sizes(_FULL, _QUICK):
        yield _table(lab, case)


def _table(lab: Lab, case: _Case) -> Table:
    today = date.today()  # noqa: DTZ011 - any day soon will do
    tomorrow = today + timedelta(days=1)
    company = big_company(case.employees, case.absences, _SEED, first_day=tomorrow)
    server = "Exchange at full speed"
    if case.latency:
        server = f"Exchange {case.latency * 1000:.0f} ms slower for each call"
    lab.say(f"cold start, {server}: the operator")
    ours = _operator(lab, company, case)
    lab.say(f"cold start, {server}: the plain loop, one thread")
    plain = plain_loop(lab, company, today, latency=case.latency, threads=1)
    lab.say(f"cold start, {server}: the plain loop, {THREADS} threads")
    threaded = plain_loop(lab, company, today, latency=case.latency, threads=THREADS)
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


def _figures(ours: Outcome, plain: Outcome, against: str) -> list[Figure]:
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


def _operator(lab: Lab, company: Company, case: _Case) -> Outcome:
    with lab.site(company) as site:
        slow_down(site.stage, case.latency)
        before, simulators = site.usage(), time.process_time()
        began = site.apply_tenant(SINCE_LONG_AGO)
        site.wait_standing(case.absences, _LIMIT)
        used, simulators = site.usage() - before, time.process_time() - simulators
        landings = site.store.landings
        if len(landings) != case.absences:
            raise NotMeasuredError(f"{len(landings)} writes for {case.absences} absences")
        return Outcome(
            Took(landings[0].at - began, landings[-1].at - landings[0].at, used.cpu),
            used.figgo,
            used.exchange,
            simulators,
            site.stage.act(site.store.shown),
        )
