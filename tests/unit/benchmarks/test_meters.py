"""What is read from the kernel and noted at the simulator."""

import os
import time
from datetime import UTC, datetime, timedelta

from benchmarks.machine import Machine
from benchmarks.processes import cpu_seconds, peak_resident_mib, resident_mib
from benchmarks.witness import WitnessStore, Write

START = datetime(2027, 6, 7, 8, tzinfo=UTC)
STEP = 0.011
"""The kernel's clock counts hundredths of a second, user and system time each."""


def test_the_kernel_and_python_agree_on_the_cpu_time() -> None:
    before = time.process_time()
    told = cpu_seconds(os.getpid())
    assert before - 2 * STEP <= told <= time.process_time() + 2 * STEP


def test_a_process_never_held_less_than_it_holds() -> None:
    held = resident_mib(os.getpid())
    assert 10 < held <= peak_resident_mib(os.getpid())


def test_a_machine_is_described_in_one_line() -> None:
    line = str(Machine.this())
    assert "\n" not in line
    assert f"{len(os.sched_getaffinity(0))} cores" in line


def test_a_witness_notes_every_write_when_it_lands() -> None:
    store = WitnessStore()
    store.add("awa@societe.example")
    began = time.monotonic()
    item = store.add_item(
        "awa@societe.example", subject="Absent", start=START, end=START + timedelta(hours=1)
    )
    other = store.add_item("awa@societe.example", copy_of=item)
    store.edit("awa@societe.example", item.id, subject="Away")
    store.delete("awa@societe.example", other.id)
    landings = store.landings
    assert [landing.write for landing in landings] == [
        Write.CREATE,
        Write.CREATE,
        Write.UPDATE,
        Write.DELETE,
    ]
    assert {landing.begins for landing in landings} == {START}
    assert {landing.address for landing in landings} == {"awa@societe.example"}
    assert began <= landings[0].at <= landings[-1].at <= time.monotonic()
    assert store.standing == 1
    assert [shown.subject for shown in store.shown()] == ["Away"]
