"""Runs a container as Kubernetes would: by an OCI runtime, hardened as the pod says."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from figgosync_controlplane.processes import leashed
from support.image.store import Root

# The usual set of containerd and docker, for a pod that drops none.
DEFAULT_CAPABILITIES = (
    "CAP_AUDIT_WRITE",
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_MKNOD",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_RAW",
    "CAP_SETFCAP",
    "CAP_SETGID",
    "CAP_SETPCAP",
    "CAP_SETUID",
    "CAP_SYS_CHROOT",
)

# A process-id and a mount namespace around the runtime. The first ends with unshare, and unshare
# with us, so that no container outlives the tests. The second hides the cgroups, without which
# nothing here is limited and of which crun refuses some forms (a mix of both versions).
_AROUND = (
    *("--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "--mount-proc"),
    *("sh", "-c", 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"', "sh"),
)


@dataclass(frozen=True, slots=True)
class Hardening:
    """What the process may do. `capabilities` are all that it can ever have."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()
    capabilities: tuple[str, ...] = ()
    no_new_privileges: bool = True
    read_only_root: bool = True


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder or file of this machine, seen inside at `inside`."""

    outside: Path
    inside: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class Job:
    """What runs: the command, all of its environment, what is mounted, and within which limits."""

    command: Sequence[str]
    environment: Mapping[str, str]
    hardening: Hardening
    mounts: Sequence[Mount] = field(default=())


# As a kubelet does for a pod that has the network of its node.
_NAMES_OF_HOSTS = tuple(
    Mount(path, str(path), read_only=True)
    for path in (Path("/etc/hosts"), Path("/etc/resolv.conf"))
    if path.exists()
)


class Container:
    """One run of a job in the file system `root`, with this machine's network.

    `folder` takes its files: the runtime's configuration and state, and `log`, which is all that
    it prints. Used in a `with` block, which kills it if it has not ended by itself.
    """

    def __init__(self, root: Root, job: Job, folder: Path) -> None:
        self.log = folder / "log"
        self._folder = folder
        (folder / "config.json").write_text(json.dumps(_configuration(root, job)))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it; return at once."""
        unshare = shutil.which("unshare")
        assert unshare is not None, "there is no unshare (util-linux) on the PATH"
        crun = ("crun", "--cgroup-manager=disabled", f"--root={self._folder}/state")
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                leashed([unshare, *_AROUND, *crun, "run", f"--bundle={self._folder}", "it"]),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self

    def __exit__(self, *_: object) -> None:
        """End it, whatever it does."""
        process = self._running
        if process.poll() is None:
            # The runtime sees its container end, and is the last to go: what was mounted is free.
            with suppress(OSError, ValueError, AssertionError):
                os.kill(self.pid, signal.SIGKILL)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def pid(self) -> int:
        """The process id, as seen from outside, of its first process; waits until it is there."""
        deadline = time.monotonic() + 10
        while True:
            self.check()
            found = self._running.pid
            try:
                for _ in range(2):  # unshare, the runtime, the container
                    found = int(Path(f"/proc/{found}/task/{found}/children").read_text())
            except (OSError, ValueError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return found

    def check(self) -> None:
        """Raise AssertionError, with what it printed, if it has ended."""
        code = self._running.poll()
        assert code is None, f"ended with {code}: {self.log.read_text()[-4000:]}"

    def wait(self, within: float) -> int:
        """Return its exit code; raises TimeoutExpired after `within` seconds."""
        return self._running.wait(within)

    @property
    def _running(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None, "it was not started"
        return self._process


def _configuration(root: Root, job: Job) -> dict[str, Any]:
    """Return the OCI runtime specification's config.json."""
    hard = job.hardening
    sets = ("bounding", "effective", "permitted", "inheritable", "ambient")
    user = {"uid": hard.uid, "gid": hard.gid, "additionalGids": list(hard.groups)}
    return {
        "ociVersion": "1.0.0",
        "process": {
            "user": user,
            "args": list(job.command),
            "env": [f"{name}={value}" for name, value in job.environment.items()],
            "cwd": "/",
            "capabilities": {
                # A user who is not root has none in effect, whatever it may regain.
                kind: [] if hard.uid and kind != "bounding" else list(hard.capabilities)
                for kind in sets
            },
            "noNewPrivileges": hard.no_new_privileges,
        },
        "root": {"path": str(root.path), "readonly": hard.read_only_root},
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {
                "destination": "/dev",
                "type": "tmpfs",
                "source": "tmpfs",
                "options": ["nosuid", "mode=755", "size=65536k"],
            },
            *(_bind(mount) for mount in (*_NAMES_OF_HOSTS, *job.mounts)),
        ],
        # No network of its own: the simulators and the API server listen on this machine's
        # loopback addresses.
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "ipc", "uts", "mount")]},
    }


def _bind(mount: Mount) -> dict[str, Any]:
    options = ["rbind", "ro" if mount.read_only else "rw", "nosuid", "nodev"]
    return {
        "destination": mount.inside,
        "type": "bind",
        "source": str(mount.outside),
        "options": options,
    }
