"""Runs a command that the kernel kills as soon as the process that started it is gone.

Run by its path, not imported: `python -I -S leash.py PARENT_PID COMMAND...`. It becomes the
command (same process id), so that signals and exit codes need no forwarding.

Why not `preexec_fn`: it runs Python code between fork and exec, which may deadlock in a process
with threads. Why not `setpriv --pdeathsig`: it is not everywhere, and it cannot close the gap
between the fork and its own start, in which the parent may already have died. Linux alone knows
this request (prctl(2), PR_SET_PDEATHSIG; it survives execve); elsewhere the command just runs.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def _ask_for_death_with_parent(parent: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    # SIGKILL, as a kube-apiserver without its etcd ignores SIGTERM for minutes; the data of a
    # test are worth nothing.
    if libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        sys.exit("the parent was gone before the command could start")


def _main() -> None:
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        _ask_for_death_with_parent(parent)
    os.execv(command[0], command)  # noqa: S606 - without a shell is exactly what is wanted


if __name__ == "__main__":
    _main()
