"""Becomes a command that sees a pod's volumes at the paths at which the pod would have them.

Run by its path, not imported: `python -I -S enter.py PLAN COMMAND...`, where PLAN is JSON (see
`Plan` in namespaces.py). It takes a mount namespace and a host name of its own, mounts, and becomes
the command: same process id, so that signals and exit codes need no forwarding.

As root a mount namespace alone is enough. Others take a user namespace with it, in which they
keep their user id. All other files are those of the machine, and nothing of it is changed: where
a path does not exist, its nearest folder is covered by one in memory that shows the same things.

Linux alone has this. Source: mount(2), mount_namespaces(7), user_namespaces(7).
"""

import ctypes
import errno
import json
import os
import stat
import sys
from pathlib import Path

_CLONE_NEWNS, _CLONE_NEWUTS, _CLONE_NEWUSER = 0x00020000, 0x04000000, 0x10000000
_RDONLY, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 32, 4096, 16384, 1 << 18
_NOSUID_NODEV_NOEXEC, _RELATIME = 2 | 4 | 8, 1 << 21
_ST_RELATIME = 4096

_LIBC = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    arguments = (source.encode(), target.encode(), kind.encode(), flags, data.encode())
    _check(_LIBC.mount(*arguments), f"mount of {target}")


def _take_namespaces(hostname: str) -> None:
    user, group = os.getuid(), os.getgid()
    own = _CLONE_NEWNS | _CLONE_NEWUTS
    if _LIBC.unshare(own) != 0:
        if ctypes.get_errno() != errno.EPERM:
            _check(-1, "unshare")
        _check(
            _LIBC.unshare(_CLONE_NEWUSER | own),
            "this machine lets only root make a mount namespace (user namespaces are off)",
        )
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _mount("none", "/", "", _REC | _PRIVATE)
    _check(_LIBC.sethostname(hostname.encode(), len(hostname)), "sethostname")


class _View:
    """The files as the command will see them. `own` are the folders that only it sees."""

    def __init__(self, scratch: str) -> None:
        self._scratch = scratch
        self._own: set[str] = set()

    def make_room(self, targets: list[str]) -> None:
        """Cover the root if need be, before anything hides the folder that this takes."""
        if not all(os.path.lexists(f"/{Path(target).parts[1]}") for target in targets):
            self._cover("/")

    def mount(self, source: int, target: str, kept: dict[str, int], *, read_only: bool) -> None:
        """Let the file or folder behind a descriptor stand at `target`.

        What the machine must keep to run the command, and what would be hidden by that, is
        mounted into it again.
        """
        where = self._place(target, folder=_is_folder(source))
        _mount(f"/proc/self/fd/{source}", where, "", _BIND | _REC)
        if not read_only:
            self._own.add(where)
        for path, descriptor in kept.items():
            if Path(where) in Path(path).parents:
                self.mount(descriptor, path, {}, read_only=False)
                self._own.discard(path)
        if read_only:
            flags = os.statvfs(where).f_flag
            # Who took a user namespace may not take away what is locked (mount_namespaces(7)).
            locked = flags & _NOSUID_NODEV_NOEXEC | (_RELATIME if flags & _ST_RELATIME else 0)
            _mount("none", where, "", _BIND | _REMOUNT | _RDONLY | locked)

    def _place(self, target: str, *, folder: bool) -> str:
        """Make the place to mount upon, unless it is there; return it without links."""
        target = os.path.realpath(target)
        missing = []
        at = target
        while not os.path.lexists(at):
            missing.append(at)
            at = str(Path(at).parent)
        if not missing:
            return target
        if at not in self._own:
            self._cover(at)
        for path in reversed(missing):
            if path == target and not folder:
                Path(path).touch()
            else:
                Path(path).mkdir()
                self._own.add(path)
        return target

    def _cover(self, at: str) -> None:
        """Put a folder in memory over `at` that shows what `at` shows, and can be added to."""
        below = os.open(at, os.O_PATH | os.O_DIRECTORY)
        entries = [(entry.name, entry) for entry in os.scandir(at)]
        # Whoever mounts upon the root still stands below it, so that one becomes a new root.
        over = self._scratch if at == "/" else at
        _mount("none", over, "tmpfs", 0, f"mode={stat.S_IMODE(os.fstat(below).st_mode):o}")
        for name, entry in entries:
            source, path = Path(f"/proc/self/fd/{below}/{name}"), Path(over, name)
            try:
                if entry.is_symlink():
                    path.symlink_to(source.readlink())
                elif entry.is_dir(follow_symlinks=False):
                    path.mkdir()
                    _mount(str(source), str(path), "", _BIND | _REC)
                else:
                    path.touch()
                    _mount(str(source), str(path), "", _BIND | _REC)
            except FileNotFoundError:  # it has just gone, as things in a shared folder do
                _forget(path)
        if at == "/":
            os.chroot(over)
            os.chdir("/")
        self._own.add(at)


def _forget(path: Path) -> None:
    if path.is_dir():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def _is_folder(descriptor: int) -> bool:
    return stat.S_ISDIR(os.fstat(descriptor).st_mode)


def _main() -> None:
    plan, command = json.loads(sys.argv[1]), sys.argv[2:]
    _take_namespaces(plan["hostname"])
    # Opened before anything is covered, and in the new namespace: it mounts only what is its own.
    # Both names of what is reached through a link: either may be the one that is used.
    names = {name for path in plan["kept"] for name in (path, os.path.realpath(path))}
    kept = {name: os.open(name, os.O_PATH) for name in sorted(names)}
    sources = [os.open(mount["source"], os.O_PATH) for mount in plan["mounts"]]
    view = _View(plan["scratch"])
    view.make_room([mount["target"] for mount in plan["mounts"]])
    for source, mount in zip(sources, plan["mounts"], strict=True):
        view.mount(source, mount["target"], kept, read_only=mount["read_only"])
    os.chdir(plan["folder"])
    os.execv(command[0], command)  # noqa: S606 - without a shell is exactly what is wanted


if __name__ == "__main__":
    _main()
