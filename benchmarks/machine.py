"""What the figures were measured on."""

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

_GIB = 2**30


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine at one time. `load` is the load average of the minute before."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    python: str
    date: str
    load: float

    @classmethod
    def this(cls) -> Self:
        """Describe the present one (Linux)."""
        pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
        return cls(
            processor=_processor(Path("/proc/cpuinfo").read_text()),
            cores=len(os.sched_getaffinity(0)),
            memory_gib=pages * page / _GIB,
            system=f"{platform.system()} {platform.release()}",
            python=platform.python_version(),
            date=datetime.now(UTC).date().isoformat(),
            load=os.getloadavg()[0],
        )

    def __str__(self) -> str:
        """Return it as one line."""
        return (
            f"{self.date}; {self.processor}, {self.cores} cores, {self.memory_gib:.0f} GiB; "
            f"{self.system}, Python {self.python}; load average before the start {self.load:.2f}"
        )


def _processor(cpuinfo: str) -> str:
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
