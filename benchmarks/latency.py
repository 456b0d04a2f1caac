"""From a change in Figgo to the event in the calendar: how long, and what each change costs."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from random import Random

from benchmarks.changes import Change, People, schedule, shown
from benchmarks.figures import Figure, Table, percentile
from benchmarks.lab import Lab
from benchmarks.live import first_asked, wait_shown
from benchmarks.site import SINCE_LONG_AGO, Site, Usage
from benchmarks.witness import Landing
from figgosync_sim.company import big_company
from figgosync_sim.requestlog import LoggedRequest

POLL_SECONDS = 10.0
"""The pollInterval of the tenant that is measured, the shortest that the API allows."""

_SEED = 2026
_STARTED = timedelta(minutes=5)
_ALL_SHOWN = timedelta(seconds=60)
_LAST_STATUS = 5.0  # the counts of the last change reach the tenant's status within it


@dataclass(frozen=True, slots=True)
class _Sizes:
    employees: int
    absences: int
    changes: int
    seconds: float


_FULL = _Sizes(employees=200, absences=1000, changes=200, seconds=200.0)
_QUICK = _Sizes(employees=20, absences=100, changes=20, seconds=20.0)


@dataclass(frozen=True, slots=True)
class _Run:
    """Changes as they were made and shown, what that used, and what the same time uses idle."""

    shown: Mapping[Change, Landing]
    questions: Sequence[LoggedRequest]
    used: Usage
    idle: Usage


def measure(lab: Lab) -> Iterator[Table]:
    """Make changes at random moments beside a tenant that is at rest otherwise."""
    sizes = lab.sizes(_FULL, _QUICK)
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 - any day soon will do
    company = big_company(sizes.employees, sizes.absences, _SEED, first_day=tomorrow)
    with lab.site(company) as site:
        lab.say(f"latency: {sizes.absences} absences are created first")
        began = site.apply_tenant(SINCE_LONG_AGO)
        site.wait_standing(sizes.absences, _STARTED)
        site.settle(began, _STARTED)
        lab.say(f"latency: {sizes.changes} changes in {sizes.seconds:.0f} s, then as long idle")
        run = _run(site, sizes)
    yield _latency(run, sizes)
    yield _cost(run, sizes)


def _run(site: Site, sizes: _Sizes) -> _Run:
    chance = Random(_SEED)
    people = People(site.stage.figgo.state, chance)
    known, before = len(site.store.landings), site.usage()
    changes: list[Change] = []
    for moment, kind in schedule(sizes.changes, sizes.seconds, chance):
        time.sleep(max(0.0, before.at + moment - time.monotonic()))
        made = shown(changes, site.store.landings[known:])
        busy = {change.employee for change in changes if change not in made}
        changes.append(site.stage.act(partial(people.make, kind, busy)))
    done = wait_shown(site, changes, lambda: site.store.landings[known:], _ALL_SHOWN)
    time.sleep(_LAST_STATUS)
    used = site.usage() - before
    questions = site.stage.act(lambda: list(site.stage.figgo.log))
    return _Run(done, questions, used, site.usage_over(used.at))


def _latency(run: _Run, sizes: _Sizes) -> Table:
    total = [landing.at - change.at for change, landing in run.shown.items()]
    own = [
        landing.at - first_asked(run.questions, change, landing)
        for change, landing in run.shown.items()
    ]
    figures = [
        Figure("change → event, half of all within", percentile(total, 50), "s", POLL_SECONDS / 2),
        Figure("change → event, 95 % within", percentile(total, 95), "s", POLL_SECONDS * 0.95),
        Figure("change → event, longest", max(total), "s", POLL_SECONDS),
        Figure("first question that can show it → event, half within", percentile(own, 50), "s"),
        Figure("first question that can show it → event, 95 % within", percentile(own, 95), "s"),
        Figure("first question that can show it → event, longest", max(own), "s"),
    ]
    return Table(
        f"Latency of {len(total)} changes in {sizes.seconds:.0f} s, pollInterval 10s, "
        f"{sizes.employees} employees",
        "a poll every 10 s that costs nothing",
        figures,
    )


def _cost(run: _Run, sizes: _Sizes) -> Table:
    used, idle, count = run.used, run.idle, len(run.shown)
    net, minutes = used - idle, idle.at / 60
    figures = [
        Figure("CPU of the operator per change", net.cpu / count * 1000, "ms"),
        Figure("requests to Figgo per change", net.figgo / count, ""),
        Figure("requests to Exchange per change", net.exchange / count, "", 1.0),
        Figure("writes to the API server per change", net.api_writes / count, ""),
        Figure("requests to Figgo per minute, with changes", used.figgo / used.at * 60, ""),
        Figure("requests to Figgo per minute, idle", idle.figgo / minutes, ""),
        Figure("requests to Exchange per minute, with changes", used.exchange / used.at * 60, ""),
        Figure("requests to Exchange per minute, idle", idle.exchange / minutes, ""),
        Figure("writes to the API server per minute, idle", idle.api_writes / minutes, ""),
        Figure("CPU of the operator, idle", idle.cpu / idle.at * 100, "% of a core"),
    ]
    return Table(
        f"Cost of these changes ({sizes.changes / sizes.seconds:.1f} a second)",
        "a bare write",
        figures,
    )
