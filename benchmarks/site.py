"""The place where the product is measured: simulators here, the operator a process of its own."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from benchmarks.errors import NotMeasuredError
from benchmarks.processes import cpu_seconds
from benchmarks.witness import WitnessStore
from figgosync_controlplane.kubectl import KubectlError
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.ports import spare_port
from figgosync_demo.installation import OperatorProcess, Release, Values
from figgosync_demo.manifests import (
    NAMESPACE,
    TENANT,
    chart_values,
    exchange_secret,
    figgo_secret,
    tenant,
)
from figgosync_sim.figgo import FiggoState
from figgosync_sim.organisation import Company
from figgosync_sim.stage import Stage

SINCE_LONG_AGO = '  activeSince: "2020-01-01T00:00:00Z"\n'
"""Part of a spec under which the operator creates absences that were booked before it came."""

_SECOND_LOOK = timedelta(seconds=75)
"""A minute after its start the operator looks again at what it created first; and some time."""

_CALM = timedelta(seconds=12)
_LOOK = 0.05
_WRITES = frozenset({"create", "update", "patch", "delete"})


@dataclass(frozen=True, slots=True)
class Usage:
    """What the operator has used: a reading of all meters, or the difference of two.

    `at` is in seconds of `time.monotonic`, `cpu` in seconds; the others count requests.
    """

    at: float
    cpu: float
    figgo: int
    exchange: int
    api_writes: int

    def __sub__(self, earlier: "Usage") -> "Usage":
        return Usage(
            self.at - earlier.at,
            self.cpu - earlier.cpu,
            self.figgo - earlier.figgo,
            self.exchange - earlier.exchange,
            self.api_writes - earlier.api_writes,
        )


@dataclass(frozen=True, slots=True)
class Site:
    """One company with its Figgo, its Exchange Server, and an operator that is ready."""

    plane: ControlPlane
    stage: Stage
    store: WitnessStore
    operator: OperatorProcess
    user: str
    audit_log: Path

    def apply_tenant(self, more: str = "") -> float:
        """Apply the tenant; return the moment just before, on `time.monotonic`.

        `more` is further YAML of its spec. The Secrets are there already.
        """
        manifest = tenant(self.stage, more=more)
        began = time.monotonic()
        self.plane.kubectl("apply", "--filename=-", stdin=manifest)
        return began

    def usage(self) -> Usage:
        """Read all meters."""
        return Usage(
            time.monotonic(),
            cpu_seconds(self.operator.pid),
            len(self.stage.figgo.log),
            len(self.stage.exchange.log),
            self.writes_to(),
        )

    def writes_to(self, resource: str | None = None) -> int:
        """Count what the operator has written to the API server, by the server's own book.

        With `resource`, such as syncinitialisations, only what it wrote to objects of that one.
        """
        written = 0
        with self.audit_log.open() as lines:
            for line in lines:
                if f'"{self.user}"' in line and (entry := json.loads(line)).get("verb") in _WRITES:
                    written += resource in {None, entry.get("objectRef", {}).get("resource")}
        return written

    def usage_over(self, seconds: float) -> Usage:
        """Return what is used while nobody does anything for so long."""
        before = self.usage()
        time.sleep(seconds)
        self.operator.check()
        return self.usage() - before

    def wait_standing(self, events: int, within: timedelta) -> None:
        """Wait until so many events stand."""
        deadline = time.monotonic() + within.total_seconds()
        while self.store.standing < events:
            self.operator.check()
            if time.monotonic() > deadline:
                raise NotMeasuredError(
                    f"{self.store.standing} of {events} events stand after {within}"
                )
            time.sleep(_LOOK)

    def wait_compared(self, within: timedelta) -> None:
        """Wait until the tenant says that every calendar has been compared."""
        deadline = time.monotonic() + within.total_seconds()
        wait = ("wait", f"--namespace={NAMESPACE}", f"cst/{TENANT}", "--for=condition=Synchronised")
        while True:
            try:
                self.plane.kubectl(*wait, "--timeout=20s")
            except KubectlError as not_yet:
                self.operator.check()
                if time.monotonic() > deadline:
                    raise NotMeasuredError(f"not compared after {within}") from not_yet
            else:
                return

    def settle(self, began: float, within: timedelta) -> None:
        """Wait until the operator does no more than its usual polls; it began at `began`."""
        self.wait_compared(within)
        time.sleep(max(0.0, began + _SECOND_LOOK.total_seconds() - time.monotonic()))
        while self._calendar_calls() != self._calendar_calls(after=_CALM.total_seconds()):
            self.operator.check()
        self.check()

    def check(self) -> None:
        """Raise NotMeasuredError if the operator complained: trouble is no usual work."""
        complaints = [line for line in self.operator.lines() if line.get("level") != "INFO"]
        if complaints:
            raise NotMeasuredError(f"the operator complained: {complaints[:3]}")

    def _calendar_calls(self, *, after: float = 0.0) -> int:
        """Count the calls about events; a probe of the connection is none."""
        time.sleep(after)
        operations = self.stage.act(self.stage.exchange.log.operations)
        return sum(name != "GetFolder" for name in operations)


@contextmanager
def open_site(
    release: Release, audit_log: Path, folder: Path, company: Company, more: Values
) -> Iterator[Site]:
    """Put up a site in an empty folder, the Secrets applied; afterwards take the tenant away again.

    The release is installed, or upgraded, with the values of this site and `more` of them.

    Figgo keeps to its limit of 50 requests a minute, and so does the operator.
    """
    plane, store = release.plane, WitnessStore()
    with Stage(folder, state=FiggoState(company), store=store) as stage:
        secrets = f"{figgo_secret()}---{exchange_secret()}"
        plane.kubectl("apply", "--filename=-", stdin=secrets)
        values = chart_values(stage, port=spare_port(), namespaces=[NAMESPACE])
        release.install({**values, **more})
        with OperatorProcess(release, folder / "operator.log") as operator:
            site = Site(plane, stage, store, operator, release.user, audit_log)
            try:
                yield site
                site.check()
            finally:
                plane.kubectl(
                    "delete", f"cst/{TENANT}", f"--namespace={NAMESPACE}", "--ignore-not-found"
                )
