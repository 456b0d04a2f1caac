"""Whether a process still runs: a zombie that nobody has waited for does not."""

from pathlib import Path


def runs(pid: int) -> bool:
    """Return whether the process is alive (Linux: /proc).

    Its first thread may be a zombie while others still end: only after them can it be waited for.
    """
    process = Path(f"/proc/{pid}")
    try:
        threads = len(list((process / "task").iterdir()))
        stat = (process / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    # The name stands in parentheses and may hold anything; the state follows it.
    zombie = stat.rpartition(")")[2].split()[0] == "Z"
    return threads > 1 or not zombie


def children(pid: int) -> dict[int, str]:
    """Return the ids and names of all children of a process, whichever thread started them."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            command = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")[0].decode()
            found[int(child)] = Path(command).name
    return found
