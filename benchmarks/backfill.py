"""A back-fill of a whole company over a slow Exchange, beside people who go on booking."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Any

from benchmarks.baseline import Outcome, plain_loop, slow_down
from benchmarks.changes import is_made_here
from benchmarks.errors import NotMeasuredError
from benchmarks.exchange_load import ExchangeLoad
from benchmarks.figures import Figure, Table
from benchmarks.initialising import RESOURCE, check_calendars, old_events, start, wait_over
from benchmarks.lab import Lab
from benchmarks.live import Latencies, LiveChanges
from benchmarks.processes import peak_resident_mib, resident_mib
from benchmarks.site import Site, Usage
from benchmarks.witness import WitnessStore
from figgosync_sim.company import big_company
from figgosync_sim.organisation import Company

LATENCY = 0.15
"""Seconds that Exchange takes longer for each call."""

EWS_MAX_CONCURRENCY = 27
"""How many calls of one login the default throttling policy of Exchange lets be under way."""

_EACH = 5
_SEED = 5
_YEAR = timedelta(days=365)
_STARTED = timedelta(minutes=30)
_TOLD = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class _Case:
    """A company, the setting exchangeConcurrency, and how much there is beside it.

    `gap` is the mean time between two bookings in seconds, `alone` how many there are before the
    back-fill; the plain loop does the same for the first `plain` employees.
    """

    employees: int
    concurrency: int
    gap: float
    alone: int
    plain: int
    settles: bool = True

    @property
    def absences(self) -> int:
        return self.employees * _EACH

    @property
    def limit(self) -> int:
        """How many calls may be under way at once, by the setting and by the policy."""
        return min(self.concurrency, EWS_MAX_CONCURRENCY)

    @property
    def within(self) -> timedelta:
        """Three times as long as the calls need, so that a slow machine does not spoil it."""
        calls = self.employees + self.absences
        return timedelta(minutes=10, seconds=3 * calls * LATENCY / self.limit)


_FULL = (
    _Case(employees=10_000, concurrency=4, gap=4.0, alone=60, plain=1000),
    _Case(employees=2_000, concurrency=20, gap=4.0, alone=30, plain=1000),
)
_QUICK = (_Case(employees=10, concurrency=4, gap=0.5, alone=3, plain=5, settles=False),)


@dataclass(frozen=True, slots=True)
class _Run:
    """What was measured: `took` in seconds until its end was told, memory in MiB.

    `alone` is what the operator used for the same bookings without a back-fill, whose
    latencies are `before`.
    """

    took: float
    used: Usage
    alone: Usage
    load: ExchangeLoad
    most_in_flight: int
    status_writes: int
    rest: float
    peak: float
    before: Latencies
    meanwhile: Latencies


def measure(lab: Lab) -> Iterator[Table]:
    """Take in what is older than the tenant, with few calls at a time and with many."""
    for case in lab.sizes(_FULL, _QUICK):
        yield from _tables(lab, case)


def _tables(lab: Lab, case: _Case) -> Iterator[Table]:
    since = date.today() - _YEAR  # noqa: DTZ011 - any day will do that is long ago
    company = big_company(case.employees, case.absences, _SEED, first_day=since)
    few = _first(company, case.plain)
    with lab.site(company, {"sync": {"exchangeConcurrency": case.concurrency}}) as site:
        run = _run(lab, site, case, company, since)
        theirs = {person.mail for person in few.people}
        ours = [s for s in old_events(site.stage.act(site.store.shown)) if s.address in theirs]
    lab.say(f"backfill: the plain loop, {case.plain} employees, {case.concurrency} threads")
    plain = plain_loop(lab, few, since, latency=LATENCY, threads=case.concurrency)
    if plain.calendars != ours:
        raise NotMeasuredError("the operator and the plain loop left different calendars")
    yield _throughput(run, case)
    yield _cost(run, case, plain)
    yield _live(run, case)


def _run(lab: Lab, site: Site, case: _Case, company: Company, since: date) -> _Run:
    lab.say(f"backfill: {case.employees} employees; the tenant looks at their calendars first")
    began = site.apply_tenant()
    site.wait_compared(_STARTED)
    if case.settles:
        site.settle(began, _STARTED)
    if site.store.landings:
        raise NotMeasuredError("the tenant wrote what only an initialisation may write")
    slow_down(site.stage, LATENCY)
    site.stage.exchange.traffic.max_concurrency = EWS_MAX_CONCURRENCY
    live = LiveChanges(site, Random(_SEED), case.gap)
    lab.say(f"backfill: {case.alone} bookings without a back-fill")
    rest, before = resident_mib(site.operator.pid), site.usage()
    live.go_on(lambda made: made >= case.alone, case.within)
    alone, latencies = site.usage() - before, live.latencies()
    lab.say(f"backfill: {case.absences} absences, Exchange {LATENCY * 1000:.0f} ms slower")
    known, written, before = len(site.store.landings), site.writes_to(RESOURCE), site.usage()
    began = time.monotonic()
    name = start(site, f"back-fill-{case.employees}", since=since, mode="Apply")
    filled = _Filled(site.store, known)
    live.go_on(lambda _: filled.count() >= case.absences, case.within)
    status = wait_over(site, name, _TOLD)
    took, used = time.monotonic() - began, site.usage() - before
    written, peak = site.writes_to(RESOURCE) - written, peak_resident_mib(site.operator.pid)
    meanwhile = live.latencies()
    _check(site, case, company, status)
    return _Run(
        took,
        used,
        alone,
        _load(site, known),
        site.stage.exchange.log.peak,
        written,
        rest,
        peak,
        latencies,
        meanwhile,
    )


class _Filled:
    """Counts the events of the back-fill as they come; `known` writes were there before."""

    def __init__(self, store: WitnessStore, known: int) -> None:
        self._store = store
        self._seen = known
        self._count = 0

    def count(self) -> int:
        """Return how many there are."""
        new = self._store.landings_after(self._seen)
        self._seen += len(new)
        self._count += sum(not is_made_here(landing.begins) for landing in new)
        return self._count


def _check(site: Site, case: _Case, company: Company, status: Mapping[str, Any]) -> None:
    progress = status["progress"]
    if progress["employeesDone"] != case.employees or progress["created"] < case.absences:
        raise NotMeasuredError(f"the status says something else: {progress}")
    check_calendars(old_events(site.stage.act(site.store.shown)), company)


def _load(site: Site, known: int) -> ExchangeLoad:
    """Return the load from the first to the last write of the back-fill."""
    filled = [e.at for e in site.store.landings_after(known) if not is_made_here(e.begins)]
    requests = site.stage.act(lambda: list(site.stage.exchange.log))
    return ExchangeLoad.between(filled[0], filled[-1], requests)


def _first(company: Company, count: int) -> Company:
    people = company.people[:count]
    ids = {person.id for person in people}
    bookings = tuple(each for each in company.bookings if each.owner in ids)
    return replace(company, people=people, bookings=bookings)


def _title(case: _Case) -> str:
    return f"Back-fill of {case.employees} employees with {case.absences} absences"


def _throughput(run: _Run, case: _Case) -> Table:
    load, seconds = run.load, run.load.last - run.load.first
    figures = [
        Figure("from `kubectl apply` to the end in the status", run.took, "s"),
        Figure("events a second, from the first to the last", case.absences / seconds, ""),
        Figure("calls to Exchange per event", len(load.calls) / case.absences, ""),
        Figure("calls a second", load.per_second, "", load.ceiling(case.limit)),
        Figure("Exchange takes for a call", load.call_seconds * 1000, "ms"),
        Figure("time in which Exchange was not asked anything", load.idle_seconds, "s", seconds),
        Figure("calls that Exchange refused", load.refused, ""),
        Figure("most calls in flight", run.most_in_flight, "", EWS_MAX_CONCURRENCY),
        Figure("requests to Figgo a minute", run.used.figgo / run.used.at * 60, "", 50),
        Figure("writes of its status a minute", run.status_writes / run.took * 60, ""),
    ]
    return Table(
        f"{_title(case)}, Exchange {LATENCY * 1000:.0f} ms slower for each call, "
        f"exchangeConcurrency {case.concurrency}",
        "what there could be",
        figures,
    )


def _cost(run: _Run, case: _Case, plain: Outcome) -> Table:
    used, beside = run.used, run.alone.cpu / run.alone.at * run.used.at
    its = plain.took.cpu / (case.plain * _EACH) * 1000
    per_event = used.cpu / case.absences * 1000
    net = (used.cpu - beside) / case.absences * 1000
    requests = plain.exchange / (case.plain * _EACH)
    figures = [
        Figure("CPU per event, all that the operator did meanwhile", per_event, "ms", its),
        Figure("CPU per event, without polls and live changes", net, "ms", its),
        Figure("requests to Exchange per event", used.exchange / case.absences, "", requests),
        Figure("CPU of the operator", used.cpu / used.at * 100, "% of a core"),
        Figure("memory (RSS), the highest it ever was", run.peak, "MiB"),
        Figure("memory (RSS), before the back-fill", run.rest, "MiB"),
    ]
    return Table(
        f"Cost of this back-fill, exchangeConcurrency {case.concurrency}",
        f"plain loop, {case.concurrency} threads",
        figures,
        [f"The plain loop did the first {case.plain} of these employees, the same events exactly."],
    )


def _live(run: _Run, case: _Case) -> Table:
    figures = []
    for percent, name in ((50, "half within"), (95, "95 % within"), (100, "longest")):
        total, own = run.meanwhile.within(percent)
        its_total, its_own = run.before.within(percent)
        figures += [
            Figure(f"booking → event, {name}", total, "s", its_total),
            Figure(f"first question that can show it → event, {name}", own, "s", its_own),
        ]
    return Table(
        "Latency of live bookings beside it, pollInterval 10s, "
        f"exchangeConcurrency {case.concurrency}",
        "the same without a back-fill",
        figures,
        [f"{run.meanwhile.count} bookings; without a back-fill, just before, {run.before.count}."],
    )
