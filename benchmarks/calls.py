"""What one call to Exchange costs the caller, beside the same call of plain exchangelib."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import fmean

from benchmarks.children import run_child
from benchmarks.figures import Figure, Table
from benchmarks.lab import Lab
from benchmarks.measured.calls import NAMES, WARM_UP, Task, key
from figgosync.calendars.exchange.items import AbsenceMarker
from figgosync_sim.company import big_company
from figgosync_sim.figgo import FiggoState
from figgosync_sim.mailboxes import FreeBusy, MailboxStore, NamedProperty
from figgosync_sim.stage import LOGIN, PASSWORD, Stage

_STANDING = 10
_OTHERS = 30
_LIMIT = timedelta(minutes=5)
_MARKER = NamedProperty.of(AbsenceMarker.property_set_id, AbsenceMarker.property_name)


def measure(lab: Lab) -> Iterator[Table]:
    """Call turn by turn from one process, against a simulator in this one."""
    rounds = lab.sizes(200, 3)
    lab.say(f"calls: {rounds} of each kind, product and plain exchangelib in turn")
    with Stage(lab.new_folder(), state=FiggoState(big_company(2, 0, seed=1))) as stage:
        ours, plain = (box.address for box in stage.act(lambda: list(stage.exchange.store)))
        for address in (ours, plain):
            stage.act(partial(_furnish, stage.exchange.store, address))
        task = Task(
            exchange_url=stage.exchange.url,
            login=LOGIN,
            password=PASSWORD,
            ca_file=str(stage.ca_file),
            ours=ours,
            plain=plain,
            standing=_STANDING,
            rounds=rounds,
        )
        costs = run_child("benchmarks.measured.calls", asdict(task), stage.ca_file, _LIMIT)
        asked = Counter(call.impersonated for call in stage.act(lambda: stage.exchange.log.calls))
    turns = WARM_UP + rounds
    yield Table(
        f"CPU of the caller for one call to Exchange ({rounds} of each, in turn)",
        "plain exchangelib",
        [
            *(_figure(name, costs) for name in NAMES),
            Figure("requests for all four", asked[ours] / turns, "", asked[plain] / turns),
        ],
        [f"In each mailbox stand {_STANDING} of our events and {_OTHERS} of the owner's."],
    )


def _figure(name: str, costs: Mapping[str, Mapping[str, list[float]]]) -> Figure:
    ours, plain = (fmean(costs[side][name]) * 1000 for side in ("ours", "plain"))
    return Figure(name, ours, "ms", plain)


def _furnish(store: MailboxStore, address: str) -> None:
    """Put events of ours and of the owner into a calendar."""
    start = datetime(2027, 3, 1, 8, tzinfo=UTC)
    for number in range(_STANDING + _OTHERS):
        begins = start + timedelta(days=number)
        store.add_item(
            address,
            subject="Absent",
            start=begins,
            end=begins + timedelta(hours=4),
            free_busy=FreeBusy.OUT_OF_OFFICE,
            properties={_MARKER: key(number).marker()} if number < _STANDING else {},
        )
