"""How much memory the operator holds, at rest and with many absences."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from benchmarks.figures import Figure, Table
from benchmarks.lab import Lab
from benchmarks.processes import peak_resident_mib, resident_mib
from benchmarks.site import SINCE_LONG_AGO, Site
from figgosync_sim.company import big_company

_SEED = 7
_DONE = timedelta(minutes=10)
_AT_REST = 20.0  # two polls, after which nothing is left over from the beginning


@dataclass(frozen=True, slots=True)
class _Sizes:
    employees: int
    absences: int


_FULL = _Sizes(employees=1000, absences=10_000)
_QUICK = _Sizes(employees=40, absences=200)


@dataclass(frozen=True, slots=True)
class _Memory:
    resident: float
    peak: float


def measure(lab: Lab) -> Iterator[Table]:
    """Compare the same company without and with absences."""
    sizes = lab.sizes(_FULL, _QUICK)
    lab.say(f"memory: {sizes.employees} employees, nobody absent")
    empty = _memory(lab, sizes.employees, 0)
    lab.say(f"memory: {sizes.employees} employees, {sizes.absences} absences")
    full = _memory(lab, sizes.employees, sizes.absences)
    grown = (full.resident - empty.resident) * 1024 / sizes.absences
    yield Table(
        f"Memory of the operator (RSS), {sizes.employees} employees",
        "nobody absent",
        [
            Figure("at rest, nobody absent", empty.resident, "MiB"),
            Figure(f"{sizes.absences} absences managed", full.resident, "MiB", empty.resident),
            Figure("the highest it ever was", full.peak, "MiB", empty.peak),
            Figure("per absence", grown, "KiB"),
        ],
    )


def _memory(lab: Lab, employees: int, absences: int) -> _Memory:
    tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 - any day soon will do
    company = big_company(employees, absences, _SEED, first_day=tomorrow)
    with lab.site(company) as site:
        site.apply_tenant(SINCE_LONG_AGO)
        site.wait_standing(absences, _DONE)
        site.wait_compared(_DONE)
        time.sleep(_AT_REST)
        return _of(site)


def _of(site: Site) -> _Memory:
    pid = site.operator.pid
    return _Memory(resident_mib(pid), peak_resident_mib(pid))
