"""What the kernel says of a process: its CPU time and its memory (proc(5))."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_USER, _SYSTEM = 11, 12  # utime and stime, counted from the state, which follows the name


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of all threads so far, in steps of a hundredth of a second."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    # The name may hold anything, spaces and brackets included; nothing after it does.
    fields = stat[stat.rindex(")") + 1 :].split()
    return (int(fields[_USER]) + int(fields[_SYSTEM])) / _TICKS


def resident_mib(pid: int) -> float:
    """Return the resident set at present."""
    return _status(pid, "VmRSS")


def peak_resident_mib(pid: int) -> float:
    """Return the largest that the resident set ever was."""
    return _status(pid, "VmHWM")


def _status(pid: int, name: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"process {pid} has no {name}: it has ended")
