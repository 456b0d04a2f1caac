"""Starts a SyncInitialisation, waits for its end, and holds it against what it should have done."""

import json
import time
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.changes import is_made_here
from benchmarks.errors import NotMeasuredError
from benchmarks.site import Site
from benchmarks.witness import Shown
from figgosync_controlplane.kubectl import KubectlError
from figgosync_demo.manifests import NAMESPACE, TENANT
from figgosync_sim.organisation import Company

RESOURCE = "syncinitialisations"
_INSTANT = timedelta(microseconds=1)

Days = tuple[str, date, date]
"""An address, and the first and last day on which its owner is absent."""


def start(site: Site, name: str, *, since: date, mode: str) -> str:
    """Have all of the tenant's absences from `since` on taken in, or, with mode Plan, counted.

    Returns its name, which must be new: what another site has left goes a moment after its tenant.
    """
    manifest = f"""
apiVersion: figgosync.io/v1alpha1
kind: SyncInitialisation
metadata: {{name: {name}, namespace: {NAMESPACE}}}
spec:
  tenantRef: {{name: {TENANT}}}
  from: "{since}"
  allLegalEntities: true
  mode: {mode}
"""
    site.plane.kubectl("create", "--filename=-", stdin=manifest)
    return name


def wait_over(site: Site, name: str, within: timedelta) -> Mapping[str, Any]:
    """Wait for its end; return its status. Raises NotMeasuredError unless all went well."""
    deadline = time.monotonic() + within.total_seconds()
    wait = ("wait", f"--namespace={NAMESPACE}", f"syncinit/{name}")
    while True:
        try:
            site.plane.kubectl(*wait, "--for=jsonpath={.status.completionTime}", "--timeout=20s")
            break
        except KubectlError as not_yet:
            site.operator.check()
            if time.monotonic() > deadline:
                raise NotMeasuredError(f"{name} is not over after {within}") from not_yet
    found = site.plane.kubectl("get", f"--namespace={NAMESPACE}", f"syncinit/{name}", "-o", "json")
    status: Mapping[str, Any] = json.loads(found)["status"]
    said = {each["type"]: each["reason"] for each in status["conditions"]}
    if said.get("Succeeded") != "Completed":
        raise NotMeasuredError(f"{name} ended as {said}: {status.get('failures')}")
    return status


def old_events(calendars: list[Shown]) -> list[Shown]:
    """Leave out what was booked while it was measured."""
    return [shown for shown in calendars if not is_made_here(_moment(shown.start))]


def check_calendars(calendars: list[Shown], company: Company) -> None:
    """Raise NotMeasuredError unless every mailbox shows the company's bookings and no more.

    An all-day event lasts from midnight to midnight of its owner's zone.
    """
    places = {place.id: ZoneInfo(place.time_zone or "UTC") for place in company.establishments}
    people = {person.id: person for person in company.people}
    zones = {person.mail: places[person.legal_entity] for person in company.people}
    wanted = Counter[Days](
        (people[each.owner].mail or "", each.first[0], each.last[0]) for each in company.bookings
    )
    found = Counter[Days](
        (
            shown.address,
            _moment(shown.start).astimezone(zones[shown.address]).date(),
            (_moment(shown.end) - _INSTANT).astimezone(zones[shown.address]).date(),
        )
        for shown in calendars
    )
    if found != wanted:
        missing, more = (wanted - found).total(), (found - wanted).total()
        raise NotMeasuredError(f"{missing} events are missing, {more} are too many")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
