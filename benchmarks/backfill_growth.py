"""How the cost of a back-fill grows with the company: a plan of ever more, and some of it done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from benchmarks.errors import NotMeasuredError
from benchmarks.figures import Figure, Table
from benchmarks.initialising import check_calendars, start, wait_over
from benchmarks.lab import Lab
from benchmarks.processes import peak_resident_mib
from benchmarks.site import Site, Usage
from figgosync_sim.company import big_company
from figgosync_sim.organisation import Company

_EACH = 5
_SEED = 5
_YEAR = timedelta(days=365)
_STARTED = timedelta(minutes=40)
_OVER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Case:
    """How many absences, and whether they are also taken in."""

    absences: int
    is_applied: bool

    @property
    def employees(self) -> int:
        return self.absences // _EACH


_FULL = (
    _Case(1000, is_applied=True),
    _Case(10_000, is_applied=True),
    _Case(100_000, is_applied=False),
)
_QUICK = (_Case(50, is_applied=True), _Case(100, is_applied=True))


@dataclass(frozen=True, slots=True)
class _Done:
    """One initialisation: what the operator used for it, and the most memory so far, in MiB."""

    absences: int
    used: Usage
    peak: float


def measure(lab: Lab) -> Iterator[Table]:
    """Plan for companies of different size, each with a new operator; then take the absences in."""
    plans: list[_Done] = []
    applied: list[_Done] = []
    for case in lab.sizes(_FULL, _QUICK):
        since = date.today() - _YEAR  # noqa: DTZ011 - any day will do that is long ago
        company = big_company(case.employees, case.absences, _SEED, first_day=since)
        with lab.site(company) as site:
            lab.say(f"backfill-growth: a tenant of {case.employees} employees")
            site.apply_tenant()
            site.wait_compared(_STARTED)
            lab.say(f"backfill-growth: a plan of {case.absences} absences")
            plans.append(_plan(site, case, since))
            if case.is_applied:
                lab.say(f"backfill-growth: {case.absences} absences are taken in")
                applied.append(_apply(site, case, company, since))
    yield _table("a plan", plans)
    yield _table("absences taken in", applied)


def _plan(site: Site, case: _Case, since: date) -> _Done:
    before = site.usage()
    name = start(site, f"plan-{case.absences}", since=since, mode="Plan")
    plan = wait_over(site, name, _OVER)["plan"]
    if plan["create"] != case.absences or site.store.landings:
        raise NotMeasuredError(f"{len(site.store.landings)} writes, and a plan of {plan}")
    return _done(site, case, before)


def _apply(site: Site, case: _Case, company: Company, since: date) -> _Done:
    before = site.usage()
    name = start(site, f"back-fill-{case.absences}", since=since, mode="Apply")
    wait_over(site, name, _OVER)
    check_calendars(site.stage.act(site.store.shown), company)
    return _done(site, case, before)


def _done(site: Site, case: _Case, before: Usage) -> _Done:
    return _Done(case.absences, site.usage() - before, peak_resident_mib(site.operator.pid))


def _table(what: str, runs: Sequence[_Done]) -> Table:
    least = runs[0]
    figures = []
    for run in runs:
        name = f"{run.absences} absences"
        cpu, its = (each.used.cpu / each.absences * 1000 for each in (run, least))
        figures += [
            Figure(f"{name}: CPU per absence", cpu, "ms", its),
            Figure(f"{name}: memory (RSS), the highest it ever was", run.peak, "MiB", least.peak),
            Figure(f"{name}: time", run.used.at, "s"),
            Figure(f"{name}: requests to Figgo", run.used.figgo, ""),
            Figure(f"{name}: requests to Exchange", run.used.exchange, ""),
        ]
    return Table(
        f"Growth of a back-fill, {what}, {_EACH} absences each, Exchange at full speed",
        f"{least.absences} absences",
        figures,
    )
