"""Whether a process still runs: a zombie that nobody has waited for does not."""

from pathlib import Path


def runs(pid: int) -> bool:
    """Return whether the process is alive (Linux: /proc)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    # The name stands in parentheses and may hold anything; the state follows it.
    return stat.rpartition(")")[2].split()[0] != "Z"
